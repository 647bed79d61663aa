//! The consecutive segments of the board: by relevance there are several, each in an order that has an index; otherwise
//! there is one.

use entity::game::{self, Column};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, Select};

use super::{
    super::pagination::{Filter, Order, Segment, SortKey},
    list::{GameFilter, GameSort, listed},
    search::Search,
};
use crate::error::Result;

/// A validated filter, with its texts normalized for search.
pub struct Criteria<'f> {
    pub search: Option<Search>,
    pub gaming_system: Option<String>,
    pub filter: &'f GameFilter,
}

/// The segments of one listing, in the order in which they are shown.
pub struct Segments {
    ranks: Vec<Rank>,
    /// The order of each segment.
    pub orders: Vec<Order<Column>>,
}

/// The rank of a segment: how well its games match the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// Every match.
    Whole,
    /// The name starts with the text; in order of the names.
    Prefix,
    /// The text occurs elsewhere; the oldest listing first.
    Contains,
    /// The text occurs after spelling correction; the oldest listing first.
    Corrected,
}

impl Segments {
    /// Makes the segments for these criteria.
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

    /// Makes one segment per rank, the best match first, or last.
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

    /// Returns the games of a segment by its number; `None` if there can be none.
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
    /// Splits the criteria for an index in this order: the selection that an index answers, possibly with a sort of few
    /// rows, and the condition that is checked row by row.
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
