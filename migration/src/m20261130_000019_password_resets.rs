//! Requested password resets, until an instance looks up the account. A request does the same whether or not there is one.

crate::migration! {
    up: "
CREATE TABLE password_resets (
    id {identity},
    email {text} NOT NULL,
    traceparent {text}
);",
    down: "DROP TABLE password_resets;"
}
