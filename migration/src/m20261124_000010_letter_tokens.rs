//! Hashes of the single-use tokens with which a reader proves access to a mailbox.

crate::migration! {
    up: "
CREATE TABLE letter_tokens (
    id {identity},
    token_hash {text} NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    purpose {text} NOT NULL CHECK (purpose IN ('confirm_email', 'reset_password')),
    expires_at {timestamp} NOT NULL
);
CREATE INDEX letter_tokens_by_user ON letter_tokens (user_id);
CREATE INDEX letter_tokens_by_expiry ON letter_tokens (expires_at);",
    down: "DROP TABLE letter_tokens;"
}
