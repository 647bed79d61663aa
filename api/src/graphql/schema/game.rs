//! Games.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use entity::game;
use exchange::revision::RevisionTag;

use super::{
    ids,
    loaders::{Shared, Viewer},
    text::Text,
    time::Time,
    user::User,
};
use crate::http::etag::etag;

/// How well kept a game is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::Condition")]
pub enum GameCondition {
    /// As new.
    Mint,
    /// Used, and well kept.
    Good,
    /// Shows its age, and works.
    Fair,
    /// Badly worn.
    Poor,
}

#[derive(Clone)]
pub struct Game(Arc<game::Model>);

impl From<game::Model> for Game {
    fn from(row: game::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Game {
    pub fn row(&self) -> &game::Model {
        &self.0
    }
}

/// A game that somebody lists, or listed.
#[Object]
impl Game {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.0.id)
    }

    /// The number that REST knows this game by. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.0.id.0
    }

    /// The title.
    async fn name(&self) -> Text<&str> {
        Text(&self.0.name)
    }

    /// Who published it.
    async fn publisher(&self) -> Text<&str> {
        Text(&self.0.publisher)
    }

    /// The year of publication: 1950 to 2100.
    async fn year_published(&self) -> i32 {
        self.0.year_published
    }

    /// The console or computer that it runs on.
    async fn gaming_system(&self) -> Text<&str> {
        Text(&self.0.gaming_system)
    }

    /// How well kept it is.
    async fn condition(&self) -> GameCondition {
        self.0.condition.into()
    }

    /// How many people owned it before its present owner: the number that it was listed with and its trades here.
    async fn previous_owners(&self) -> i32 {
        self.0.previous_owners
    }

    /// Whose it is; of a game that left the board, whose it was.
    async fn owner(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.owner_id).await
    }

    /// Is it on the board? False once it was deleted; offers still name it.
    async fn is_listed(&self) -> bool {
        self.0.deleted_at.is_none()
    }

    /// When it was listed.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it last changed, or changed hands.
    async fn updated_at(&self) -> Time {
        self.0.updated_at.into()
    }

    /// Names the state that it is in, for `ifMatch` of a mutation. In REST it is good for If-Match, and the ETag there is
    /// good here.
    async fn etag(&self) -> String {
        etag(RevisionTag::from(self.row()))
    }

    /// Counts the changes, from 1.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A number of a game as the rules count it. Inputs take 64 bits, so that one beyond 32 is refused by the rules, which name
/// the field, and not by the executor, which does not.
pub fn clamp_to_i32(number: i64) -> i32 {
    let nearest = number.clamp(i32::MIN.into(), i32::MAX.into());
    nearest.try_into().unwrap_or_default()
}
