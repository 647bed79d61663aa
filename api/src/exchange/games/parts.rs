//! The parts that the board is shown in, one behind the other: by relevance there are several, each in an order of its own
//! that an index has, and otherwise there is one.

use entity::game::{self, Column};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, Select};

use super::{
    super::page::{By, List, Order, Sought},
    list::{GameFilter, GameSort, listed},
    search::Search,
};
use crate::error::Result;

/// What a filter asks for, its texts as they are looked for.
pub struct Wanted<'f> {
    pub search: Option<Search>,
    pub gaming_system: Option<String>,
    pub filter: &'f GameFilter,
}

pub struct Parts {
    parts: Vec<Part>,
    /// The order of each part.
    pub orders: Vec<Order<Column>>,
}

/// A part of the board, by how well it fits what is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// All that fits.
    Whole,
    /// Where the name begins with it, in the order of the names.
    Begins,
    /// Where it is elsewhere, the oldest listing first.
    Contains,
    /// Where it is once its words are corrected, the oldest listing first.
    Resembles,
}

impl Parts {
    /// The parts of the board in which this is wanted.
    pub fn of(wanted: &Wanted<'_>) -> Self {
        let (name, by, descending) = match wanted.filter.sort {
            GameSort::Relevance if wanted.search.is_some() => return Self::by_relevance(false),
            GameSort::RelevanceDescending if wanted.search.is_some() => {
                return Self::by_relevance(true);
            }
            GameSort::Id | GameSort::Relevance => ("id", By::Id, false),
            GameSort::IdDescending | GameSort::RelevanceDescending => ("-id", By::Id, true),
            GameSort::Name => ("name", By::Text(Column::Name), false),
            GameSort::NameDescending => ("-name", By::Text(Column::Name), true),
            GameSort::YearPublished => ("year_published", By::Number(Column::YearPublished), false),
            GameSort::YearPublishedDescending => {
                ("-year_published", By::Number(Column::YearPublished), true)
            }
        };
        Self {
            parts: vec![Part::Whole],
            orders: vec![Order {
                name,
                by,
                descending,
            }],
        }
    }

    /// What fits best first, or last.
    fn by_relevance(descending: bool) -> Self {
        let mut ranks = [
            (Part::Begins, ["begins", "-begins"], By::Text(Column::Words)),
            (Part::Contains, ["contains", "-contains"], By::Id),
            (Part::Resembles, ["resembles", "-resembles"], By::Id),
        ];
        if descending {
            ranks.reverse();
        }
        let order = |(_, [up, down], by): (_, [&'static str; 2], _)| Order {
            name: if descending { down } else { up },
            by,
            descending,
        };
        Self {
            parts: ranks.iter().map(|(part, ..)| *part).collect(),
            orders: ranks.into_iter().map(order).collect(),
        }
    }

    /// The games of the part with this number. `None` where there cannot be any.
    pub async fn list(
        &self,
        connection: &impl ConnectionTrait,
        number: usize,
        wanted: &Wanted<'_>,
    ) -> Result<Option<List<game::Entity>>> {
        let (games, along) = wanted.games(self.orders[number].by);
        let sought = Sought::along(along);
        let Some(search) = &wanted.search else {
            return Ok(Some(List {
                rows: games,
                sought,
            }));
        };
        let database = connection.get_database_backend();
        let found = search.found(database);
        let but_for = |nearer: Condition| Sought::along(nearer.not());
        let (rows, sought) = match self.parts[number] {
            Part::Whole => (games, Some(found.and(sought))),
            Part::Begins => (games.filter(search.begins()), sought),
            Part::Contains => {
                let found = found.and(but_for(search.begins()));
                (games, Some(found.and(sought)))
            }
            Part::Resembles => {
                let Some(corrected) = search.corrected(connection).await? else {
                    return Ok(None);
                };
                let nearer = Condition::any().add(search.begins()).add(found.shown);
                let found = corrected.found(database).and(but_for(nearer));
                (games, Some(found.and(sought)))
            }
        };
        Ok(Some(List { rows, sought }))
    }
}

impl Wanted<'_> {
    /// The games that an index in this order leads to, and what has to be looked for along it: a condition is in the
    /// index, or in one with few rows to be sorted, or else one row after the other shows whether it is met.
    fn games(&self, by: By<Column>) -> (Select<game::Entity>, Condition) {
        let filter = self.filter;
        let system = self.gaming_system.as_deref();
        let system = system.map(|system| Column::GamingSystem.eq(system));
        let owner = filter.owner_id.map(|owner| Column::OwnerId.eq(owner));
        let condition = filter.condition.map(|is| Column::Condition.eq(is));
        let first = filter.year_from.map(|year| Column::YearPublished.gte(year));
        let last = filter.year_to.map(|year| Column::YearPublished.lte(year));
        let all = Condition::all;
        let years = all().add_option(first).add_option(last);
        let whose = all().add_option(system).add_option(owner);
        let (led_to, along) = match by {
            By::Id => (whose.add_option(condition), years),
            By::Number(_) => (whose.add(years), all().add_option(condition)),
            By::Text(Column::Name) => (whose, years.add_option(condition)),
            By::Text(_) => (all(), whose.add(years).add_option(condition)),
        };
        let others = filter.not_owner_id.map(|owner| Column::OwnerId.ne(owner));
        (listed().filter(led_to.add_option(others)), along)
    }
}
