//! A validated filter of the board, as conditions on games.

use catalogue::{systems, titles};
use entity::{
    game::{self, Column},
    limits::Name,
};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Func, Query},
};

use super::{
    super::{pagination::SortKey, validation::Faults},
    list::{GameFilter, listed},
};

/// A validated filter.
pub struct Criteria<'f> {
    pub question: Question,
    /// The key of the system.
    pub system: Option<String>,
    title_key: Option<String>,
    filter: &'f GameFilter,
}

/// The question that `q` asks.
pub enum Question {
    /// There is no `q`, or it is empty, as in a form that was sent without one.
    Everything,
    /// `q` has no letter and no digit, so nothing matches.
    Nothing,
    Words(catalogue::Query),
}

impl<'f> Criteria<'f> {
    /// Validates a filter.
    pub fn new(filter: &'f GameFilter, faults: &mut Faults) -> Self {
        let mut line =
            |field, text: &Option<String>, max| faults.search(field, text.as_deref(), max);
        let q = line("q", &filter.q, Name::MAX);
        let title_key = line("title_key", &filter.title_key, titles::MAX_KEY);
        // A key may be longer than the name that it was made of.
        let system = line("gaming_system", &filter.gaming_system, systems::MAX_KEY);
        Self {
            question: match (
                filter.q.as_deref(),
                q.as_deref().and_then(catalogue::Query::parse),
            ) {
                (None | Some(""), _) => Question::Everything,
                (Some(_), None) => Question::Nothing,
                (Some(_), Some(query)) => Question::Words(query),
            },
            system: system.as_deref().map(systems::key),
            title_key,
            filter,
        }
    }

    /// Returns true if the criteria are about the keys of games, which some games may not have so far.
    pub fn use_keys(&self) -> bool {
        let everything = matches!(self.question, Question::Everything);
        !everything || self.title_key.is_some() || self.system.is_some()
    }

    /// Selects all games that meet the criteria, whatever `q` asks.
    pub fn every(&self) -> Select<game::Entity> {
        let (led_to, along) = self.split_for(SortKey::Id);
        led_to.filter(along)
    }

    /// Splits the criteria for an index in this order: the selection that an index answers, possibly with a sort of few
    /// rows, and the condition that is checked row by row.
    pub fn split_for(&self, by: SortKey<Column>) -> (Select<game::Entity>, Condition) {
        let filter = self.filter;
        let system = self.system.as_deref();
        let system = system.map(|system| Column::SystemKey.eq(system));
        let title = self.title_key.as_deref().map(has_title);
        let owner = filter.owner_id.map(|owner| Column::OwnerId.eq(owner));
        let condition = filter.condition.map(|is| Column::Condition.eq(is));
        let first = filter.year_from.map(|year| Column::YearPublished.gte(year));
        let last = filter.year_to.map(|year| Column::YearPublished.lte(year));
        let all = Condition::all;
        let years = all().add_option(first).add_option(last);
        let led_to = all().add_option(title).add_option(system).add_option(owner);
        let (led_to, along) = match by {
            SortKey::Id => (led_to.add_option(condition), years),
            SortKey::Number(_) => (led_to.add(years), all().add_option(condition)),
            SortKey::Text(_) => (led_to, years.add_option(condition)),
        };
        let others = filter.not_owner_id.map(|owner| Column::OwnerId.ne(owner));
        (listed().filter(led_to.add_option(others)), along)
    }
}

/// Matches the games with a title, or with the one that it was merged into.
fn has_title(key: &str) -> Expr {
    let meant = Query::select()
        .expr(Func::coalesce([Expr::col("means"), Expr::col("key")]))
        .from("titles")
        .and_where(Expr::col("key").eq(key))
        .to_owned();
    Column::TitleKey.into_expr().eq(meant)
}
