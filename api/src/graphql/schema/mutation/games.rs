//! Games: list, change, delete.

use async_graphql::{Context, ID, InputObject, Object};
use entity::{limit, limits::Integer};
use exchange::{
    error::Result,
    games::{CreateGame, DeleteGame, GameChange, NewGame, UpdateGame},
};

use super::{
    characters, payload,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{
    game::{Game, GameCondition, clamp_to_i32},
    ids,
    loaders::Viewer,
};

/// A game of yours to list.
#[derive(InputObject)]
struct CreateGameInput {
    #[doc = concat!("The name: ", characters!(name), ".")]
    name: String,
    #[doc = concat!("The publisher: ", characters!(name), ".")]
    publisher: String,
    #[doc = concat!("The year of publication: ", limit!(first_year), " to ", limit!(last_year), ".")]
    year_published: i64,
    #[doc = concat!("The console or computer that it runs on: ", characters!(system), ".")]
    gaming_system: String,
    /// The condition.
    condition: GameCondition,
    #[doc = concat!("The number of owners before you: 0 to ", limit!(previous_owners), ".")]
    #[graphql(default)]
    previous_owners: i64,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// A change to a game of yours. Members that are left out stay unchanged.
#[derive(InputObject)]
struct UpdateGameInput {
    /// The `id` or the `databaseId` of the Game.
    game_id: ID,
    #[doc = concat!("The name: ", characters!(name), ".")]
    name: Option<String>,
    #[doc = concat!("The publisher: ", characters!(name), ".")]
    publisher: Option<String>,
    #[doc = concat!("The year of publication: ", limit!(first_year), " to ", limit!(last_year), ".")]
    year_published: Option<i64>,
    #[doc = concat!("The console or computer that it runs on: ", characters!(system), ".")]
    gaming_system: Option<String>,
    /// The condition.
    condition: Option<GameCondition>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// A game of yours to take off the board.
#[derive(InputObject)]
struct DeleteGameInput {
    /// The `id` or the `databaseId` of the Game.
    game_id: ID,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

payload! {
    /// The result of `createGame`.
    CreateGamePayload {
        /// The listed game.
        game: Game
    }
}
payload! {
    /// The result of `updateGame`.
    UpdateGamePayload {
        /// The updated game.
        game: Game
    }
}
payload! {
    /// The result of `deleteGame`.
    DeleteGamePayload {
        /// The game, which is no longer listed.
        game: Game
    }
}

impl From<CreateGameInput> for NewGame {
    fn from(input: CreateGameInput) -> Self {
        Self {
            name: input.name.into(),
            publisher: input.publisher.into(),
            year_published: Integer(clamp_to_i32(input.year_published)),
            gaming_system: input.gaming_system.into(),
            condition: input.condition.into(),
            previous_owners: Integer(clamp_to_i32(input.previous_owners)),
            owner_id: None,
        }
    }
}

impl From<UpdateGameInput> for GameChange {
    fn from(input: UpdateGameInput) -> Self {
        Self {
            name: input.name.map(Into::into),
            publisher: input.publisher.map(Into::into),
            year_published: input.year_published.map(clamp_to_i32).map(Integer),
            gaming_system: input.gaming_system.map(Into::into),
            condition: input.condition.map(Into::into),
            ..Self::default()
        }
    }
}

#[derive(Default)]
pub struct Games;

#[Object]
impl Games {
    /// Lists a game of yours on the board.
    async fn create_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The game.")] input: CreateGameInput,
    ) -> Result<Option<CreateGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let create = CreateGame(input.into());
        CreateGamePayload::from_outcome(viewer.app.execute(context, create).await)
    }

    /// Changes a game of yours. Offers with this game stay unchanged.
    async fn update_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateGameInput,
    ) -> Result<Option<UpdateGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let game = ids::reference("gameId", &input.game_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let change = input.into();
        let update = UpdateGame { game, change };
        UpdateGamePayload::from_outcome(viewer.app.execute(context, update).await)
    }

    /// Takes a game of yours off the board and closes the pending offers with this game.
    async fn delete_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The game.")] input: DeleteGameInput,
    ) -> async_graphql::Result<Option<DeleteGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let game = ids::reference("gameId", &input.game_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let deleted = match viewer.app.execute(context, DeleteGame { game }).await {
            Ok(()) => Ok(viewer.game(game).await?),
            Err(failure) => Err(failure),
        };
        Ok(DeleteGamePayload::from_outcome(deleted)?)
    }
}
