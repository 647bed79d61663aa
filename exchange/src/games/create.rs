//! Lists a game.

use entity::{
    Condition, UserId, game,
    limits::{Name, PreviousOwners, SystemName, Year},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    error::Result,
    operation::Operation,
    releases::{self, ReleaseName},
    validation::{Faults, Limited, Validate},
    write::Write,
};

/// A game to be listed.
#[derive(Clone, Debug, Serialize)]
pub struct NewGame {
    pub name: Name,
    pub publisher: Name,
    pub year_published: Year,
    pub gaming_system: SystemName,
    pub condition: Condition,
    pub previous_owners: PreviousOwners,
    /// The owner, if the request names one: must be the actor.
    pub owner_id: Option<UserId>,
}

impl Validate for NewGame {
    fn check(&mut self, faults: &mut Faults) {
        self.name.check("name", faults);
        self.publisher.check("publisher", faults);
        self.gaming_system.check("gaming_system", faults);
        self.year_published.check("year_published", faults);
        self.previous_owners.check("previous_owners", faults);
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

    fn check(&mut self, faults: &mut Faults) {
        self.0.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<game::Model> {
        let (Self(new), owner_id, now) = (self, write.sender()?, write.now());
        write.lock_user(owner_id).await?;
        write.refuse_if_match()?;
        let named = ReleaseName {
            name: new.name.into(),
            publisher: new.publisher.into(),
            gaming_system: new.gaming_system.into(),
        };
        let keys = releases::know(write.transaction, &named).await?;
        let mut row = game::ActiveModel {
            owner_id: Set(owner_id),
            owner_seq: Set(0),
            name: Set(named.name),
            publisher: Set(named.publisher),
            year_published: Set(new.year_published.0),
            gaming_system: Set(named.gaming_system),
            condition: Set(new.condition),
            previous_owners: Set(new.previous_owners.0),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        keys.set(&mut row);
        Ok(row.insert(write.transaction).await?)
    }
}
