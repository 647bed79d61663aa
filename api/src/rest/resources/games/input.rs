//! The bodies and parameters of requests about games.

use entity::{
    Condition, UserId,
    limits::{Integer, Name, PreviousOwners, SystemName, Year},
};
use exchange::{
    games::{self, GameChange, GameFilter, NewGame},
    pagination::Window,
    validation::{Faults, Validate},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::GameBody;
use crate::rest::{
    hal::collection,
    http::extract::{Dto, Editable, Patch},
};

/// A new game.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Metroid", "publisher": "Nintendo", "year_published": 1986, "gaming_system": "NES"}))]
pub struct GameCreate {
    name: Name,
    publisher: Name,
    year_published: Year,
    gaming_system: SystemName,
    condition: Condition,
    /// The number of owners before you. Default: 0. Each trade adds one.
    previous_owners: Option<PreviousOwners>,
    /// Your own id. Best left out: it is always you.
    owner_id: Option<UserId>,
}

/// A change to a game. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Super Metroid", "publisher": "Nintendo", "year_published": 1994, "gaming_system": "SNES"}))]
pub struct GameUpdate {
    #[serde(default)]
    #[schema(value_type = Name)]
    name: Patch<Name>,
    #[serde(default)]
    #[schema(value_type = Name)]
    publisher: Patch<Name>,
    #[serde(default)]
    #[schema(value_type = Year)]
    year_published: Patch<Year>,
    #[serde(default)]
    #[schema(value_type = SystemName)]
    gaming_system: Patch<SystemName>,
    #[serde(default)]
    #[schema(value_type = Condition)]
    condition: Patch<Condition>,
}

/// The parameter in which older clients name the owner of a new game.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnerQuery {
    /// Your own id. Best left out: it is always you.
    #[param(value_type = Option<i64>)]
    pub owner_id: Option<UserId>,
}

/// Declares the parameters of a read of the board: the filters, then those of its own.
macro_rules! board_query {
    ($(#[$doc:meta])* $query:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $query {
            /// The words to search for, in any order. Each matches the beginning of a word in the name or the publisher, or in
            /// a name of the system. Case, marks, apostrophes, hyphens, blanks and brackets do not matter; "&" is "and", and
            /// Roman numerals are digits. If too little matches, mistyped words are corrected. A text without a letter or a
            /// digit matches nothing; an empty one counts as absent.
            q: Option<String>,
            /// The key of a title: the games with this title.
            title_key: Option<String>,
            /// A system, by any of its names and in any case. `/systems` lists them.
            gaming_system: Option<String>,
            #[param(inline)]
            condition: Option<Condition>,
            /// The first year of publication.
            year_from: Option<i32>,
            /// The last year of publication.
            year_to: Option<i32>,
            #[param(value_type = Option<i64>)]
            owner_id: Option<UserId>,
            /// Excludes the games of this user.
            #[param(value_type = Option<i64>)]
            not_owner_id: Option<UserId>,
            $($own)*
        }

        impl $query {
            /// Returns the filter, with this order.
            fn filter(&self, sort: Option<games::GameSort>) -> GameFilter {
                GameFilter {
                    q: self.q.clone(),
                    title_key: self.title_key.clone(),
                    gaming_system: self.gaming_system.clone(),
                    condition: self.condition,
                    year_from: self.year_from,
                    year_to: self.year_to,
                    owner_id: self.owner_id,
                    not_owner_id: self.not_owner_id,
                    sort,
                }
            }
        }
    };
}

board_query! {
    /// The filters and the order of a list of games.
    GameQuery {
        /// The order. A minus reverses it. The default is `relevance` with `q`, otherwise `id`. `id` and `created_at` show
        /// the oldest listing first; `name` is the order of a catalogue, without leading articles. `relevance` shows first
        /// the games whose title is `q`, the newest listing first; then, each by name, those whose title begins with it;
        /// those that have its words, next to each other or not; those with words that begin with them; those that match by
        /// publisher or system, too; last, those that match after correction.
        #[param(inline, required = false)]
        sort: Option<GameSort>,
        /// The largest number of rows on the page.
        limit: Option<i64>,
        /// A cursor: show the rows after it.
        after: Option<String>,
        /// A cursor: show the rows before it.
        before: Option<String>,
    }
}

board_query! {
    /// The filters of the games to count.
    FacetQuery {}
}

/// The order of the board. A minus reverses it.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GameSort {
    Id,
    #[serde(rename = "-id")]
    IdDescending,
    CreatedAt,
    #[serde(rename = "-created_at")]
    CreatedAtDescending,
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    YearPublished,
    #[serde(rename = "-year_published")]
    YearPublishedDescending,
    Relevance,
    #[serde(rename = "-relevance")]
    RelevanceDescending,
}

impl From<GameSort> for games::GameSort {
    fn from(sort: GameSort) -> Self {
        match sort {
            // Ids are given in the order of listing.
            GameSort::Id | GameSort::CreatedAt => Self::Id,
            GameSort::IdDescending | GameSort::CreatedAtDescending => Self::IdDescending,
            GameSort::Name => Self::Name,
            GameSort::NameDescending => Self::NameDescending,
            GameSort::YearPublished => Self::YearPublished,
            GameSort::YearPublishedDescending => Self::YearPublishedDescending,
            GameSort::Relevance => Self::Relevance,
            GameSort::RelevanceDescending => Self::RelevanceDescending,
        }
    }
}

impl From<GameCreate> for NewGame {
    fn from(body: GameCreate) -> Self {
        Self {
            name: body.name,
            publisher: body.publisher,
            year_published: body.year_published,
            gaming_system: body.gaming_system,
            condition: body.condition,
            previous_owners: body.previous_owners.unwrap_or(Integer(0)),
            owner_id: body.owner_id,
        }
    }
}

impl Dto for GameCreate {
    fn check(self, faults: &mut Faults) {
        NewGame::from(self).check(faults);
    }
}

impl From<GameUpdate> for GameChange {
    fn from(body: GameUpdate) -> Self {
        Self {
            name: body.name.0,
            publisher: body.publisher.0,
            year_published: body.year_published.0,
            gaming_system: body.gaming_system.0,
            condition: body.condition.0,
            ..Self::default()
        }
    }
}

impl Dto for GameUpdate {
    fn check(self, faults: &mut Faults) {
        GameChange::from(self).check(faults);
    }
}

impl Editable for GameUpdate {
    type Body = GameBody;
}

impl Dto for OwnerQuery {}

impl From<GameQuery> for (GameFilter, Window) {
    fn from(query: GameQuery) -> Self {
        let filter = query.filter(query.sort.map(Into::into));
        let window = collection::window(query.limit, query.after, query.before);
        (filter, window)
    }
}

impl Dto for GameQuery {
    fn check(self, faults: &mut Faults) {
        let (filter, window) = self.into();
        filter.check(faults);
        window.check(faults);
    }
}

impl From<FacetQuery> for GameFilter {
    fn from(query: FacetQuery) -> Self {
        query.filter(None)
    }
}

impl Dto for FacetQuery {
    fn check(self, faults: &mut Faults) {
        GameFilter::from(self).check(faults);
    }
}
