//! Creates an account.

use entity::{
    PasswordHash,
    event::UserEvent,
    limits::{Address, Email, Name, Password},
    user,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, SqlErr};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{list::by_email, record_event};
use crate::{
    Exchange,
    context::WriteContext,
    error::{Error, Result},
    identity::{passwords::ANONYMOUS, throttle},
    operation::{Operation, prepared},
    validation::{Faults, Limited, Validate},
    write::Write,
};

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: Name,
    pub email: Email,
    pub password: Password,
    pub street_address: Option<Address>,
}

impl Validate for NewUser {
    fn check(&mut self, faults: &mut Faults) {
        self.name.check("name", faults);
        self.email.check("email", faults);
        self.street_address.check("street_address", faults);
        self.password.check("password", faults);
    }
}

/// Creates an account. Needs no authentication, and the e-mail address may be a stranger's: beyond the limit of letters
/// to it, no letter is sent. In development the address counts as confirmed immediately.
pub struct Register {
    new: NewUser,
    /// The e-mail address as it was sent.
    sent_email: String,
    password_hash: Option<PasswordHash>,
}

impl Register {
    #[must_use]
    pub fn new(new: NewUser) -> Self {
        Self {
            sent_email: new.email.0.clone(),
            new,
            password_hash: None,
        }
    }
}

impl Operation for Register {
    const NAME: &'static str = "register";
    const NEEDS_SENDER: bool = false;
    type Output = user::Model;

    fn input(&self) -> Value {
        let NewUser {
            name,
            email,
            password,
            street_address,
        } = &self.new;
        json!([name, email, password.0.expose_secret(), street_address])
    }

    fn check(&mut self, faults: &mut Faults) {
        self.new.check(faults);
    }

    fn key_subject(&self) -> Option<String> {
        Some(self.new.email.0.clone())
    }

    async fn prepare(&mut self, exchange: &Exchange, _: &WriteContext) -> Result<()> {
        let password = self.new.password.0.clone();
        self.password_hash = Some(exchange.hash_password(password, ANONYMOUS).await?);
        Ok(())
    }

    async fn run(self, write: Write<'_>) -> Result<user::Model> {
        write.refuse_if_match()?;
        let tells_by_letter = match throttle::count_letter(write, &self.new.email.0).await {
            Ok(()) => true,
            Err(Error::TooManyLetters { .. }) => false,
            Err(failure) => return Err(failure),
        };
        // The unique key does not catch an address on record in another spelling.
        let known = by_email(write.transaction, &self.sent_email).await?;
        if known.is_some() {
            return Err(Error::EmailTaken);
        }
        let user = insert(write, self.new, prepared(self.password_hash)?).await?;
        if tells_by_letter {
            record_event(write, &user, UserEvent::Registered, user.version).await?;
        }
        Ok(user)
    }
}

async fn insert(write: Write<'_>, new: NewUser, hash: PasswordHash) -> Result<user::Model> {
    let now = write.now();
    let is_confirmed = write.exchange.identity.trust_email;
    let row = user::ActiveModel {
        name: Set(new.name.into()),
        email: Set(new.email.0),
        email_confirmed_at: Set(is_confirmed.then_some(now)),
        letters_requested: Set(0),
        password_hash: Set(hash),
        street_address: Set(new.street_address.map(String::from)),
        token_version: Set(1),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let inserted = row.insert(write.transaction).await;
    inserted.map_err(|cause| match cause.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::EmailTaken,
        _ => cause.into(),
    })
}
