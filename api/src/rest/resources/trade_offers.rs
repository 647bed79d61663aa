//! `/trade-offers`: the same handlers under the name that one of the earlier systems used.

use axum::{
    Router,
    extract::State,
    http::Uri,
    response::Response,
    routing::{get, put},
};
use entity::UserId;
use exchange::{offers::OfferFilter, users};
use utoipa::openapi::{
    OpenApi, PathItem, RefOr,
    path::{Operation, Parameter},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    input::{Path, Query, Who},
    offers::{self, Expand, OfferCollection},
    page::{self, PageQuery},
    problem::Problem,
};
use crate::app::App;

/// What only this name has.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_offers_sent))
        .routes(routes!(get_offers_received))
}

/// The paths of `/offers` under this name; [`describe`] describes them.
pub fn aliases() -> Router<App> {
    Router::new()
        .route(
            "/trade-offers",
            get(offers::get_offers).post(offers::create_offer),
        )
        .route(
            "/trade-offers/{trade_offer_id}",
            get(offers::get_offer)
                .put(offers::update_offer)
                .patch(offers::update_offer),
        )
        .route(
            "/trade-offers/{trade_offer_id}/accept",
            put(offers::accept_offer),
        )
        .route(
            "/trade-offers/{trade_offer_id}/reject",
            put(offers::reject_offer),
        )
        .route(
            "/trade-offers/{trade_offer_id}/cancel",
            put(offers::cancel_offer),
        )
}

/// Adds to the description a copy of each path of `/offers`.
pub fn describe(api: &mut OpenApi) {
    let paths = &mut api.paths.paths;
    let originals: Vec<_> = paths
        .iter()
        .filter(|(path, _)| path.starts_with("/offers"))
        .collect();
    let copies: Vec<_> = originals
        .into_iter()
        .map(|(path, item)| (renamed(path), copy(item.clone())))
        .collect();
    paths.extend(copies);
}

/// `/offers/{offer_id}` is `/trade-offers/{trade_offer_id}` here.
fn renamed(name: &str) -> String {
    name.replace("/offers", "/trade-offers")
        .replace("{offer", "{trade_offer")
}

fn copy(mut item: PathItem) -> PathItem {
    for operation in [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
    {
        rename(operation);
    }
    item
}

fn rename(operation: &mut Operation) {
    operation.operation_id = operation
        .operation_id
        .take()
        .map(|id| id.replace("offer", "trade_offer"));
    operation.tags = Some(vec!["trade-offers".to_owned()]);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { name, .. }) = parameter
            && name == "offer_id"
        {
            "trade_offer_id".clone_into(name);
        }
    }
}

/// List the offers that a person made
///
/// The offers whose requester this is, the oldest first.
#[utoipa::path(
    get, path = "/trade-offers/user/{user_id}/sent", tag = "trade-offers", params(("user_id" = UserId, Path), PageQuery),
    responses((status = OK, body = OfferCollection))
)]
async fn get_offers_sent(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let filter = OfferFilter {
        offerer_id: Some(users::find(&app, user).await?.id),
        ..OfferFilter::default()
    };
    let window = page::window(query.limit, query.after, query.before);
    offers::list(&app, &actor, &uri, &filter, &window, Expand::default()).await
}

/// List the offers that a person received
///
/// The offers that this person may accept or reject, the oldest first.
#[utoipa::path(
    get, path = "/trade-offers/user/{user_id}/received", tag = "trade-offers",
    params(("user_id" = UserId, Path), PageQuery), responses((status = OK, body = OfferCollection))
)]
async fn get_offers_received(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Path(user): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let filter = OfferFilter {
        receiver_id: Some(users::find(&app, user).await?.id),
        ..OfferFilter::default()
    };
    let window = page::window(query.limit, query.after, query.before);
    offers::list(&app, &actor, &uri, &filter, &window, Expand::default()).await
}
