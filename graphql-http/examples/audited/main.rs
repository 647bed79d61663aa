//! Serves a small schema at `/graphql` of a free port, which it prints, for the audits of `clients/check graphql`:
//!
//! ```sh
//! cargo run -p graphql-http --example audited                          # by this crate
//! cargo run -p graphql-http --example audited -- async-graphql-axum    # by the handlers of async-graphql-axum
//! ```

mod schema;

use std::{env, error::Error, net::Ipv4Addr, sync::Arc};

use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::{
    Router,
    extract::Request,
    routing::{MethodRouter, any},
};
use graphql_http::{Limits, SchemaTypes, unrestricted::Unrestricted};
use tokio::net::TcpListener;
use tower::ServiceExt;

use self::schema::library;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let graphql = match env::args().nth(1).as_deref() {
        None => by_this_crate(),
        Some("async-graphql-axum") => by_async_graphql_axum(),
        Some(other) => return Err(format!("unknown service {other}").into()),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    let service = Router::new().route("/graphql", graphql);
    axum::serve(listener, service).await?;
    Ok(())
}

fn by_this_crate() -> MethodRouter {
    let schema = library();
    let types = Arc::new(SchemaTypes::from_sdl(&schema.sdl()));
    let limits = Limits::new(types, 100);
    graphql_http::serve(schema, limits, Unrestricted)
}

/// Serves requests and WebSockets by the handlers that the documentation of async-graphql-axum shows.
fn by_async_graphql_axum() -> MethodRouter {
    let schema = library();
    let (http, websocket) = (
        GraphQL::new(schema.clone()),
        GraphQLSubscription::new(schema),
    );
    any(async move |request: Request| {
        let response = if graphql_http::is_upgrade(&request) {
            websocket.clone().oneshot(request).await
        } else {
            http.clone().oneshot(request).await
        };
        response.unwrap_or_else(|never| match never {})
    })
}
