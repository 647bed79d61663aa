//! Games: create, update, delete, list, search and count; their titles and systems.

mod counts;
mod create;
mod delete;
mod delisted;
mod facets;
mod keys;
mod list;
mod merge;
mod real_titles;
mod search;
mod systems;
mod titles;
mod update;
