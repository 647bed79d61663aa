//! `/offers`: make one, change it, answer it. `/trade-offers` is another name for it, in [`super::trade_offers`].

mod body;
mod expand;

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use entity::{GameId, OfferId, OfferStatus, UserId, offer};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{body::Named, expand::ExpandQuery};
pub use self::{
    body::{OfferBody, OfferCollection},
    expand::Expand,
};
use super::{
    conditional::Shown,
    forms::Alone,
    input::{By, Json, Path, Query, Who},
    links, page,
    problem::Problem,
};
use crate::{
    app::App,
    error::{Error, Result},
    exchange::{
        offers::{self, NewOffer, OfferChange, OfferFilter},
        page::{Page, Window},
    },
    identity::Actor,
};

/// The most offers that are shown as waiting.
const WAITING: i64 = 5;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_offers, create_offer))
        .routes(routes!(get_offer, update_offer))
        .routes(routes!(accept_offer))
        .routes(routes!(reject_offer))
        .routes(routes!(cancel_offer))
}

/// An offer to be made. Each side by the id of one game, by a list of ids, or by both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferCreate {
    /// A game of yours.
    #[schema(value_type = Option<i64>, example = 1)]
    offered_game_id: Option<GameId>,
    /// Games of yours.
    #[serde(default)]
    #[schema(max_items = 20)]
    offered_game_ids: Vec<GameId>,
    /// A game of somebody else's.
    #[schema(value_type = Option<i64>, example = 2)]
    requested_game_id: Option<GameId>,
    /// Games of one other person's.
    #[serde(default)]
    #[schema(max_items = 20)]
    requested_game_ids: Vec<GameId>,
    /// For the receiver's eyes.
    #[schema(min_length = 1, max_length = 2000, example = "Mine is as good as new.")]
    message: Option<String>,
    /// Must be you. Better left out.
    #[schema(value_type = Option<i64>)]
    requester_id: Option<UserId>,
}

/// A change to a pending offer of yours; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferUpdate {
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = i64, required = false)]
    offered_game_id: Option<GameId>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = Vec<i64>, required = false, min_items = 1, max_items = 20, example = json!([1]))]
    offered_game_ids: Option<Vec<GameId>>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = i64, required = false)]
    requested_game_id: Option<GameId>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = Vec<i64>, required = false, min_items = 1, max_items = 20, example = json!([2]))]
    requested_game_ids: Option<Vec<GameId>>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "Mine is as good as new.")]
    message: Option<Option<String>>,
    /// `cancelled` takes the offer back. `accepted` is your own consent, which the offer is already: it stays pending,
    /// awaiting the receiver. `rejected` is the receiver's to say.
    #[serde(default, deserialize_with = "super::input::given_word")]
    #[schema(value_type = OfferStatus, required = false)]
    status: Option<OfferStatus>,
    /// Must be you. Better left out.
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = i64, required = false)]
    requester_id: Option<UserId>,
}

/// Which offers to show.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    #[param(inline)]
    status: Option<OfferStatus>,
    #[param(value_type = Option<i64>)]
    offerer_id: Option<UserId>,
    #[serde(alias = "user_id")]
    #[param(value_type = Option<i64>)]
    receiver_id: Option<UserId>,
    /// Only offers that name this game.
    #[param(value_type = Option<i64>)]
    game_id: Option<GameId>,
    /// Only offers that were closed because this one took a game of theirs.
    #[param(value_type = Option<i64>)]
    closed_by_offer_id: Option<OfferId>,
    /// The most rows on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A cursor: only what comes after it.
    after: Option<String>,
    /// A cursor: only what comes before it.
    before: Option<String>,
    /// What to show in full in `_embedded`, with commas between: `offered_games`, `requested_games`, `offerer`, `receiver`.
    #[serde(default)]
    #[param(value_type = String, required = false, example = "offered_games,receiver")]
    expand: Expand,
}

/// List offers
///
/// All offers, a page at a time; the filters narrow it down. `user_id=2`: those that user 2 received.
#[utoipa::path(
    get, path = "/offers", tag = "offers",
    params(OfferQuery, ("user_id" = Option<i64>, Query, description = "Another name for `receiver_id`")),
    responses((status = OK, body = OfferCollection))
)]
pub async fn get_offers(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Query(query): Query<OfferQuery>,
) -> Result<Response, Problem> {
    let window = page::window(query.limit, query.after, query.before);
    let filter = OfferFilter {
        status: query.status,
        offerer_id: query.offerer_id,
        receiver_id: query.receiver_id,
        game_id: query.game_id,
        closed_by_offer_id: query.closed_by_offer_id,
    };
    list(&app, &actor, &uri, &filter, &window, query.expand).await
}

/// Renders one page of the offers that fit the filter.
pub async fn list(
    app: &App,
    viewer: &Actor,
    uri: &Uri,
    filter: &OfferFilter,
    window: &Window,
    expand: Expand,
) -> Result<Response, Problem> {
    let page: Page<_> = offers::list(app, filter, window).await?;
    let mut named = Named::by(app, page.rows.iter().map(|row| &row.item), expand).await?;
    let render = |offer| OfferBody::new(app, offer, &mut named, viewer);
    Ok(page::render::<_, _, OfferCollection>(uri, page, render))
}

/// The offers that wait for this viewer's answer, the oldest first, as each is shown on its own.
pub async fn waiting(app: &App, viewer: &Actor, receiver: UserId) -> Result<Vec<Alone<OfferBody>>> {
    let filter = OfferFilter {
        status: Some(OfferStatus::Pending),
        receiver_id: Some(receiver),
        ..OfferFilter::default()
    };
    let window = page::window(Some(WAITING), None, None);
    let page = offers::list(app, &filter, &window).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|row| row.item).collect();
    let mut named = Named::by(app, rows.iter(), Expand::default()).await?;
    let show = |offer| OfferBody::new(app, offer, &mut named, viewer).into();
    Ok(rows.into_iter().map(show).collect())
}

/// Make an offer
///
/// Some of your games for some of one other person's, who receives it.
#[utoipa::path(
    post, path = "/offers", tag = "offers", request_body = OfferCreate,
    responses(
        (status = CREATED, body = OfferBody, headers(("Location" = String, description = "The new offer"))),
        (status = NOT_FOUND, description = "There is no such game"),
        (status = FORBIDDEN, description = "An offered game, or the `requester_id`, is somebody else's"),
        (status = CONFLICT, description = "The same offer is pending, a requested game is your own, the requested games \
            have several owners, or you have 100 offers pending"),
    )
)]
pub async fn create_offer(
    State(app): State<App>,
    By(call): By,
    Json(body): Json<OfferCreate>,
) -> Result<Response, Problem> {
    let new = NewOffer {
        offered: side(body.offered_game_id, Some(body.offered_game_ids)).unwrap_or_default(),
        requested: side(body.requested_game_id, Some(body.requested_game_ids)).unwrap_or_default(),
        message: body.message,
        requester_id: body.requester_id,
    };
    let actor = call.actor;
    let offer = offers::create(&app, call, new).await?;
    let location = links::offer_path(offer.id);
    let shown = show(&app, &actor, offer, Expand::default()).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show an offer
///
/// Anybody may read it; its message is for the two parties. It links to what you may do with it now.
#[utoipa::path(
    get, path = "/offers/{offer_id}", tag = "offers", params(("offer_id" = OfferId, Path), ExpandQuery),
    responses((status = OK, body = OfferBody))
)]
pub async fn get_offer(
    State(app): State<App>,
    Who(actor): Who,
    Path(id): Path<OfferId>,
    Query(query): Query<ExpandQuery>,
) -> Result<Shown<OfferBody>, Problem> {
    show(&app, &actor, offers::find(&app, id).await?, query.expand).await
}

/// Change an offer of yours
///
/// Only its requester may. The two parties stay the same; the receiver is told.
#[utoipa::path(
    method(put, patch), path = "/offers/{offer_id}", tag = "offers", params(("offer_id" = OfferId, Path)), request_body = OfferUpdate,
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its requester, or `status` is `rejected`"),
        (status = CONFLICT, description = "It is closed, or the change would be another offer"),
    )
)]
pub async fn update_offer(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<OfferId>,
    Json(body): Json<OfferUpdate>,
) -> Result<Shown<OfferBody>, Problem> {
    let change = OfferChange {
        offered: side(body.offered_game_id, body.offered_game_ids),
        requested: side(body.requested_game_id, body.requested_game_ids),
        message: body.message,
        status: body.status,
        requester_id: body.requester_id,
    };
    let actor = call.actor;
    let outcome = offers::update(&app, call, id, change).await;
    answer(&app, &actor, id, outcome).await
}

/// Accept an offer you received
///
/// The games change hands, and every other pending offer that names one of them is closed.
#[utoipa::path(
    put, path = "/offers/{offer_id}/accept", tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its receiver"),
        (status = CONFLICT, description = "It is closed, or a game has left"),
    )
)]
pub async fn accept_offer(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<OfferId>,
) -> Result<Shown<OfferBody>, Problem> {
    let actor = call.actor;
    answer(&app, &actor, id, offers::accept(&app, call, id).await).await
}

/// Decline an offer you received
///
/// Only its receiver may, while it is pending. It is closed as `declined`.
#[utoipa::path(
    put, path = "/offers/{offer_id}/reject", tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its receiver"),
        (status = CONFLICT, description = "It is closed"),
    )
)]
pub async fn reject_offer(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<OfferId>,
) -> Result<Shown<OfferBody>, Problem> {
    let actor = call.actor;
    answer(&app, &actor, id, offers::reject(&app, call, id).await).await
}

/// Take an offer of yours back
///
/// Only its requester may, while it is pending. It is closed as `withdrawn`.
#[utoipa::path(
    put, path = "/offers/{offer_id}/cancel", tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its requester"),
        (status = CONFLICT, description = "It is closed"),
    )
)]
pub async fn cancel_offer(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<OfferId>,
) -> Result<Shown<OfferBody>, Problem> {
    let actor = call.actor;
    answer(&app, &actor, id, offers::cancel(&app, call, id).await).await
}

/// The games of one side, if the body names any.
fn side(one: Option<GameId>, several: Option<Vec<GameId>>) -> Option<Vec<GameId>> {
    match (one, several) {
        (None, several) => several,
        (Some(one), several) => {
            let mut all = several.unwrap_or_default();
            if !all.contains(&one) {
                all.push(one);
            }
            Some(all)
        }
    }
}

async fn show(
    app: &App,
    viewer: &Actor,
    offer: offer::Model,
    expand: Expand,
) -> Result<Shown<OfferBody>, Problem> {
    let mut named = Named::by(app, [&offer].into_iter(), expand).await?;
    Ok(Shown {
        state: named.state(&offer),
        body: OfferBody::new(app, offer, &mut named, viewer),
    })
}

/// The offer after an action, or the refusal with what the viewer may do to it instead.
async fn answer(
    app: &App,
    viewer: &Actor,
    id: OfferId,
    outcome: Result<offer::Model>,
) -> Result<Shown<OfferBody>, Problem> {
    match outcome {
        Ok(offer) => show(app, viewer, offer, Expand::default()).await,
        Err(refusal @ (Error::Denied(_) | Error::GameMoved { .. } | Error::PartiesChanged)) => {
            // Whoever is not known hears that first, whether the offer exists or not.
            let instead = offers::find(app, id)
                .await
                .map(|offer| links::instead(&offer, viewer));
            Err(Problem::from(refusal).with_links(instead.unwrap_or_default()))
        }
        Err(failure) => Err(failure.into()),
    }
}
