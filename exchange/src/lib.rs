//! The use cases of the exchange, the same for both surfaces. Knows neither HTTP nor GraphQL.
//!
//! The operations in [`users`], [`sessions`], [`games`] and [`offers`] enforce the [`rules`], each in one transaction
//! that locks rows in the order of [`locks`]; [`operation`] has what they share. They return rows; [`privacy`] decides
//! which fields of a row its viewer may see. [`releases`], [`titles`] and [`systems`] are what games name. [`identity`] authenticates senders, and [`feed`] streams events to
//! subscribers.

pub mod context;
pub mod error;
mod exchange;
pub mod feed;
pub mod games;
pub mod global_id;
pub mod idempotency;
pub mod identity;
pub mod locks;
pub mod offers;
pub mod operation;
pub mod pagination;
pub mod privacy;
pub mod releases;
pub mod revision;
mod select;
pub mod sessions;
pub mod systems;
pub mod titles;
pub mod users;
pub mod validation;
mod wait_hook;
mod write;

pub use self::{
    exchange::{Exchange, Parts},
    wait_hook::WaitHook,
    write::Write,
};
