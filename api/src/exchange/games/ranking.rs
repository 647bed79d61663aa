//! The parts that the board is shown in, one behind the other: by relevance there are several, each in an order of its own
//! that an index has, and otherwise there is one.

use entity::game::{self, Column};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, Select};

use super::{
    super::pagination::{Filter, Order, Segment, SortKey},
    list::{GameFilter, GameSort, listed},
    search::Search,
};
use crate::error::Result;

/// What a filter asks for, its texts as they are looked for.
pub struct Criteria<'f> {
    pub search: Option<Search>,
    pub gaming_system: Option<String>,
    pub filter: &'f GameFilter,
}

pub struct Segments {
    ranks: Vec<Rank>,
    /// The order of each part.
    pub orders: Vec<Order<Column>>,
}

/// A part of the board, by how well it fits what is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// All that fits.
    Whole,
    /// Where the name begins with it, in the order of the names.
    Prefix,
    /// Where it is elsewhere, the oldest listing first.
    Contains,
    /// Where it is once its words are corrected, the oldest listing first.
    Corrected,
}

impl Segments {
    /// The parts of the board in which this is criteria.
    pub fn new(criteria: &Criteria<'_>) -> Self {
        let (name, by, descending) = match criteria.filter.sort {
            GameSort::Relevance if criteria.search.is_some() => return Self::by_relevance(false),
            GameSort::RelevanceDescending if criteria.search.is_some() => {
                return Self::by_relevance(true);
            }
            GameSort::Id | GameSort::Relevance => ("id", SortKey::Id, false),
            GameSort::IdDescending | GameSort::RelevanceDescending => ("-id", SortKey::Id, true),
            GameSort::Name => ("name", SortKey::Text(Column::Name), false),
            GameSort::NameDescending => ("-name", SortKey::Text(Column::Name), true),
            GameSort::YearPublished => (
                "year_published",
                SortKey::Number(Column::YearPublished),
                false,
            ),
            GameSort::YearPublishedDescending => (
                "-year_published",
                SortKey::Number(Column::YearPublished),
                true,
            ),
        };
        Self {
            ranks: vec![Rank::Whole],
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
            (
                Rank::Prefix,
                ["begins", "-begins"],
                SortKey::Text(Column::Words),
            ),
            (Rank::Contains, ["contains", "-contains"], SortKey::Id),
            (Rank::Corrected, ["resembles", "-resembles"], SortKey::Id),
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
            ranks: ranks.iter().map(|(rank, ..)| *rank).collect(),
            orders: ranks.into_iter().map(order).collect(),
        }
    }

    /// The games of the part with this number. `None` where there cannot be any.
    pub async fn segment(
        &self,
        connection: &impl ConnectionTrait,
        number: usize,
        criteria: &Criteria<'_>,
    ) -> Result<Option<Segment<game::Entity>>> {
        let (games, along) = criteria.games(self.orders[number].by);
        let filter = Filter::scan_only(along);
        let Some(search) = &criteria.search else {
            return Ok(Some(Segment {
                rows: games,
                filter,
            }));
        };
        let database = connection.get_database_backend();
        let found = search.matches(database);
        let but_for = |nearer: Condition| Filter::scan_only(nearer.not());
        let (rows, filter) = match self.ranks[number] {
            Rank::Whole => (games, Some(found.and(filter))),
            Rank::Prefix => (games.filter(search.prefix()), filter),
            Rank::Contains => {
                let found = found.and(but_for(search.prefix()));
                (games, Some(found.and(filter)))
            }
            Rank::Corrected => {
                let Some(corrected) = search.corrected(connection).await? else {
                    return Ok(None);
                };
                let nearer = Condition::any().add(search.prefix()).add(found.exact);
                let found = corrected.matches(database).and(but_for(nearer));
                (games, Some(found.and(filter)))
            }
        };
        Ok(Some(Segment { rows, filter }))
    }
}

impl Criteria<'_> {
    /// The games that an index in this order leads to, and what has to be looked for along it: a condition is in the
    /// index, or in one with few rows to be sorted, or else one row after the other shows whether it is met.
    fn games(&self, by: SortKey<Column>) -> (Select<game::Entity>, Condition) {
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
            SortKey::Id => (whose.add_option(condition), years),
            SortKey::Number(_) => (whose.add(years), all().add_option(condition)),
            SortKey::Text(Column::Name) => (whose, years.add_option(condition)),
            SortKey::Text(_) => (all(), whose.add(years).add_option(condition)),
        };
        let others = filter.not_owner_id.map(|owner| Column::OwnerId.ne(owner));
        (listed().filter(led_to.add_option(others)), along)
    }
}
