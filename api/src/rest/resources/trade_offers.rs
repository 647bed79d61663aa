//! `/trade-offers`: the operations that `/offers` does not have. Those that it has are routed by [`crate::rest::aliases`].

use axum::{extract::State, http::Uri, response::Response};
use entity::UserId;
use exchange::{offers::OfferFilter, users};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::offers::{self, Expand, OfferCollection};
use crate::{
    app::App,
    http::problem::Problem,
    operations,
    rest::{
        hal::collection::{self, PageQuery},
        http::extract::{Path, Query, Viewer},
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_offers_sent))
        .routes(routes!(get_offers_received))
}

/// List the offers that a user made
///
/// The offers of this requester, the oldest first.
#[utoipa::path(
    get, path = operations::GET_OFFERS_SENT.path, tag = "trade-offers", params(("user_id" = UserId, Path), PageQuery),
    responses((status = OK, body = OfferCollection))
)]
async fn get_offers_sent(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let filter = OfferFilter {
        offerer_id: Some(users::find(&app, user).await?.id),
        ..OfferFilter::default()
    };
    let window = collection::window(query.limit, query.after, query.before);
    offers::list(&app, &actor, &uri, &filter, &window, Expand::default()).await
}

/// List the offers that a user received
///
/// The offers of this receiver, the oldest first.
#[utoipa::path(
    get, path = operations::GET_OFFERS_RECEIVED.path, tag = "trade-offers",
    params(("user_id" = UserId, Path), PageQuery), responses((status = OK, body = OfferCollection))
)]
async fn get_offers_received(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let filter = OfferFilter {
        receiver_id: Some(users::find(&app, user).await?.id),
        ..OfferFilter::default()
    };
    let window = collection::window(query.limit, query.after, query.before);
    offers::list(&app, &actor, &uri, &filter, &window, Expand::default()).await
}
