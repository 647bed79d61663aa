//! The extractors of handlers: the caller, the path, the query and the body. A rejection is a problem that names all
//! invalid fields: see [`read`].

mod body;
mod caller;
mod dto;
mod edit;
mod errors;
mod parameters;
mod read;
mod sent;

pub use self::{
    body::{Json, is_encoded},
    caller::{AnonymousCaller, Caller, Viewer},
    dto::{Dto, Patch},
    edit::{Edit, Editable},
    parameters::{Path, Query},
};
