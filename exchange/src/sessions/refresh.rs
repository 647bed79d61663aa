//! Refreshes a session.

use chrono::TimeDelta;
use entity::refresh_token;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;

use super::{Family, Session, lock};
use crate::{
    Exchange,
    error::{Error, Result},
    write::Write,
};

/// The time within which the reuse of a replaced token counts as a retry.
const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);

/// Exchanges a refresh token for a new session of the same family.
pub async fn refresh(exchange: &Exchange, token: SecretString) -> Result<Session> {
    let outcome = exchange
        .write(move |write| Box::pin(rotate(write, token)))
        .await?;
    let (family, refresh_token) = outcome.ok_or(Error::BadRefreshToken)?;
    family.issue(exchange, refresh_token)
}

/// Replaces a token by its successor. Returns `None` for an invalid one, and commits the end of its family.
async fn rotate(write: Write<'_>, token: SecretString) -> Result<Option<(Family, SecretString)>> {
    let Some((token, user)) = lock(write, &token).await? else {
        return Ok(None);
    };
    let now = write.transaction.now();
    if token.expires_at <= now || token.token_version != user.token_version {
        return Ok(None);
    }
    let family = Family::new(&token, &user);
    let replaced = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::ReplacedAt, Expr::value(now))
        .filter(refresh_token::Column::Id.eq(token.id))
        .filter(refresh_token::Column::ReplacedAt.is_null())
        .exec(write.transaction)
        .await?;
    let retried = token
        .replaced_at
        .is_some_and(|replaced_at| now - replaced_at <= RETRY_WINDOW);
    if replaced.rows_affected == 0 && !retried {
        tracing::warn!(user_id = %user.id, "a refresh token was reused: its session has ended");
        family.end(write.transaction).await?;
        return Ok(None);
    }
    Ok(Some((family, family.extend(write).await?)))
}
