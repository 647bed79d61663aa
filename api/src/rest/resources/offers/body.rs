//! The body of an offer, with the games and users that it refers to.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{ClosedReason, GameId, OfferId, OfferStatus, UserId, game, offer, user};
use exchange::{
    error::Result,
    global_id,
    offers::{self, Sides},
    privacy,
    revision::RevisionTag,
    users,
};
use rules::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::expand::{Expand, Expanded};
use crate::{
    app::App,
    http::hypermedia::{Links, paths},
    rest::hal::{collection, forms::Resource, links},
};

/// An offer to trade.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub struct OfferBody {
    id: OfferId,
    /// The global id: the `id` in GraphQL.
    #[schema(example = "T2ZmZXI6MQ==")]
    node_id: String,
    status: OfferStatus,
    /// The party whose answer is awaited: `receiver` while the offer is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "receiver")]
    awaiting: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ClosedReason, required = false)]
    closed_reason: Option<ClosedReason>,
    /// The accepted offer that closed this one by taking one of its games.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OfferId, required = false)]
    closed_by_offer_id: Option<OfferId>,
    offerer_id: UserId,
    /// The same as `offerer_id`.
    requester_id: UserId,
    receiver_id: UserId,
    /// The first of `offered_game_ids`.
    #[schema(value_type = i64)]
    offered_game_id: Option<GameId>,
    /// The first of `requested_game_ids`.
    #[schema(value_type = i64)]
    requested_game_id: Option<GameId>,
    offered_game_ids: Vec<GameId>,
    requested_game_ids: Vec<GameId>,
    offered_games: Vec<NamedGame>,
    requested_games: Vec<NamedGame>,
    offerer: NamedUser,
    receiver: NamedUser,
    /// Visible to the two parties only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    message: Option<String>,
    /// The address of the offerer, visible to the two parties for 90 days after the offer is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    offerer_address: Option<String>,
    /// The address of the receiver, visible to the two parties for 90 days after the offer is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    receiver_address: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The resources that `expand` asks for.
    #[serde(rename = "_embedded", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Expanded, required = false)]
    embedded: Option<Expanded>,
    #[serde(rename = "_links")]
    links: Links,
}

/// A game of an offer.
#[derive(Serialize, ToSchema)]
struct NamedGame {
    id: GameId,
    #[schema(example = "R2FtZTox")]
    node_id: String,
    name: String,
    #[serde(rename = "_links")]
    links: Links,
}

/// A party of an offer.
#[derive(Serialize, ToSchema)]
struct NamedUser {
    id: UserId,
    #[schema(example = "VXNlcjox")]
    node_id: String,
    name: String,
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// Offers, the oldest first.
    OfferCollection, EmbeddedOffers { offers: OfferBody }
}

/// The games and users that a page of offers refers to, loaded together.
pub struct References {
    sides: HashMap<OfferId, Sides>,
    users: HashMap<UserId, user::Model>,
    expand: Expand,
}

impl References {
    pub async fn load(
        app: &App,
        offers: impl Iterator<Item = &offer::Model> + Clone,
        expand: Expand,
    ) -> Result<Self> {
        let ids: Vec<_> = offers.clone().map(|offer| offer.id).collect();
        let parties: HashSet<_> = offers
            .flat_map(|offer| [offer.offerer_id, offer.receiver_id])
            .collect();
        let parties: Vec<_> = parties.into_iter().collect();
        Ok(Self {
            sides: offers::sides(app, &ids).await?,
            users: users::by_ids(app, &parties).await?,
            expand,
        })
    }

    /// Returns the revision of an offer whose body has not been made yet, as `viewer` sees it.
    pub fn revision(&self, offer: &offer::Model, viewer: &Actor) -> RevisionTag {
        let sides = self.sides.get(&offer.id).into_iter();
        RevisionTag::from_offer(offer, sides.flat_map(Sides::games))
            .seen_by(privacy::sees_offer(offer, viewer))
    }

    fn user(&self, id: UserId) -> NamedUser {
        let user = self.users.get(&id);
        let (name, links) = user
            .map(|user| (user.name.clone(), links::named_user(user)))
            .unwrap_or_default();
        NamedUser {
            id,
            node_id: global_id::encode(id),
            name,
            links,
        }
    }
}

impl Resource for OfferBody {
    fn links(&self) -> &Links {
        &self.links
    }

    fn choices(&self) -> Vec<(&'static str, String)> {
        vec![
            ("offered_game_ids", paths::games_of(self.offerer_id)),
            ("requested_game_ids", paths::games_of(self.receiver_id)),
        ]
    }
}

impl OfferBody {
    pub fn new(
        app: &App,
        offer: offer::Model,
        references: &mut References,
        viewer: &Actor,
    ) -> Self {
        let private = privacy::offer(&offer, viewer, app.clock.now());
        let revision = privacy::revision(offer.revisions(), privacy::sees_offer(&offer, viewer));
        let sides = references.sides.remove(&offer.id).unwrap_or_default();
        let (offerer, receiver) = (
            references.user(offer.offerer_id),
            references.user(offer.receiver_id),
        );
        let embedded = references.expand.embed(
            [&sides.offered, &sides.requested],
            [offer.offerer_id, offer.receiver_id].map(|id| references.users.get(&id)),
            viewer,
        );
        let ids = |games: &[game::Model]| games.iter().map(|game| game.id).collect::<Vec<_>>();
        let names = |games: Vec<game::Model>| games.into_iter().map(NamedGame::from).collect();
        Self {
            embedded,
            links: links::offer(&offer, [&offerer.links, &receiver.links], viewer),
            id: offer.id,
            node_id: global_id::encode(offer.id),
            status: offer.status,
            awaiting: (offer.status == OfferStatus::Pending).then_some("receiver"),
            closed_reason: offer.closed_reason,
            closed_by_offer_id: offer.closed_by_offer_id,
            offerer_id: offer.offerer_id,
            requester_id: offer.offerer_id,
            receiver_id: offer.receiver_id,
            offered_game_id: sides.offered.first().map(|game| game.id),
            requested_game_id: sides.requested.first().map(|game| game.id),
            offered_game_ids: ids(&sides.offered),
            requested_game_ids: ids(&sides.requested),
            offered_games: names(sides.offered),
            requested_games: names(sides.requested),
            offerer,
            receiver,
            message: private.message,
            offerer_address: private.offerer_address,
            receiver_address: private.receiver_address,
            created_at: offer.created_at,
            updated_at: revision.updated_at,
        }
    }
}

impl From<game::Model> for NamedGame {
    fn from(game: game::Model) -> Self {
        Self {
            id: game.id,
            node_id: global_id::encode(game.id),
            links: links::named_game(&game),
            name: game.name,
        }
    }
}
