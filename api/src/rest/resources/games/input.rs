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

/// The filters and the order of a list of games.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GameQuery {
    /// A part of the name or of the publisher, ignoring the case of the letters A to Z. A text with fewer than three
    /// consecutive letters or digits matches only the beginning of a word; one without any matches only the beginning
    /// of a name.
    q: Option<String>,
    /// The exact name of the system.
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
    /// The order. A minus reverses it. The default is `id`, the oldest listing first. `relevance` shows first the names
    /// that begin with `q`, in alphabetical order; then the other matches, the oldest listing first; finally, on
    /// PostgreSQL only, matches after typing errors in `q` are corrected, which no other order shows.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: GameSort,
    /// The largest number of rows on the page.
    limit: Option<i64>,
    /// A cursor: show the rows after it.
    after: Option<String>,
    /// A cursor: show the rows before it.
    before: Option<String>,
}

/// The order of the board. A minus reverses it.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GameSort {
    #[default]
    Id,
    #[serde(rename = "-id")]
    IdDescending,
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
            GameSort::Id => Self::Id,
            GameSort::IdDescending => Self::IdDescending,
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
        let filter = GameFilter {
            q: query.q,
            gaming_system: query.gaming_system,
            condition: query.condition,
            year_from: query.year_from,
            year_to: query.year_to,
            owner_id: query.owner_id,
            not_owner_id: query.not_owner_id,
            sort: query.sort.into(),
        };
        (
            filter,
            collection::window(query.limit, query.after, query.before),
        )
    }
}

impl Dto for GameQuery {
    fn check(self, faults: &mut Faults) {
        let (filter, window) = self.into();
        filter.check(faults);
        window.check(faults);
    }
}
