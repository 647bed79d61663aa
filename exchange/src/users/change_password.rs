//! Changes the password of an account by its own user; by letter, see [`super::mailbox`].

use entity::{LetterPurpose, PasswordHash, UserId, event::UserEvent, limits::Password, user};
use outbox::Audience;
use rules::{Actor, Proof, permit_user};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{bump_version, find, mailbox, record_event};
use crate::{
    Exchange,
    context::WriteContext,
    error::{Error, Result},
    identity::{passwords::AUTHENTICATED, throttle::PasswordAttempts},
    operation::{Operation, prepared},
    sessions::{self, ConfirmedPassword},
    validation::{Faults, Limited, Validate},
    write::Write,
};

/// A new password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The current password; required unless the actor was identified by X-User-ID.
    pub current: Option<SecretString>,
    pub new: Password,
}

impl Validate for PasswordChange {
    fn check(&mut self, faults: &mut Faults) {
        self.new.check("new_password", faults);
    }
}

/// Changes the actor's own password and ends all their sessions.
pub struct ChangePassword {
    user: UserId,
    change: PasswordChange,
    confirmed: Option<Confirmed>,
}

/// A password change that its user may make.
struct Confirmed {
    token_version: i64,
    /// The current password; `None` if the user need not send it.
    current: Option<ConfirmedPassword>,
    new: PasswordHash,
}

impl ChangePassword {
    #[must_use]
    pub fn new(user: UserId, change: PasswordChange) -> Self {
        Self {
            user,
            change,
            confirmed: None,
        }
    }
}

impl Operation for ChangePassword {
    const NAME: &'static str = "change_password";
    const USES_UP_CREDENTIALS: bool = true;
    type Output = user::Model;

    fn input(&self) -> Value {
        let PasswordChange { current, new } = &self.change;
        let current = current.as_ref().map(ExposeSecret::expose_secret);
        json!([self.user, current, new.0.expose_secret()])
    }

    /// Also validates the new password, since the permission is checked before.
    async fn prepare(&mut self, exchange: &Exchange, context: &WriteContext) -> Result<()> {
        let user = find(exchange, self.user).await?;
        permit_user(user.id, &context.actor)?;
        let mut faults = Faults::default();
        self.change.check(&mut faults);
        faults.into_result()?;
        let PasswordChange { current, new } = self.change.clone();
        self.confirmed = Some(Confirmed {
            token_version: user.token_version,
            current: confirm_current(exchange, &context.actor, &user, current).await?,
            new: exchange.hash_password(new.0, AUTHENTICATED).await?,
        });
        Ok(())
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        let confirmed = prepared(self.confirmed)?;
        if let Some(current) = confirmed.current {
            current.forgive_failures(write).await?;
        }
        let user = write.lock_user(self.user).await?;
        // The password has changed since it was confirmed.
        if user.token_version != confirmed.token_version {
            return Err(Error::WrongPassword);
        }
        write.require_match(|| (&user).into())?;
        let row = user.clone().into_active_model();
        replace_password(write, &user, row, confirmed.new).await
    }
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
    write: Write<'_>,
    user: &user::Model,
    mut row: user::ActiveModel,
    hash: PasswordHash,
) -> Result<user::Model> {
    row.password_hash = Set(hash);
    row.token_version = Set(user.token_version + 1);
    row.password_changed_at = Set(Some(write.now()));
    bump_version(write, &mut row, user.revisions(), Audience::Parties);
    let user = row.update(write.transaction).await?;
    sessions::end_all(write.transaction, user.id).await?;
    mailbox::revoke(write.transaction, user.id, LetterPurpose::ResetPassword).await?;
    record_event(write, &user, UserEvent::PasswordChanged, user.version).await?;
    Ok(user)
}
