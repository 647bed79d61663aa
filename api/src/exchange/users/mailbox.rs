//! What only the owner of a mailbox can do: confirm the e-mail address, and set a new password without the old one. The
//! notifier makes the token, stores its hash and sends it; whoever brings it back has read the letter.

use chrono::{DateTime, Utc};
use entity::{LetterPurpose, TokenHash, UserId, event::Event, letter_token, password_reset, user};
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
    bump_version, by_email, by_id, find_in, password::replace_password, record_event,
    validate_email,
};
use crate::{
    app::App,
    error::{Error, Result},
    exchange::{locks, operation::WriteContext, revision::RevisionTag, validation::Faults},
    identity::{
        passwords::{self, AUTHENTICATED},
        throttle,
    },
};

/// Asks for a letter to the actor, by which they confirm the address of their account.
pub async fn request_confirmation(
    app: &App,
    context: impl Into<WriteContext>,
    id: UserId,
) -> Result<user::Model> {
    let context = context.into();
    context.identified()?;
    app.write_once(
        context,
        "request_confirmation",
        id,
        move |app, context, transaction| {
            Box::pin(async move {
                // Locked by `request_letter`, since whoever else asks for a letter counts it first.
                let user = find_in(transaction, id).await?;
                permit_confirmation(&user, &context.actor)?;
                RevisionTag::from(&user).check(&context)?;
                throttle::count_letter(&app, transaction, &email::key(&user.email)).await?;
                request_letter(&app, transaction, id, Event::EmailConfirmationRequested).await
            })
        },
    )
    .await
}

/// Confirms the address of whoever got the letter with this token.
pub async fn confirm(
    app: &App,
    context: impl Into<WriteContext>,
    token: SecretString,
) -> Result<user::Model> {
    let hash = TokenHash(sha256(token.expose_secret()));
    let input = json!(hash.0);
    let context = context.into().with_key_bound_to(app, &hash.0);
    app.write_once(
        context,
        "confirm_email",
        input,
        move |app, context, transaction| {
            Box::pin(async move {
                context.refuse_if_match()?;
                let user = redeem(transaction, LetterPurpose::ConfirmEmail, hash).await?;
                let before = user.revisions();
                let confirmed_at = user.email_confirmed_at.unwrap_or(app.clock.now());
                let mut row = user.into_active_model();
                row.email_confirmed_at = Set(Some(confirmed_at));
                bump_version(&app, &mut row, before, Audience::Parties);
                Ok(row.update(transaction).await?)
            })
        },
    )
    .await
}

/// The most resets that an instance looks up at once.
const RESET_BATCH: u64 = 100;

/// Asks for a letter to this address by which a new password is set. Whether anybody has the address is not told, not even by
/// the time that this takes: that is looked up later, by [`send_resets`]. It also ends the same way if too many letters were
/// asked for.
pub async fn request_password_reset(app: &App, email: &str) -> Result<()> {
    let mut faults = Faults::default();
    let (sent, email) = (email.to_owned(), validate_email(&mut faults, email));
    faults.into_result()?;
    let asked = app.write(move |app, transaction| {
        Box::pin(async move {
            throttle::count_letter(&app, transaction, &email).await?;
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
    match context.await {
        Err(Error::TooManyLetters { .. }) => Ok(()),
        outcome => outcome,
    }
}

/// Sends the letters of resets that were asked for, at whichever instance, to those who have an account.
pub async fn send_resets(app: &App) -> Result<()> {
    let asked = password_reset::Entity::find()
        .order_by_asc(password_reset::Column::Id)
        .limit(RESET_BATCH)
        .all(app.database.reader())
        .await?;
    for reset in asked {
        match send_reset(app, reset).await {
            // Their account was deleted meanwhile.
            Ok(()) | Err(Error::NoUser(_)) => {}
            Err(failure) => failure.log(),
        }
    }
    Ok(())
}

/// Sends the letter of one reset, in the trace of the request that asked for it.
async fn send_reset(app: &App, reset: password_reset::Model) -> Result<()> {
    let parent = reset.traceparent.clone();
    let sent = app.write(move |app, transaction| {
        Box::pin(async move {
            let mine = password_reset::Entity::delete_by_id(reset.id)
                .exec(transaction)
                .await?;
            if mine.rows_affected == 0 {
                // Another instance has sent it.
                return Ok(());
            }
            if let Some(user) = by_email(transaction, &reset.email).await? {
                request_letter(&app, transaction, user.id, Event::PasswordResetRequested).await?;
            }
            Ok(())
        })
    });
    trace::scope(parent, sent).await
}

/// Sets a new password for whoever got the letter with this token, and ends all their sessions. Their address is
/// confirmed by it, and passwords that were wrong before are forgotten.
pub async fn reset_password(
    app: &App,
    context: impl Into<WriteContext>,
    token: SecretString,
    new: SecretString,
) -> Result<user::Model> {
    let mut faults = Faults::default();
    passwords::check(&mut faults, "new_password", &new);
    faults.into_result()?;
    let hash = TokenHash(sha256(token.expose_secret()));
    let (operation, input) = ("reset_password", json!([hash.0, new.expose_secret()]));
    let context = context.into().with_key_bound_to(app, &hash.0);
    if let Some(done) = app.recorded_outcome(&context, operation, &input).await? {
        return Ok(done);
    }
    context.require_active_sender()?;
    // Seen before the work of hashing, for which nobody is to wait who made a token up.
    let (reader, now) = (app.database.reader(), app.clock.now());
    valid_token(reader, LetterPurpose::ResetPassword, &hash, now).await?;
    let password_hash = app.identity.passwords.hash(new, AUTHENTICATED).await?;
    app.write_once(
        context,
        operation,
        input,
        move |app, context, transaction| {
            Box::pin(async move {
                let seen = valid_token(
                    transaction,
                    LetterPurpose::ResetPassword,
                    &hash,
                    transaction.now(),
                )
                .await?;
                if let Some(user) = by_id(transaction, seen.user_id).await? {
                    throttle::forget_failures(transaction, &email::key(&user.email)).await?;
                }
                let user = redeem(transaction, LetterPurpose::ResetPassword, hash).await?;
                revoke(transaction, user.id, LetterPurpose::ConfirmEmail).await?;
                let confirmed_at = user.email_confirmed_at.unwrap_or(app.clock.now());
                let mut row = user.clone().into_active_model();
                row.email_confirmed_at = Set(Some(confirmed_at));
                replace_password(&app, transaction, &user, row, password_hash).await
            })
        },
    )
    .await
}

/// Forgets the tokens of a purpose that a person holds; the person's row is locked.
pub async fn revoke(transaction: &Transaction, user: UserId, purpose: LetterPurpose) -> Result<()> {
    letter_token::Entity::delete_many()
        .filter(letter_token::Column::UserId.eq(user))
        .filter(letter_token::Column::Purpose.eq(purpose))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Records that a person is to get a letter.
async fn request_letter(
    app: &App,
    transaction: &Transaction,
    id: UserId,
    event: fn(entity::event::UserFacts) -> Event,
) -> Result<user::Model> {
    let user = locks::user(transaction, id).await?;
    let letters_requested = user.letters_requested + 1;
    let mut row = user.into_active_model();
    row.letters_requested = Set(letters_requested);
    let user = row.update(transaction).await?;
    record_event(app, transaction, &user, event, letters_requested).await?;
    Ok(user)
}

/// The person, now locked, whose token this is. It and all others of its purpose are used up by this.
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
    // Somebody else may have used it while this waited for the lock.
    valid_token(transaction, purpose, &hash, now).await?;
    revoke(transaction, user.id, purpose).await?;
    Ok(user)
}

/// The token, if it is of this purpose and not too old.
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
