//! Idempotent writes: the `Idempotency-Key` header.
//!
//! A write claims its key in its own transaction, before it locks anything else, and records its outcome there, so both
//! are committed or neither. A second request with the same key waits for the first, up to
//! [`platform::database::LOCK_TIMEOUT`]. Only successes are recorded: a failed request left nothing behind and may be
//! retried.

use std::future::Future;

use chrono::TimeDelta;
use entity::{
    GameId, OfferId, UserId, game,
    idempotency_key::{ActiveModel, Column, Entity},
    offer, user,
};
use platform::database::{Fault, Transaction, fault};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::{Value, json};

use crate::{
    Exchange,
    context::{IdempotencyKey, WriteContext},
    error::{Error, Result},
    identity::{Ended, request_digest::RequestDigest},
};

/// The retention of a key and its outcome.
const RETENTION: TimeDelta = TimeDelta::hours(24);

/// The outcome of a write, which a replay loads again by its id, in its current state.
pub trait Outcome: Sized + Send + 'static {
    /// Returns the id for [`Outcome::reload`].
    fn id(&self) -> Option<i64>;

    /// Loads the outcome again, or fails with [`Error::SinceDeleted`].
    fn reload<C: ConnectionTrait>(
        connection: &C,
        id: Option<i64>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A key, used by one actor for one request.
pub(crate) struct Claim {
    actor: i64,
    key: IdempotencyKey,
    operation: &'static str,
    request_hmac: String,
}

impl Claim {
    /// Makes the claim of a request; `None` without a key. `input` is the whole input except the actor.
    pub(crate) fn from_context(
        digest: &RequestDigest,
        context: &WriteContext,
        operation: &'static str,
        input: &Value,
    ) -> Option<Self> {
        let known = context
            .ended
            .map(Ended::user_id)
            .or(context.actor.user_id());
        Some(Self {
            actor: known.map_or(0, |id| id.0),
            key: context.key.clone()?,
            operation,
            request_hmac: digest.digest(&json!([operation, input])),
        })
    }

    /// Claims the key, if it is free. Waits for a request in progress with the same key.
    pub(crate) async fn acquire(&self, transaction: &Transaction) -> Result<bool> {
        let now = transaction.now();
        let row = ActiveModel {
            actor: Set(self.actor),
            key: Set(self.key.name.clone()),
            operation: Set(self.operation.to_owned()),
            request_hmac: Set(self.request_hmac.clone()),
            outcome: Set(None),
            created_at: Set(now),
        };
        let reuse_expired = OnConflict::columns([Column::Actor, Column::Key])
            .update_columns([
                Column::Operation,
                Column::RequestHmac,
                Column::Outcome,
                Column::CreatedAt,
            ])
            .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(now - RETENTION))
            .to_owned();
        let acquired = Entity::insert(row)
            .on_conflict(reuse_expired)
            .exec_without_returning(transaction)
            .await;
        match acquired {
            Ok(rows) => Ok(rows > 0),
            Err(DbErr::RecordNotInserted) => Ok(false),
            Err(cause) if fault(&cause) == Some(Fault::Contended) => Err(Error::KeyInUse),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Records the outcome.
    pub(crate) async fn complete(
        &self,
        transaction: &Transaction,
        outcome: Option<i64>,
    ) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome))
            .filter(Column::Actor.eq(self.actor))
            .filter(Column::Key.eq(&self.key.name))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// Returns the recorded outcome, if it is that of the same request.
    pub(crate) async fn recorded_outcome<T: Outcome>(
        &self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<T>> {
        let row = Entity::find_by_id((self.actor, self.key.name.clone()))
            .filter(Column::RequestHmac.eq(&self.request_hmac))
            .one(connection)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        self.key.replayed.set();
        T::reload(connection, row.outcome).await.map(Some)
    }
}

/// Deletes the keys that are older than [`RETENTION`].
pub async fn delete_expired(exchange: &Exchange) -> Result<()> {
    exchange
        .write(|write| {
            Box::pin(async move {
                Entity::delete_many()
                    .filter(Column::CreatedAt.lte(write.transaction.now() - RETENTION))
                    .exec(write.transaction)
                    .await?;
                Ok(())
            })
        })
        .await
}

impl Outcome for () {
    fn id(&self) -> Option<i64> {
        None
    }

    async fn reload<C: ConnectionTrait>(_: &C, _: Option<i64>) -> Result<Self> {
        Ok(())
    }
}

macro_rules! outcome {
    ($model:ty, $entity:ty, $id:ident, $what:literal, $is_deleted:expr) => {
        impl Outcome for $model {
            fn id(&self) -> Option<i64> {
                Some(self.id.0)
            }

            async fn reload<C: ConnectionTrait>(connection: &C, id: Option<i64>) -> Result<Self> {
                let is_deleted: fn(&$model) -> bool = $is_deleted;
                let id =
                    id.ok_or_else(|| Error::internal("an idempotency key without an outcome"))?;
                let row = <$entity>::find_by_id($id(id)).one(connection).await?;
                let row = row.ok_or_else(|| {
                    Error::internal("the row of an idempotency key's outcome does not exist")
                })?;
                if is_deleted(&row) {
                    return Err(Error::SinceDeleted { what: $what, id });
                }
                Ok(row)
            }
        }
    };
}

outcome!(game::Model, game::Entity, GameId, "game", |game| game
    .deleted_at
    .is_some());
outcome!(user::Model, user::Entity, UserId, "user", |user| user
    .deleted_at
    .is_some());
// Offers are closed, never deleted.
outcome!(offer::Model, offer::Entity, OfferId, "offer", |_| false);
