//! The pure parts that every request passes. `cargo bench -p bench` measures them; `cargo bench -p bench -- --test` runs each
//! once.

#![expect(clippy::unwrap_used, reason = "a bench stops where it cannot go on")]

use std::hint::black_box;

use api::{
    exchange::{
        games::GameSort,
        input::Faults,
        page::{By, Order, Window},
    },
    graphql::guard::Guard,
    identity::{Actor, Proof},
    rest::{games::GameBody, links},
};
use async_graphql::Variables;
use criterion::{Criterion, criterion_group, criterion_main};
