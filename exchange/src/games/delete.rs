//! Takes a game off the board.

use entity::{ClosedReason, GameId};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::lock_own;
use crate::{Exchange, error::Result, locks, offers::closing, operation::WriteContext};

/// Takes a game of the actor off the board and closes the pending offers that name it. They still show its name.
pub async fn delete(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: GameId,
) -> Result<()> {
    let context = context.into();
    context.identified()?;
    exchange
        .write_once(context, "delete_game", id, move |write| {
            Box::pin(async move {
                let game = lock_own(write, id).await?;
                let naming = locks::offers_naming(write.transaction, &[id], None).await?;
                closing::close(
                    write.exchange,
                    write.transaction,
                    naming,
                    ClosedReason::GameUnavailable,
                    None,
                )
                .await?;
                let now = write.exchange.clock.now();
                let version = game.version + 1;
                let mut row = game.into_active_model();
                row.deleted_at = Set(Some(now));
                row.version = Set(version);
                row.updated_at = Set(now);
                row.update(write.transaction).await?;
                Ok(())
            })
        })
        .await
}
