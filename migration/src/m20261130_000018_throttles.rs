//! Counters of things that must not be done too often, measured by the database's clock in milliseconds since 1970: wrong passwords and letters, each
//! purpose with counters of its own, and the log-ins of each client.
//!
//! `login_attempts`, where all purposes shared one key, stays for the instances of the version before, which go on while
//! this change is rolled out.

crate::migration! {
    up: "
CREATE TABLE throttles (
    purpose {text} NOT NULL,
    subject {text} NOT NULL,
    client {text} NOT NULL,
    window_started_at BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count >= 1),
    PRIMARY KEY (purpose, subject, client)
);
CREATE INDEX throttles_by_window ON throttles (window_started_at);
CREATE TABLE log_in_rates (
    client {text} NOT NULL PRIMARY KEY,
    busy_until BIGINT NOT NULL
);
CREATE INDEX log_in_rates_by_time ON log_in_rates (busy_until);",
    down: "
DROP TABLE log_in_rates;
DROP TABLE throttles;"
}
