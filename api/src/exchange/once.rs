//! Writes that are done once, however often they are asked for: under a key that the client chose.
//!
//! The key is claimed in the transaction of the write, before anything else is locked, and what the use case gave is noted
//! there, so both are committed or neither. Whoever comes with the same key waits for the first, for two seconds. Only
//! successes are kept: what failed left nothing behind, and may be tried again.

use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    GameId, OfferId, UserId, game,
    idempotency_key::{ActiveModel, Column, Entity},
    offer, user,
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
    RuntimeErr,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Key};
use crate::{
    app::App,
    error::{Error, Result},
};

/// For how long a key is kept.
const KEEP: TimeDelta = TimeDelta::hours(24);
/// For how long a second request waits for the first.
const PATIENCE: &str = "SET LOCAL lock_timeout = '2s'";
const NO_LIMIT: &str = "SET LOCAL lock_timeout = 0";
/// PostgreSQL's code for a lock that did not come in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// What a use case gives, which can be given again: by its id, as it is by then.
pub trait Outcome: Sized + Send + 'static {
    /// The id by which [`Outcome::again`] finds it.
    fn id(&self) -> Option<i64>;

    fn again(
        transaction: &DatabaseTransaction,
        id: Option<i64>,
    ) -> impl Future<Output = Result<Self>> + Send;
}

/// A key as somebody uses it for something.
struct Claim {
    actor: i64,
    key: Key,
    operation: &'static str,
    request_hmac: String,
}

impl App {
    /// Runs a use case's `work` in one write transaction, if that was not done under the call's key before. `input` is
    /// all that the use case is asked to do, but who asks.
    pub async fn write_once<T, W>(
        &self,
        call: &Call,
        operation: &'static str,
        input: impl Serialize,
        work: W,
    ) -> Result<T>
    where
        T: Outcome,
        W: for<'c> FnOnce(App, &'c DatabaseTransaction) -> BoxFuture<'c, Result<T>>
            + Send
            + 'static,
    {
        let Some(key) = call.key.clone() else {
            return self.write(work).await;
        };
        let claim = Claim {
            actor: call.actor.user_id().map_or(0, |id| id.0),
            key,
            operation,
            request_hmac: self.identity.fingerprints.of(&json!([operation, input])),
        };
        self.write(move |app, transaction| {
            Box::pin(async move {
                if claim.stake(transaction, app.clock.now()).await? {
                    let done = work(app, transaction).await?;
                    claim.settle(transaction, done.id()).await?;
                    return Ok(done);
                }
                let id = claim.done_before(transaction).await?;
                claim.key.replayed.set();
                T::again(transaction, id).await
            })
        })
        .await
    }
}

impl Claim {
    /// Takes the key, if it is free; waits for whoever is just using it.
    async fn stake(&self, transaction: &DatabaseTransaction, now: DateTime<Utc>) -> Result<bool> {
        let row = ActiveModel {
            actor: Set(self.actor),
            key: Set(self.key.name.clone()),
            operation: Set(self.operation.to_owned()),
            request_hmac: Set(self.request_hmac.clone()),
            outcome: Set(None),
            created_at: Set(now),
        };
        let free_again = OnConflict::columns([Column::Actor, Column::Key])
            .update_columns([
                Column::Operation,
                Column::RequestHmac,
                Column::Outcome,
                Column::CreatedAt,
            ])
            .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(now - KEEP))
            .to_owned();
        let limited = transaction.get_database_backend() == DbBackend::Postgres;
        if limited {
            transaction.execute_unprepared(PATIENCE).await?;
        }
        let staked = Entity::insert(row)
            .on_conflict(free_again)
            .exec_without_returning(transaction)
            .await;
        let staked = match staked {
            Ok(rows) => rows > 0,
            Err(DbErr::RecordNotInserted) => false,
            Err(cause) if is_lock_timeout(&cause) => return Err(Error::KeyInUse),
            Err(cause) => return Err(cause.into()),
        };
        if limited {
            transaction.execute_unprepared(NO_LIMIT).await?;
        }
        Ok(staked)
    }

    /// Notes what the use case gave.
    async fn settle(&self, transaction: &DatabaseTransaction, outcome: Option<i64>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome))
            .filter(Column::Actor.eq(self.actor))
            .filter(Column::Key.eq(&self.key.name))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// What was given before, if it was the same that was asked for.
    async fn done_before(&self, transaction: &DatabaseTransaction) -> Result<Option<i64>> {
        let row = Entity::find_by_id((self.actor, self.key.name.clone()))
            .one(transaction)
            .await?;
        match row {
            Some(row) if row.request_hmac == self.request_hmac => Ok(row.outcome),
            _ => Err(Error::KeyReused),
        }
    }
}

/// Deletes keys that are older than they are kept for.
pub async fn sweep(app: &App) -> Result<()> {
    app.write(|app, transaction| {
        Box::pin(async move {
            Entity::delete_many()
                .filter(Column::CreatedAt.lte(app.clock.now() - KEEP))
                .exec(transaction)
                .await?;
            Ok(())
        })
    })
    .await
}

fn is_lock_timeout(cause: &DbErr) -> bool {
    match cause {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            cause
                .as_database_error()
                .and_then(|error| error.code())
                .as_deref()
                == Some(LOCK_NOT_AVAILABLE)
        }
        _ => false,
    }
}

impl Outcome for () {
    fn id(&self) -> Option<i64> {
        None
    }

    async fn again(_: &DatabaseTransaction, _: Option<i64>) -> Result<Self> {
        Ok(())
    }
}

macro_rules! by_id {
    ($model:ty, $entity:ty, $id:ident) => {
        impl Outcome for $model {
            fn id(&self) -> Option<i64> {
                Some(self.id.0)
            }

            async fn again(transaction: &DatabaseTransaction, id: Option<i64>) -> Result<Self> {
                let row = match id {
                    Some(id) => <$entity>::find_by_id($id(id)).one(transaction).await?,
                    None => None,
                };
                row.ok_or_else(|| Error::internal("the outcome of a key is gone"))
            }
        }
    };
}

by_id!(game::Model, game::Entity, GameId);
by_id!(offer::Model, offer::Entity, OfferId);
by_id!(user::Model, user::Entity, UserId);
