//! Which rows of a list to show, and in which order: the parameters of the same lists in REST, as inputs. What they mean,
//! and what is wrong with one, [`games`] and [`offers`] say. To add a filter, add it there and to the list in `rest`.

use async_graphql::{Enum, ID, InputObject};
use exchange::{
    error::{Error, Result},
    games::{self, GameSort},
    offers,
    validation::Faults,
};

use super::{game::GameCondition, ids, offer::OfferStatus};

/// Which games of the board to show; what is left out does not restrict.
#[derive(Default, InputObject)]
pub struct GameFilter {
    /// Part of the name or of the publisher, in either case (of the letters A to Z), as it stands. With fewer than three
    /// letters or digits in a row, the beginning of a word; without any, the beginning of a name.
    q: Option<String>,
    /// Exactly this console or computer.
    gaming_system: Option<String>,
    /// Only games kept so well.
    condition: Option<GameCondition>,
    /// Published in this year or later.
    year_from: Option<i64>,
    /// Published in this year or earlier.
    year_to: Option<i64>,
    /// Whose they are: the `id` or the `databaseId` of a User.
    owner_id: Option<ID>,
    /// Whose they are not: the `id` or the `databaseId` of a User.
    not_owner_id: Option<ID>,
}

/// The order of the board.
#[derive(InputObject)]
pub struct GameOrder {
    /// What it goes by.
    field: GameOrderField,
    /// Which way round.
    #[graphql(default)]
    direction: OrderDirection,
}

/// What the board can be ordered by. Games that are alike in it come in the order of their listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum GameOrderField {
    /// When they were listed.
    Id,
    /// Their names.
    Name,
    /// Their years of publication.
    YearPublished,
    /// How well they fit `q`, the best first where it is ascending: names that begin with it, in their order; then what
    /// contains it, the oldest listing first; last, on PostgreSQL, what contains it once mistyped words of it are
    /// corrected, which no other order shows. By `ID` where there is no `q`.
    Relevance,
}

/// Which way round a list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
enum OrderDirection {
    /// The smallest, earliest or oldest first.
    #[default]
    Ascending,
    /// The largest, latest or newest first.
    Descending,
}

/// Which offers to show; what is left out does not restrict.
#[derive(Default, InputObject)]
pub struct OfferFilter {
    /// Only those that stand so.
    status: Option<OfferStatus>,
    /// Who made them: the `id` or the `databaseId` of a User.
    offerer_id: Option<ID>,
    /// Who received them: the `id` or the `databaseId` of a User.
    receiver_id: Option<ID>,
    /// Only those that name it: the `id` or the `databaseId` of a Game.
    game_id: Option<ID>,
    /// Only those that were closed because it took a game of theirs: the `id` or the `databaseId` of an Offer.
    closed_by_offer_id: Option<ID>,
}

impl GameFilter {
    /// As the board knows it.
    pub fn of_board(self, order: Option<GameOrder>) -> Result<games::GameFilter> {
        Ok(games::GameFilter {
            q: self.q,
            gaming_system: self.gaming_system,
            condition: self.condition.map(Into::into),
            year_from: year("year_from", self.year_from)?,
            year_to: year("year_to", self.year_to)?,
            owner_id: ids::optional("ownerId", self.owner_id.as_ref())?,
            not_owner_id: ids::optional("notOwnerId", self.not_owner_id.as_ref())?,
            sort: order.map(Into::into).unwrap_or_default(),
        })
    }
}

impl From<GameOrder> for GameSort {
    fn from(order: GameOrder) -> Self {
        let (ascending, descending) = match order.field {
            GameOrderField::Id => (Self::Id, Self::IdDescending),
            GameOrderField::Name => (Self::Name, Self::NameDescending),
            GameOrderField::YearPublished => (Self::YearPublished, Self::YearPublishedDescending),
            GameOrderField::Relevance => (Self::Relevance, Self::RelevanceDescending),
        };
        match order.direction {
            OrderDirection::Ascending => ascending,
            OrderDirection::Descending => descending,
        }
    }
}

impl TryFrom<OfferFilter> for offers::OfferFilter {
    type Error = Error;

    fn try_from(filter: OfferFilter) -> Result<Self> {
        Ok(Self {
            status: filter.status.map(Into::into),
            offerer_id: ids::optional("offererId", filter.offerer_id.as_ref())?,
            receiver_id: ids::optional("receiverId", filter.receiver_id.as_ref())?,
            game_id: ids::optional("gameId", filter.game_id.as_ref())?,
            closed_by_offer_id: ids::optional(
                "closedByOfferId",
                filter.closed_by_offer_id.as_ref(),
            )?,
        })
    }
}

/// A year to look for. REST, too, refuses what 32 bits do not hold.
fn year(field: &str, number: Option<i64>) -> Result<Option<i32>> {
    let beyond = |_| Faults::single(field, "out_of_range", "is too large or too small a number");
    number.map(i32::try_from).transpose().map_err(beyond)
}
