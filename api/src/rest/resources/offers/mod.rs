//! `/offers`: make one, change it, answer it. `/trade-offers` is another name for it, in [`super::trade_offers`].

mod body;
mod expand;
mod sent;

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use entity::{OfferId, OfferStatus, UserId, offer};
use exchange::{
    error::{Error, Result},
    offers::{self, OfferChange, OfferFilter},
    pagination::{Page, Window},
};
use rules::Actor;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{body::Named, expand::ExpandQuery};
pub use self::{
    body::{OfferBody, OfferCollection},
    expand::Expand,
    sent::{OfferCreate, OfferQuery, OfferUpdate},
};
use super::{
    conditional::Shown,
    forms::Alone,
    input::{By, Edit, Json, Path, Query, Who},
    links, page,
    problem::Problem,
};
use crate::app::App;

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

/// List offers
///
/// All offers, a page at a time; the filters narrow it down. `user_id=2`: those that user 2 received.
#[utoipa::path(
    get, path = "/offers", tag = "offers",
    params(OfferQuery, ("user_id" = Option<i64>, Query, description = "Another name for `receiver_id`")),
    responses(
        (status = OK, body = OfferCollection),
        (status = CONFLICT, description = "The page would have more than 4 MB: ask for fewer rows, or expand less"),
    )
)]
pub async fn get_offers(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Query(query): Query<OfferQuery>,
) -> Result<Response, Problem> {
    let (filter, window, expand) = query.into();
    list(&app, &actor, &uri, &filter, &window, expand).await
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

/// An offer as it is shown among others, now.
pub async fn one(app: &App, viewer: &Actor, id: OfferId) -> Result<OfferBody> {
    let offer = offers::find(app, id).await?;
    let mut named = Named::by(app, [&offer].into_iter(), Expand::default()).await?;
    Ok(OfferBody::new(app, offer, &mut named, viewer))
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
    let actor = call.actor;
    let offer = offers::create(&app, call, body.into()).await?;
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
/// Only its requester may. The two parties stay the same; the receiver is told. The offer may be sent back as it was read:
/// what cannot be changed must be as it is.
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
    edit: Edit<OfferUpdate>,
) -> Result<Shown<OfferBody>, Problem> {
    let actor = call.actor;
    let change = OfferChange {
        fixed: edit.compare(one(&app, &actor, id)).await,
        ..edit.change.into()
    };
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

async fn show(
    app: &App,
    viewer: &Actor,
    offer: offer::Model,
    expand: Expand,
) -> Result<Shown<OfferBody>, Problem> {
    let mut named = Named::by(app, [&offer].into_iter(), expand).await?;
    Ok(Shown {
        state: named.state(&offer, viewer),
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
