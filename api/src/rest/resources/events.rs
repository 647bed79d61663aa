//! `/events`: what happens to offers, as it happens, as server-sent events.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::time::Duration;

use async_stream::stream;
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{Extensions, HeaderMap, HeaderValue, Method, Uri},
    response::Response,
};
use chrono::{DateTime, Utc};
use entity::OfferId;
use exchange::{
    error::{Error, Result},
    feed::{self, Delivery, Subscriber, Topic},
};
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    input::{Query, Sent},
    negotiation,
    offers::{self, OfferBody},
    problem::{Problem, ProblemBody, catalogue},
};
use crate::{
    app::App,
    http::{
        RequestId, clients, credentials,
        sse::{self, EVENT_STREAM, LAST_EVENT_ID},
    },
};

/// The interval of comments that keep a stream alive while nothing happens.
const ALIVE: Duration = Duration::from_secs(15);
/// Said of an id that no event has.
const NO_EVENT: &str =
    "must be the id of an event, as a stream gave it; leave it out to listen from now on";

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_events))
}

/// What to listen to, and from where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Only what happens to this offer; else to all that you make or receive.
    #[param(value_type = Option<i64>)]
    offer_id: Option<OfferId>,
    /// An event: only what happened behind it. Now, where neither this nor `Last-Event-ID` is there.
    #[serde(default, deserialize_with = "event_id")]
    after: Option<Uuid>,
}

impl Sent for EventQuery {}

/// Something that happened to an offer.
#[derive(Serialize, ToSchema)]
pub struct OfferEvent {
    /// The event, the same as its `id` line.
    id: Uuid,
    /// What happened, the same as its `event` line: `offer.created`, `offer.updated`, `offer.accepted`, `offer.rejected` or
    /// `offer.cancelled`.
    #[schema(value_type = String, example = "offer.created")]
    r#type: &'static str,
    /// When it happened.
    occurred_at: DateTime<Utc>,
    /// The offer as it is now, which may be later than the event, with what you may do with it.
    offer: OfferBody,
}

/// Listen to what happens
///
/// Server-sent events, each once and in order. The first line names the newest event, so that a client that comes again with
/// `Last-Event-ID`, as browsers do by themselves, misses nothing, at whichever instance. An event `problem` with a problem
/// document ends the stream: the access token has ended, or its person has logged out or changed the password.
#[utoipa::path(
    get, path = "/events", tag = "offers",
    params(EventQuery, ("Last-Event-ID" = Option<Uuid>, Header, description = "The same as `after`, and goes before it: a client that comes again by itself asks for the address that it was given first")),
    responses(
        (status = OK, description = "Events, as they happen", content((OfferEvent = "text/event-stream"))),
        (status = UNAUTHORIZED, description = "To hear of your own offers, say who you are"),
        (status = NOT_FOUND, description = "There is no such offer"),
        (status = CONFLICT, description = "The event to go on from is there no more"),
        (status = SERVICE_UNAVAILABLE, description = "Too many clients listen"),
    )
)]
async fn get_events(
    State(app): State<App>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
    uri: Uri,
    extensions: Extensions,
    Query(query): Query<EventQuery>,
) -> Result<Response, Problem> {
    if !negotiation::takes(EVENT_STREAM, &headers) {
        let detail = format!("Events come as {EVENT_STREAM}: accept that.");
        return Err(Problem::new(&catalogue::NOT_ACCEPTABLE, detail));
    }
    let topic = query.offer_id.map_or(Topic::OwnOffers, Topic::Offer);
    let after = last_event(&headers)?.or(query.after);
    let begin = feed::resume_point(&app, after).await?;
    let listener = Subscriber {
        credentials: credentials::from_headers(&headers),
        client: clients::from_extensions(&extensions),
    };
    let (client, unread) = (listener.client, app.clients.unread.clone());
    let mut happens = Box::pin(feed::subscribe(&app, listener, topic, begin).await?);
    let events = stream! {
        yield sse::event(Some(begin.id), None, b"");
        while let Some(told) = happens.next().await {
            let shown = match told {
                Ok(told) => show(&app, told).await,
                Err(failure) => Err(failure),
            };
            let ends = shown.is_err();
            yield shown.unwrap_or_else(|failure| {
                let problem = Problem::from(failure);
                let problem = ProblemBody::of(problem, &request_id, &Method::GET, &uri);
                sse::event(None, Some("problem"), &text(&problem))
            });
            if ends {
                break;
            }
        }
    };
    Ok(sse::response(events, client, unread, ALIVE))
}

/// The event as it is sent, with the offer as whoever listens sees it.
async fn show(app: &App, told: Delivery) -> Result<Bytes> {
    let feed::OfferEvent {
        id,
        type_name,
        occurred_at,
        offer,
        ..
    } = told.event;
    let body = OfferEvent {
        id,
        r#type: type_name,
        occurred_at,
        offer: offers::one(app, &told.viewer, offer).await?,
    };
    Ok(sse::event(Some(id), Some(type_name), &text(&body)))
}

fn text(body: &impl Serialize) -> Vec<u8> {
    json!(body).to_string().into()
}

/// The event that a browser saw last. An empty id is none, here and as a parameter.
fn last_event(headers: &HeaderMap) -> Result<Option<Uuid>> {
    let last = headers.get(LAST_EVENT_ID).map(HeaderValue::as_bytes);
    let Some(last) = last.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    Uuid::try_parse_ascii(last)
        .map(Some)
        .map_err(|_| Error::Malformed(format!("Last-Event-ID {NO_EVENT}")))
}

fn event_id<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Uuid>, D::Error> {
    match String::deserialize(field)?.as_str() {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| D::Error::custom(NO_EVENT)),
    }
}
