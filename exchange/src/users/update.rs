//! Edits an account.

use entity::{
    UserId,
    limits::{Address, Name},
    user,
};
use outbox::Audience;
use platform::email;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::Serialize;
use serde_json::{Value, json};

use super::{bump_version, lock_own};
use crate::{
    error::{Error, Result},
    operation::Operation,
    select::SetIf,
    validation::{Faults, Limited, ReadOnlyFaults, Validate},
    write::Write,
};

/// A change to an account; `None` keeps the value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UserChange {
    pub name: Option<Name>,
    /// `Some(None)` removes the address.
    pub street_address: Option<Option<Address>>,
    /// Read-only: must be the one on record.
    pub email: Option<String>,
    #[serde(skip)]
    pub read_only_faults: ReadOnlyFaults,
}

impl Validate for UserChange {
    fn check(&mut self, faults: &mut Faults) {
        self.name.check("name", faults);
        self.street_address.check("street_address", faults);
    }
}

/// Edits the actor's own account.
pub struct UpdateUser {
    pub user: UserId,
    pub change: UserChange,
}

impl Operation for UpdateUser {
    const NAME: &'static str = "update_user";
    type Output = user::Model;

    fn input(&self) -> Value {
        json!([self.user, self.change])
    }

    fn check(&mut self, faults: &mut Faults) {
        self.change.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        let (user, change) = (lock_own(write, self.user).await?, self.change);
        change.read_only_faults.into_result()?;
        let mailbox = email::mailbox_key(&user.email);
        if change
            .email
            .is_some_and(|sent| email::mailbox_key(&sent) != mailbox)
        {
            return Err(Error::EmailFixed);
        }
        let before = user.revisions();
        let mut row = user.clone().into_active_model();
        row.name.set_if(change.name.map(String::from));
        row.street_address
            .set_if(change.street_address.map(|text| text.map(String::from)));
        if !row.is_changed() {
            return Ok(user);
        }
        let audience = if row.name.is_set() {
            Audience::Everybody
        } else {
            Audience::Parties
        };
        bump_version(write, &mut row, before, audience);
        Ok(row.update(write.transaction).await?)
    }
}
