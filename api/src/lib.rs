//! The video game exchange: people list games they own, offer trades, and accept, reject or cancel them.

pub mod admission;
pub mod app;
pub mod background;
pub mod bounded_json;
pub mod config;
pub mod demo;
mod game_keys;
pub mod graphql;
mod html;
pub mod http;
pub mod metrics;
pub mod operations;
pub mod pages;
pub mod rest;
pub mod server;
