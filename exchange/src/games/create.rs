//! Lists a game.

use entity::{Condition, UserId, game};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde::Serialize;
use serde_json::{Value, json};

use super::{MAX_NAME, MAX_SYSTEM, YEARS};
use crate::{
    error::Result,
    operation::Operation,
    validation::{Faults, Validate},
    write::Write,
};

/// The maximum number of previous owners of a new game.
const MAX_PREVIOUS_OWNERS: i32 = 1_000;

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

/// Lists a game that the actor owns.
pub struct CreateGame(pub NewGame);

impl Operation for CreateGame {
    const NAME: &'static str = "create_game";
    type Output = game::Model;

    fn named_sender(&self) -> Option<(&'static str, UserId)> {
        self.0.owner_id.map(|id| ("owner_id", id))
    }

    fn input(&self) -> Value {
        json!(self.0)
    }

    fn validate(&mut self, faults: &mut Faults) {
        self.0.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<game::Model> {
        let (Self(new), owner_id, now) = (self, write.sender()?, write.now());
        write.lock_user(owner_id).await?;
        write.refuse_if_match()?;
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
        Ok(row.insert(write.transaction).await?)
    }
}
