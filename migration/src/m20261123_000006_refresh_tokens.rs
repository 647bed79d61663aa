//! Refresh tokens.

crate::migration! {
    up: "
CREATE TABLE refresh_tokens (
    id {identity},
    family_id {uuid} NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    token_hash {text} NOT NULL UNIQUE,
    token_version BIGINT NOT NULL,
    expires_at {timestamp} NOT NULL,
    replaced_at {timestamp}
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);",
    down: "DROP TABLE refresh_tokens;"
}
