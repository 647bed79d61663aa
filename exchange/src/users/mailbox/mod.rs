//! Operations that prove access to a mailbox: confirming the e-mail address, and resetting the password. The notifier
//! makes a token, stores its hash and sends it; a request with the token proves that its sender has read the letter.

mod confirm_email;
mod request_confirmation;
mod request_password_reset;
mod reset_password;

use chrono::{DateTime, Utc};
use entity::{LetterPurpose, TokenHash, UserId, event::UserEvent, letter_token, user};
use platform::database::Transaction;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter,
};

pub use self::{
    confirm_email::ConfirmEmail,
    request_confirmation::RequestConfirmation,
    request_password_reset::{request_password_reset, send_resets},
    reset_password::ResetPassword,
};
use super::record_event;
use crate::{
    error::{Error, Result},
    write::Write,
};

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
async fn request_letter(write: Write<'_>, id: UserId, kind: UserEvent) -> Result<user::Model> {
    let user = write.lock_user(id).await?;
    let letters_requested = user.letters_requested + 1;
    let mut row = user.into_active_model();
    row.letters_requested = Set(letters_requested);
    let user = row.update(write.transaction).await?;
    record_event(write, &user, kind, letters_requested).await?;
    Ok(user)
}

/// Locks and returns the user of a token, and deletes all of the user's tokens for its purpose.
async fn redeem(write: Write<'_>, purpose: LetterPurpose, hash: &TokenHash) -> Result<user::Model> {
    let (transaction, now) = (write.transaction, write.transaction.now());
    let seen = valid_token(transaction, purpose, hash, now).await?;
    let user = match write.lock_user(seen.user_id).await {
        Err(Error::NoUser(_)) => return Err(Error::BadLetterToken),
        user => user?,
    };
    // Another request may have used it while this one waited for the lock.
    valid_token(transaction, purpose, hash, now).await?;
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
