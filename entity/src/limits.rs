//! Values with limits, each stated once: the use cases check them, and the schemas of both APIs and the forms publish
//! them. Values keep what was sent until they are checked.

use std::{borrow::Cow, ops::Deref};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// A limit as a literal, so that descriptions can contain it.
#[macro_export]
#[rustfmt::skip]
macro_rules! limit {
    (name) => { 200 };
    (system) => { 100 };
    (address) => { 500 };
    (message) => { 2000 };
    (games) => { 20 };
    (min_password) => { 6 };
    (max_password) => { 256 };
    (first_year) => { 1950 };
    (last_year) => { 2100 };
    (previous_owners) => { 1000 };
}

/// The name of a user, a game or a publisher.
pub type Name = Line<{ limit!(name) }>;
/// The name of a system that games run on.
pub type SystemName = Line<{ limit!(system) }>;
/// A street address.
pub type Address = Lines<{ limit!(address) }>;
/// A message from the offerer to the receiver.
pub type Message = Lines<{ limit!(message) }>;
/// A year of publication.
pub type Year = Integer<{ limit!(first_year) }, { limit!(last_year) }>;
/// The number of owners before a game was listed.
pub type PreviousOwners = Integer<0, { limit!(previous_owners) }>;

/// A text of one line, of 1 to `MAX` characters.
pub type Line<const MAX: usize> = Text<MAX, false>;
/// A text of several lines, of 1 to `MAX` characters.
pub type Lines<const MAX: usize> = Text<MAX, true>;

/// The prefix of the schemas of these types. openapi.json has them in place of each reference to them.
pub const INLINE: &str = "inline.";

/// One visible character. Characters beyond U+FFFF are not listed, because some dialects match their surrogates
/// separately.
macro_rules! visible {
    () => {
        r"[^\s\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC]"
    };
}

/// A text of one line, in a syntax that all dialects of regular expressions share: at least one visible character, and
/// no control or bidirectional formatting characters, except in the white space around it, which is trimmed.
const LINE: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);
/// A text of several lines, likewise.
pub const LINES: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);

/// A text of 1 to `MAX` characters, at least one of them visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize, const MULTILINE: bool>(pub String);

/// An integer in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Integer<const MIN: i32, const MAX: i32>(pub i32);

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(pub String);

/// A new password.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Password(pub SecretString);

impl<const MAX: usize, const MULTILINE: bool> Text<MAX, MULTILINE> {
    /// The maximum number of characters.
    pub const MAX: usize = MAX;
}

impl Email {
    /// The number of characters of `a@b`.
    pub const MIN: usize = 3;
    /// The maximum number of characters.
    pub const MAX: usize = 254;
}

impl Password {
    /// The minimum and the maximum number of characters.
    pub const MIN: usize = limit!(min_password);
    pub const MAX: usize = limit!(max_password);
}

impl<const MAX: usize, const MULTILINE: bool> From<String> for Text<MAX, MULTILINE> {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl<const MAX: usize, const MULTILINE: bool> From<&str> for Text<MAX, MULTILINE> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<const MAX: usize, const MULTILINE: bool> From<Text<MAX, MULTILINE>> for String {
    fn from(text: Text<MAX, MULTILINE>) -> Self {
        text.0
    }
}

impl<const MAX: usize, const MULTILINE: bool> Deref for Text<MAX, MULTILINE> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const MULTILINE: bool> PartialSchema for Text<MAX, MULTILINE> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(if MULTILINE { LINES } else { LINE }))
            .into()
    }
}

impl<const MAX: usize, const MULTILINE: bool> ToSchema for Text<MAX, MULTILINE> {
    fn name() -> Cow<'static, str> {
        format!("{INLINE}text_{MAX}_{MULTILINE}").into()
    }
}

impl<const MIN: i32, const MAX: i32> PartialSchema for Integer<MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(MIN))
            .maximum(Some(MAX))
            .into()
    }
}

impl<const MIN: i32, const MAX: i32> ToSchema for Integer<MIN, MAX> {
    fn name() -> Cow<'static, str> {
        format!("{INLINE}integer_{MIN}_{MAX}").into()
    }
}

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .min_length(Some(Self::MIN))
            .max_length(Some(Self::MAX))
            .into()
    }
}

impl ToSchema for Email {
    fn name() -> Cow<'static, str> {
        format!("{INLINE}email").into()
    }
}

impl PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .description(Some(format!("{} to {} characters.", Self::MIN, Self::MAX)))
            .min_length(Some(Self::MIN))
            .max_length(Some(Self::MAX))
            .into()
    }
}

impl ToSchema for Password {
    fn name() -> Cow<'static, str> {
        format!("{INLINE}password").into()
    }
}
