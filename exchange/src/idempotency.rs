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
use futures_util::future::BoxFuture;
use platform::database::{Fault, Transaction, fault};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::Serialize;
use serde_json::json;

use super::operation::{IdempotencyKey, WriteContext};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::Ended,
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

/// One write in its transaction.
#[derive(Clone, Copy)]
pub struct Write<'c> {
    pub exchange: &'c Exchange,
    pub context: &'c WriteContext,
    pub transaction: &'c Transaction,
}

/// A key, used by one actor for one request.
struct Claim {
    actor: i64,
    key: IdempotencyKey,
    operation: &'static str,
    request_hmac: String,
}

impl Exchange {
    /// Runs `work` in one write transaction, unless it was already done under the key of `context`: then returns its
    /// outcome. `input` is the whole input of the use case except the actor. For a sender whose account or session has
    /// ended, nothing is done: returns the recorded outcome, or fails.
    pub async fn write_once<T, W>(
        &self,
        context: WriteContext,
        operation: &'static str,
        input: impl Serialize,
        work: W,
    ) -> Result<T>
    where
        T: Outcome,
        W: for<'c> FnOnce(Write<'c>) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        if let Some(ended) = context.ended {
            let done = self.recorded_outcome(&context, operation, input).await?;
            return done.ok_or_else(|| ended.into());
        }
        let claim = Claim::from_context(self, &context, operation, input);
        self.write(move |exchange, transaction| {
            Box::pin(async move {
                let write = Write {
                    exchange: &exchange,
                    context: &context,
                    transaction,
                };
                let Some(claim) = claim else {
                    return work(write).await;
                };
                if claim.acquire(transaction).await? {
                    let done = work(write).await?;
                    claim.complete(transaction, done.id()).await?;
                    return Ok(done);
                }
                let done = claim.recorded_outcome(transaction).await?;
                done.ok_or(Error::KeyReused)
            })
        })
        .await
    }

    /// Returns the recorded outcome, if this was already done under the key of `context`. For a use case that consumes
    /// its own credentials, such as a password or a token, and so cannot pass its checks a second time.
    pub async fn recorded_outcome<T: Outcome>(
        &self,
        context: &WriteContext,
        operation: &'static str,
        input: impl Serialize,
    ) -> Result<Option<T>> {
        match Claim::from_context(self, context, operation, input) {
            Some(claim) => claim.recorded_outcome(self.database.reader()).await,
            None => Ok(None),
        }
    }
}

impl Claim {
    /// Makes the claim of a request; `None` without a key.
    fn from_context(
        exchange: &Exchange,
        context: &WriteContext,
        operation: &'static str,
        input: impl Serialize,
    ) -> Option<Self> {
        let known = context
            .ended
            .map(Ended::user_id)
            .or(context.actor.user_id());
        Some(Self {
            actor: known.map_or(0, |id| id.0),
            key: context.key.clone()?,
            operation,
            request_hmac: exchange
                .identity
                .request_digest
                .digest(&json!([operation, input])),
        })
    }

    /// Claims the key, if it is free. Waits for a request in progress with the same key.
    async fn acquire(&self, transaction: &Transaction) -> Result<bool> {
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
    async fn complete(&self, transaction: &Transaction, outcome: Option<i64>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome))
            .filter(Column::Actor.eq(self.actor))
            .filter(Column::Key.eq(&self.key.name))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// Returns the recorded outcome, if it is that of the same request.
    async fn recorded_outcome<T: Outcome>(
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
        .write(|_, transaction| {
            Box::pin(async move {
                Entity::delete_many()
                    .filter(Column::CreatedAt.lte(transaction.now() - RETENTION))
                    .exec(transaction)
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

macro_rules! by_id {
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

by_id!(game::Model, game::Entity, GameId, "game", |game| game
    .deleted_at
    .is_some());
by_id!(user::Model, user::Entity, UserId, "user", |user| user
    .deleted_at
    .is_some());
// Offers are closed, never deleted.
by_id!(offer::Model, offer::Entity, OfferId, "offer", |_| false);
