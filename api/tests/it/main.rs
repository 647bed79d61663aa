//! The tests of the exchange, in one binary. They run on SQLite; with `TEST_DATABASE_URL` on PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed unwrap fails the test"
)]

mod games;
mod mailbox;
mod offers;
mod outbox;
mod permissions;
mod protocol;
mod quality;
mod sessions;
mod support;
mod users;
