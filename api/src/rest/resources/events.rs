//! `/events`: live events about offers, as server-sent events.
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
use entity::{OfferId, event};
use exchange::{
    error::{Error, Result},
    feed::{self, Delivery, FeedEvent, Subscriber, Topic},
};
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::json;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::offers::{self, OfferBody};
use crate::{
    app::App,
    http::{
        RequestId, clients, credentials,
        problem::{Problem, ProblemBody, ProblemContext, catalogue},
        sse::{self, EVENT_STREAM, LAST_EVENT_ID},
    },
    operations,
    rest::{
        hal::forms,
        http::{
            extract::{Dto, Query},
            negotiation,
        },
    },
};

/// The interval of comments that keep an idle stream open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The message for an invalid event id.
const INVALID_EVENT_ID: &str =
    "must be the id of an event from a stream; leave it out to receive only new events";

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_events))
}

/// The events to receive.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// Only events about this offer. Default: events about all offers that you make or receive.
    #[param(value_type = Option<i64>)]
    offer_id: Option<OfferId>,
    /// The id of an event: receive the events after it. Default: `Last-Event-ID`, and without that only new events.
    #[serde(default, deserialize_with = "event_id")]
    after: Option<Uuid>,
}

impl Dto for EventQuery {}

/// An event about an offer.
#[derive(Serialize, ToSchema)]
pub struct OfferEvent {
    /// The id of the event, the same as in its `id` line.
    id: Uuid,
    #[schema(schema_with = event_type)]
    r#type: &'static str,
    /// The time of the event.
    occurred_at: DateTime<Utc>,
    /// The current offer, which may be newer than the event, with what you may do with it.
    offer: OfferBody,
}

/// Describes the type of an event, with every type.
#[expect(deprecated, reason = "clients know the keyword `example`")]
fn event_type() -> Object {
    let mut types: Vec<_> = event::OfferEvent::ALL
        .iter()
        .map(|kind| format!("`{}`", kind.as_str()))
        .collect();
    let last = types.pop().unwrap_or_default();
    let description = format!(
        "The type of the event, the same as in its `event` line: {} or {last}.",
        types.join(", ")
    );
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .example(Some(json!("offer.created")))
        .build()
}

/// Subscribe to events
///
/// Server-sent events, each once and in order. The first line has the id of the newest event. A client that reconnects
/// with `Last-Event-ID`, as browsers do automatically, misses no event, at any instance. An event `problem` with a
/// problem document ends the stream: the access token has expired, or its user has logged out or changed the password.
#[utoipa::path(
    get, path = operations::GET_EVENTS.path, tag = "offers",
    params(EventQuery, ("Last-Event-ID" = Option<Uuid>, Header, description = "The same as `after`, and overrides it, because a browser that reconnects repeats its original address")),
    responses(
        (status = OK, description = "Events as they occur", content((OfferEvent = "text/event-stream"))),
        (status = UNAUTHORIZED, description = "Without `offer_id` you must be identified"),
        (status = NOT_FOUND, description = "The offer does not exist"),
        (status = CONFLICT, description = "The event to resume from has expired"),
        (status = SERVICE_UNAVAILABLE, description = "Too many clients are subscribed"),
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
    if !negotiation::accepts(EVENT_STREAM, &headers) {
        let detail = format!(
            "Events are sent as {EVENT_STREAM}. Send Accept with that media type, or without."
        );
        return Err(Problem::new(&catalogue::NOT_ACCEPTABLE, detail));
    }
    let topic = query.offer_id.map_or(Topic::OwnOffers, Topic::Offer);
    let after = last_event_id(&headers)?.or(query.after);
    let resume_point = feed::resume_point(&app, after).await?;
    let subscriber = Subscriber {
        credentials: credentials::from_headers(&headers),
        client: clients::from_extensions(&extensions),
    };
    let (client, unread) = (subscriber.client, app.clients.unread.clone());
    let mut deliveries = Box::pin(feed::subscribe(&app, subscriber, topic, resume_point).await?);
    let events = stream! {
        yield sse::event(Some(resume_point.id), None, b"");
        while let Some(delivery) = deliveries.next().await {
            let event = match delivery {
                Ok(delivery) => render(&app, delivery).await,
                Err(failure) => Err(failure),
            };
            let is_last = event.is_err();
            yield event.unwrap_or_else(|failure| {
                let problem = Problem::from(failure);
                let context = ProblemContext {
                    request_id: &request_id,
                    method: &Method::GET,
                    uri: &uri,
                    forms: forms::for_links,
                };
                let problem = ProblemBody::new(problem, &context);
                sse::event(None, Some("problem"), &text(&problem))
            });
            if is_last {
                break;
            }
        }
    };
    Ok(sse::response(events, client, unread, KEEP_ALIVE))
}

/// Renders an event, with the offer as the subscriber sees it.
async fn render(app: &App, delivery: Delivery) -> Result<Bytes> {
    let FeedEvent {
        id,
        kind,
        occurred_at,
        offer,
    } = delivery.event;
    let body = OfferEvent {
        id,
        r#type: kind.as_str(),
        occurred_at,
        offer: offers::load_body(app, &delivery.viewer, offer).await?,
    };
    Ok(sse::event(Some(id), Some(kind.as_str()), &text(&body)))
}

fn text(body: &impl Serialize) -> Vec<u8> {
    json!(body).to_string().into()
}

/// Reads `Last-Event-ID`. An empty id counts as absent, here and in `after`.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Uuid>> {
    let last = headers.get(LAST_EVENT_ID).map(HeaderValue::as_bytes);
    let Some(last) = last.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    Uuid::try_parse_ascii(last)
        .map(Some)
        .map_err(|_| Error::Malformed(format!("Last-Event-ID {INVALID_EVENT_ID}")))
}

fn event_id<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Uuid>, D::Error> {
    match String::deserialize(field)?.as_str() {
        "" => Ok(None),
        id => id
            .parse()
            .map(Some)
            .map_err(|_| D::Error::custom(INVALID_EVENT_ID)),
    }
}
