//! The parameter `expand`: `expand=offered_games,receiver` embeds these resources of an offer in full, as they are on
//! their own. It saves the client one request for each, and needs no additional SQL.

use entity::{game, user};
use rules::Actor;
use serde::{Deserialize, Deserializer, Serialize, de::IntoDeserializer};
use utoipa::{IntoParams, ToSchema};

use crate::rest::{
    http::extract::Dto,
    resources::{games::GameBody, users::UserBody},
};

/// A part of an offer that can be expanded.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    OfferedGames,
    RequestedGames,
    Offerer,
    Receiver,
}

/// The parts to expand.
#[derive(Clone, Default)]
pub struct Expand(Vec<Part>);

/// The parameter of a request for one offer.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExpandQuery {
    #[serde(default)]
    #[param(value_type = String, required = false)]
    pub expand: Expand,
}

impl Dto for ExpandQuery {}

/// The resources that `expand` asks for. Games that have left the board and closed accounts are missing.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferEmbedded)]
pub struct Expanded {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<GameBody>, required = false)]
    offered_games: Option<Vec<GameBody>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<GameBody>, required = false)]
    requested_games: Option<Vec<GameBody>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = UserBody, required = false)]
    offerer: Option<UserBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = UserBody, required = false)]
    receiver: Option<UserBody>,
}

impl<'de> Deserialize<'de> for Expand {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        let parts = String::deserialize(field)?;
        let part = |name: &str| Part::deserialize(name.into_deserializer());
        let named = parts.split(',').filter(|_| !parts.is_empty());
        named.map(part).collect::<Result<_, _>>().map(Self)
    }
}

impl Expand {
    /// Embeds the requested parts of an offer. Returns none if none were requested.
    pub fn embed(
        &self,
        [offered, requested]: [&[game::Model]; 2],
        [offerer, receiver]: [Option<&user::Model>; 2],
        viewer: &Actor,
    ) -> Option<Expanded> {
        let games = |part, games: &[game::Model]| {
            self.0.contains(&part).then(|| {
                let listed = games.iter().filter(|game| game.deleted_at.is_none());
                listed
                    .map(|game| GameBody::new(game.clone(), viewer))
                    .collect()
            })
        };
        let party = |part, user: Option<&user::Model>| {
            user.filter(|user| self.0.contains(&part) && user.deleted_at.is_none())
                .map(|user| UserBody::new(user.clone(), viewer))
        };
        (!self.0.is_empty()).then(|| Expanded {
            offered_games: games(Part::OfferedGames, offered),
            requested_games: games(Part::RequestedGames, requested),
            offerer: party(Part::Offerer, offerer),
            receiver: party(Part::Receiver, receiver),
        })
    }
}
