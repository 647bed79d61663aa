//! Games: create, update, delete. Reading the board is in [`list()`], its search in [`search`].

mod list;
mod ranking;
mod search;

use std::collections::HashMap;

use entity::{ClosedReason, Condition, GameId, UserId, game};
use platform::database::Transaction;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde::Serialize;
use serde_json::json;

pub use self::list::{
    GameFilter, GameSort, count, count_per_owner, list, list_by_owner, list_per_owner,
};
use super::{
    locks,
    offers::closing,
    operation::WriteContext,
    revision::RevisionTag,
    select::{self, SetIf},
    validation::{Faults, ReadOnlyFaults, Validate},
};
use crate::{
    Exchange,
    error::{Error, Result},
};
use rules::permit_game;

/// The maximum number of previous owners of a new game.
const MAX_PREVIOUS_OWNERS: i32 = 1_000;
/// The maximum length of the name of a game, of a publisher and of a system, in characters.
pub const MAX_NAME: usize = 200;
const MAX_SYSTEM: usize = 100;
/// The first and the last year of publication.
const YEARS: [i32; 2] = [1950, 2100];

/// A game to be listed.
#[derive(Clone, Debug, Serialize)]
pub struct NewGame {
    pub name: String,
    pub publisher: String,
    /// 1950 to 2100.
    pub year_published: i32,
    pub gaming_system: String,
    pub condition: Condition,
    /// The number of owners before it was listed: 0 to 1 000.
    pub previous_owners: i32,
    /// The owner, if the request names one: must be the actor.
    pub owner_id: Option<UserId>,
}

/// A change to a listed game; `None` keeps the value. The number of previous owners follows from the trades.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GameChange {
    pub name: Option<String>,
    pub publisher: Option<String>,
    pub year_published: Option<i32>,
    pub gaming_system: Option<String>,
    pub condition: Option<Condition>,
    #[serde(skip)]
    pub fixed: ReadOnlyFaults,
}

impl Validate for NewGame {
    fn check(&mut self, faults: &mut Faults) {
        self.name = faults.line("name", &self.name, MAX_NAME);
        self.publisher = faults.line("publisher", &self.publisher, MAX_NAME);
        self.gaming_system = faults.line("gaming_system", &self.gaming_system, MAX_SYSTEM);
        let [first, last] = YEARS;
        faults.range("year_published", self.year_published, first, last);
        faults.range(
            "previous_owners",
            self.previous_owners,
            0,
            MAX_PREVIOUS_OWNERS,
        );
    }
}

impl Validate for GameChange {
    fn check(&mut self, faults: &mut Faults) {
        for (field, text, max) in [
            ("name", &mut self.name, MAX_NAME),
            ("publisher", &mut self.publisher, MAX_NAME),
            ("gaming_system", &mut self.gaming_system, MAX_SYSTEM),
        ] {
            if let Some(text) = text {
                *text = faults.line(field, text, max);
            }
        }
        if let Some(year) = self.year_published {
            let [first, last] = YEARS;
            faults.range("year_published", year, first, last);
        }
    }
}

/// Lists a game that the actor owns.
pub async fn create(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    new: NewGame,
) -> Result<game::Model> {
    let context = context.into();
    let owner_id = context.identified()?;
    if let Some(named) = new.owner_id.filter(|named| *named != owner_id) {
        return Err(Error::NotYourself {
            field: "owner_id",
            named,
            actor: owner_id,
        });
    }
    let input = json!(new);
    let new = new.validate()?;
    let now = exchange.clock.now();
    let row = game::ActiveModel {
        owner_id: Set(owner_id),
        owner_seq: Set(0),
        name: Set(new.name),
        publisher: Set(new.publisher),
        year_published: Set(new.year_published),
        gaming_system: Set(new.gaming_system),
        condition: Set(new.condition),
        previous_owners: Set(new.previous_owners),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    exchange
        .write_once(
            context,
            "create_game",
            input,
            move |_, context, transaction| {
                Box::pin(async move {
                    locks::user(transaction, owner_id).await?;
                    context.refuse_if_match()?;
                    Ok(row.insert(transaction).await?)
                })
            },
        )
        .await
}

/// Finds a game on the board.
pub async fn find(exchange: &Exchange, id: GameId) -> Result<game::Model> {
    select::by_id::<game::Entity>(exchange.database.reader(), id)
        .await?
        .filter(|game| game.deleted_at.is_none())
        .ok_or(Error::NoGame(id))
}

/// Fetches the games with these ids, including delisted ones.
pub async fn by_ids(exchange: &Exchange, ids: &[GameId]) -> Result<HashMap<GameId, game::Model>> {
    let (reader, rows) = (exchange.database.reader(), game::Entity::find());
    let id = |game: &game::Model| game.id;
    Ok(select::by_ids(reader, rows, game::Column::Id, ids, id).await?)
}

/// Edits a game of the actor. Offers that name it stay pending.
pub async fn update(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: GameId,
    change: GameChange,
) -> Result<game::Model> {
    let context = context.into();
    context.identified()?;
    let input = json!([id, change]);
    let change = change.validate()?;
    exchange
        .write_once(
            context,
            "update_game",
            input,
            move |exchange, context, transaction| {
                Box::pin(async move {
                    let game = own(transaction, &context, id).await?;
                    change.fixed.into_result()?;
                    let version = game.version + 1;
                    let mut row = game.clone().into_active_model();
                    row.name.set_if(change.name);
                    row.publisher.set_if(change.publisher);
                    row.year_published.set_if(change.year_published);
                    row.gaming_system.set_if(change.gaming_system);
                    row.condition.set_if(change.condition);
                    if !row.is_changed() {
                        return Ok(game);
                    }
                    row.version = Set(version);
                    row.updated_at = Set(exchange.clock.now());
                    Ok(row.update(transaction).await?)
                })
            },
        )
        .await
}

/// Takes a game of the actor off the board and closes the pending offers that name it. They still show its name.
pub async fn delete(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: GameId,
) -> Result<()> {
    let context = context.into();
    context.identified()?;
    exchange
        .write_once(
            context,
            "delete_game",
            id,
            move |exchange, context, transaction| {
                Box::pin(async move {
                    let game = own(transaction, &context, id).await?;
                    let naming = locks::offers_naming(transaction, &[id], None).await?;
                    closing::close(
                        &exchange,
                        transaction,
                        naming,
                        ClosedReason::GameUnavailable,
                        None,
                    )
                    .await?;
                    let now = exchange.clock.now();
                    let version = game.version + 1;
                    let mut row = game.into_active_model();
                    row.deleted_at = Set(Some(now));
                    row.version = Set(version);
                    row.updated_at = Set(now);
                    row.update(transaction).await?;
                    Ok(())
                })
            },
        )
        .await
}

/// Locks a game, and checks that the actor owns it and that the preconditions hold.
async fn own(transaction: &Transaction, context: &WriteContext, id: GameId) -> Result<game::Model> {
    let mut games = locks::games(transaction, &[id]).await?;
    locks::require_listed(&games, &[id])?;
    let game = games.pop().ok_or(Error::NoGame(id))?;
    permit_game(&game, &context.actor)?;
    RevisionTag::from(&game).check(context)?;
    Ok(game)
}
