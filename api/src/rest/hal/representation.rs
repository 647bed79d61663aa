//! The response that shows one resource.

use axum::response::{IntoResponse, Response};
use exchange::revision::RevisionTag;

use super::forms::{Resource, WithForms};
use crate::rest::http::{conditional::ShownRevision, json};

/// A resource with its forms, and its revision for the ETag.
pub struct Representation<B> {
    pub revision: RevisionTag,
    pub body: B,
}

impl<B: Resource> IntoResponse for Representation<B> {
    fn into_response(self) -> Response {
        let mut response = json::respond(&WithForms::from(self.body));
        let revision = ShownRevision(self.revision.to_string());
        response.extensions_mut().insert(revision);
        response
    }
}
