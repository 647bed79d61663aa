//! The counters of rate limits, by the clock of the database in milliseconds since 1970: failed passwords and letters by
//! purpose, and log-ins by client.
//!
//! `login_attempts`, in which all purposes shared one key, stays for instances of the previous version during a roll-out.

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
