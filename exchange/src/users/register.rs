//! Creates an account.

use entity::{event::UserEvent, user};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, SqlErr};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{MAX_ADDRESS, MAX_NAME, list::by_email, record_event, validate_email};
use crate::{
    Exchange,
    error::{Error, Result},
    idempotency::Write,
    identity::{
        passwords::{self, ANONYMOUS},
        throttle,
    },
    operation::WriteContext,
    validation::{Faults, Validate},
};

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    /// 6 to 256 characters.
    pub password: SecretString,
    pub street_address: Option<String>,
}

impl Validate for NewUser {
    fn check(&mut self, faults: &mut Faults) {
        self.name = faults.line("name", &self.name, MAX_NAME);
        self.email = validate_email(faults, &self.email);
        if let Some(text) = &mut self.street_address {
            *text = faults.lines("street_address", text, MAX_ADDRESS);
        }
        passwords::check(faults, "password", &self.password);
    }
}

/// Creates an account. Needs no authentication, and the e-mail address may be a stranger's: beyond the limit of letters
/// to it, no letter is sent. In development the address counts as confirmed immediately.
pub async fn register(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    new: NewUser,
) -> Result<user::Model> {
    let input = json!([
        new.name,
        new.email,
        new.password.expose_secret(),
        new.street_address
    ]);
    let sent = new.email.clone();
    let NewUser {
        name,
        email,
        password,
        street_address,
    } = new.validate()?;
    let password_hash = exchange.hash_password(password, ANONYMOUS).await?;
    let now = exchange.clock.now();
    let row = user::ActiveModel {
        name: Set(name),
        email: Set(email.clone()),
        email_confirmed_at: Set(exchange.identity.trust_email.then_some(now)),
        letters_requested: Set(0),
        password_hash: Set(password_hash),
        street_address: Set(street_address),
        token_version: Set(1),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let context = context.into().with_key_bound_to(exchange, &email);
    exchange
        .write_once(context, "register", input, move |write| {
            Box::pin(insert(write, row, email, sent))
        })
        .await
}

/// Inserts the account, and requests a letter to it. `email` is the canonical form of `sent_email`.
async fn insert(
    write: Write<'_>,
    row: user::ActiveModel,
    email: String,
    sent_email: String,
) -> Result<user::Model> {
    let Write {
        exchange,
        context,
        transaction,
    } = write;
    context.refuse_if_match()?;
    let tells_by_letter = match throttle::count_letter(exchange, transaction, &email).await {
        Ok(()) => true,
        Err(Error::TooManyLetters { .. }) => false,
        Err(failure) => return Err(failure),
    };
    // The unique key does not catch an address on record in another spelling.
    if by_email(transaction, &sent_email).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    let user = row
        .insert(transaction)
        .await
        .map_err(|cause| match cause.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Error::EmailTaken,
            _ => cause.into(),
        })?;
    if tells_by_letter {
        let kind = UserEvent::Registered;
        record_event(exchange, transaction, &user, kind, user.version).await?;
    }
    Ok(user)
}
