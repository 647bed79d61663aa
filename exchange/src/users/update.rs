//! Edits an account.

use entity::{UserId, user};
use outbox::Audience;
use platform::email;
use rules::permit_user;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::Serialize;
use serde_json::json;

use super::{MAX_ADDRESS, MAX_NAME, bump_version};
use crate::{
    Exchange,
    error::{Error, Result},
    locks,
    operation::WriteContext,
    revision::RevisionTag,
    select::SetIf,
    validation::{Faults, ReadOnlyFaults, Validate},
};

/// A change to an account; `None` keeps the value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserChange {
    pub name: Option<String>,
    /// `Some(None)` removes the address.
    pub street_address: Option<Option<String>>,
    /// Read-only: must be the one on record.
    pub email: Option<String>,
    #[serde(skip)]
    pub fixed: ReadOnlyFaults,
}

impl Validate for UserChange {
    fn check(&mut self, faults: &mut Faults) {
        if let Some(text) = &mut self.name {
            *text = faults.line("name", text, MAX_NAME);
        }
        if let Some(Some(text)) = &mut self.street_address {
            *text = faults.lines("street_address", text, MAX_ADDRESS);
        }
    }
}

/// Edits the actor's own account.
pub async fn update(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: UserId,
    change: UserChange,
) -> Result<user::Model> {
    let context = context.into();
    context.identified()?;
    let input = json!([id, change]);
    let change = change.validate()?;
    exchange
        .write_once(context, "update_user", input, move |write| {
            Box::pin(async move {
                let user = locks::user(write.transaction, id).await?;
                permit_user(user.id, &write.context.actor)?;
                RevisionTag::from(&user).check(write.context)?;
                change.fixed.into_result()?;
                if change.email.is_some_and(|sent| {
                    email::mailbox_key(&sent) != email::mailbox_key(&user.email)
                }) {
                    return Err(Error::EmailFixed);
                }
                let before = user.revisions();
                let mut row = user.clone().into_active_model();
                row.name.set_if(change.name);
                row.street_address.set_if(change.street_address);
                if !row.is_changed() {
                    return Ok(user);
                }
                let audience = if row.name.is_set() {
                    Audience::Everybody
                } else {
                    Audience::Parties
                };
                bump_version(write.exchange, &mut row, before, audience);
                Ok(row.update(write.transaction).await?)
            })
        })
        .await
}
