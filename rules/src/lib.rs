//! The rules of the exchange: who may do what, and when. Pure: no I/O, no clock, no database.
//!
//! The use cases of `exchange` enforce them, REST links and GraphQL `viewerActions` advertise them, and the letters of
//! `notifier` name the actions that they allow.

mod actor;
mod lifecycle;

pub use self::{
    actor::{Actor, Proof},
    lifecycle::{
        Action, Denied, OfferState, identified, permit, permit_confirmation, permit_game,
        permit_user, permitted,
    },
};
