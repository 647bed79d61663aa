//! Games: list, edit, take off the board.

use async_graphql::{Context, ID, InputObject, Object};
use exchange::{
    error::Result,
    games::{self, GameChange, NewGame},
};

use super::{
    payload,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{
    game::{Game, GameCondition, clamp_to_i32},
    ids,
    loaders::Viewer,
};

/// A game to be listed as your own.
#[derive(InputObject)]
struct CreateGameInput {
    /// The title: 1 to 200 characters, at least one of them visible.
    name: String,
    /// Who published it: 1 to 200 characters, at least one of them visible.
    publisher: String,
    /// The year of publication: 1950 to 2100.
    year_published: i64,
    /// The console or computer that it runs on: 1 to 100 characters, at least one of them visible.
    gaming_system: String,
    /// How well kept it is.
    condition: GameCondition,
    /// How many people owned it before you: 0 to 1000.
    #[graphql(default)]
    previous_owners: i64,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// A change to a game of yours. What is left out stays.
#[derive(InputObject)]
struct UpdateGameInput {
    /// The `id` or the `databaseId` of the Game.
    game_id: ID,
    /// The title: 1 to 200 characters, at least one of them visible.
    name: Option<String>,
    /// Who published it: 1 to 200 characters, at least one of them visible.
    publisher: Option<String>,
    /// The year of publication: 1950 to 2100.
    year_published: Option<i64>,
    /// The console or computer that it runs on: 1 to 100 characters, at least one of them visible.
    gaming_system: Option<String>,
    /// How well kept it is.
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
    /// What came of `createGame`.
    CreateGamePayload {
        /// The game as it is listed.
        game: Game
    }
}
payload! {
    /// What came of `updateGame`.
    UpdateGamePayload {
        /// The game as it is now.
        game: Game
    }
}
payload! {
    /// What came of `deleteGame`.
    DeleteGamePayload {
        /// The game, which is listed no longer.
        game: Game
    }
}

impl From<CreateGameInput> for NewGame {
    fn from(input: CreateGameInput) -> Self {
        Self {
            name: input.name,
            publisher: input.publisher,
            year_published: clamp_to_i32(input.year_published),
            gaming_system: input.gaming_system,
            condition: input.condition.into(),
            previous_owners: clamp_to_i32(input.previous_owners),
            owner_id: None,
        }
    }
}

impl From<UpdateGameInput> for GameChange {
    fn from(input: UpdateGameInput) -> Self {
        Self {
            name: input.name,
            publisher: input.publisher,
            year_published: input.year_published.map(clamp_to_i32),
            gaming_system: input.gaming_system,
            condition: input.condition.map(Into::into),
            ..Self::default()
        }
    }
}

#[derive(Default)]
pub struct Games;

#[Object]
impl Games {
    /// Lists a game as yours.
    async fn create_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The game.")] input: CreateGameInput,
    ) -> Result<Option<CreateGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let call = viewer.call(&input.idempotency, &PreconditionInput::default())?;
        CreateGamePayload::from_outcome(games::create(&viewer.app, call, input.into()).await)
    }

    /// Edits a game of yours. Offers that name it stay as they are.
    async fn update_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateGameInput,
    ) -> Result<Option<UpdateGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = ids::reference("gameId", &input.game_id)?;
        let call = viewer.call(&input.idempotency, &input.precondition)?;
        UpdateGamePayload::from_outcome(games::update(&viewer.app, call, id, input.into()).await)
    }

    /// Takes a game of yours off the board and closes the pending offers that name it.
    async fn delete_game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The game.")] input: DeleteGameInput,
    ) -> async_graphql::Result<Option<DeleteGamePayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = ids::reference("gameId", &input.game_id)?;
        let call = viewer.call(&input.idempotency, &input.precondition)?;
        let deleted = match games::delete(&viewer.app, call, id).await {
            Ok(()) => Ok(viewer.game(id).await?),
            Err(failure) => Err(failure),
        };
        Ok(DeleteGamePayload::from_outcome(deleted)?)
    }
}
