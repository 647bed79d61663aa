//! HTML pages for browsers, with the same content as the JSON for programs.

use axum::{
    Json as JsonBody,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use exchange::error::Error;
use serde::Serialize;

use super::negotiation::{HTML, HasHtml, prefers_html};
use crate::html;

/// The content security policy: load nothing, run nothing, send nothing, allow no frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Responds with the page that the template makes of a body if the client prefers HTML, otherwise with the JSON.
pub fn or_json(
    headers: &HeaderMap,
    template: &str,
    body: &impl Serialize,
) -> Result<Response, Error> {
    let mut response = if prefers_html(headers) {
        let headers: [(HeaderName, HeaderValue); 2] = [
            (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(POLICY),
            ),
        ];
        (headers, html::render(template, body)?).into_response()
    } else {
        JsonBody(body).into_response()
    };
    response.extensions_mut().insert(HasHtml);
    Ok(response)
}
