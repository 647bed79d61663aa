//! What an offer names, shown in full with it: `expand=offered_games,receiver` puts these resources into `_embedded`, as they
//! are when read on their own. Who asks saves a request for each; the look-ups are those of the page.

use entity::{game, user};
use rules::Actor;
use serde::{Deserialize, Deserializer, Serialize, de::IntoDeserializer};
use utoipa::{IntoParams, ToSchema};

use crate::rest::{games::GameBody, input::Sent, users::UserBody};

/// What can be expanded.
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

impl Sent for ExpandQuery {}

/// What was asked to be shown in full. Games that left the board and people who left are not there.
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
    /// The parts of an offer that were asked for, if any were.
    pub fn of(
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
        let person = |part, user: Option<&user::Model>| {
            user.filter(|user| self.0.contains(&part) && user.deleted_at.is_none())
                .map(|user| UserBody::new(user.clone(), viewer))
        };
        (!self.0.is_empty()).then(|| Expanded {
            offered_games: games(Part::OfferedGames, offered),
            requested_games: games(Part::RequestedGames, requested),
            offerer: person(Part::Offerer, offerer),
            receiver: person(Part::Receiver, receiver),
        })
    }
}
