//! Filters and orders of lists, as inputs: the same parameters as in REST. [`games`] and [`offers`] define and validate
//! them. To add a filter, add it there and to the list in `rest`.

use async_graphql::{Enum, ID, InputObject};
use exchange::{
    error::{Error, Result},
    games::{self, GameSort},
    offers,
    validation::Faults,
};

use super::{game::GameCondition, ids, offer::OfferStatus};

/// A filter for games. A member that is left out does not restrict.
#[derive(Default, InputObject)]
pub struct GameFilter {
    /// The words to search for, in any order. Each matches the beginning of a word in the name or the publisher, or in a
    /// name of the system. Case, marks, apostrophes, hyphens, blanks and brackets do not matter; "&" is "and", and Roman
    /// numerals are digits. If too little matches, mistyped words are corrected. A text without a letter or a digit matches
    /// nothing; an empty one counts as absent.
    q: Option<String>,
    /// Games with the title that has this key.
    title_key: Option<String>,
    /// Games for this system, by any of its names and in any case. The query `systems` returns them.
    gaming_system: Option<String>,
    /// Games in this condition.
    condition: Option<GameCondition>,
    /// Games published in this year or later.
    year_from: Option<i64>,
    /// Games published in this year or earlier.
    year_to: Option<i64>,
    /// Games of this owner: the `id` or the `databaseId` of a User.
    owner_id: Option<ID>,
    /// Games of all owners but this one: the `id` or the `databaseId` of a User.
    not_owner_id: Option<ID>,
}

/// The order of games.
#[derive(InputObject)]
pub struct GameOrder {
    /// The field to sort by.
    field: GameOrderField,
    /// The direction.
    #[graphql(default)]
    direction: OrderDirection,
}

/// A field to sort games by. Games with equal values are in the order of their listing, except that those with equal
/// names are sorted by system and publisher first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum GameOrderField {
    /// The order of listing.
    Id,
    /// The time of listing: the same order as by `ID`.
    CreatedAt,
    /// The name, as in a catalogue: without leading articles, and numbers by their value.
    Name,
    /// The year of publication.
    YearPublished,
    /// The relevance for `q`, best first if ascending: first the games whose title is `q`, newest listing first; then, each
    /// by name, those whose title begins with it; those that have its words, next to each other or not; those with words
    /// that begin with them; those that match by publisher or system, too; last, those that match after correction. Without
    /// `q`, by `ID`.
    Relevance,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
enum OrderDirection {
    /// Smallest, earliest or oldest first.
    #[default]
    Ascending,
    /// Largest, latest or newest first.
    Descending,
}

/// A filter for offers. A member that is left out does not restrict.
#[derive(Default, InputObject)]
pub struct OfferFilter {
    /// Offers with this status.
    status: Option<OfferStatus>,
    /// Offers made by this user: the `id` or the `databaseId` of a User.
    offerer_id: Option<ID>,
    /// Offers received by this user: the `id` or the `databaseId` of a User.
    receiver_id: Option<ID>,
    /// Offers that contain this game: the `id` or the `databaseId` of a Game.
    game_id: Option<ID>,
    /// Offers that were closed because this offer took one of their games: the `id` or the `databaseId` of an Offer.
    closed_by_offer_id: Option<ID>,
}

impl GameFilter {
    /// Converts the filter to the one of the use cases.
    pub fn of_board(self, order: Option<GameOrder>) -> Result<games::GameFilter> {
        Ok(games::GameFilter {
            q: self.q,
            title_key: self.title_key,
            gaming_system: self.gaming_system,
            condition: self.condition.map(Into::into),
            year_from: year("year_from", self.year_from)?,
            year_to: year("year_to", self.year_to)?,
            owner_id: ids::optional("ownerId", self.owner_id.as_ref())?,
            not_owner_id: ids::optional("notOwnerId", self.not_owner_id.as_ref())?,
            sort: order.map(Into::into),
        })
    }
}

impl From<GameOrder> for GameSort {
    fn from(order: GameOrder) -> Self {
        let (ascending, descending) = match order.field {
            // Ids are given in the order of listing.
            GameOrderField::Id | GameOrderField::CreatedAt => (Self::Id, Self::IdDescending),
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

/// Converts a year to 32 bits. REST rejects larger numbers, too.
fn year(field: &str, number: Option<i64>) -> Result<Option<i32>> {
    let beyond = |_| Faults::single(field, "out_of_range", "is too large or too small a number");
    number.map(i32::try_from).transpose().map_err(beyond)
}
