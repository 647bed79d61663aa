//! The bodies and parameters of requests about offers.

use entity::{GameId, OfferId, OfferStatus, UserId, limits::Message};
use exchange::{
    offers::{NewOffer, OfferChange, OfferFilter},
    pagination::Window,
    validation::{Faults, Validate},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{body::OfferBody, expand::Expand};
use crate::rest::{
    hal::collection,
    http::extract::{Dto, Editable, Patch},
};

/// A new offer. Name the games of each side by one id, by a list of ids, or by both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"offered_game_id": 1, "requested_game_id": 2, "message": "Mine is as good as new."}))]
pub struct OfferCreate {
    /// One of your games.
    #[schema(value_type = Option<i64>)]
    offered_game_id: Option<GameId>,
    /// Some of your games.
    #[serde(default)]
    offered_game_ids: Vec<GameId>,
    /// A game of another user.
    #[schema(value_type = Option<i64>)]
    requested_game_id: Option<GameId>,
    /// Games of one other user.
    #[serde(default)]
    requested_game_ids: Vec<GameId>,
    /// A message for the receiver.
    message: Option<Message>,
    /// Your own id. Best left out: it is always you.
    #[schema(value_type = Option<i64>)]
    requester_id: Option<UserId>,
}

/// A change to a pending offer of yours. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"message": "Mine is as good as new."}))]
pub struct OfferUpdate {
    #[serde(default)]
    #[schema(value_type = i64)]
    offered_game_id: Patch<GameId>,
    #[serde(default)]
    #[schema(value_type = Vec<i64>, min_items = 1, example = json!([1]))]
    offered_game_ids: Patch<Vec<GameId>>,
    #[serde(default)]
    #[schema(value_type = i64)]
    requested_game_id: Patch<GameId>,
    #[serde(default)]
    #[schema(value_type = Vec<i64>, min_items = 1, example = json!([2]))]
    requested_game_ids: Patch<Vec<GameId>>,
    /// `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<Message>)]
    message: Patch<Option<Message>>,
    /// `cancelled` withdraws the offer. `accepted` changes nothing: by making the offer you have accepted it, so it
    /// stays pending until the receiver answers. `rejected` is not allowed, since only the receiver may reject.
    #[serde(default)]
    #[schema(value_type = OfferStatus)]
    status: Patch<OfferStatus>,
    /// Your own id. Best left out: it is always you.
    #[serde(default)]
    #[schema(value_type = i64)]
    requester_id: Patch<UserId>,
}

/// The filters of a list of offers.
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
    /// Only offers that include this game.
    #[param(value_type = Option<i64>)]
    game_id: Option<GameId>,
    /// Only offers that this accepted offer closed by taking one of their games.
    #[param(value_type = Option<i64>)]
    closed_by_offer_id: Option<OfferId>,
    /// The largest number of rows on the page.
    limit: Option<i64>,
    /// A cursor: show the rows after it.
    after: Option<String>,
    /// A cursor: show the rows before it.
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

impl Dto for OfferCreate {
    fn check(self, faults: &mut Faults) {
        NewOffer::from(self).check(faults);
    }
}

impl From<OfferUpdate> for OfferChange {
    fn from(body: OfferUpdate) -> Self {
        let (offered, first_offered) = list(body.offered_game_id.0, body.offered_game_ids.0);
        let (requested, first_requested) =
            list(body.requested_game_id.0, body.requested_game_ids.0);
        Self {
            offered,
            requested,
            first_offered,
            first_requested,
            message: body.message.0,
            status: body.status.0,
            requester_id: body.requester_id.0,
            ..Self::default()
        }
    }
}

impl Editable for OfferUpdate {
    type Body = OfferBody;
}

impl Dto for OfferUpdate {
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
        let window = collection::window(query.limit, query.after, query.before);
        (filter, window, query.expand)
    }
}

impl Dto for OfferQuery {
    fn check(self, faults: &mut Faults) {
        let (_, window, _) = self.into();
        window.check(faults);
    }
}

/// Returns the list of one side of a change, and the single game that the list lacks.
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

/// Returns the games of one side, if the body names any.
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
