//! Sessions: log in, refresh, log out.
//!
//! Log-in starts a family of refresh tokens. Each refresh replaces a token by a successor. A replaced token is used
//! again either because the response was lost, which happens soon, or because it was stolen. [`refresh()`] tells them
//! apart by the time: the first gets another successor, the second ends the whole family. Every write of a user's
//! tokens locks the user first.
//!
//! Both surfaces log in through [`log_in`], and so share its limits.

mod log_in;
mod log_out;
mod refresh;

use chrono::TimeDelta;
use entity::{TokenHash, UserId, refresh_token, user};
use platform::database::Transaction;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use secrecy::SecretString;
use uuid::Uuid;

pub use self::{
    log_in::{ConfirmedPassword, confirm_password, log_in},
    log_out::log_out,
    refresh::refresh,
};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::{
        hash_token,
        tokens::{Claims, LIFETIME},
    },
    write::Write,
};

/// The lifetime of a refresh token.
const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);

/// The tokens of a new or refreshed session.
#[derive(Debug)]
pub struct Session {
    pub user_id: UserId,
    pub access_token: SecretString,
    /// The lifetime of the access token.
    pub expires_in: TimeDelta,
    pub refresh_token: SecretString,
}

/// Looks up the account of an access token with these claims, while its session lasts.
pub(crate) async fn account_of(exchange: &Exchange, claims: Claims) -> Result<Option<user::Model>> {
    let session = refresh_token::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(refresh_token::Column::FamilyId.eq(claims.session))
        .into_query();
    Ok(user::Entity::find_by_id(claims.user_id)
        .filter(user::Column::DeletedAt.is_null())
        .filter(user::Column::TokenVersion.eq(claims.token_version))
        .filter(Expr::exists(session))
        .one(exchange.database.reader())
        .await?)
}

/// Ends all sessions of a user, who is locked and whose token version was incremented.
pub async fn end_all(transaction: &Transaction, user: UserId) -> Result<()> {
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::UserId.eq(user))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The refresh tokens of one log-in.
#[derive(Clone, Copy)]
struct Family {
    id: Uuid,
    user_id: UserId,
    token_version: i64,
}

impl Family {
    fn new(token: &refresh_token::Model, user: &user::Model) -> Self {
        Self {
            id: token.family_id,
            user_id: user.id,
            token_version: user.token_version,
        }
    }

    /// Adds the first token, and deletes the user's expired ones.
    async fn begin(&self, write: Write<'_>) -> Result<SecretString> {
        let expired = refresh_token::Column::ExpiresAt.lt(write.transaction.now());
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::UserId.eq(self.user_id))
            .filter(expired)
            .exec(write.transaction)
            .await?;
        self.extend(write).await
    }

    /// Adds a token.
    async fn extend(&self, write: Write<'_>) -> Result<SecretString> {
        let token = write.exchange.random.token();
        let row = refresh_token::ActiveModel {
            family_id: Set(self.id),
            user_id: Set(self.user_id),
            token_hash: Set(hash_token(&token)),
            token_version: Set(self.token_version),
            expires_at: Set(write.transaction.now() + REFRESH_LIFETIME),
            ..Default::default()
        };
        refresh_token::Entity::insert(row)
            .exec_without_returning(write.transaction)
            .await?;
        Ok(token)
    }

    /// Issues an access token beside a refresh token of the family.
    fn issue(self, exchange: &Exchange, refresh_token: SecretString) -> Result<Session> {
        let claims = Claims {
            user_id: self.user_id,
            token_version: self.token_version,
            session: self.id,
        };
        let now = exchange.clock.now();
        Ok(Session {
            user_id: self.user_id,
            access_token: exchange.identity.tokens.mint(claims, now)?,
            expires_in: LIFETIME,
            refresh_token,
        })
    }

    async fn end(&self, transaction: &Transaction) -> Result<()> {
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::FamilyId.eq(self.id))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

/// Finds a token, and locks its user. `None` if the session has ended.
async fn lock(
    write: Write<'_>,
    token: &SecretString,
) -> Result<Option<(refresh_token::Model, user::Model)>> {
    let hash = hash_token(token);
    let Some(seen) = find(write.transaction, &hash).await? else {
        return Ok(None);
    };
    let user = match write.lock_user(seen.user_id).await {
        Err(Error::NoUser(_)) => return Ok(None),
        user => user?,
    };
    // Another request may have used it while this one waited for the lock.
    let token = find(write.transaction, &hash).await?;
    Ok(token.map(|token| (token, user)))
}

async fn find(transaction: &Transaction, hash: &TokenHash) -> Result<Option<refresh_token::Model>> {
    let by_hash = refresh_token::Column::TokenHash.eq(hash.clone());
    Ok(refresh_token::Entity::find()
        .filter(by_hash)
        .one(transaction)
        .await?)
}
