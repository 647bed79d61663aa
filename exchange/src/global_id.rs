//! Global ids: `User:1` in base64, unique among all types as Relay requires. Both surfaces show the same: GraphQL as
//! `id`, REST as `node_id`.
//!
//! To add a type, implement [`GlobalId`] for its id.

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{GameId, OfferId, UserId};

/// The id of a row of one type.
pub trait GlobalId: Copy {
    /// The name of the type in GraphQL.
    const TYPE: &'static str;

    fn from_number(number: i64) -> Self;
    fn number(self) -> i64;
}

macro_rules! key {
    ($id:ident, $name:literal) => {
        impl GlobalId for $id {
            const TYPE: &'static str = $name;

            fn from_number(number: i64) -> Self {
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

/// Encodes the global id of an object.
#[must_use]
pub fn encode<K: GlobalId>(id: K) -> String {
    STANDARD.encode(format!("{}:{}", K::TYPE, id.number()))
}

/// Decodes a global id into type and number. Accepts only the spelling that [`encode`] produces.
#[must_use]
pub fn decode(id: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(STANDARD.decode(id).ok()?).ok()?;
    let (name, digits) = text.split_once(':')?;
    let number: i64 = digits.parse().ok()?;
    (number.to_string() == digits).then(|| (name.to_owned(), number))
}
