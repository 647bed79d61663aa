//! The tests of the exchange, in one binary. They run on SQLite; with `TEST_DATABASE_URL` on PostgreSQL.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod aborted;
mod accounts;
mod addresses;
mod answers;
mod away;
mod bad_input;
mod bad_queries;
mod bad_requests;
mod conditional;
mod connections;
mod database;
mod documents;
mod durability;
mod events;
mod expand;
mod forms;
mod generated;
mod graphql;
mod home;
mod identity;
mod largest;
mod layers;
mod ledger;
mod limits;
mod live;
mod mailbox;
mod metrics;
mod offers;
mod once;
mod pages;
mod paging;
mod panics;
mod patch;
mod permissions;
mod plans;
mod privacy;
mod problems;
mod process;
mod protocol;
mod races;
mod reader;
mod relay;
mod revisions;
mod search;
mod seeds;
mod sent_back;
mod settlement;
mod standing;
mod statements;
mod storm;
mod support;
mod texts;
mod unless;
