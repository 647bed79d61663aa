//! Games: create, update, delete, list, search and count; their titles and systems.

mod create;
mod delete;
mod facets;
mod list;
mod real_titles;
mod search;
mod systems;
mod titles;
mod update;
