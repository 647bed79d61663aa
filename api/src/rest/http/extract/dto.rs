//! The data of requests.

use exchange::validation::Faults;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// The data of a body or a query.
pub trait Dto: DeserializeOwned {
    /// Validates the values. The use case applies the same rules; this is called when other fields cannot be read, so
    /// that one response reports both.
    fn check(self, _: &mut Faults) {}
}

/// A field of a change, `None` if it is absent. Null is rejected, unless `T` accepts it.
pub struct Patch<T>(pub Option<T>);

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        T::deserialize(field).map(|value| Self(Some(value)))
    }
}
