//! The use cases of the exchange, the same for both surfaces.
//!
//! The use cases in [`users`], [`games`] and [`offers`] enforce the [`rules`], each in one transaction that locks rows in the
//! order of [`locks`]. They return rows; [`privacy`] decides which fields of a row its viewer may see. [`feed`] streams events
//! to subscribers.

pub mod context;
pub mod feed;
pub mod games;
pub mod global_id;
pub mod idempotency;
pub mod locks;
pub mod offers;
pub mod operation;
pub mod pagination;
pub mod privacy;
pub mod revision;
mod select;
pub mod users;
pub mod validation;
pub mod wait_hook;
