//! Sessions: log in, refresh, log out.
//!
//! Log-in starts a family of refresh tokens. Each refresh replaces a token by a successor. A replaced token is used
//! again either because the response was lost, which happens soon, or because it was stolen. Within [`RETRY_WINDOW`] it
//! gets another successor; later, the whole family ends. Every write of a user's tokens locks the user first.
//!
//! Both surfaces log in through [`log_in`], and so share its limits.

use std::{net::IpAddr, time::Duration};

use chrono::TimeDelta;
use entity::{PasswordHash, TokenHash, UserId, refresh_token, user};
use platform::{database::Transaction, email, system::sha256};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::{
    Exchange,
    error::{Error, Result},
    identity::{
        log_in_rate,
        passwords::Verdict,
        throttle::PasswordAttempts,
        tokens::{Claims, LIFETIME},
    },
    locks, users,
};

/// The lifetime of a refresh token.
const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(30);
/// The time within which the reuse of a replaced token counts as a retry.
const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);

/// The tokens of a new or refreshed session.
#[derive(Debug)]
pub struct Session {
    pub user_id: UserId,
    pub access_token: SecretString,
    /// The lifetime of the access token.
    pub expires_in: TimeDelta,
    pub refresh_token: SecretString,
}

/// A correct password. [`ConfirmedPassword::forgive_failures`] resets the limits.
pub struct ConfirmedPassword {
    attempts: PasswordAttempts,
    /// The hash that replaces an older one.
    renewed: Option<PasswordHash>,
}

/// Starts a session with e-mail address and password. `client`: the address that rate limits count under.
pub async fn log_in(
    exchange: &Exchange,
    client: IpAddr,
    email: &str,
    password: SecretString,
) -> Result<Session> {
    let debt = log_in_rate::take(exchange, client).await?;
    let user = users::by_email(exchange.database.reader(), email).await?;
    let attempts = PasswordAttempts::for_log_in(&email::mailbox_key(email), client);
    let confirmed = confirm_password(exchange, attempts, password, user.as_ref(), debt).await?;
    let (user, confirmed) = user.zip(confirmed).ok_or(Error::BadCredentials)?;
    let family = Family {
        id: exchange.random.uuid_v7(exchange.clock.now()),
        user_id: user.id,
        token_version: user.token_version,
    };
    let begin = exchange.write(move |exchange, transaction| {
        Box::pin(async move {
            confirmed.forgive_failures(&exchange, transaction).await?;
            let now = locks::user(transaction, user.id).await?;
            if now.password_hash == user.password_hash {
                confirmed.renew_hash(transaction, user.id).await?;
            }
            family.begin(&exchange, transaction).await
        })
    });
    issue(exchange, family, begin.await?)
}

/// Verifies the password of an account, or of none, which takes the same time. Counts a wrong one and returns `None`.
/// `debt` is the rank in the queue.
pub async fn confirm_password(
    exchange: &Exchange,
    attempts: PasswordAttempts,
    password: SecretString,
    user: Option<&user::Model>,
    debt: Duration,
) -> Result<Option<ConfirmedPassword>> {
    attempts.check(exchange).await?;
    let hash = user.map(|user| user.password_hash.clone());
    let renewed = match exchange.verify_password(password, hash, debt).await? {
        Verdict::Wrong => {
            attempts.record_failure(exchange).await?;
            return Ok(None);
        }
        Verdict::Right => None,
        Verdict::RightUnnormalized(hash) => Some(hash),
    };
    Ok(Some(ConfirmedPassword { attempts, renewed }))
}

impl ConfirmedPassword {
    /// Clears the earlier failures, unless the limit was reached meanwhile. Call it before the user is locked.
    pub async fn forgive_failures(
        &self,
        exchange: &Exchange,
        transaction: &Transaction,
    ) -> Result<()> {
        self.attempts.forgive_failures(exchange, transaction).await
    }

    /// Replaces an older hash of the same password. The user is locked.
    async fn renew_hash(self, transaction: &Transaction, id: UserId) -> Result<()> {
        let Some(hash) = self.renewed else {
            return Ok(());
        };
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .filter(user::Column::Id.eq(id))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

/// Exchanges a refresh token for a new session of the same family.
pub async fn refresh(exchange: &Exchange, token: SecretString) -> Result<Session> {
    let hash = TokenHash(sha256(token.expose_secret()));
    let outcome = exchange
        .write(|exchange, transaction| {
            Box::pin(async move { rotate(&exchange, transaction, hash).await })
        })
        .await?;
    let (family, refresh_token) = outcome.ok_or(Error::BadRefreshToken)?;
    issue(exchange, family, refresh_token)
}

/// Replaces a token by its successor. Returns `None` for an invalid one, and commits the end of its family.
async fn rotate(
    exchange: &Exchange,
    transaction: &Transaction,
    hash: TokenHash,
) -> Result<Option<(Family, SecretString)>> {
    let Some(seen) = find(transaction, &hash).await? else {
        return Ok(None);
    };
    let user = match locks::user(transaction, seen.user_id).await {
        Err(Error::NoUser(_)) => return Ok(None),
        user => user?,
    };
    let Some(token) = find(transaction, &hash).await? else {
        return Ok(None);
    };
    let now = transaction.now();
    if token.expires_at <= now || token.token_version != user.token_version {
        return Ok(None);
    }
    let family = Family {
        id: token.family_id,
        user_id: user.id,
        token_version: user.token_version,
    };
    let replaced = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::ReplacedAt, Expr::value(now))
        .filter(refresh_token::Column::Id.eq(token.id))
        .filter(refresh_token::Column::ReplacedAt.is_null())
        .exec(transaction)
        .await?;
    let retried = token
        .replaced_at
        .is_some_and(|replaced_at| now - replaced_at <= RETRY_WINDOW);
    if replaced.rows_affected == 0 && !retried {
        tracing::warn!(user_id = %user.id, "a refresh token was reused: its session has ended");
        family.end(transaction).await?;
        return Ok(None);
    }
    Ok(Some((family, family.extend(exchange, transaction).await?)))
}

/// Ends the session of a refresh token, including its access tokens. An invalid token has no session, so this succeeds.
pub async fn log_out(exchange: &Exchange, token: SecretString) -> Result<()> {
    let hash = TokenHash(sha256(token.expose_secret()));
    exchange
        .write(move |_, transaction| {
            Box::pin(async move {
                let Some(seen) = find(transaction, &hash).await? else {
                    return Ok(());
                };
                let user = match locks::user(transaction, seen.user_id).await {
                    Err(Error::NoUser(_)) => return Ok(()),
                    user => user?,
                };
                let family = Family {
                    id: seen.family_id,
                    user_id: user.id,
                    token_version: user.token_version,
                };
                family.end(transaction).await
            })
        })
        .await
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
    /// Adds the first token, and deletes the user's expired ones.
    async fn begin(&self, exchange: &Exchange, transaction: &Transaction) -> Result<SecretString> {
        let expired = refresh_token::Column::ExpiresAt.lt(transaction.now());
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::UserId.eq(self.user_id))
            .filter(expired)
            .exec(transaction)
            .await?;
        self.extend(exchange, transaction).await
    }

    /// Adds a token.
    async fn extend(&self, exchange: &Exchange, transaction: &Transaction) -> Result<SecretString> {
        let token = exchange.random.token();
        let row = refresh_token::ActiveModel {
            family_id: Set(self.id),
            user_id: Set(self.user_id),
            token_hash: Set(TokenHash(sha256(token.expose_secret()))),
            token_version: Set(self.token_version),
            expires_at: Set(transaction.now() + REFRESH_LIFETIME),
            ..Default::default()
        };
        refresh_token::Entity::insert(row)
            .exec_without_returning(transaction)
            .await?;
        Ok(token)
    }

    async fn end(&self, transaction: &Transaction) -> Result<()> {
        refresh_token::Entity::delete_many()
            .filter(refresh_token::Column::FamilyId.eq(self.id))
            .exec(transaction)
            .await?;
        Ok(())
    }
}

async fn find(transaction: &Transaction, hash: &TokenHash) -> Result<Option<refresh_token::Model>> {
    let by_hash = refresh_token::Column::TokenHash.eq(hash.clone());
    Ok(refresh_token::Entity::find()
        .filter(by_hash)
        .one(transaction)
        .await?)
}

fn issue(exchange: &Exchange, family: Family, refresh_token: SecretString) -> Result<Session> {
    let claims = Claims {
        user_id: family.user_id,
        token_version: family.token_version,
        session: family.id,
    };
    let access_token = exchange
        .identity
        .tokens
        .mint(claims, exchange.clock.now())?;
    Ok(Session {
        user_id: family.user_id,
        access_token,
        expires_in: LIFETIME,
        refresh_token,
    })
}
