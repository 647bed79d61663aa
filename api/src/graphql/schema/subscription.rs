//! What is told as it happens.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Subscription};
use exchange::{
    error::{Error, Result},
    feed::{self, Delivery, Subscriber, Topic},
    identity::credentials::Credentials,
};
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use super::{
    ids,
    loaders::{Shared, Viewer},
    offer::Offer,
    time::Time,
};
use crate::{graphql::subscription_ack::Announcement, http::clients::Client};

/// What happened to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::OfferEventKind")]
pub enum OfferEventType {
    /// Somebody made it.
    Created,
    /// Its offerer changed it.
    Updated,
    /// Its receiver accepted it: the games have changed hands.
    Accepted,
    /// Its receiver declined it.
    Rejected,
    /// Its offerer took it back, or one of its games left.
    Cancelled,
}

struct OfferEvent(Delivery);

/// Something that happened to an offer.
#[Object]
impl OfferEvent {
    /// The event. Listen `after` it to go on from here.
    async fn id(&self) -> ID {
        ID(self.0.event.id.to_string())
    }

    /// What happened.
    async fn r#type(&self) -> OfferEventType {
        self.0.event.kind.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> Time {
        self.0.event.occurred_at.into()
    }

    /// The offer as it is now, which may be later than the event.
    async fn offer(&self, ctx: &Context<'_>) -> Shared<Offer> {
        Viewer::from_context(ctx).offer(self.0.happened.offer).await
    }
}

pub struct Subscription;

/// What is told as it happens: each event once, in order. A stream ends with an error when the access token ends, or its
/// person logs out or changes the password; begin another after the last event that came.
#[Subscription]
impl Subscription {
    /// What happens to one offer.
    async fn offer_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer, by its `id` or `databaseId`.")] id: ID,
        #[graphql(desc = "An event: only what happened behind it. Now, where it is left out.")]
        after: Option<ID>,
    ) -> Result<impl Stream<Item = Shared<OfferEvent>> + use<>> {
        let offer = ids::reference("id", &id)?;
        follow(ctx, Topic::Offer(offer), after).await
    }

    /// What happens to the offers that you made or received.
    async fn my_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An event: only what happened behind it. Now, where it is left out.")]
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
    Announcement::make(context);
    Ok(happens.map(|told| told.map(OfferEvent).map_err(Arc::new)))
}

/// The event that an argument names.
fn event(field: &str, id: &ID) -> Result<Uuid> {
    id.parse().map_err(|_| {
        Error::Malformed(format!(
            "`{field}` is not an event. Send the `id` of one that came"
        ))
    })
}
