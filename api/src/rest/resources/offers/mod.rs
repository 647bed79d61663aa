//! `/offers`: make, change and answer offers.

mod body;
mod expand;
mod input;

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use entity::{OfferId, OfferStatus, UserId, offer};
use exchange::{
    error::{Error, Result},
    offers::{self, AcceptOffer, CancelOffer, CreateOffer, OfferChange, OfferFilter, RejectOffer},
    pagination::{Page, Window},
};
use rules::Actor;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    body::References,
    expand::ExpandQuery,
    input::{OfferCreate, OfferQuery, OfferUpdate},
};
pub use self::{
    body::{OfferBody, OfferCollection},
    expand::Expand,
};
use crate::{
    app::App,
    http::{hypermedia::paths, problem::Problem},
    operations,
    rest::{
        aliases::with_aliases,
        hal::{Representation, collection, forms::WithForms, links},
        http::extract::{Caller, Edit, Json, Path, Query, Viewer},
    },
};

/// The largest number of offers that the entry point shows.
const WAITING: i64 = 5;

pub fn router() -> OpenApiRouter<App> {
    [
        routes!(get_offers, create_offer),
        routes!(get_offer, update_offer),
        routes!(accept_offer),
        routes!(reject_offer),
        routes!(cancel_offer),
    ]
    .map(with_aliases)
    .into_iter()
    .fold(OpenApiRouter::new(), OpenApiRouter::routes)
}

/// List offers
///
/// All offers, one page at a time. Filters restrict the list: `user_id=2` lists the offers that user 2 received.
#[utoipa::path(
    get, path = operations::GET_OFFERS.path, tag = "offers",
    params(OfferQuery, ("user_id" = Option<i64>, Query, description = "An alternative name of `receiver_id`")),
    responses(
        (status = OK, body = OfferCollection),
        (status = CONFLICT, description = "The page would be larger than 4 MiB: request fewer rows, or expand less"),
    )
)]
async fn get_offers(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Query(query): Query<OfferQuery>,
) -> Result<Response, Problem> {
    let (filter, window, expand) = query.into();
    list(&app, &actor, &uri, &filter, &window, expand).await
}

/// Responds with one page of the offers that match the filter.
pub async fn list(
    app: &App,
    viewer: &Actor,
    uri: &Uri,
    filter: &OfferFilter,
    window: &Window,
    expand: Expand,
) -> Result<Response, Problem> {
    let page: Page<_> = offers::list(app, filter, window).await?;
    let mut references =
        References::load(app, page.rows.iter().map(|row| &row.item), expand).await?;
    let render = |offer| OfferBody::new(app, offer, &mut references, viewer);
    Ok(collection::respond::<_, _, OfferCollection>(
        uri, page, render,
    ))
}

/// Lists the oldest offers that await this viewer's answer, with their forms.
pub async fn waiting(
    app: &App,
    viewer: &Actor,
    receiver: UserId,
) -> Result<Vec<WithForms<OfferBody>>> {
    let filter = OfferFilter {
        status: Some(OfferStatus::Pending),
        receiver_id: Some(receiver),
        ..OfferFilter::default()
    };
    let window = collection::window(Some(WAITING), None, None);
    let page = offers::list(app, &filter, &window).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|row| row.item).collect();
    let mut references = References::load(app, rows.iter(), Expand::default()).await?;
    let show = |offer| OfferBody::new(app, offer, &mut references, viewer).into();
    Ok(rows.into_iter().map(show).collect())
}

/// Reads the body of an offer as it is now.
pub async fn load_body(app: &App, viewer: &Actor, id: OfferId) -> Result<OfferBody> {
    let offer = offers::find(app, id).await?;
    let mut references = References::load(app, [&offer].into_iter(), Expand::default()).await?;
    Ok(OfferBody::new(app, offer, &mut references, viewer))
}

/// Make an offer
///
/// Offer some of your games for some games of one other user, who receives the offer.
#[utoipa::path(
    post, path = operations::CREATE_OFFER.path, tag = "offers", request_body = OfferCreate,
    responses(
        (status = CREATED, body = OfferBody, headers(("Location" = String, description = "The new offer"))),
        (status = NOT_FOUND, description = "A game does not exist"),
        (status = FORBIDDEN, description = "An offered game belongs to another user, or `requester_id` is another user"),
        (status = CONFLICT, description = "The same offer is already pending, a requested game is your own, the requested games \
            have several owners, or you have 100 pending offers"),
    )
)]
async fn create_offer(
    State(app): State<App>,
    Caller(context): Caller,
    Json(body): Json<OfferCreate>,
) -> Result<Response, Problem> {
    let actor = context.actor;
    let offer = app.execute(context, CreateOffer(body.into())).await?;
    let location = paths::offer(offer.id);
    let shown = show(&app, &actor, offer, Expand::default()).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show an offer
///
/// Anybody may read it, but only the two parties see its message. It links to what you may do with it now.
#[utoipa::path(
    get, path = operations::GET_OFFER.path, tag = "offers", params(("offer_id" = OfferId, Path), ExpandQuery),
    responses((status = OK, body = OfferBody))
)]
async fn get_offer(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(id): Path<OfferId>,
    Query(query): Query<ExpandQuery>,
) -> Result<Representation<OfferBody>, Problem> {
    show(&app, &actor, offers::find(&app, id).await?, query.expand).await
}

/// Change an offer of yours
///
/// Only its requester may. The two parties stay the same, and the receiver is notified. You may send back the offer as
/// you read it: read-only fields must have their current values.
#[utoipa::path(
    method(put, patch), path = operations::UPDATE_OFFER.path, tag = "offers", params(("offer_id" = OfferId, Path)), request_body = OfferUpdate,
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its requester, or `status` is `rejected`"),
        (status = CONFLICT, description = "It is closed, or the change is not allowed"),
    )
)]
async fn update_offer(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<OfferId>,
    edit: Edit<OfferUpdate>,
) -> Result<Representation<OfferBody>, Problem> {
    let actor = context.actor;
    let change = OfferChange {
        read_only_faults: edit.compare(load_body(&app, &actor, id)).await,
        ..edit.change.into()
    };
    let updated = offers::update(&app, context, id, change).await;
    outcome(&app, &actor, id, updated).await
}

/// Accept an offer you received
///
/// The games change owners, and every other pending offer that includes one of them is closed.
#[utoipa::path(
    put, path = operations::ACCEPT_OFFER.path, tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its receiver"),
        (status = CONFLICT, description = "It is closed, or a game no longer belongs to its party"),
    )
)]
async fn accept_offer(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<OfferId>,
) -> Result<Representation<OfferBody>, Problem> {
    let actor = context.actor;
    let accepted = app.execute(context, AcceptOffer { offer: id }).await;
    outcome(&app, &actor, id, accepted).await
}

/// Decline an offer you received
///
/// Only its receiver may, while it is pending. It is closed as `declined`.
#[utoipa::path(
    put, path = operations::REJECT_OFFER.path, tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its receiver"),
        (status = CONFLICT, description = "It is closed"),
    )
)]
async fn reject_offer(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<OfferId>,
) -> Result<Representation<OfferBody>, Problem> {
    let actor = context.actor;
    let rejected = app.execute(context, RejectOffer { offer: id }).await;
    outcome(&app, &actor, id, rejected).await
}

/// Take an offer of yours back
///
/// Only its requester may, while it is pending. It is closed as `withdrawn`.
#[utoipa::path(
    put, path = operations::CANCEL_OFFER.path, tag = "offers", params(("offer_id" = OfferId, Path)),
    responses(
        (status = OK, body = OfferBody),
        (status = FORBIDDEN, description = "You are not its requester"),
        (status = CONFLICT, description = "It is closed"),
    )
)]
async fn cancel_offer(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<OfferId>,
) -> Result<Representation<OfferBody>, Problem> {
    let actor = context.actor;
    let cancelled = app.execute(context, CancelOffer::new(id)).await;
    outcome(&app, &actor, id, cancelled).await
}

async fn show(
    app: &App,
    viewer: &Actor,
    offer: offer::Model,
    expand: Expand,
) -> Result<Representation<OfferBody>, Problem> {
    let mut references = References::load(app, [&offer].into_iter(), expand).await?;
    Ok(Representation {
        revision: references.revision(&offer, viewer),
        body: OfferBody::new(app, offer, &mut references, viewer),
    })
}

/// Responds with the offer after an action, or with the error and what the viewer may do instead.
async fn outcome(
    app: &App,
    viewer: &Actor,
    id: OfferId,
    result: Result<offer::Model>,
) -> Result<Representation<OfferBody>, Problem> {
    match result {
        Ok(offer) => show(app, viewer, offer, Expand::default()).await,
        Err(error @ (Error::Denied(_) | Error::GameMoved { .. } | Error::PartiesChanged)) => {
            // No links if the offer does not exist: an anonymous caller gets this error either way.
            let alternatives = offers::find(app, id)
                .await
                .map(|offer| links::alternatives(&offer, viewer));
            Err(Problem::from(error).with_links(alternatives.unwrap_or_default()))
        }
        Err(failure) => Err(failure.into()),
    }
}
