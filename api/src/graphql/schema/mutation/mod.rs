//! The mutations, one file a resource. A mutation takes one `input` and returns a payload: the object that it changed,
//! and the faults of the client as `userErrors`. [`write_options`] has the members of an input for idempotency and
//! preconditions.

mod games;
mod mailbox;
mod offers;
mod sessions;
mod users;
mod write_options;

use async_graphql::MergedObject;

use self::{games::Games, mailbox::Mailbox, offers::Offers, sessions::Sessions, users::Users};

/// The mutations. All need identification, except `register`, `login`, and those for a letter in your mailbox.
#[derive(Default, MergedObject)]
pub struct Mutation(Users, Sessions, Mailbox, Games, Offers);

/// Describes the length of a text, from its limit.
macro_rules! characters {
    ($text:ident) => {
        concat!(
            "1 to ",
            entity::limit!($text),
            " characters, at least one of them visible"
        )
    };
}
use characters;

/// Declares a payload with one object, and its constructor from the outcome of a use case.
macro_rules! payload {
    ($(#[$attribute:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $object:ty }) => {
        #[derive(async_graphql::SimpleObject)]
        $(#[$attribute])*
        pub struct $name {
            $(#[$field_doc])*
            $field: Option<$object>,
            /// The faults of the client. Empty if the mutation succeeded.
            #[graphql(directive = graphql_http::list_size::apply(Some(crate::graphql::schema::errors::MAX_USER_ERRORS), None, None, None))]
            user_errors: Vec<crate::graphql::schema::errors::UserError>,
        }

        impl $name {
            fn from_outcome(outcome: exchange::error::Result<impl Into<$object>>) -> exchange::error::Result<Option<Self>> {
                let (object, user_errors) = match outcome {
                    Ok(object) => (Some(object.into()), Vec::new()),
                    Err(failure) => (None, crate::graphql::schema::errors::user_errors(failure)?),
                };
                Ok(Some(Self { $field: object, user_errors }))
            }
        }
    };
}
use payload;
