//! Games.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use entity::{game, limit};
use exchange::revision::RevisionTag;

use super::{
    ids,
    loaders::{Shared, Viewer},
    system::System,
    text::Text,
    time::Time,
    title::Title,
    user::User,
};
use crate::{game_keys, http::etag::etag};

/// The condition of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::Condition")]
pub enum GameCondition {
    /// Like new.
    Mint,
    /// Used and well kept.
    Good,
    /// Shows its age, but works.
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

/// A game that is or was on the board.
#[Object]
impl Game {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.0.id)
    }

    /// The `id` of this game in REST. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.0.id.0
    }

    /// The name.
    async fn name(&self) -> Text<&str> {
        Text(&self.0.name)
    }

    /// The publisher.
    async fn publisher(&self) -> Text<&str> {
        Text(&self.0.publisher)
    }

    #[doc = concat!("The year of publication: ", limit!(first_year), " to ", limit!(last_year), ".")]
    async fn year_published(&self) -> i32 {
        self.0.year_published
    }

    /// The console or computer that it runs on, as the owner wrote it.
    async fn gaming_system(&self) -> Text<&str> {
        Text(&self.0.gaming_system)
    }

    /// The title that it is a copy of, however its name is spelled. Null until it is indexed.
    async fn title(&self, ctx: &Context<'_>) -> Shared<Option<Title>> {
        match self.0.title_key.as_str() {
            "" => Ok(None),
            key => Viewer::from_context(ctx).title(key).await,
        }
    }

    /// The system that it runs on, whichever of its names the owner wrote.
    async fn system(&self) -> System {
        System(game_keys::system(&self.0).into_owned())
    }

    /// The condition.
    async fn condition(&self) -> GameCondition {
        self.0.condition.into()
    }

    /// The number of earlier owners: those before it was listed, and one for each trade since.
    async fn previous_owners(&self) -> i32 {
        self.0.previous_owners
    }

    /// The owner. Of a game that left the board, its last owner.
    async fn owner(&self, ctx: &Context<'_>) -> Shared<User> {
        Viewer::from_context(ctx).user(self.0.owner_id).await
    }

    /// True while the game is on the board. False after it is deleted; offers still refer to it.
    async fn is_listed(&self) -> bool {
        self.0.deleted_at.is_none()
    }

    /// The time of listing.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// The time of the last change, or of the last trade.
    async fn updated_at(&self) -> Time {
        self.0.updated_at.into()
    }

    /// The entity tag of the current state, for `ifMatch` of a mutation. REST has the same tag as ETag, for If-Match.
    async fn etag(&self) -> String {
        etag(RevisionTag::from(self.row()))
    }

    /// The number of changes, counted from 1.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Clamps a number of an input to 32 bits. Inputs are 64 bits wide so that validation, which names the field, rejects
/// numbers that are too large, and not the executor, which does not name it.
pub fn clamp_to_i32(number: i64) -> i32 {
    let nearest = number.clamp(i32::MIN.into(), i32::MAX.into());
    nearest.try_into().unwrap_or_default()
}
