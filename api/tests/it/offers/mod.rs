//! Offers: create, update, accept, reject and cancel. Permissions are in [`crate::permissions`], races between writers
//! in [`crate::quality`].

mod accept;
mod create;
mod expand;
mod reject_and_cancel;
mod update;
