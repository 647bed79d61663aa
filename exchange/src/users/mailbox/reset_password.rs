//! Sets a new password with the token of a letter.

use entity::{LetterPurpose, PasswordHash, TokenHash, limits::Password, user};
use platform::email;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{
    super::{by_id, change_password::replace_password},
    redeem, revoke, valid_token,
};
use crate::{
    Exchange,
    context::WriteContext,
    error::Result,
    identity::{hash_token, passwords::AUTHENTICATED, throttle},
    operation::{Operation, prepared},
    validation::{Faults, Limited},
    write::Write,
};

/// Sets a new password for the user to whom the letter with this token was sent, and ends all their sessions. Also
/// confirms the address and clears the failed log-ins.
pub struct ResetPassword {
    token: TokenHash,
    new: Password,
    password_hash: Option<PasswordHash>,
}

impl ResetPassword {
    #[must_use]
    pub fn new(token: &SecretString, new: Password) -> Self {
        Self {
            token: hash_token(token),
            new,
            password_hash: None,
        }
    }
}

impl Operation for ResetPassword {
    const NAME: &'static str = "reset_password";
    const NEEDS_SENDER: bool = false;
    const USES_UP_CREDENTIALS: bool = true;
    type Output = user::Model;

    fn input(&self) -> Value {
        json!([self.token.0, self.new.0.expose_secret()])
    }

    fn check(&mut self, faults: &mut Faults) {
        self.new.check("new_password", faults);
    }

    fn key_subject(&self) -> Option<String> {
        Some(self.token.0.clone())
    }

    async fn prepare(&mut self, exchange: &Exchange, _: &WriteContext) -> Result<()> {
        let (reader, now) = (exchange.database.reader(), exchange.clock.now());
        // Checked before hashing, so that forged tokens cost no work.
        valid_token(reader, LetterPurpose::ResetPassword, &self.token, now).await?;
        let new = self.new.0.clone();
        self.password_hash = Some(exchange.hash_password(new, AUTHENTICATED).await?);
        Ok(())
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        write.refuse_if_match()?;
        let transaction = write.transaction;
        let (purpose, now) = (LetterPurpose::ResetPassword, transaction.now());
        let seen = valid_token(transaction, purpose, &self.token, now).await?;
        if let Some(user) = by_id(transaction, seen.user_id).await? {
            throttle::forget_failures(transaction, &email::mailbox_key(&user.email)).await?;
        }
        let user = redeem(write, purpose, &self.token).await?;
        revoke(transaction, user.id, LetterPurpose::ConfirmEmail).await?;
        let confirmed_at = user.email_confirmed_at.unwrap_or(write.now());
        let mut row = user.clone().into_active_model();
        row.email_confirmed_at = Set(Some(confirmed_at));
        replace_password(write, &user, row, prepared(self.password_hash)?).await
    }
}
