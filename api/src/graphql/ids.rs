//! Global ids: `User:1` in base64. They name one object among all types; `databaseId` names it among its own.
//!
//! Where an input refers to an object it takes either, see [`reference`]. To add a type, implement [`Key`] for its id
//! and add it to [`Global`].

use async_graphql::ID;
use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{GameId, OfferId, UserId};

use crate::error::{Error, Result};

/// The id of one type's rows.
pub trait Key: Copy {
    /// The GraphQL type.
    const TYPE: &'static str;

    fn of(number: i64) -> Self;
    fn number(self) -> i64;
}

macro_rules! key {
    ($id:ident, $name:literal) => {
        impl Key for $id {
            const TYPE: &'static str = $name;

            fn of(number: i64) -> Self {
                Self(number)
            }

            fn number(self) -> i64 {
                self.0
            }
        }
    };
}

key!(UserId, "User");
key!(GameId, "Game");
key!(OfferId, "Offer");

/// What a global id names.
#[derive(Clone, Copy)]
pub enum Global {
    User(UserId),
    Game(GameId),
    Offer(OfferId),
}

/// The global id of an object.
pub fn global<K: Key>(id: K) -> ID {
    ID(STANDARD.encode(format!("{}:{}", K::TYPE, id.number())))
}

/// What the global id names, whether it exists or not.
pub fn read(id: &ID) -> Result<Global> {
    let (name, number) = decode(id).ok_or_else(|| {
        Error::Malformed("`id` is not a global id. Send one that came as `id`".to_owned())
    })?;
    match name.as_str() {
        UserId::TYPE => Ok(Global::User(UserId(number))),
        GameId::TYPE => Ok(Global::Game(GameId(number))),
        OfferId::TYPE => Ok(Global::Offer(OfferId(number))),
        _ => Err(Error::Malformed(format!(
            "`id` names a {name}, and there is no such type"
        ))),
    }
}

/// The object that an input names in `field`: by its global id, or by the number that is its `databaseId`.
pub fn reference<K: Key>(field: &str, id: &ID) -> Result<K> {
    if let Ok(number) = id.parse() {
        return Ok(K::of(number));
    }
    match decode(id) {
        Some((name, number)) if name == K::TYPE => Ok(K::of(number)),
        Some((name, _)) => Err(Error::Malformed(format!(
            "`{field}` names a {name}. Send the id of a {}",
            K::TYPE
        ))),
        None => Err(Error::Malformed(format!(
            "`{field}` is not an id. Send the `id` or the `databaseId` of a {}",
            K::TYPE
        ))),
    }
}

/// [`reference`], where there may be none.
pub fn optional<K: Key>(field: &str, id: Option<&ID>) -> Result<Option<K>> {
    id.map(|id| reference(field, id)).transpose()
}

/// [`reference`], for each of a list.
pub fn references<K: Key>(field: &str, ids: &[ID]) -> Result<Vec<K>> {
    ids.iter().map(|id| reference(field, id)).collect()
}

/// The type and the number in a global id. Each object has one spelling: what would be written otherwise is none.
fn decode(id: &ID) -> Option<(String, i64)> {
    let text = String::from_utf8(STANDARD.decode(id.as_str()).ok()?).ok()?;
    let (name, digits) = text.split_once(':')?;
    let number: i64 = digits.parse().ok()?;
    (number.to_string() == digits).then(|| (name.to_owned(), number))
}
