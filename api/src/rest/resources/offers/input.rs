//! What is sent to make, change and find offers.

use entity::{GameId, OfferId, OfferStatus, UserId};
use exchange::{
    offers::{NewOffer, OfferChange, OfferFilter},
    pagination::Window,
    validation::{Faults, Validate},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{body::OfferBody, expand::Expand};
use crate::rest::{
    input::{Edits, Sent},
    page,
};

/// An offer to be made. Each side by the id of one game, by a list of ids, or by both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferCreate {
    /// A game of yours.
    #[schema(value_type = Option<i64>, example = 1)]
    offered_game_id: Option<GameId>,
    /// Games of yours.
    #[serde(default)]
    #[schema(max_items = 20)]
    offered_game_ids: Vec<GameId>,
    /// A game of somebody else's.
    #[schema(value_type = Option<i64>, example = 2)]
    requested_game_id: Option<GameId>,
    /// Games of one other person's.
    #[serde(default)]
    #[schema(max_items = 20)]
    requested_game_ids: Vec<GameId>,
    /// For the receiver's eyes.
    #[schema(min_length = 1, max_length = 2000, example = "Mine is as good as new.")]
    message: Option<String>,
    /// Must be you. Better left out.
    #[schema(value_type = Option<i64>)]
    requester_id: Option<UserId>,
}

/// A change to a pending offer of yours; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferUpdate {
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = i64, required = false)]
    offered_game_id: Option<GameId>,
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = Vec<i64>, required = false, min_items = 1, max_items = 20, example = json!([1]))]
    offered_game_ids: Option<Vec<GameId>>,
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = i64, required = false)]
    requested_game_id: Option<GameId>,
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = Vec<i64>, required = false, min_items = 1, max_items = 20, example = json!([2]))]
    requested_game_ids: Option<Vec<GameId>>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "Mine is as good as new.")]
    message: Option<Option<String>>,
    /// `cancelled` takes the offer back. `accepted` is your own consent, which the offer is already: it stays pending,
    /// awaiting the receiver. `rejected` is the receiver's to say.
    #[serde(default, deserialize_with = "crate::rest::input::given_word")]
    #[schema(value_type = OfferStatus, required = false)]
    status: Option<OfferStatus>,
    /// Must be you. Better left out.
    #[serde(default, deserialize_with = "crate::rest::input::given")]
    #[schema(value_type = i64, required = false)]
    requester_id: Option<UserId>,
}

/// Which offers to show.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfferQuery {
    #[param(inline)]
    status: Option<OfferStatus>,
    #[param(value_type = Option<i64>)]
    offerer_id: Option<UserId>,
    #[serde(alias = "user_id")]
    #[param(value_type = Option<i64>)]
    receiver_id: Option<UserId>,
    /// Only offers that name this game.
    #[param(value_type = Option<i64>)]
    game_id: Option<GameId>,
    /// Only offers that were closed because this one took a game of theirs.
    #[param(value_type = Option<i64>)]
    closed_by_offer_id: Option<OfferId>,
    /// The most rows on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A cursor: only what comes after it.
    after: Option<String>,
    /// A cursor: only what comes before it.
    before: Option<String>,
    #[serde(default)]
    #[param(value_type = String, required = false)]
    expand: Expand,
}

impl From<OfferCreate> for NewOffer {
    fn from(body: OfferCreate) -> Self {
        Self {
            offered: side(body.offered_game_id, Some(body.offered_game_ids)).unwrap_or_default(),
            requested: side(body.requested_game_id, Some(body.requested_game_ids))
                .unwrap_or_default(),
            message: body.message,
            requester_id: body.requester_id,
        }
    }
}

impl Sent for OfferCreate {
    fn check(self, faults: &mut Faults) {
        NewOffer::from(self).check(faults);
    }
}

impl From<OfferUpdate> for OfferChange {
    fn from(body: OfferUpdate) -> Self {
        let (offered, first_offered) = list(body.offered_game_id, body.offered_game_ids);
        let (requested, first_requested) = list(body.requested_game_id, body.requested_game_ids);
        Self {
            offered,
            requested,
            first_offered,
            first_requested,
            message: body.message,
            status: body.status,
            requester_id: body.requester_id,
            ..Self::default()
        }
    }
}

impl Edits for OfferUpdate {
    type Shown = OfferBody;
}

impl Sent for OfferUpdate {
    fn check(self, faults: &mut Faults) {
        OfferChange::from(self).check(faults);
    }
}

impl From<OfferQuery> for (OfferFilter, Window, Expand) {
    fn from(query: OfferQuery) -> Self {
        let filter = OfferFilter {
            status: query.status,
            offerer_id: query.offerer_id,
            receiver_id: query.receiver_id,
            game_id: query.game_id,
            closed_by_offer_id: query.closed_by_offer_id,
        };
        let window = page::window(query.limit, query.after, query.before);
        (filter, window, query.expand)
    }
}

impl Sent for OfferQuery {
    fn check(self, faults: &mut Faults) {
        let (_, window, _) = self.into();
        window.check(faults);
    }
}

/// The list of one side of a change, and the game that is named beside it and not in it.
fn list(
    one: Option<GameId>,
    several: Option<Vec<GameId>>,
) -> (Option<Vec<GameId>>, Option<GameId>) {
    match several {
        None => (one.map(|one| vec![one]), None),
        Some(list) => {
            let beside = one.filter(|one| !list.contains(one));
            (Some(list), beside)
        }
    }
}

/// The games of one side, if the body names any.
fn side(one: Option<GameId>, several: Option<Vec<GameId>>) -> Option<Vec<GameId>> {
    match (one, several) {
        (None, several) => several,
        (Some(one), several) => {
            let mut all = several.unwrap_or_default();
            if !all.contains(&one) {
                all.push(one);
            }
            Some(all)
        }
    }
}
