//! What happens to offers, told to whoever listens, from any event on: see [`follow`].
//!
//! Whoever listens is looked at again before each event, and every now and then between: what was said to somebody who has
//! logged out since, changed the password, or whose token has ended, is not said any more. The offer that an event tells of is
//! for the surface to show, as it is by then, as its viewer may see it.

use std::time::Duration;

use ::outbox::feed::{self, DeliveryPermit, PositionedEvent, ResumePoint};
use async_stream::try_stream;
use chrono::{DateTime, Utc};
use entity::{OfferId, UserId, event::Event, offer, outbox};
use futures_util::Stream;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::ExprTrait,
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval_at},
};
use uuid::Uuid;

use super::{lifecycle, offers, privacy};
use crate::{
    app::App,
    clients::Client,
    error::{Error, Result},
    identity::{Actor, Credentials},
};

/// How often it is asked whether whoever listens may still listen, while nothing happens.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What somebody listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What happens to one offer.
    Offer(OfferId),
    /// What happens to the offers that one makes or receives.
    OwnOffers,
}

/// What can happen to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Created,
    Updated,
    Accepted,
    Rejected,
    Cancelled,
}

/// Something happened to an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// The event, from which one can go on.
    pub id: Uuid,
    pub change: Change,
    /// The type of the event, such as `offer.created`.
    pub kind: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    pub offer: OfferId,
}

/// A message to a listener.
pub struct Told {
    pub happened: Happened,
    /// As whom.
    pub viewer: Actor,
    /// Others wait for theirs until it is shown.
    pub turn: DeliveryPermit,
}

/// Which events are wanted.
#[derive(Clone, Copy)]
enum Wanted {
    /// Those of an offer that everybody may hear of.
    Public(OfferId),
    /// All of an offer.
    Offer(OfferId),
    PartyOf(UserId),
}

/// A client that listens: who it is, and from where.
pub struct Listener {
    pub credentials: Credentials,
    pub client: Client,
}

/// The newest event that everybody may hear of. Who reads first and then follows from here misses nothing; nil where
/// nothing has happened yet.
pub async fn newest(app: &App) -> Result<Uuid> {
    Ok(feed::newest_public(&app.database).await?.id)
}

/// Where to begin: behind this event, or now.
pub async fn begin(app: &App, after: Option<Uuid>) -> Result<ResumePoint> {
    match after {
        Some(id) => {
            let found = feed::find(&app.database, id).await?;
            found.ok_or(Error::ResumeExpired(id))
        }
        None => Ok(feed::end(&app.database).await?),
    }
}

/// What happens behind this place, in order, each event once, and as whom it is told. Ends without a word where this instance stops, and with a
/// failure where whoever listens may listen no more.
pub async fn follow(
    app: &App,
    Listener {
        credentials,
        client,
    }: Listener,
    topic: Topic,
    begin: ResumePoint,
) -> Result<impl Stream<Item = Result<Told>> + Send + use<>> {
    let actor = credentials.identify(app).await?;
    let wanted = match topic {
        Topic::Offer(id) => {
            let offer = offers::find(app, id).await?;
            if privacy::sees_offer(&offer, &actor) {
                Wanted::Offer(id)
            } else {
                Wanted::Public(id)
            }
        }
        Topic::OwnOffers => Wanted::PartyOf(lifecycle::identified(&actor)?),
    };
    let seat = app.feed.reserve_slot(client, actor.user_id());
    let seat = seat.ok_or(Error::TooManyListeners)?;
    let app = app.clone();
    Ok(try_stream! {
        let _seat = seat;
        let mut events = app.feed.subscribe().await;
        let mut look_again = interval_at(Instant::now() + LOOK_AGAIN, LOOK_AGAIN);
        look_again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut last, mut behind) = (begin.position, Some(begin.position));
        loop {
            // Everything that was there before this listened, or that it was too slow for.
            while let Some(position) = behind {
                let part = feed::events_after(&app.database, position, wanted.filter()).await?;
                for placed in part.events {
                    last = placed.position;
                    if let Some(happened) = wanted.of(&placed) {
                        yield tell(&app, &credentials, happened).await?;
                    }
                }
                behind = (part.has_more && !app.feed.is_closing()).then_some(part.up_to);
            }
            let next = tokio::select! {
                biased;
                () = app.feed.closing() => break,
                _ = look_again.tick() => None,
                next = events.recv() => Some(next),
            };
            let Some(next) = next else {
                credentials.identify(&app).await?;
                continue;
            };
            match next {
                Ok(placed) if placed.position <= last => {}
                Ok(placed) => {
                    last = placed.position;
                    if let Some(happened) = wanted.of(&placed) {
                        yield tell(&app, &credentials, happened).await?;
                    }
                }
                Err(RecvError::Lagged(_)) => behind = Some(last),
                Err(RecvError::Closed) => break,
            }
        }
    })
}

async fn tell(app: &App, credentials: &Credentials, happened: Happened) -> Result<Told> {
    let turn = app.feed.delivery_permit().await;
    let viewer = credentials.identify(app).await?;
    Ok(Told {
        happened,
        viewer,
        turn,
    })
}

impl Wanted {
    /// What happened to an offer, if that is wanted.
    fn of(self, placed: &PositionedEvent) -> Option<Happened> {
        let event = &placed.event.event;
        let (change, facts) = match event {
            Event::OfferCreated(facts) => (Change::Created, facts),
            Event::OfferUpdated(facts) => (Change::Updated, facts),
            Event::OfferAccepted(facts) => (Change::Accepted, facts),
            Event::OfferRejected(facts) => (Change::Rejected, facts),
            Event::OfferCancelled(facts) => (Change::Cancelled, facts),
            Event::UserRegistered(_)
            | Event::EmailConfirmationRequested(_)
            | Event::PasswordResetRequested(_)
            | Event::PasswordChanged(_) => return None,
        };
        let wanted = match self {
            Self::Public(id) => facts.offer_id == id && !placed.parties_only,
            Self::Offer(id) => facts.offer_id == id,
            Self::PartyOf(id) => [facts.offerer.user_id, facts.receiver.user_id].contains(&id),
        };
        wanted.then(|| Happened {
            id: placed.event.id,
            change,
            kind: event.type_name(),
            at: placed.event.time,
            offer: facts.offer_id,
        })
    }

    /// The same as a filter of the outbox.
    fn filter(self) -> Condition {
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
