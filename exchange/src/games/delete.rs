//! Takes a game off the board.

use entity::{ClosedReason, GameId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use super::lock_own;
use crate::{error::Result, offers::closing, operation::Operation, write::Write};

/// Takes a game of the actor off the board and closes the pending offers that name it. They still show its name.
pub struct DeleteGame {
    pub game: GameId,
}

impl Operation for DeleteGame {
    const NAME: &'static str = "delete_game";
    type Output = ();

    fn input(&self) -> Value {
        json!(self.game)
    }

    async fn run(self, write: Write<'_>) -> Result<()> {
        let game = lock_own(write, self.game).await?;
        let naming = write.lock_offers_naming(&[self.game], None).await?;
        closing::close(write, naming, ClosedReason::GameUnavailable, None).await?;
        let (now, version) = (write.now(), game.version + 1);
        let mut row = game.into_active_model();
        row.deleted_at = Set(Some(now));
        row.version = Set(version);
        row.updated_at = Set(now);
        row.update(write.transaction).await?;
        Ok(())
    }
}
