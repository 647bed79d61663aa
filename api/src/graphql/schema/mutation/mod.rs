//! What can be changed. A mutation takes one `input` and gives a payload: the object that it changed, and what the
//! client did wrong, as `userErrors`. One file a resource; the parts of an input that say under which key and on which
//! condition are in [`write_options`].

mod games;
mod mailbox;
mod offers;
mod sessions;
mod users;
mod write_options;

use async_graphql::MergedObject;

use self::{games::Games, mailbox::Mailbox, offers::Offers, sessions::Sessions, users::Users};

/// What can be changed. All but `register`, `login` and what a letter in your mailbox lets you do need to know who you are.
#[derive(Default, MergedObject)]
pub struct Mutation(Users, Sessions, Mailbox, Games, Offers);

/// A payload with one object, and how it is made from the outcome of a use case.
macro_rules! payload {
    ($(#[$attribute:meta])* $name:ident { $(#[$field_doc:meta])* $field:ident: $object:ty }) => {
        #[derive(async_graphql::SimpleObject)]
        $(#[$attribute])*
        pub struct $name {
            $(#[$field_doc])*
            $field: Option<$object>,
            /// What the client did wrong; empty where it was done.
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
