//! Links and forms as data: HAL and HAL-FORMS, as resources and problem documents show them. All addresses are
//! path-absolute, so they are right behind any proxy.

mod forms;
mod links;
pub mod paths;

pub use self::{
    forms::{Options, Property, Template, Templates},
    links::{Link, Links},
};
