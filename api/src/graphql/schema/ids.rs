//! References to objects: by global id (see [`exchange::global_id`]) or by `databaseId`.
//!
//! A query for one object takes one of the two as `by`, see [`UserBy`]. An input that refers to an object accepts both
//! in one member, see [`reference`]. To add a type, add it to [`Global`] and give it its `by!`.

use async_graphql::{ID, OneofObject};
use entity::{GameId, OfferId, UserId};
use exchange::{
    error::{Error, Result},
    global_id::{self, GlobalId},
};

/// An object that a global id refers to.
#[derive(Clone, Copy)]
pub enum Global {
    User(UserId),
    Game(GameId),
    Offer(OfferId),
}

/// Declares the input that identifies one object of a type.
macro_rules! by {
    ($(#[$doc:meta])* $name:ident: $id:ident) => {
        $(#[$doc])*
        #[derive(OneofObject)]
        pub enum $name {
            /// The global id.
            Id(ID),
            /// The `databaseId`, which is the `id` in REST.
            DatabaseId(i64),
        }

        impl $name {
            /// Returns the id of the object, which need not exist.
            pub fn key(self) -> Result<$id> {
                match self {
                    Self::Id(id) => of_type("id", &id),
                    Self::DatabaseId(number) => Ok($id(number)),
                }
            }
        }
    };
}

by! {
    /// Identifies a user by exactly one of two ids.
    UserBy: UserId
}
by! {
    /// Identifies a game by exactly one of two ids.
    GameBy: GameId
}
by! {
    /// Identifies an offer by exactly one of two ids.
    OfferBy: OfferId
}

/// Returns the global id of an object.
pub fn global<K: GlobalId>(id: K) -> ID {
    ID(global_id::encode(id))
}

/// Parses the global id in `field`. The object need not exist.
pub fn read(field: &str, id: &ID) -> Result<Global> {
    let (name, number) = global_id::decode(id).ok_or_else(|| {
        Error::Malformed(format!(
            "`{field}` is not a global id. Send the `id` of an object"
        ))
    })?;
    match name.as_str() {
        UserId::TYPE => Ok(Global::User(UserId(number))),
        GameId::TYPE => Ok(Global::Game(GameId(number))),
        OfferId::TYPE => Ok(Global::Offer(OfferId(number))),
        _ => Err(Error::Malformed(format!(
            "`{field}` refers to the type {name}, which does not exist"
        ))),
    }
}

/// Parses a reference in `field`: a global id, or the number that is the `databaseId`.
pub fn reference<K: GlobalId>(field: &str, id: &ID) -> Result<K> {
    match id.parse() {
        Ok(number) => Ok(K::from_number(number)),
        Err(_) => of_type(field, id),
    }
}

/// Parses an optional [`reference`].
pub fn optional<K: GlobalId>(field: &str, id: Option<&ID>) -> Result<Option<K>> {
    id.map(|id| reference(field, id)).transpose()
}

/// Parses a list of [`reference`]s.
pub fn references<K: GlobalId>(field: &str, ids: &[ID]) -> Result<Vec<K>> {
    ids.iter().map(|id| reference(field, id)).collect()
}

/// Parses the global id of an object of this type.
fn of_type<K: GlobalId>(field: &str, id: &ID) -> Result<K> {
    match global_id::decode(id) {
        Some((name, number)) if name == K::TYPE => Ok(K::from_number(number)),
        Some((name, _)) => Err(Error::Malformed(format!(
            "`{field}` is the id of a {name}. Send the id of a {}",
            K::TYPE
        ))),
        None => Err(Error::Malformed(format!(
            "`{field}` is not an id. Send the `id` of a {}",
            K::TYPE
        ))),
    }
}
