//! Edits a game.

use entity::{Condition, GameId, game};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde::Serialize;
use serde_json::{Value, json};

use super::{MAX_NAME, MAX_SYSTEM, YEARS, lock_own};
use crate::{
    error::Result,
    operation::Operation,
    select::SetIf,
    validation::{Faults, ReadOnlyFaults, Validate},
    write::Write,
};

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

    fn validate(&mut self, faults: &mut Faults) {
        self.change.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<game::Model> {
        let change = self.change;
        let game = lock_own(write, self.game).await?;
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
        row.updated_at = Set(write.now());
        Ok(row.update(write.transaction).await?)
    }
}
