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
use rules::permit_user;
use sea_orm::ActiveValue::Set;

pub use self::{
    change_password::{ChangePassword, PasswordChange},
    delete::DeleteUser,
    list::{by_email, by_id, by_ids, count, find, list, profiles},
    register::{NewUser, Register},
    update::{UpdateUser, UserChange},
};
use crate::{error::Result, write::Write};

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
