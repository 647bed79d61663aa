//! The rules of the exchange, the same under both surfaces. [`lifecycle`] is pure and says who may do what; the use
//! cases in [`games`] and [`offers`] enforce it, each in one transaction that locks in the order of [`locks`].

pub mod games;
pub mod input;
pub mod lifecycle;
mod locks;
pub mod offers;
