//! The data of requests, and a deserializer of their fields.

use exchange::validation::Faults;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// The data of a body or a query.
pub trait Dto: DeserializeOwned {
    /// Validates the values. The use case applies the same rules; this is called when other fields cannot be read, so
    /// that one response reports both.
    fn check(self, _: &mut Faults) {}
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
