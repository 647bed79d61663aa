//! HAL and HAL-FORMS: the links of resources, their forms, collections, and the representation of a single resource.

pub mod collection;
pub mod forms;
pub mod links;
mod representation;

pub use self::representation::Representation;
