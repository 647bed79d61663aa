//! Requests a letter to confirm an e-mail address.

use entity::{UserId, event::UserEvent, user};
use platform::email;
use rules::permit_confirmation;
use serde_json::{Value, json};

use super::{super::list::find_in, request_letter};
use crate::{error::Result, identity::throttle, operation::Operation, write::Write};

/// Requests a letter to the actor, to confirm the e-mail address of their account.
pub struct RequestConfirmation {
    pub user: UserId,
}

impl Operation for RequestConfirmation {
    const NAME: &'static str = "request_confirmation";
    type Output = user::Model;

    fn input(&self) -> Value {
        json!(self.user)
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        // Locked by `request_letter`, since every request for a letter counts it before it locks.
        let user = find_in(write.transaction, self.user).await?;
        permit_confirmation(&user, write.actor())?;
        write.require_match(|| (&user).into())?;
        throttle::count_letter(write, &email::mailbox_key(&user.email)).await?;
        request_letter(write, self.user, UserEvent::EmailConfirmationRequested).await
    }
}
