//! Games: create, update, delete, list and search.

mod create;
mod delete;
mod list;
mod search;
mod update;
