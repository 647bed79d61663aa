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
    ColumnTrait, DbErr, EntityTrait, QueryFilter,
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

/// What a use case gives, which can be given again: by its id, as it is by then.
pub trait Outcome: Sized + Send + 'static {
    /// The id by which [`Outcome::again`] finds it.
    fn id(&self) -> Option<i64>;

    fn again(
        transaction: &Transaction,
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
        W: for<'c> FnOnce(App, &'c Transaction) -> BoxFuture<'c, Result<T>> + Send + 'static,
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
                if claim.stake(transaction).await? {
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
    async fn stake(&self, transaction: &Transaction) -> Result<bool> {
        let now = transaction.now();
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
        let staked = Entity::insert(row)
            .on_conflict(free_again)
            .exec_without_returning(transaction)
            .await;
        match staked {
            Ok(rows) => Ok(rows > 0),
            Err(DbErr::RecordNotInserted) => Ok(false),
            Err(cause) if fault(&cause) == Some(Fault::Contended) => Err(Error::KeyInUse),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Notes what the use case gave.
    async fn settle(&self, transaction: &Transaction, outcome: Option<i64>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome))
            .filter(Column::Actor.eq(self.actor))
            .filter(Column::Key.eq(&self.key.name))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// What was given before, if it was the same that was asked for.
    async fn done_before(&self, transaction: &Transaction) -> Result<Option<i64>> {
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
    app.write(|_, transaction| {
        Box::pin(async move {
            Entity::delete_many()
                .filter(Column::CreatedAt.lte(transaction.now() - KEEP))
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

    async fn again(_: &Transaction, _: Option<i64>) -> Result<Self> {
        Ok(())
    }
}

macro_rules! by_id {
    ($model:ty, $entity:ty, $id:ident) => {
        impl Outcome for $model {
            fn id(&self) -> Option<i64> {
                Some(self.id.0)
            }

            async fn again(transaction: &Transaction, id: Option<i64>) -> Result<Self> {
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
