//! The protocols over a small schema: HTTP ([`http`]), server-sent events ([`sse`]), WebSockets ([`websocket`]), and
//! the nulls of failed fields ([`nulls`]). [`upstream`] shows what async-graphql-axum does with the same requests.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod http;
mod nulls;
#[path = "../../examples/audited/schema.rs"]
mod schema;
mod sse;
mod upstream;
mod websocket;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use graphql_http::{Limits, SchemaTypes, unrestricted::Unrestricted};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::schema::library;

const JSON: &str = "application/json";
const NEWER: &str = "application/graphql-response+json";

/// The service of the library at `/graphql`.
fn service() -> Router {
    let schema = library();
    let types = Arc::new(SchemaTypes::from_sdl(&schema.sdl()));
    let limits = Limits::new(types, 100);
    let graphql = graphql_http::serve(schema, limits, Unrestricted);
    Router::new().route("/graphql", graphql)
}

/// A response, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The code of the first error.
    fn code(&self) -> String {
        let body = self.body();
        let code = body["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_default().to_owned()
    }
}

async fn send(service: Router, request: Request<Body>) -> Answer {
    let response = service.oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Answer {
        status,
        headers,
        text,
    }
}

/// A POST with these headers.
fn post(headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let request = headers
        .iter()
        .fold(Request::post("/graphql"), |request, (name, value)| {
            request.header(*name, *value)
        });
    request.body(body.into()).unwrap()
}

/// A POST of this document.
fn query(document: &str) -> Request<Body> {
    let body = json!({ "query": document }).to_string();
    post(&[("content-type", JSON)], body)
}
