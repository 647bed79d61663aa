//! Users: register, read, update. Changing the password is in [`password`], deleting an account in [`delete`](mod@delete),
//! operations by letter in [`mailbox`].

mod delete;
pub mod mailbox;
mod password;

use std::collections::HashMap;

use entity::{
    Revisions, UserId,
    event::{Event, UserFacts},
    user::{self, Profile},
};
use outbox::Audience;
use platform::{database::Transaction, email};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select, SqlErr,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;

pub use self::{
    delete::delete,
    password::{PasswordChange, change_password},
};
use super::{
    locks,
    operation::WriteContext,
    pagination::{self, Order, Page, Window},
    revision::RevisionTag,
    select::{self, SetIf},
    validation::{Faults, ReadOnlyFaults, Validate},
};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::{
        passwords::{self, ANONYMOUS},
        throttle,
    },
};
use rules::permit_user;

/// The maximum length of a name, an e-mail address and a street address, in characters.
pub const MAX_NAME: usize = 200;
const MAX_EMAIL: usize = 254;
pub const MAX_ADDRESS: usize = 500;

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub email: String,
    /// 6 to 256 characters.
    pub password: SecretString,
    pub street_address: Option<String>,
}

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

/// Creates an account. Needs no authentication, and the e-mail address may be a stranger's: beyond the limit of letters to
/// it, no letter is sent. In development the address counts as confirmed immediately.
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
    let password_hash = exchange
        .identity
        .passwords
        .hash(password, ANONYMOUS)
        .await?;
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
        .write_once(
            context,
            "register",
            input,
            move |exchange, context, transaction| {
                Box::pin(async move {
                    context.refuse_if_match()?;
                    let tells_by_letter =
                        match throttle::count_letter(&exchange, transaction, &email).await {
                            Ok(()) => true,
                            Err(Error::TooManyLetters { .. }) => false,
                            Err(failure) => return Err(failure),
                        };
                    // The unique key does not catch an address on record in another spelling.
                    if by_email(transaction, &sent).await?.is_some() {
                        return Err(Error::EmailTaken);
                    }
                    let user =
                        row.insert(transaction)
                            .await
                            .map_err(|cause| match cause.sql_err() {
                                Some(SqlErr::UniqueConstraintViolation(_)) => Error::EmailTaken,
                                _ => cause.into(),
                            })?;
                    if tells_by_letter {
                        let event = Event::UserRegistered;
                        record_event(&exchange, transaction, &user, event, user.version).await?;
                    }
                    Ok(user)
                })
            },
        )
        .await
}

/// Finds a user with an account.
pub async fn find(exchange: &Exchange, id: UserId) -> Result<user::Model> {
    find_in(exchange.database.reader(), id).await
}

/// Finds a user with an account, inside a transaction.
async fn find_in(connection: &impl ConnectionTrait, id: UserId) -> Result<user::Model> {
    by_id(connection, id).await?.ok_or(Error::NoUser(id))
}

/// Looks up a user with an account by id.
pub async fn by_id(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<user::Model>> {
    let user = select::by_id::<user::Entity>(connection, id).await?;
    Ok(user.filter(|user| user.deleted_at.is_none()))
}

/// Looks up a user with an account by e-mail address, in any spelling of it. Of several, prefers the spelling that was sent.
pub async fn by_email(
    connection: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<user::Model>> {
    let spellings = email::spellings(email);
    let rows = active().filter(user::Column::Email.is_in(&spellings));
    let found: Vec<user::Model> = select::all(connection, rows.as_query()).await?;
    let place = |user: &user::Model| spellings.iter().position(|known| *known == user.email);
    Ok(found.into_iter().min_by_key(place))
}

/// Returns one page of the users with an account, in the order of registration.
pub async fn list(exchange: &Exchange, window: &Window) -> Result<Page<user::Model>> {
    pagination::read(
        exchange.database.reader(),
        active(),
        Order::by_id(),
        user::Column::Id,
        window,
    )
    .await
}

/// Counts the users with an account.
pub async fn count(exchange: &Exchange) -> Result<u64> {
    Ok(active().count(exchange.database.reader()).await?)
}

/// Selects the users with an account.
fn active() -> Select<user::Entity> {
    user::Entity::find().filter(user::Column::DeletedAt.is_null())
}

/// Fetches the users with these ids, including deleted accounts.
pub async fn by_ids(exchange: &Exchange, ids: &[UserId]) -> Result<HashMap<UserId, user::Model>> {
    let (reader, rows) = (exchange.database.reader(), user::Entity::find());
    let id = |user: &user::Model| user.id;
    Ok(select::by_ids(reader, rows, user::Column::Id, ids, id).await?)
}

/// Fetches the public fields of the users with these ids, including deleted accounts.
pub async fn profiles(exchange: &Exchange, ids: &[UserId]) -> Result<HashMap<UserId, Profile>> {
    profiles_in(exchange.database.reader(), ids).await
}

/// Fetches the public fields of these users, inside a transaction.
pub(super) async fn profiles_in(
    connection: &impl ConnectionTrait,
    ids: &[UserId],
) -> Result<HashMap<UserId, Profile>> {
    let rows = user::Entity::find()
        .select_only()
        .columns(Profile::SELECTED);
    let id = |user: &Profile| user.id;
    Ok(select::by_ids(connection, rows, user::Column::Id, ids, id).await?)
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
        .write_once(
            context,
            "update_user",
            input,
            move |exchange, context, transaction| {
                Box::pin(async move {
                    let user = locks::user(transaction, id).await?;
                    permit_user(user.id, &context.actor)?;
                    RevisionTag::from(&user).check(&context)?;
                    change.fixed.into_result()?;
                    if change
                        .email
                        .is_some_and(|sent| email::key(&sent) != email::key(&user.email))
                    {
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
                    bump_version(&exchange, &mut row, before, audience);
                    Ok(row.update(transaction).await?)
                })
            },
        )
        .await
}

/// Increments the versions of a user's row for everybody who can see the change.
fn bump_version(
    exchange: &Exchange,
    row: &mut user::ActiveModel,
    before: Revisions,
    audience: Audience,
) {
    let now = exchange.clock.now();
    row.version = Set(before.whole.version + 1);
    row.updated_at = Set(now);
    if audience == Audience::Everybody {
        row.public_version = Set(before.public.version + 1);
        row.public_updated_at = Set(Some(now));
    }
}

/// Records an event of a user after their write.
async fn record_event(
    exchange: &Exchange,
    transaction: &Transaction,
    user: &user::Model,
    event: fn(UserFacts) -> Event,
    aggregate_seq: i64,
) -> Result<()> {
    let event = event(UserFacts {
        user_id: user.id,
        name: user.name.clone(),
    });
    let (clock, random) = (&exchange.clock, &exchange.random);
    let audience = Audience::Parties;
    outbox::record(transaction, clock, random, &event, aggregate_seq, audience).await?;
    Ok(())
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
