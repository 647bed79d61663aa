//! Confirms an e-mail address.

use entity::{LetterPurpose, TokenHash, user};
use outbox::Audience;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{super::bump_version, redeem};
use crate::{error::Result, identity::hash_token, operation::Operation, write::Write};

/// Confirms the address to which the letter with this token was sent.
pub struct ConfirmEmail {
    token: TokenHash,
}

impl ConfirmEmail {
    #[must_use]
    pub fn new(token: &SecretString) -> Self {
        Self {
            token: hash_token(token),
        }
    }
}

impl Operation for ConfirmEmail {
    const NAME: &'static str = "confirm_email";
    const NEEDS_SENDER: bool = false;
    type Output = user::Model;

    fn input(&self) -> Value {
        json!(self.token.0)
    }

    fn key_subject(&self) -> Option<String> {
        Some(self.token.0.clone())
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        write.refuse_if_match()?;
        let user = redeem(write, LetterPurpose::ConfirmEmail, &self.token).await?;
        let before = user.revisions();
        let confirmed_at = user.email_confirmed_at.unwrap_or(write.now());
        let mut row = user.into_active_model();
        row.email_confirmed_at = Set(Some(confirmed_at));
        bump_version(write, &mut row, before, Audience::Parties);
        Ok(row.update(write.transaction).await?)
    }
}
