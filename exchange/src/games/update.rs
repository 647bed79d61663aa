//! Edits a game.

use catalogue::RULE;
use entity::{
    Condition, GameId, game,
    limits::{Name, SystemName, Year},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde::Serialize;
use serde_json::{Value, json};

use super::lock_own;
use crate::{
    error::Result,
    operation::Operation,
    releases::{self, ReleaseName},
    select::SetIf,
    validation::{Faults, Limited, ReadOnlyFaults, Validate},
    write::Write,
};

/// A change to a listed game; `None` keeps the value. The number of previous owners follows from the trades.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GameChange {
    pub name: Option<Name>,
    pub publisher: Option<Name>,
    pub year_published: Option<Year>,
    pub gaming_system: Option<SystemName>,
    pub condition: Option<Condition>,
    #[serde(skip)]
    pub read_only_faults: ReadOnlyFaults,
}

impl Validate for GameChange {
    fn check(&mut self, faults: &mut Faults) {
        self.name.check("name", faults);
        self.publisher.check("publisher", faults);
        self.gaming_system.check("gaming_system", faults);
        self.year_published.check("year_published", faults);
    }
}

/// Edits a game of the actor. Offers that name it stay pending.
pub struct UpdateGame {
    pub game: GameId,
    pub change: GameChange,
}

impl Operation for UpdateGame {
    const NAME: &'static str = "update_game";
    type Output = game::Model;

    fn input(&self) -> Value {
        json!([self.game, self.change])
    }

    fn check(&mut self, faults: &mut Faults) {
        self.change.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<game::Model> {
        let change = self.change;
        let game = lock_own(write, self.game).await?;
        change.read_only_faults.into_result()?;
        let version = game.version + 1;
        let mut row = game.clone().into_active_model();
        row.name.set_if(change.name.map(String::from));
        row.publisher.set_if(change.publisher.map(String::from));
        row.year_published
            .set_if(change.year_published.map(|year| year.0));
        row.gaming_system
            .set_if(change.gaming_system.map(String::from));
        row.condition.set_if(change.condition);
        if !row.is_changed() {
            return Ok(game);
        }
        row.version = Set(version);
        row.updated_at = Set(write.now());
        let is_respelled =
            row.name.is_set() || row.publisher.is_set() || row.gaming_system.is_set();
        if !is_respelled {
            return Ok(row.update(write.transaction).await?);
        }
        let named = ReleaseName {
            name: row.name.as_ref().clone(),
            publisher: row.publisher.as_ref().clone(),
            gaming_system: row.gaming_system.as_ref().clone(),
        };
        let keys = releases::know(write.transaction, &named).await?;
        let has_new_keys = !keys.are_those_of(&game);
        keys.set(&mut row);
        let changed = row.update(write.transaction).await?;
        if has_new_keys {
            return Ok(changed);
        }
        confirm_keys(write, changed).await
    }
}

/// Confirms the keys of a game whose texts have changed, but not its keys: the database took it for a write of an older
/// version, which knows no keys.
async fn confirm_keys(write: Write<'_>, game: game::Model) -> Result<game::Model> {
    let mut row = game.into_active_model();
    row.key_rule = Set(RULE);
    Ok(row.update(write.transaction).await?)
}
