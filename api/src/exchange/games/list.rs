//! The board: the games that people list, filtered, in several orders.

use std::collections::HashMap;

use entity::{Condition, UserId, game};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use serde::Deserialize;

use super::super::{
    input::Faults,
    page::{self, By, Order, Page, Window},
    users,
};
use crate::{app::App, error::Result};

/// What lists of people's games are about: whose they are, and their ids.
const BY_OWNER: [game::Column; 2] = [game::Column::OwnerId, game::Column::Id];

/// Which games to show; what is `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GameFilter {
    /// Part of the name or of the publisher, in either case (of the letters A to Z).
    pub q: Option<String>,
    /// Exactly this system.
    pub gaming_system: Option<String>,
    pub condition: Option<Condition>,
    /// The first and the last year of publication.
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    pub owner_id: Option<UserId>,
    /// Whose games not to show.
    pub not_owner_id: Option<UserId>,
    pub sort: GameSort,
}

/// The order of the board. A minus turns it round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, utoipa::ToSchema)]
pub enum GameSort {
    /// The oldest listing first.
    #[default]
    #[serde(rename = "id")]
    Id,
    /// The newest listing first.
    #[serde(rename = "-id")]
    IdDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    #[serde(rename = "year_published")]
    YearPublished,
    #[serde(rename = "-year_published")]
    YearPublishedDescending,
}

impl GameFilter {
    /// Notes the values that will not do.
    pub fn check(&self, faults: &mut Faults) {
        self.texts(faults);
    }

    /// What to look for in texts: `q`, and `gaming_system`.
    fn texts(&self, faults: &mut Faults) -> [Option<String>; 2] {
        [
            faults.search("q", self.q.as_deref(), 200),
            faults.search("gaming_system", self.gaming_system.as_deref(), 100),
        ]
    }
}

impl GameSort {
    fn order(self) -> Order<game::Column> {
        let (name, by, descending) = match self {
            Self::Id => ("id", By::Id, false),
            Self::IdDescending => ("-id", By::Id, true),
            Self::Name => ("name", By::Text(game::Column::Name), false),
            Self::NameDescending => ("-name", By::Text(game::Column::Name), true),
            Self::YearPublished => (
                "year_published",
                By::Number(game::Column::YearPublished),
                false,
            ),
            Self::YearPublishedDescending => (
                "-year_published",
                By::Number(game::Column::YearPublished),
                true,
            ),
        };
        Order {
            name,
            by,
            descending,
        }
    }
}

/// One page of the board.
pub async fn list(app: &App, filter: &GameFilter, window: &Window) -> Result<Page<game::Model>> {
    let mut faults = Faults::default();
    filter.check(&mut faults);
    filter.sort.order().check(window, &mut faults);
    faults.verdict()?;
    page::read(
        app.database.reader(),
        selected(filter)?,
        filter.sort.order(),
        game::Column::Id,
        window,
    )
    .await
}

/// How many games of the board fit the filter.
pub async fn count(app: &App, filter: &GameFilter) -> Result<u64> {
    Ok(selected(filter)?.count(app.database.reader()).await?)
}

/// The games of the board that fit the filter.
fn selected(filter: &GameFilter) -> Result<Select<game::Entity>> {
    let mut faults = Faults::default();
    let [q, gaming_system] = filter.texts(&mut faults);
    faults.verdict()?;
    let conditions = sea_orm::Condition::all()
        .add_option(
            q.map(|q| contains(game::Column::Name, &q).or(contains(game::Column::Publisher, &q))),
        )
        .add_option(gaming_system.map(|system| game::Column::GamingSystem.eq(system)))
        .add_option(
            filter
                .condition
                .map(|condition| game::Column::Condition.eq(condition)),
        )
        .add_option(
            filter
                .year_from
                .map(|year| game::Column::YearPublished.gte(year)),
        )
        .add_option(
            filter
                .year_to
                .map(|year| game::Column::YearPublished.lte(year)),
        )
        .add_option(filter.owner_id.map(|owner| game::Column::OwnerId.eq(owner)))
        .add_option(
            filter
                .not_owner_id
                .map(|owner| game::Column::OwnerId.ne(owner)),
        );
    Ok(listed().filter(conditions))
}

/// One page of the games of a person who has an account, the oldest listing first.
pub async fn of_owner(app: &App, owner: UserId, window: &Window) -> Result<Page<game::Model>> {
    users::find(app, owner).await?;
    list(
        app,
        &GameFilter {
            owner_id: Some(owner),
            ..GameFilter::default()
        },
        window,
    )
    .await
}

/// The same page of the games of each of these people, the oldest listing first.
pub async fn of_each(
    app: &App,
    owners: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<game::Model>>> {
    page::of_people(app.database.reader(), listed(), BY_OWNER, owners, window).await
}

/// How many games each of these people has on the board.
pub async fn count_of_each(app: &App, owners: &[UserId]) -> Result<HashMap<UserId, u64>> {
    page::count_of_people(app.database.reader(), listed(), BY_OWNER, owners).await
}

/// The games of the board.
fn listed() -> Select<game::Entity> {
    game::Entity::find().filter(game::Column::DeletedAt.is_null())
}

/// Does the column contain the text? In either case of A to Z: all that SQLite knows.
fn contains(column: game::Column, text: &str) -> Expr {
    let literal = text
        .to_ascii_lowercase()
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    Expr::expr(Func::lower(Expr::col((game::Entity, column))))
        .like(LikeExpr::new(format!("%{literal}%")).escape('\\'))
}
