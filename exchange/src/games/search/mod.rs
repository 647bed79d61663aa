//! Search of `q`: the releases whose words match, and through them the games, which are copies of releases. The
//! databases index what [`catalogue`] makes of names, publishers and systems, and of `q`; they normalize nothing.

mod correction;

use catalogue::{Expression, Query};
use entity::{
    game::{self, Column},
    title,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{self, CaseStatement, Expr, ExprTrait, SelectStatement},
};

use super::{
    list::listed,
    listing::{Listing, Rank},
};
use crate::{error::Result, select, titles};

/// The number of releases with listed games from which on a search is not corrected.
const ENOUGH: u64 = 3;

/// A search, prepared with what is known about titles and words.
pub struct Search {
    query: Query,
    /// The title that was searched for, if games with it are listed.
    exact: Option<ExactTitle>,
    corrected: Option<Query>,
}

/// A title, and the keys that were merged into its key.
struct ExactTitle {
    key: String,
    merged: Vec<String>,
}

impl Search {
    /// Looks for the exact title, and for a correction where too little matches.
    pub async fn prepare(connection: &impl ConnectionTrait, query: &Query) -> Result<Self> {
        let mut search = Self {
            query: query.clone(),
            exact: exact_title(connection, query).await?,
            corrected: None,
        };
        if search.exact.is_none() && !search.finds_enough(connection).await? {
            search.corrected = correction::correct(connection, query).await?;
        }
        Ok(search)
    }

    async fn finds_enough(&self, connection: &impl ConnectionTrait) -> Result<bool> {
        let found = releases()
            .expr(Expr::val(1))
            .cond_where(matches(connection, &self.query.anywhere()))
            .and_where(has_copies("releases"))
            .to_owned();
        Ok(select::has_more_than(connection, &found, ENOUGH - 1).await?)
    }

    /// Returns the text that is searched for instead of what was asked, if any.
    pub fn into_correction(self) -> Option<String> {
        self.corrected.map(|corrected| corrected.text())
    }

    /// Matches the games of the exact title; `None` if there are none.
    pub fn exact_title(&self) -> Option<Condition> {
        let exact = self.exact.as_ref()?;
        Some(Condition::all().add(Column::TitleKey.eq(&exact.key)))
    }

    /// Matches all games that the search finds.
    pub fn every_match(&self, connection: &impl ConnectionTrait) -> Condition {
        Condition::all().add(Column::SortKey.in_subquery(self.sort_keys(connection)))
    }

    /// Matches all games that the search finds, for a statement that reads no others: PostgreSQL gets the keys of the
    /// releases as an array, to look them up whatever it estimates of their number.
    pub fn every_match_by_index(&self, connection: &impl ConnectionTrait) -> Condition {
        match connection.get_database_backend() {
            DbBackend::Postgres => Condition::all().add(Expr::cust_with_expr(
                r#""games"."sort_key" = ANY(ARRAY $1)"#,
                self.sort_keys(connection),
            )),
            _ => self.every_match(connection),
        }
    }

    fn sort_keys(&self, connection: &impl ConnectionTrait) -> SelectStatement {
        releases()
            .column("sort_key")
            .cond_where(self.every_release(connection))
            .to_owned()
    }

    /// Selects the releases that the search finds: as `key` what their games are sorted by, as `segment` the number of
    /// the segment in which the listing shows them. Only those for a system, if one is given.
    pub fn releases(
        &self,
        connection: &impl ConnectionTrait,
        listing: &Listing,
        system: Option<&str>,
    ) -> SelectStatement {
        let system = system.map(|system| Expr::col("system_key").eq(system));
        let found = self.every_release(connection);
        releases()
            .expr_as(self.segment(connection, listing), "segment")
            .expr_as(Expr::col("sort_key"), "key")
            .cond_where(Condition::all().add(found).add_option(system))
            .to_owned()
    }

    /// Selects the copies of those releases that a listing shows with them: by relevance, the games of the exact title
    /// have a segment of their own.
    pub fn copies(&self, games: Select<game::Entity>, listing: &Listing) -> Select<game::Entity> {
        match self.exact_title() {
            Some(exact) if !listing.ranks.is_empty() => games.filter(exact.not()),
            _ => games,
        }
    }

    /// Selects the keys of the titles that the search finds, at most `limit`, the best match first.
    pub fn title_keys(&self, connection: &impl ConnectionTrait, limit: u64) -> SelectStatement {
        let mut found = vec![self.query.begins(), self.query.in_title()];
        found.extend(self.corrected.as_ref().map(Query::in_title));
        let rank = first_match(connection, found.iter().zip(0..));
        let every = Expression::Any(found);
        releases()
            .column("title_key")
            .cond_where(matches(connection, &every))
            .group_by_col("title_key")
            .order_by_expr(Expr::expr(rank).min(), sea_query::Order::Asc)
            .order_by_expr(Expr::col("sort_key").min(), sea_query::Order::Asc)
            .limit(limit)
            .to_owned()
    }

    /// Matches all releases that the search finds.
    fn every_release(&self, connection: &impl ConnectionTrait) -> Condition {
        let mut found = vec![self.query.anywhere()];
        found.extend(self.corrected.as_ref().map(Query::anywhere));
        let merged = self.exact.as_ref().filter(|exact| !exact.merged.is_empty());
        let merged = merged.map(|exact| {
            let keys = exact.merged.iter().chain([&exact.key]);
            Expr::col("title_key").is_in(keys.map(String::as_str))
        });
        Condition::any()
            .add(matches(connection, &Expression::Any(found)))
            .add_option(merged)
    }

    /// Returns the number of the segment that a release belongs to.
    fn segment(&self, connection: &impl ConnectionTrait, listing: &Listing) -> Expr {
        let (query, worst) = (&self.query, self.corrected.as_ref());
        let phrase = Expression::All(vec![query.adjacent(), query.whole_in_title()]);
        let ranks = [
            (Rank::Begins, Some(query.begins())),
            (Rank::Phrase, Some(phrase)),
            (Rank::Words, Some(query.whole_in_title())),
            (Rank::Adjacent, Some(query.adjacent())),
            (Rank::Title, Some(query.in_title())),
            (Rank::Anywhere, Some(query.anywhere())),
            (Rank::Corrected, worst.map(Query::anywhere)),
        ];
        let numbered = ranks.iter().filter_map(|(rank, found)| {
            let number = listing.ranks.iter().position(|other| other == rank)?;
            Some((found.as_ref()?, i32::try_from(number).ok()?))
        });
        first_match(connection, numbered)
    }
}

/// Returns the number of the first expression that a release matches, or else the last number; 0 without expressions.
fn first_match<'e>(
    connection: &impl ConnectionTrait,
    numbered: impl Iterator<Item = (&'e Expression, i32)>,
) -> Expr {
    let mut numbered: Vec<_> = numbered.collect();
    let Some((_, last)) = numbered.pop() else {
        return Expr::val(0);
    };
    if numbered.is_empty() {
        return Expr::val(last);
    }
    let case = numbered
        .into_iter()
        .fold(CaseStatement::new(), |case, (found, number)| {
            case.case(matches(connection, found), Expr::val(number))
        });
    case.finally(Expr::val(last)).into()
}

/// Finds the title that the search names, if games with it are listed.
async fn exact_title(
    connection: &impl ConnectionTrait,
    query: &Query,
) -> Result<Option<ExactTitle>> {
    let keys = query.title_keys();
    let named = titles::listed().filter(title::Column::Key.is_in(&keys));
    let named: Vec<title::Model> = select::all(connection, named.as_query()).await?;
    let first = keys
        .iter()
        .find_map(|key| named.iter().find(|title| title.key == *key));
    let Some(title) = first else {
        return Ok(None);
    };
    let key = title.means.clone().unwrap_or_else(|| title.key.clone());
    let merged = title::Entity::find().filter(title::Column::Means.eq(&key));
    let merged: Vec<title::Model> = select::all(connection, merged.as_query()).await?;
    Ok(Some(ExactTitle {
        key,
        merged: merged.into_iter().map(|title| title.key).collect(),
    }))
}

/// Returns true if a search finds all games: those that an older version listed are indexed, too.
pub async fn is_complete(connection: &impl ConnectionTrait) -> Result<bool> {
    // In the order of the index: without it, PostgreSQL may choose to read all games.
    let unindexed = game::Entity::find()
        .select_only()
        .column(Column::KeyRule)
        .filter(Column::KeyRule.lte(0))
        .order_by_asc(Column::KeyRule);
    Ok(!select::has_more_than(connection, unindexed.as_query(), 0).await?)
}

/// Matches the releases of which games are listed. `releases` is the name that their rows have in the statement.
fn has_copies(releases: &'static str) -> Expr {
    let copies = listed()
        .select_only()
        .expr(Expr::val(1))
        .filter(Expr::col(("games", "sort_key")).equals((releases, "sort_key")));
    Expr::exists(copies.into_query())
}

fn releases() -> SelectStatement {
    sea_query::Query::select().from("releases").to_owned()
}

/// Matches the releases whose lexemes an expression matches, by the index of the database.
fn matches(connection: &impl ConnectionTrait, expression: &Expression) -> Expr {
    match connection.get_database_backend() {
        DbBackend::Postgres => {
            Expr::cust_with_values("lexemes @@ CAST($1 AS tsquery)", [expression.to_tsquery()])
        }
        _ => Expr::cust_with_values(
            "id IN (SELECT rowid FROM releases_search WHERE releases_search MATCH ?)",
            [expression.to_fts5()],
        ),
    }
}
