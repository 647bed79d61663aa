//! Deserializers of what clients send: members of JSON objects, and parameters of queries.

use std::{
    iter::Enumerate,
    num::{IntErrorKind, ParseIntError},
    slice,
};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::errors::{Cause, ReadError};

/// A value as it was sent.
#[derive(Clone, Copy)]
pub enum Sent<'v> {
    Json(&'v Value),
    /// The text of a parameter.
    Text(&'v str),
    /// Replaces a value that cannot be read, whatever its type. Fulfils the rules of text.
    StandIn,
}

/// The name and the value of a member or parameter.
pub type Member<'v> = (&'v str, Sent<'v>);

/// The members of an object, or the parameters of a query, for one attempt to read them.
pub struct Object<'m, 'v> {
    members: &'m [Member<'v>],
    /// The index of the member to read next.
    next: usize,
}

/// The items of a list, with their indices.
struct Items<'v>(Enumerate<slice::Iter<'v, Value>>);

impl<'m, 'v> Object<'m, 'v> {
    pub fn new(members: &'m [Member<'v>]) -> Self {
        Self { members, next: 0 }
    }

    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T, ReadError> {
        T::deserialize(MapAccessDeserializer::new(self))
    }

    /// Returns the position of the member that was read last, if any was.
    pub fn position(&self) -> Option<usize> {
        self.next.checked_sub(1)
    }
}

impl Sent<'_> {
    fn wrong_type(self, expected: &'static str) -> ReadError {
        let found = match self {
            Self::Json(Value::Null) => "null",
            Self::Json(Value::Bool(_)) => "true or false",
            Self::Json(Value::Number(_)) => "a number",
            Self::Json(Value::Array(_)) => "a list",
            Self::Json(Value::Object(_)) => "an object",
            Self::Json(Value::String(_)) | Self::Text(_) | Self::StandIn => "a string",
        };
        Cause::WrongType { found, expected }.into()
    }

    fn as_str(&self) -> Result<&str, ReadError> {
        match self {
            Self::Json(Value::String(text)) => Ok(text),
            Self::Text(text) => Ok(text),
            Self::StandIn => Ok("x"),
            Self::Json(_) => Err(self.wrong_type("a string")),
        }
    }
}

macro_rules! read_as_i64 {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
                self.deserialize_i64(visitor)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Sent<'_> {
    type Error = ReadError;

    /// Reads text. Integers, lists and options have methods of their own. No input has a value of another type: it
    /// would need a method.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_str(self.as_str()?)
    }

    read_as_i64! {
        deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Json(Value::Number(number)) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => visitor.visit_i64(number),
                (None, Some(number)) => visitor.visit_u64(number),
                (None, None) => Err(self.wrong_type("an integer")),
            },
            Self::Text(text) => visitor.visit_i64(parse_integer(text)?),
            Self::StandIn => visitor.visit_i64(0),
            Self::Json(_) => Err(self.wrong_type("an integer")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Self::Json(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let items = match self {
            Self::Json(Value::Array(items)) => items.as_slice(),
            Self::StandIn => &[],
            _ => return Err(self.wrong_type("a list")),
        };
        visitor.visit_seq(Items(items.iter().enumerate()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let name = match (self, variants) {
            (Self::StandIn, [first, ..]) => *first,
            _ => self.as_str()?,
        };
        visitor.visit_enum(StrDeserializer::<ReadError>::new(name))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

fn parse_integer(text: &str) -> Result<i64, ReadError> {
    text.parse()
        .map_err(|cause: ParseIntError| match cause.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Cause::OutOfRange.into(),
            _ => ReadError::custom("must be an integer"),
        })
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ReadError> {
        let Some((index, item)) = self.0.next() else {
            return Ok(None);
        };
        let item = seed.deserialize(Sent::Json(item));
        item.map(Some).map_err(|error| error.within(index))
    }
}

impl<'de> MapAccess<'de> for Object<'_, '_> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let Some((name, _)) = self.members.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        let key = seed.deserialize(StrDeserializer::<ReadError>::new(name));
        key.map(Some).map_err(|error| error.within(name))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let last = self.position().and_then(|index| self.members.get(index));
        let Some(&(name, sent)) = last else {
            return Err(ReadError::custom("has no name"));
        };
        seed.deserialize(sent).map_err(|error| error.within(name))
    }
}
