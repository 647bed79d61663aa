//! JSON responses.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{bounded_json, http::problem::Problem};

/// The media type of JSON. Negotiation replaces it by another name of the same body if the client prefers that.
pub const JSON: &str = "application/json";

/// Responds with this body, or with a problem if it is too large.
pub fn respond(body: &impl Serialize) -> Response {
    match bounded_json::to_vec(body) {
        Ok(text) => ([(header::CONTENT_TYPE, JSON)], text).into_response(),
        Err(failure) => Problem::from(failure).into_response(),
    }
}
