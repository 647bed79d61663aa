//! The addresses for which somebody asked for a letter to reset a password, until an instance has looked who has them. Asking
//! does the same whether anybody does.

crate::migration! {
    up: "
CREATE TABLE password_resets (
    id {identity},
    email {text} NOT NULL,
    traceparent {text}
);",
    down: "DROP TABLE password_resets;"
}
