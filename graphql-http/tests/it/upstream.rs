//! async-graphql-axum 7.2 with the requests of the other tests. Each test shows why a part of this crate exists (docs/adr/0023). When one
//! fails after an update, that part may be replaced by async-graphql-axum.

use async_graphql_axum::GraphQL;
use axum::{Router, routing::any_service};
use serde_json::json;

use super::{Answer, JSON, NEWER, post, schema::library, send};

async fn answer(headers: &[(&str, &str)], body: &str) -> Answer {
    let graphql = any_service(GraphQL::new(library()));
    let service = Router::new().route("/graphql", graphql);
    send(service, post(headers, body.to_owned())).await
}
