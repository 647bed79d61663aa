//! Users: one file an operation, reading in [`list()`], operations by letter in [`mailbox`].

mod change_password;
mod delete;
pub(crate) mod list;
pub mod mailbox;
mod register;
mod update;

use entity::{
    Revisions, UserId,
    event::{Event, UserEvent, UserFacts},
    user,
};
use outbox::Audience;
use platform::email;
use rules::permit_user;
use sea_orm::ActiveValue::Set;

pub use self::{
    change_password::{ChangePassword, PasswordChange},
    delete::DeleteUser,
    list::{by_email, by_id, by_ids, count, find, list, profiles},
    register::{NewUser, Register},
    update::{UpdateUser, UserChange},
};
use crate::{error::Result, validation::Faults, write::Write};

/// The maximum length of a name, an e-mail address and a street address, in characters.
pub const MAX_NAME: usize = 200;

const MAX_EMAIL: usize = 254;

pub const MAX_ADDRESS: usize = 500;

/// Locks a user, and checks that it is the actor's own account and that the preconditions hold.
async fn lock_own(write: Write<'_>, id: UserId) -> Result<user::Model> {
    let user = write.lock_user(id).await?;
    permit_user(user.id, write.actor())?;
    write.require_match(|| (&user).into())?;
    Ok(user)
}

/// Increments the versions of a user's row for everybody who can see the change.
fn bump_version(
    write: Write<'_>,
    row: &mut user::ActiveModel,
    before: Revisions,
    audience: Audience,
) {
    let now = write.now();
    row.version = Set(before.whole.version + 1);
    row.updated_at = Set(now);
    if audience == Audience::Everybody {
        row.public_version = Set(before.public.version + 1);
        row.public_updated_at = Set(Some(now));
    }
}

/// Records an event of a user after their write.
async fn record_event(
    write: Write<'_>,
    user: &user::Model,
    kind: UserEvent,
    aggregate_seq: i64,
) -> Result<()> {
    let facts = UserFacts {
        user_id: user.id,
        name: user.name.clone(),
    };
    let event = Event::User(kind, facts);
    write.record(&event, aggregate_seq, Audience::Parties).await
}

/// Validates an e-mail address, and returns its canonical form.
pub fn validate_email(faults: &mut Faults, text: &str) -> String {
    let line = faults.line("email", text, MAX_EMAIL);
    email::canonical(&line).unwrap_or_else(|| {
        if faults.has_no_error_for("email") {
            faults.add(
                "email",
                "not_an_email",
                "is not a valid e-mail address; send one such as ann@example.com",
            );
        }
        line
    })
}
