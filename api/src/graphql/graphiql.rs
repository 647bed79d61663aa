//! GraphiQL, a page to try the schema in a browser.

use async_graphql::http::GraphiQLSource;
use axum::{Router, response::Html, routing::get};

/// `/graphiql`.
pub fn router() -> Router {
    Router::new().route("/graphiql", get(page))
}

async fn page() -> Html<String> {
    let page = GraphiQLSource::build()
        .endpoint("/graphql")
        .title("Video Game Exchange: GraphiQL");
    Html(page.finish())
}
