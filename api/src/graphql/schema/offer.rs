//! Offers to trade.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::{OfferId, Revision, offer};
use exchange::{
    privacy::{self, PrivateOffer},
    revision::RevisionTag,
};
use rules::Denied;

use super::{
    errors,
    game::Game,
    ids,
    loaders::{Shared, Viewer},
    text::Text,
    time::Time,
    user::User,
};
use crate::http::etag::etag;

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::OfferStatus")]
pub enum OfferStatus {
    /// Waits for the receiver.
    Pending,
    /// Settled: the games have changed hands.
    Accepted,
    /// Declined by the receiver.
    Rejected,
    /// Withdrawn by the offerer, or closed because one of its games left.
    Cancelled,
}

/// Why an offer was closed without a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ClosedReason")]
pub enum ClosedReason {
    /// The offerer took it back.
    Withdrawn,
    /// The receiver said no.
    Declined,
    /// One of its games was traded away or deleted.
    GameUnavailable,
}

/// What can be done to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::Action")]
pub enum OfferAction {
    /// Change its games or its message: `updateOffer`.
    Update,
    /// Settle it: `acceptOffer`.
    Accept,
    /// Decline it: `rejectOffer`.
    Reject,
    /// Take it back: `cancelOffer`.
    Cancel,
}

/// A side of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OfferParty {
    /// Who received it.
    Receiver,
}

/// What whoever asks may do to an offer now.
#[derive(SimpleObject)]
struct OfferPermissions {
    /// `updateOffer`.
    update: Permission,
    /// `acceptOffer`.
    accept: Permission,
    /// `rejectOffer`.
    reject: Permission,
    /// `cancelOffer`.
    cancel: Permission,
}

/// Whether something may be done.
#[derive(SimpleObject)]
struct Permission {
    /// May it?
    allowed: bool,
    /// Why not; null where it may.
    reason: Option<Reason>,
}

/// Why something may not be done: what doing it would answer.
#[derive(SimpleObject)]
struct Reason {
    /// A stable name for programs to compare, the same as in `userErrors` and in REST.
    code: &'static str,
    /// Why, and what to do instead.
    message: String,
}

impl From<Result<(), Denied>> for Permission {
    fn from(verdict: Result<(), Denied>) -> Self {
        Self {
            allowed: verdict.is_ok(),
            reason: verdict.err().map(|denied| Reason {
                code: denied.code(),
                message: errors::message(&denied.into()),
            }),
        }
    }
}

#[derive(Clone)]
pub struct Offer(offer::Model);

impl From<offer::Model> for Offer {
    fn from(row: offer::Model) -> Self {
        Self(row)
    }
}

impl Offer {
    pub fn key(&self) -> OfferId {
        self.0.id
    }

    fn is_party(&self, context: &Context<'_>) -> bool {
        privacy::sees_offer(&self.0, &Viewer::from_context(context).actor)
    }

    fn revision(&self, context: &Context<'_>) -> Revision {
        privacy::revision(self.0.revisions(), self.is_party(context))
    }

    fn private(&self, context: &Context<'_>) -> OfferParts {
        let viewer = Viewer::from_context(context);
        privacy::offer(&self.0, &viewer.actor, viewer.app.clock.now())
    }
}

/// An offer: the offerer gives some of their games and wants some of the receiver's.
#[Object]
impl Offer {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.0.id)
    }

    /// The number that REST knows this offer by. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.0.id.0
    }

    /// Where it stands.
    async fn status(&self) -> OfferStatus {
        self.0.status.into()
    }

    /// Why it was closed without a trade; null otherwise.
    async fn closed_reason(&self) -> Option<ClosedReason> {
        self.0.closed_reason.map(Into::into)
    }

    /// The accepted offer that took one of its games, where that closed it.
    async fn closed_by(&self, ctx: &Context<'_>) -> Shared<Option<Offer>> {
        match self.0.closed_by_offer_id {
            Some(id) => Viewer::from_context(ctx).offer(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Who has to decide; null once it is closed.
    async fn awaiting(&self) -> Option<OfferParty> {
        (self.0.status == entity::OfferStatus::Pending).then_some(OfferParty::Receiver)
    }

    /// What the offerer wrote. Null for everybody but the two parties.
    async fn message(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).message.map(Text)
    }

    /// Where the offerer lived when the offer was accepted: for the two parties, for 90 days.
    async fn offerer_address(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).offerer_address.map(Text)
    }

    /// Where the receiver lived when the offer was accepted: for the two parties, for 90 days.
    async fn receiver_address(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).receiver_address.map(Text)
    }

    /// Who made it.
    async fn offerer(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.offerer_id).await
    }

    /// Who received it.
    async fn receiver(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.receiver_id).await
    }

    /// The games that the offerer gives, also those that left the board.
    async fn offered_games(&self, ctx: &Context<'_>) -> Shared<Vec<Game>> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        Ok(sides.offered.clone())
    }

    /// The games that the offerer wants, also those that left the board.
    async fn requested_games(&self, ctx: &Context<'_>) -> Shared<Vec<Game>> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        Ok(sides.requested.clone())
    }

    /// What whoever asks may do to it now.
    async fn viewer_actions(&self, ctx: &Context<'_>) -> Vec<OfferAction> {
        rules::permitted(&self.0, &Viewer::from_context(ctx).actor)
            .map(Into::into)
            .collect()
    }

    /// What whoever asks may do to it now, and why not the rest.
    async fn viewer_can(&self, ctx: &Context<'_>) -> OfferPermissions {
        let actor = &Viewer::from_context(ctx).actor;
        let may = |action| rules::permit(action, &self.0, actor).into();
        OfferPermissions {
            update: may(rules::Action::Update),
            accept: may(rules::Action::Accept),
            reject: may(rules::Action::Reject),
            cancel: may(rules::Action::Cancel),
        }
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it last changed, in what you see of it; of a closed offer, when it was closed.
    async fn updated_at(&self, ctx: &Context<'_>) -> Time {
        self.revision(ctx).updated_at.into()
    }

    /// Names the state that it and its games are in, for `ifMatch` of a mutation: a change of the name, the system or the
    /// condition of a game is one of the offer. In REST it is good for If-Match, and the ETag there is good here.
    async fn etag(&self, ctx: &Context<'_>) -> Shared<String> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        let games = sides.offered.iter().chain(&sides.requested);
        let state = RevisionTag::from_offer(&self.0, games.map(Game::row));
        Ok(etag(state.seen_by(self.is_party(ctx))))
    }

    /// Counts the changes that you can see, from 1.
    async fn version(&self, ctx: &Context<'_>) -> i64 {
        self.revision(ctx).version
    }
}
