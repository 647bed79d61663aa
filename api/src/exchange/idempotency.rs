//! Writes that are done once, however often they are asked for: under a key that the client chose.
//!
//! The key is claimed in the transaction of the write, before anything else is locked, and what the use case gave is noted
//! there, so both are committed or neither. A second request with the same key waits for the first, for
//! [`platform::database::LOCK_TIMEOUT`]. Only
//! successes are kept: what failed left nothing behind, and may be tried again.

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
    app::App,
    error::{Error, Result},
    identity::Ended,
};

/// For how long a key is kept.
const RETENTION: TimeDelta = TimeDelta::hours(24);

/// What a use case gives, which can be given again: by its id, as it is by then.
pub trait Outcome: Sized + Send + 'static {
    /// The id by which [`Outcome::reload`] finds it.
    fn id(&self) -> Option<i64>;

    /// Gives it again, or [`Error::SinceDeleted`].
    fn reload<C: ConnectionTrait>(
        connection: &C,
        id: Option<i64>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A key as somebody uses it for something.
struct Claim {
    actor: i64,
    key: IdempotencyKey,
    operation: &'static str,
    request_hmac: String,
}

impl App {
    /// Runs a use case's `work` in one write transaction, if that was not done under the call's key before. `input` is
    /// all that the use case is asked to do, but who asks. For a person who is known no more nothing is done: they hear what
    /// came of it before, or that they are not known.
    pub async fn write_once<T, W>(
        &self,
        context: WriteContext,
        operation: &'static str,
        input: impl Serialize,
        work: W,
    ) -> Result<T>
    where
        T: Outcome,
        W: for<'c> FnOnce(App, WriteContext, &'c Transaction) -> BoxFuture<'c, Result<T>>
            + Send
            + 'static,
    {
        if let Some(ended) = context.ended {
            let done = self.recorded_outcome(&context, operation, input).await?;
            return done.ok_or_else(|| ended.into());
        }
        let Some(claim) = Claim::from_context(self, &context, operation, input) else {
            return self
                .write(move |app, transaction| work(app, context, transaction))
                .await;
        };
        self.write(move |app, transaction| {
            Box::pin(async move {
                if claim.acquire(transaction).await? {
                    let done = work(app, context, transaction).await?;
                    claim.complete(transaction, done.id()).await?;
                    return Ok(done);
                }
                let done = claim.recorded_outcome(transaction).await?;
                done.ok_or(Error::KeyReused)
            })
        })
        .await
    }

    /// What came of this before, if it was done under the call's key: for a use case that could not be asked for again,
    /// since its first effect was to end what it asks for, a password or a session.
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
    /// The claim of a call that has a key.
    fn from_context(
        app: &App,
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
            request_hmac: app
                .identity
                .request_digest
                .digest(&json!([operation, input])),
        })
    }

    /// Takes the key, if it is free; waits for whoever is just using it.
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

    /// Notes what the use case gave.
    async fn complete(&self, transaction: &Transaction, outcome: Option<i64>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome))
            .filter(Column::Actor.eq(self.actor))
            .filter(Column::Key.eq(&self.key.name))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// What was given before, if it was the same that was asked for.
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

/// Deletes keys that are older than they are kept for.
pub async fn delete_expired(app: &App) -> Result<()> {
    app.write(|_, transaction| {
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
                let id = id.ok_or_else(|| Error::internal("a key without an outcome"))?;
                let row = <$entity>::find_by_id($id(id)).one(connection).await?;
                let row = row.ok_or_else(|| Error::internal("the outcome of a key is gone"))?;
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
// An offer is closed, and never deleted.
by_id!(offer::Model, offer::Entity, OfferId, "offer", |_| false);
