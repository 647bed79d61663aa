//! The tests of the notifier, in one binary. They run on SQLite; with `TEST_DATABASE_URL` on PostgreSQL. The broker and
//! the mail server are in the process, and speak the real protocols.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed unwrap fails the test"
)]

mod consumer;
mod golden;
mod health;
mod inbox;
mod letters;
mod log;
mod program;
mod release;
mod sender;
mod settings;
mod support;
mod wire;
