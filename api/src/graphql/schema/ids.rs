//! How an object is named from outside: by its global id (see [`exchange::global_id`]), or by its `databaseId`.
//!
//! A query that finds one object takes it `by` either, see [`UserBy`]. Where an input refers to an object it takes
//! either, too, see [`reference`]. To add a type, add it to [`Global`] and give it its `by!`.

use async_graphql::{ID, OneofObject};
use entity::{GameId, OfferId, UserId};
use exchange::{
    error::{Error, Result},
    global_id::{self, GlobalId},
};

/// What a global id names.
#[derive(Clone, Copy)]
pub enum Global {
    User(UserId),
    Game(GameId),
    Offer(OfferId),
}

/// Declares the input by which one object of a type is found.
macro_rules! by {
    ($(#[$doc:meta])* $name:ident: $id:ident) => {
        $(#[$doc])*
        #[derive(OneofObject)]
        pub enum $name {
            /// Its global id.
            Id(ID),
            /// Its number, which is its `id` in REST.
            DatabaseId(i64),
        }

        impl $name {
            /// The id of the object, whether it exists or not.
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
    /// Which person: by one of the two.
    UserBy: UserId
}
by! {
    /// Which game: by one of the two.
    GameBy: GameId
}
by! {
    /// Which offer: by one of the two.
    OfferBy: OfferId
}

/// The global id of an object.
pub fn global<K: GlobalId>(id: K) -> ID {
    ID(global_id::encode(id))
}

/// What the global id in `field` names, whether it exists or not.
pub fn read(field: &str, id: &ID) -> Result<Global> {
    let (name, number) = global_id::decode(id).ok_or_else(|| {
        Error::Malformed(format!(
            "`{field}` is not a global id. Send one that came as `id`"
        ))
    })?;
    match name.as_str() {
        UserId::TYPE => Ok(Global::User(UserId(number))),
        GameId::TYPE => Ok(Global::Game(GameId(number))),
        OfferId::TYPE => Ok(Global::Offer(OfferId(number))),
        _ => Err(Error::Malformed(format!(
            "`{field}` names a {name}, and there is no such type"
        ))),
    }
}

/// The object that an input names in `field`: by its global id, or by the number that is its `databaseId`.
pub fn reference<K: GlobalId>(field: &str, id: &ID) -> Result<K> {
    match id.parse() {
        Ok(number) => Ok(K::from_number(number)),
        Err(_) => of_type(field, id),
    }
}

/// [`reference`], where there may be none.
pub fn optional<K: GlobalId>(field: &str, id: Option<&ID>) -> Result<Option<K>> {
    id.map(|id| reference(field, id)).transpose()
}

/// [`reference`], for each of a list.
pub fn references<K: GlobalId>(field: &str, ids: &[ID]) -> Result<Vec<K>> {
    ids.iter().map(|id| reference(field, id)).collect()
}

/// The object of this type that a global id names.
fn of_type<K: GlobalId>(field: &str, id: &ID) -> Result<K> {
    match global_id::decode(id) {
        Some((name, number)) if name == K::TYPE => Ok(K::from_number(number)),
        Some((name, _)) => Err(Error::Malformed(format!(
            "`{field}` names a {name}. Send the id of a {}",
            K::TYPE
        ))),
        None => Err(Error::Malformed(format!(
            "`{field}` is not an id. Send the `id` of a {}",
            K::TYPE
        ))),
    }
}
