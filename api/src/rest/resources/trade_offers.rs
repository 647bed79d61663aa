//! `/trade-offers`: the handlers of `/offers` under the name of an earlier system.

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

use super::offers::{self, Expand, OfferCollection};
use crate::{
    app::App,
    http::problem::Problem,
    rest::{
        hal::collection::{self, PageQuery},
        http::extract::{Path, Query, Viewer},
    },
};

/// Routes the operations that `/offers` does not have.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_offers_sent))
        .routes(routes!(get_offers_received))
}

/// Routes the operations of `/offers` under this name. [`describe`] describes them.
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

/// Copies the paths of `/offers` in the description.
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

/// Renames a path or a parameter: `/offers/{offer_id}` is `/trade-offers/{trade_offer_id}` here.
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

/// List the offers that a user made
///
/// The offers of this requester, the oldest first.
#[utoipa::path(
    get, path = "/trade-offers/user/{user_id}/sent", tag = "trade-offers", params(("user_id" = UserId, Path), PageQuery),
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
    get, path = "/trade-offers/user/{user_id}/received", tag = "trade-offers",
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
