//! The data of requests, and deserializers of their fields.

use exchange::validation::Faults;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;

/// The data of a body or a query.
pub trait Dto: DeserializeOwned {
    /// Validates the values. The use case applies the same rules; this is called when other fields cannot be read, so
    /// that one response reports both.
    fn check(self, _: &mut Faults) {}
}

/// Deserializes a variant of an enum from a string. serde itself would also accept `{"word": null}`, and its errors for
/// other types do not say what is expected.
pub fn word<'de, T, D>(field: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let word = String::deserialize(field)?;
    T::deserialize(Value::from(word)).map_err(D::Error::custom)
}

/// Deserializes an optional field like [`word`], but rejects null.
pub fn non_null_word<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    word(field).map(Some)
}

/// Deserializes an optional field, but rejects null unless its own type accepts it. serde itself would treat null as
/// absent.
pub fn non_null<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(field).map(Some)
}
