//! The outcomes of idempotent writes by key, so that a repeated request is not executed again.

crate::migration! {
    up: "
CREATE TABLE idempotency_keys (
    actor BIGINT NOT NULL,
    key {text} NOT NULL CHECK (length(key) BETWEEN 1 AND 300),
    operation {text} NOT NULL,
    request_hmac {text} NOT NULL,
    outcome BIGINT,
    created_at {timestamp} NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);",
    down: "DROP TABLE idempotency_keys;"
}
