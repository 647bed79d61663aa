//! Users.

crate::migration! {
    up: "
CREATE TABLE users (
    id {identity},
    name {text} NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email {text} NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 254),
    email_confirmed_at {timestamp},
    password_hash {text} NOT NULL,
    street_address {text} CHECK (length(street_address) BETWEEN 1 AND 500),
    token_version BIGINT NOT NULL DEFAULT 1 CHECK (token_version >= 1),
    version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    deleted_at {timestamp}
);",
    down: "DROP TABLE users;"
}
