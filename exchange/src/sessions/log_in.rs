//! Logs in.

use std::{net::IpAddr, time::Duration};

use entity::{PasswordHash, UserId, user};
use platform::{database::Transaction, email};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;

use super::{Family, Session};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::{log_in_rate, passwords::Verdict, throttle::PasswordAttempts},
    users::list::by_email,
    write::Write,
};

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
    let user = by_email(exchange.database.reader(), email).await?;
    let attempts = PasswordAttempts::for_log_in(&email::mailbox_key(email), client);
    let confirmed = confirm_password(exchange, attempts, password, user.as_ref(), debt).await?;
    let (user, confirmed) = user.zip(confirmed).ok_or(Error::BadCredentials)?;
    let family = Family {
        id: exchange.random.uuid_v7(exchange.clock.now()),
        user_id: user.id,
        token_version: user.token_version,
    };
    let begin = exchange.write(move |write| {
        Box::pin(async move {
            confirmed.forgive_failures(write).await?;
            let now = write.lock_user(user.id).await?;
            if now.password_hash == user.password_hash {
                confirmed.renew_hash(write.transaction, user.id).await?;
            }
            family.begin(write).await
        })
    });
    family.issue(exchange, begin.await?)
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
    pub async fn forgive_failures(&self, write: Write<'_>) -> Result<()> {
        self.attempts.forgive_failures(write).await
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
