//! Changes the password of an account by its own user; by letter, see [`super::mailbox`].

use entity::{LetterPurpose, PasswordHash, UserId, event::UserEvent, user};
use outbox::Audience;
use platform::database::Transaction;
use rules::{Actor, Proof, identified, permit_user};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{bump_version, find, mailbox, record_event};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::{
        passwords::{self, AUTHENTICATED},
        throttle::PasswordAttempts,
    },
    locks,
    operation::WriteContext,
    revision::RevisionTag,
    sessions::{self, ConfirmedPassword},
    validation::{Faults, Validate},
};

/// A new password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The current password; required unless the actor was identified by X-User-ID.
    pub current: Option<SecretString>,
    pub new: SecretString,
}

impl Validate for PasswordChange {
    fn check(&mut self, faults: &mut Faults) {
        passwords::check(faults, "new_password", &self.new);
    }
}

/// Changes the actor's own password and ends all their sessions.
pub async fn change_password(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: UserId,
    change: PasswordChange,
) -> Result<user::Model> {
    let context = context.into();
    let (operation, input) = ("change_password", whole_input(id, &change));
    if let Some(done) = exchange
        .recorded_outcome(&context, operation, &input)
        .await?
    {
        return Ok(done);
    }
    context.require_active_sender()?;
    let actor = context.actor;
    identified(&actor)?;
    let user = find(exchange, id).await?;
    permit_user(user.id, &actor)?;
    let change = change.validate()?;
    let confirmed = confirm_current(exchange, &actor, &user, change.current).await?;
    let hash = exchange.hash_password(change.new, AUTHENTICATED).await?;
    exchange
        .write_once(context, operation, input, move |write| {
            Box::pin(async move {
                if let Some(confirmed) = confirmed {
                    confirmed
                        .forgive_failures(write.exchange, write.transaction)
                        .await?;
                }
                let now = locks::user(write.transaction, id).await?;
                // The password has changed since it was confirmed.
                if now.token_version != user.token_version {
                    return Err(Error::WrongPassword);
                }
                RevisionTag::from(&now).check(write.context)?;
                let row = now.clone().into_active_model();
                replace_password(write.exchange, write.transaction, &now, row, hash).await
            })
        })
        .await
}

/// Returns the whole input, of which only an HMAC is stored.
fn whole_input(id: UserId, change: &PasswordChange) -> Value {
    let current = change.current.as_ref().map(ExposeSecret::expose_secret);
    json!([id, current, change.new.expose_secret()])
}

/// Confirms the current password. A trusted proxy that vouches for the actor need not send it.
async fn confirm_current(
    exchange: &Exchange,
    actor: &Actor,
    user: &user::Model,
    current: Option<SecretString>,
) -> Result<Option<ConfirmedPassword>> {
    let Some(current) = current else {
        let vouched_for = matches!(
            actor,
            Actor::Person {
                proof: Proof::Header,
                ..
            }
        );
        return if vouched_for {
            Ok(None)
        } else {
            Err(Error::CurrentPasswordRequired)
        };
    };
    let attempts = PasswordAttempts::for_password_change(user.id);
    let confirmed =
        sessions::confirm_password(exchange, attempts, current, Some(user), AUTHENTICATED).await?;
    confirmed.map(Some).ok_or(Error::WrongPassword)
}

/// Stores a new password and the other changes in `row` for a user, who is locked. Ends all sessions, and revokes the
/// letters for a reset.
pub(super) async fn replace_password(
    exchange: &Exchange,
    transaction: &Transaction,
    user: &user::Model,
    mut row: user::ActiveModel,
    hash: PasswordHash,
) -> Result<user::Model> {
    row.password_hash = Set(hash);
    row.token_version = Set(user.token_version + 1);
    row.password_changed_at = Set(Some(exchange.clock.now()));
    bump_version(exchange, &mut row, user.revisions(), Audience::Parties);
    let user = row.update(transaction).await?;
    sessions::end_all(transaction, user.id).await?;
    mailbox::revoke(transaction, user.id, LetterPurpose::ResetPassword).await?;
    record_event(
        exchange,
        transaction,
        &user,
        UserEvent::PasswordChanged,
        user.version,
    )
    .await?;
    Ok(user)
}
