//! Lists a game.

use entity::{Condition, UserId, game};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde::Serialize;
use serde_json::json;

use super::{MAX_NAME, MAX_SYSTEM, YEARS};
use crate::{
    Exchange,
    error::{Error, Result},
    locks,
    operation::WriteContext,
    validation::{Faults, Validate},
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
        .write_once(context, "create_game", input, move |write| {
            Box::pin(async move {
                locks::user(write.transaction, owner_id).await?;
                write.context.refuse_if_match()?;
                Ok(row.insert(write.transaction).await?)
            })
        })
        .await
}
