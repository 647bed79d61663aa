//! Operations that prove access to a mailbox: confirming the e-mail address, and resetting the password. The notifier
//! makes a token, stores its hash and sends it; a request with the token proves that its sender has read the letter.

use chrono::{DateTime, Utc};
use entity::{
    LetterPurpose, TokenHash, UserId, event::UserEvent, letter_token, password_reset, user,
};
use outbox::Audience;
use platform::{database::Transaction, email, system::sha256, trace};
use rules::permit_confirmation;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    bump_version, by_email, by_id, list::find_in, password::replace_password, record_event,
    validate_email,
};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::{
        passwords::{self, AUTHENTICATED},
        throttle,
    },
    locks,
    operation::WriteContext,
    revision::RevisionTag,
    validation::Faults,
};

/// Requests a letter to the actor, to confirm the e-mail address of their account.
pub async fn request_confirmation(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: UserId,
) -> Result<user::Model> {
    let context = context.into();
    context.identified()?;
    exchange
        .write_once(context, "request_confirmation", id, move |write| {
            Box::pin(async move {
                // Locked by `request_letter`, since every request for a letter counts it before it locks.
                let user = find_in(write.transaction, id).await?;
                permit_confirmation(&user, &write.context.actor)?;
                RevisionTag::from(&user).check(write.context)?;
                throttle::count_letter(
                    write.exchange,
                    write.transaction,
                    &email::mailbox_key(&user.email),
                )
                .await?;
                request_letter(
                    write.exchange,
                    write.transaction,
                    id,
                    UserEvent::EmailConfirmationRequested,
                )
                .await
            })
        })
        .await
}

/// Confirms the address to which the letter with this token was sent.
pub async fn confirm(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    token: SecretString,
) -> Result<user::Model> {
    let hash = TokenHash(sha256(token.expose_secret()));
    let input = json!(hash.0);
    let context = context.into().with_key_bound_to(exchange, &hash.0);
    exchange
        .write_once(context, "confirm_email", input, move |write| {
            Box::pin(async move {
                write.context.refuse_if_match()?;
                let user = redeem(write.transaction, LetterPurpose::ConfirmEmail, hash).await?;
                let before = user.revisions();
                let confirmed_at = user
                    .email_confirmed_at
                    .unwrap_or(write.exchange.clock.now());
                let mut row = user.into_active_model();
                row.email_confirmed_at = Set(Some(confirmed_at));
                bump_version(write.exchange, &mut row, before, Audience::Parties);
                Ok(row.update(write.transaction).await?)
            })
        })
        .await
}

/// The maximum number of password resets to handle in one go.
const RESET_BATCH: u64 = 100;

/// Requests a letter to this address, to reset the password. Does not reveal whether an account has the address, not
/// even by its duration, since [`send_resets`] looks that up later. Succeeds also beyond the limit of letters.
pub async fn request_password_reset(exchange: &Exchange, email: &str) -> Result<()> {
    let mut faults = Faults::default();
    let (sent, email) = (email.to_owned(), validate_email(&mut faults, email));
    faults.into_result()?;
    let asked = exchange.write(move |exchange, transaction| {
        Box::pin(async move {
            throttle::count_letter(&exchange, transaction, &email).await?;
            let row = password_reset::ActiveModel {
                email: Set(sent),
                traceparent: Set(trace::current()),
                ..Default::default()
            };
            password_reset::Entity::insert(row)
                .exec_without_returning(transaction)
                .await?;
            Ok(())
        })
    });
    match asked.await {
        Err(Error::TooManyLetters { .. }) => Ok(()),
        outcome => outcome,
    }
}

/// Requests the letters of pending resets, of all instances, for the addresses that have an account.
pub async fn send_resets(exchange: &Exchange) -> Result<()> {
    let asked = password_reset::Entity::find()
        .order_by_asc(password_reset::Column::Id)
        .limit(RESET_BATCH)
        .all(exchange.database.reader())
        .await?;
    for reset in asked {
        match send_reset(exchange, reset).await {
            // The account was deleted meanwhile.
            Ok(()) | Err(Error::NoUser(_)) => {}
            Err(failure) => failure.log(),
        }
    }
    Ok(())
}

/// Requests the letter of one reset, in the trace of its request.
async fn send_reset(exchange: &Exchange, reset: password_reset::Model) -> Result<()> {
    let parent = reset.traceparent.clone();
    let sent = exchange.write(move |exchange, transaction| {
        Box::pin(async move {
            let mine = password_reset::Entity::delete_by_id(reset.id)
                .exec(transaction)
                .await?;
            if mine.rows_affected == 0 {
                // Another instance has handled it.
                return Ok(());
            }
            if let Some(user) = by_email(transaction, &reset.email).await? {
                request_letter(
                    &exchange,
                    transaction,
                    user.id,
                    UserEvent::PasswordResetRequested,
                )
                .await?;
            }
            Ok(())
        })
    });
    trace::scope(parent, sent).await
}

/// Sets a new password for the user to whom the letter with this token was sent, and ends all their sessions. Also
/// confirms the address and clears the failed log-ins.
pub async fn reset_password(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    token: SecretString,
    new: SecretString,
) -> Result<user::Model> {
    let mut faults = Faults::default();
    passwords::check(&mut faults, "new_password", &new);
    faults.into_result()?;
    let hash = TokenHash(sha256(token.expose_secret()));
    let (operation, input) = ("reset_password", json!([hash.0, new.expose_secret()]));
    let context = context.into().with_key_bound_to(exchange, &hash.0);
    if let Some(done) = exchange
        .recorded_outcome(&context, operation, &input)
        .await?
    {
        return Ok(done);
    }
    context.require_active_sender()?;
    // Checked before hashing, so that forged tokens cost no work.
    let (reader, now) = (exchange.database.reader(), exchange.clock.now());
    valid_token(reader, LetterPurpose::ResetPassword, &hash, now).await?;
    let password_hash = exchange.hash_password(new, AUTHENTICATED).await?;
    exchange
        .write_once(context, operation, input, move |write| {
            Box::pin(async move {
                let seen = valid_token(
                    write.transaction,
                    LetterPurpose::ResetPassword,
                    &hash,
                    write.transaction.now(),
                )
                .await?;
                if let Some(user) = by_id(write.transaction, seen.user_id).await? {
                    throttle::forget_failures(write.transaction, &email::mailbox_key(&user.email))
                        .await?;
                }
                let user = redeem(write.transaction, LetterPurpose::ResetPassword, hash).await?;
                revoke(write.transaction, user.id, LetterPurpose::ConfirmEmail).await?;
                let confirmed_at = user
                    .email_confirmed_at
                    .unwrap_or(write.exchange.clock.now());
                let mut row = user.clone().into_active_model();
                row.email_confirmed_at = Set(Some(confirmed_at));
                replace_password(write.exchange, write.transaction, &user, row, password_hash).await
            })
        })
        .await
}

/// Deletes the tokens of a user, who is locked, for a purpose.
pub async fn revoke(transaction: &Transaction, user: UserId, purpose: LetterPurpose) -> Result<()> {
    letter_token::Entity::delete_many()
        .filter(letter_token::Column::UserId.eq(user))
        .filter(letter_token::Column::Purpose.eq(purpose))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Locks the user and records the event that makes the notifier send a letter.
async fn request_letter(
    exchange: &Exchange,
    transaction: &Transaction,
    id: UserId,
    kind: UserEvent,
) -> Result<user::Model> {
    let user = locks::user(transaction, id).await?;
    let letters_requested = user.letters_requested + 1;
    let mut row = user.into_active_model();
    row.letters_requested = Set(letters_requested);
    let user = row.update(transaction).await?;
    record_event(exchange, transaction, &user, kind, letters_requested).await?;
    Ok(user)
}

/// Locks and returns the user of a token, and deletes all of the user's tokens for its purpose.
async fn redeem(
    transaction: &Transaction,
    purpose: LetterPurpose,
    hash: TokenHash,
) -> Result<user::Model> {
    let now = transaction.now();
    let seen = valid_token(transaction, purpose, &hash, now).await?;
    let user = match locks::user(transaction, seen.user_id).await {
        Err(Error::NoUser(_)) => return Err(Error::BadLetterToken),
        user => user?,
    };
    // Another request may have used it while this one waited for the lock.
    valid_token(transaction, purpose, &hash, now).await?;
    revoke(transaction, user.id, purpose).await?;
    Ok(user)
}

/// Finds the token, if it is for this purpose and not expired.
async fn valid_token(
    connection: &impl ConnectionTrait,
    purpose: LetterPurpose,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<letter_token::Model> {
    letter_token::Entity::find()
        .filter(letter_token::Column::TokenHash.eq(hash.clone()))
        .filter(letter_token::Column::Purpose.eq(purpose))
        .filter(letter_token::Column::ExpiresAt.gt(now))
        .one(connection)
        .await?
        .ok_or(Error::BadLetterToken)
}
