//! Offers to trade.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::{OfferId, Revision, offer};
use exchange::{
    error::Error,
    offers::MAX_GAMES,
    privacy::{self, PrivateOffer},
    revision::RevisionTag,
};
use graphql_http::list_size;
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

/// The status of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::OfferStatus")]
pub enum OfferStatus {
    /// Waiting for the receiver.
    Pending,
    /// Settled: the games have changed hands.
    Accepted,
    /// Rejected by the receiver.
    Rejected,
    /// Cancelled by the offerer, or closed because one of its games left the board.
    Cancelled,
}

/// The reason why an offer was closed without a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::ClosedReason")]
pub enum ClosedReason {
    /// The offerer cancelled it.
    Withdrawn,
    /// The receiver rejected it.
    Declined,
    /// One of its games was traded or deleted.
    GameUnavailable,
}

/// Declares the actions, each with the field of its permission, what it does and its mutation. An action of the rules
/// without a row here does not compile.
macro_rules! actions {
    ($($action:ident $permission:ident = $about:literal, $mutation:literal;)*) => {
        /// An action on an offer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        #[graphql(remote = "rules::Action")]
        pub enum OfferAction {
            $(#[doc = concat!($about, ": `", $mutation, "`.")] $action,)*
        }

        /// The permissions of the viewer on an offer.
        #[derive(SimpleObject)]
        struct OfferPermissions {
            $(#[doc = concat!("`", $mutation, "`.")] $permission: Permission,)*
        }

        impl OfferPermissions {
            fn new(permission: impl Fn(rules::Action) -> Permission) -> Self {
                Self {
                    $($permission: permission(rules::Action::$action),)*
                }
            }
        }
    };
}

actions! {
    Update update = "Change the games or the message", "updateOffer";
    Accept accept = "Settle it", "acceptOffer";
    Reject reject = "Reject it", "rejectOffer";
    Cancel cancel = "Cancel it", "cancelOffer";
}

/// A party of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OfferParty {
    /// The user who received the offer.
    Receiver,
}

/// The permission for one action.
#[derive(SimpleObject)]
struct Permission {
    /// True if the viewer may do it now.
    allowed: bool,
    /// The reason why not. Null if it is allowed.
    reason: Option<Reason>,
}

/// The reason why an action is not allowed: the error that it would return.
#[derive(SimpleObject)]
struct Reason {
    /// A stable code for programs, the same as in `userErrors` and in REST.
    code: &'static str,
    /// An explanation, with what to do instead.
    message: String,
}

impl From<Result<(), Denied>> for Permission {
    fn from(verdict: Result<(), Denied>) -> Self {
        let reason = |error: Error| Reason {
            code: error.code(),
            message: errors::message(&error),
        };
        Self {
            allowed: verdict.is_ok(),
            reason: verdict.err().map(Error::from).map(reason),
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

    fn private(&self, context: &Context<'_>) -> PrivateOffer {
        let viewer = Viewer::from_context(context);
        privacy::offer(&self.0, &viewer.actor, viewer.app.clock.now())
    }
}

/// An offer to trade: the offerer gives some of their games for some of the receiver's.
#[Object]
impl Offer {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.0.id)
    }

    /// The `id` of this offer in REST. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.0.id.0
    }

    /// The status of the offer.
    async fn status(&self) -> OfferStatus {
        self.0.status.into()
    }

    /// The reason why the offer was closed without a trade. Null if it was not.
    async fn closed_reason(&self) -> Option<ClosedReason> {
        self.0.closed_reason.map(Into::into)
    }

    /// The accepted offer that closed this one by taking one of its games. Null if no offer did.
    async fn closed_by(&self, ctx: &Context<'_>) -> Shared<Option<Offer>> {
        match self.0.closed_by_offer_id {
            Some(id) => Viewer::from_context(ctx).offer(id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The party that has to decide. Null when the offer is closed.
    async fn awaiting(&self) -> Option<OfferParty> {
        (self.0.status == entity::OfferStatus::Pending).then_some(OfferParty::Receiver)
    }

    /// The offerer's message. Only the two parties see it; null for others.
    async fn message(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).message.map(Text)
    }

    /// The offerer's address at the time of acceptance. Only the two parties see it, for 90 days.
    async fn offerer_address(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).offerer_address.map(Text)
    }

    /// The receiver's address at the time of acceptance. Only the two parties see it, for 90 days.
    async fn receiver_address(&self, ctx: &Context<'_>) -> Option<Text<String>> {
        self.private(ctx).receiver_address.map(Text)
    }

    /// The user who made the offer.
    async fn offerer(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.offerer_id).await
    }

    /// The user who received the offer.
    async fn receiver(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.receiver_id).await
    }

    /// The games that the offerer gives, including those that left the board.
    #[graphql(directive = list_size::apply(Some(MAX_GAMES), None, None, None))]
    async fn offered_games(&self, ctx: &Context<'_>) -> Shared<Vec<Game>> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        Ok(sides.offered.clone())
    }

    /// The games that the offerer wants, including those that left the board.
    #[graphql(directive = list_size::apply(Some(MAX_GAMES), None, None, None))]
    async fn requested_games(&self, ctx: &Context<'_>) -> Shared<Vec<Game>> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        Ok(sides.requested.clone())
    }

    /// The actions that the viewer may take now.
    #[graphql(directive = list_size::apply(Some(rules::Action::ALL.len()), None, None, None))]
    async fn viewer_actions(&self, ctx: &Context<'_>) -> Vec<OfferAction> {
        rules::permitted(&self.0, &Viewer::from_context(ctx).actor)
            .map(Into::into)
            .collect()
    }

    /// Each action, whether the viewer may take it now, and if not, why.
    async fn viewer_can(&self, ctx: &Context<'_>) -> OfferPermissions {
        let actor = &Viewer::from_context(ctx).actor;
        OfferPermissions::new(|action| rules::permit(action, &self.0, actor).into())
    }

    /// The time when the offer was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// The time of the last change to the fields that you can see. Of a closed offer, the time when it was closed.
    async fn updated_at(&self, ctx: &Context<'_>) -> Time {
        self.revision(ctx).updated_at.into()
    }

    /// The entity tag of the current state, for `ifMatch` of a mutation. It changes with the name, the system or the
    /// condition of a game, too. REST has the same tag as ETag, for If-Match.
    async fn etag(&self, ctx: &Context<'_>) -> Shared<String> {
        let sides = Viewer::from_context(ctx).sides(self.0.id).await?;
        let games = sides.offered.iter().chain(&sides.requested);
        let state = RevisionTag::from_offer(&self.0, games.map(Game::row));
        Ok(etag(state.seen_by(self.is_party(ctx))))
    }

    /// The number of changes that you can see, counted from 1.
    async fn version(&self, ctx: &Context<'_>) -> i64 {
        self.revision(ctx).version
    }
}
