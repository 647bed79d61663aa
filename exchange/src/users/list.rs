//! Reads users.

use std::collections::HashMap;

use entity::{
    UserId,
    user::{self, Profile},
};
use platform::email;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use crate::{
    Exchange,
    error::{Error, Result},
    pagination::{self, Order, Page, Window},
    select,
};

/// Finds a user with an account.
pub async fn find(exchange: &Exchange, id: UserId) -> Result<user::Model> {
    find_in(exchange.database.reader(), id).await
}

/// Finds a user with an account, inside a transaction.
pub(super) async fn find_in(connection: &impl ConnectionTrait, id: UserId) -> Result<user::Model> {
    by_id(connection, id).await?.ok_or(Error::NoUser(id))
}

/// Looks up a user with an account by id.
pub async fn by_id(connection: &impl ConnectionTrait, id: UserId) -> Result<Option<user::Model>> {
    let user = select::by_id::<user::Entity>(connection, id).await?;
    Ok(user.filter(|user| user.deleted_at.is_none()))
}

/// Looks up a user with an account by e-mail address, in any spelling of it. Of several, prefers the spelling that was
/// sent.
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
pub(crate) async fn profiles_in(
    connection: &impl ConnectionTrait,
    ids: &[UserId],
) -> Result<HashMap<UserId, Profile>> {
    let rows = user::Entity::find()
        .select_only()
        .columns(Profile::SELECTED);
    let id = |user: &Profile| user.id;
    Ok(select::by_ids(connection, rows, user::Column::Id, ids, id).await?)
}
