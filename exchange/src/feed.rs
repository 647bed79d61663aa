//! The live feed of offer events for a subscriber, from any event on: see [`subscribe`].
//!
//! Subscribers are re-authenticated before every event and every [`REAUTHENTICATE_EVERY`], so a stream ends when its
//! session does: after a log-out, a new password or the end of the token. The surface shows the offer of an event in
//! its current state, as its viewer may see it.

use std::{net::IpAddr, time::Duration};

use ::outbox::feed::{self, DeliveryPermit, PositionedEvent, ResumePoint};
use async_stream::try_stream;
use chrono::{DateTime, Utc};
use entity::{
    OfferId, UserId,
    event::{Event, OfferEvent},
    offer, outbox,
};
use futures_util::Stream;
use rules::Actor;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::ExprTrait,
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval_at},
};
use uuid::Uuid;

use super::{offers, privacy};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::credentials::Credentials,
};

/// The interval at which an idle subscriber is re-authenticated.
const REAUTHENTICATE_EVERY: Duration = Duration::from_secs(5);

/// The topic of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The events of one offer.
    Offer(OfferId),
    /// The events of the offers that the subscriber made or received.
    OwnOffers,
}

/// An event of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// The id of the event, to resume from.
    pub id: Uuid,
    pub kind: OfferEvent,
    /// The time of the event.
    pub occurred_at: DateTime<Utc>,
    pub offer: OfferId,
}

/// An event for a subscriber.
pub struct Delivery {
    pub event: FeedEvent,
    /// The subscriber, re-authenticated for this event.
    pub viewer: Actor,
    /// Limits how many deliveries are rendered at once; released when dropped.
    pub permit: DeliveryPermit,
}

/// The events of a subscription.
#[derive(Clone, Copy)]
enum EventFilter {
    /// The public events of an offer.
    Public(OfferId),
    /// All events of an offer.
    Offer(OfferId),
    /// All events of the offers that this user is a party of.
    PartyOf(UserId),
}

/// A client that subscribes.
pub struct Subscriber {
    pub credentials: Credentials,
    /// The address that limits of subscribers count under.
    pub client: IpAddr,
}

/// Returns the newest public event; nil if there is none. A client that takes this first, then reads, then subscribes
/// from it, misses nothing.
pub async fn newest_public_event(exchange: &Exchange) -> Result<Uuid> {
    Ok(feed::newest_public(&exchange.database).await?.id)
}

/// Finds the position after this event, or the current one.
pub async fn resume_point(exchange: &Exchange, after: Option<Uuid>) -> Result<ResumePoint> {
    match after {
        Some(id) => {
            let found = feed::find(&exchange.database, id).await?;
            found.ok_or(Error::ResumeExpired(id))
        }
        None => Ok(feed::end(&exchange.database).await?),
    }
}

/// Streams the events after a position, in order, each once. Ends silently when this instance stops, and with an error
/// when the subscriber is no longer authenticated.
pub async fn subscribe(
    exchange: &Exchange,
    Subscriber {
        credentials,
        client,
    }: Subscriber,
    topic: Topic,
    from: ResumePoint,
) -> Result<impl Stream<Item = Result<Delivery>> + Send + use<>> {
    let actor = credentials.identify(exchange).await?;
    let filter = match topic {
        Topic::Offer(id) => {
            let offer = offers::find(exchange, id).await?;
            if privacy::sees_offer(&offer, &actor) {
                EventFilter::Offer(id)
            } else {
                EventFilter::Public(id)
            }
        }
        Topic::OwnOffers => EventFilter::PartyOf(rules::identified(&actor)?),
    };
    let slot = exchange.feed.reserve_slot(client, actor.user_id());
    let slot = slot.ok_or(Error::TooManyListeners)?;
    let exchange = exchange.clone();
    Ok(try_stream! {
        let _slot = slot;
        let mut events = exchange.feed.subscribe().await;
        let mut reauthenticate = interval_at(Instant::now() + REAUTHENTICATE_EVERY, REAUTHENTICATE_EVERY);
        reauthenticate.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut last, mut behind) = (from.position, Some(from.position));
        loop {
            // Events from before the subscription, or that the subscriber was too slow for.
            while let Some(position) = behind {
                let part = feed::events_after(&exchange.database, position, filter.condition()).await?;
                for placed in part.events {
                    last = placed.position;
                    if let Some(event) = filter.matching(&placed) {
                        yield deliver(&exchange, &credentials, event).await?;
                    }
                }
                behind = (part.has_more && !exchange.feed.is_closing()).then_some(part.up_to);
            }
            let next = tokio::select! {
                biased;
                () = exchange.feed.closing() => break,
                _ = reauthenticate.tick() => None,
                next = events.recv() => Some(next),
            };
            let Some(next) = next else {
                credentials.identify(&exchange).await?;
                continue;
            };
            match next {
                Ok(placed) if placed.position <= last => {}
                Ok(placed) => {
                    last = placed.position;
                    if let Some(event) = filter.matching(&placed) {
                        yield deliver(&exchange, &credentials, event).await?;
                    }
                }
                Err(RecvError::Lagged(_)) => behind = Some(last),
                Err(RecvError::Closed) => break,
            }
        }
    })
}

async fn deliver(
    exchange: &Exchange,
    credentials: &Credentials,
    event: FeedEvent,
) -> Result<Delivery> {
    let permit = exchange.feed.delivery_permit().await;
    let viewer = credentials.identify(exchange).await?;
    Ok(Delivery {
        event,
        viewer,
        permit,
    })
}

impl EventFilter {
    /// Returns the offer event, if it belongs to the subscription.
    fn matching(self, placed: &PositionedEvent) -> Option<FeedEvent> {
        let Event::Offer(kind, facts) = &placed.event.event else {
            return None;
        };
        let wanted = match self {
            Self::Public(id) => facts.offer_id == id && !placed.parties_only,
            Self::Offer(id) => facts.offer_id == id,
            Self::PartyOf(id) => [facts.offerer.user_id, facts.receiver.user_id].contains(&id),
        };
        wanted.then_some(FeedEvent {
            id: placed.event.id,
            kind: *kind,
            occurred_at: placed.event.time,
            offer: facts.offer_id,
        })
    }

    /// Returns the filter as a condition on the outbox.
    fn condition(self) -> Condition {
        let of_offers = Condition::all().add(outbox::Column::AggregateType.eq("offer"));
        of_offers.add(match self {
            Self::Public(id) => outbox::Column::AggregateId
                .eq(id.0)
                .and(outbox::Column::PartiesOnly.eq(false)),
            Self::Offer(id) => outbox::Column::AggregateId.eq(id.0),
            Self::PartyOf(id) => {
                let party = Condition::any()
                    .add(offer::Column::OffererId.eq(id))
                    .add(offer::Column::ReceiverId.eq(id));
                let own = offer::Entity::find()
                    .select_only()
                    .column(offer::Column::Id)
                    .filter(party);
                outbox::Column::AggregateId.in_subquery(own.into_query())
            }
        })
    }
}
