//! Offers: create, update and accept. [`crate::permissions`] holds the rules about who may do what, and
//! [`crate::quality`] the races between writers.

mod accept;
mod expand;
mod pending;
