//! Retention: deletes old published events, on the leading instance.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use entity::outbox::{Column, Entity, Model};
use platform::database::{Database, Transaction};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{feed::PUBLIC, leader::Task};

/// The time for which published events are kept.
const RETENTION: TimeDelta = TimeDelta::days(7);
/// The interval between two deletions, and the most that one statement deletes.
const DELETE_EVERY: Duration = Duration::from_secs(3600);
const BATCH: u64 = 5000;

/// Deletes old published events.
pub struct Retention {
    pub database: Database,
}

#[async_trait]
impl Task for Retention {
    async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.delete_periodically()).await;
    }
}

impl Retention {
    async fn delete_periodically(&self) {
        loop {
            match self.delete_expired().await {
                Ok(BATCH) => continue,
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "old events were deleted"),
                Err(cause) => tracing::warn!(%cause, "old events could not be deleted"),
            }
            sleep(DELETE_EVERY).await;
        }
    }

    /// Deletes events that were published before the retention period, by the clock of the database, oldest first. Deletes
    /// none that follows one that stays, so that a client that resumes from an existing event misses nothing. Keeps the
    /// last event, which holds the count of positions, and the last public one, which clients may know. Returns how many
    /// were deleted.
    pub async fn delete_expired(&self) -> Result<u64, DbErr> {
        self.database
            .write(|transaction| Box::pin(delete_batch(transaction)))
            .await
    }
}

async fn delete_batch(transaction: &Transaction) -> Result<u64, DbErr> {
    let Some(first_kept) = first_kept(transaction).await? else {
        return Ok(0);
    };
    let last_public = positioned()
        .order_by_desc(Column::Position)
        .filter(Expr::cust(PUBLIC))
        .one(transaction)
        .await?;
    let expired = Entity::find()
        .select_only()
        .column(Column::Seq)
        .filter(Column::Position.lt(first_kept.position))
        .filter(Column::Seq.is_not_in(last_public.map(|public| public.seq)))
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .into_query();
    let deleted = Entity::delete_many()
        .filter(Column::Seq.in_subquery(expired))
        .exec(transaction)
        .await?;
    Ok(deleted.rows_affected)
}

/// Returns the first event that is unpublished or within the retention period, or else the last event.
async fn first_kept(transaction: &Transaction) -> Result<Option<Model>, DbErr> {
    let expired_before = transaction.now() - RETENTION;
    let recent = Column::PublishedAt
        .is_null()
        .or(Column::PublishedAt.gte(expired_before));
    let first_recent = positioned().filter(recent).order_by_asc(Column::Position);
    match first_recent.one(transaction).await? {
        Some(recent) => Ok(Some(recent)),
        None => {
            let last = positioned().order_by_desc(Column::Position);
            last.one(transaction).await
        }
    }
}

fn positioned() -> Select<Entity> {
    Entity::find().filter(Column::Position.is_not_null())
}
