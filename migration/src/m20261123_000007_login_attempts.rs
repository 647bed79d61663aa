//! Failed log-in attempts.

crate::migration! {
    up: "
CREATE TABLE login_attempts (
    email_hash {text} NOT NULL PRIMARY KEY,
    window_started_at {timestamp} NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 1)
);
CREATE INDEX login_attempts_by_window ON login_attempts (window_started_at);",
    down: "DROP TABLE login_attempts;"
}
