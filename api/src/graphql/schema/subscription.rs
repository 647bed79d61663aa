//! The subscriptions: live events.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Subscription};
use exchange::{
    error::{Error, Result},
    feed::{self, Delivery, Subscriber, Topic},
    identity::credentials::Credentials,
};
use futures_util::{Stream, StreamExt};
use graphql_http::SubscriptionAck;
use uuid::Uuid;

use super::{
    ids,
    loaders::{Shared, Viewer},
    offer::Offer,
    time::Time,
};
use crate::http::clients::Client;

/// The type of an event of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::event::OfferEvent")]
pub enum OfferEventType {
    /// The offer was made.
    Created,
    /// The offerer changed it.
    Updated,
    /// The receiver accepted it: the games have changed hands.
    Accepted,
    /// The receiver rejected it.
    Rejected,
    /// The offerer cancelled it, or one of its games left the board.
    Cancelled,
}

struct OfferEvent(Delivery);

/// An event of an offer.
#[Object]
impl OfferEvent {
    /// The id of the event. Subscribe `after` it to resume from here.
    async fn id(&self) -> ID {
        ID(self.0.event.id.to_string())
    }

    /// The type of the event.
    async fn r#type(&self) -> OfferEventType {
        self.0.event.kind.into()
    }

    /// The time of the event.
    async fn occurred_at(&self) -> Time {
        self.0.event.occurred_at.into()
    }

    /// The current state of the offer, which may be newer than the event.
    async fn offer(&self, ctx: &Context<'_>) -> Shared<Offer> {
        Viewer::from_context(ctx).offer(self.0.event.offer).await
    }
}

pub struct Subscription;

/// Live events: each once, in order. A subscription ends with an error when the access token expires, or the user logs
/// out or changes the password. Resume it after the last event that you received.
#[Subscription]
impl Subscription {
    /// The events of one offer.
    async fn offer_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer, by its `id` or `databaseId`.")] id: ID,
        #[graphql(
            desc = "The `id` of an event: only later events are sent. Without it, events from now on."
        )]
        after: Option<ID>,
    ) -> Result<impl Stream<Item = Shared<OfferEvent>> + use<>> {
        let offer = ids::reference("id", &id)?;
        follow(ctx, Topic::Offer(offer), after).await
    }

    /// The events of the offers that you made or received.
    async fn my_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `id` of an event: only later events are sent. Without it, events from now on."
        )]
        after: Option<ID>,
    ) -> Result<impl Stream<Item = Shared<OfferEvent>> + use<>> {
        follow(ctx, Topic::OwnOffers, after).await
    }
}

async fn follow(
    context: &Context<'_>,
    topic: Topic,
    after: Option<ID>,
) -> Result<impl Stream<Item = Shared<OfferEvent>> + use<>> {
    let app = &Viewer::from_context(context).app;
    let after = after.filter(|id| !id.is_empty());
    let after = after.map(|id| event("after", &id)).transpose()?;
    let begin = feed::resume_point(app, after).await?;
    let listener = Subscriber {
        credentials: context.data_unchecked::<Credentials>().clone(),
        client: *context.data_unchecked::<Client>(),
    };
    let happens = feed::subscribe(app, listener, topic, begin).await?;
    SubscriptionAck::send(context);
    Ok(happens.map(|told| told.map(OfferEvent).map_err(Arc::new)))
}

/// Parses the id of an event in an argument.
fn event(field: &str, id: &ID) -> Result<Uuid> {
    id.parse().map_err(|_| {
        Error::Malformed(format!(
            "`{field}` is not the id of an event. Send the `id` of an event that you received"
        ))
    })
}
