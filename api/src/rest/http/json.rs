//! Bodies of answers.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::problem::Problem;
use crate::answers;

/// The media type of a body, until a client names another that will do.
const JSON: &str = "application/json";

/// An answer with this body, or a problem where that is too large.
pub fn json(body: &impl Serialize) -> Response {
    match answers::json(body) {
        Ok(text) => ([(header::CONTENT_TYPE, JSON)], text).into_response(),
        Err(failure) => Problem::from(failure).into_response(),
    }
}
