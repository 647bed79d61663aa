//! The REST surface: bodies, queries, conditional requests, HAL-FORMS, problem documents and HTML pages.

pub mod bodies;
pub mod conditional;
mod forms;
mod home;
pub mod merge_patch;
mod operations;
mod pages;
mod preconditions;
mod problems;
mod queries;
mod read_only_fields;
mod reference_documents;
pub mod requests;
