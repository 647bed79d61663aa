//! The rules of the exchange, the same under both surfaces. [`rules`] is pure and says who may do what; the use
//! cases in [`users`], [`games`] and [`offers`] enforce it, each in one transaction that locks in the order of
//! [`locks`]. They give rows; what of a row its viewer may see, [`privacy`] says. [`feed`] tells what happens as it happens.

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
