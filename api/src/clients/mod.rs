//! Counts the parts of an instance that each client holds: bytes that they have not read ([`unread`]), and open sockets. So nobody
//! takes all of it, and what all of them hold together is bounded.
//!
//! A client is an address: whoever is not known has no other name.

pub mod unread;

use std::net::IpAddr;

use axum::http::Extensions;
use platform::quota::Quota;

use self::unread::Unread;
use crate::http::ClientAddress;

/// The most WebSockets of one client.
pub const SOCKETS: usize = 100;

/// The address of a client.
pub type Client = IpAddr;

/// The client that sent a request with these extensions.
pub fn of(extensions: &Extensions) -> Client {
    ClientAddress::of(extensions).rate_limit_key()
}

/// The holdings of all clients of an instance. Clones share them.
#[derive(Clone)]
pub struct Clients {
    pub unread: Unread,
    pub sockets: Quota<Client>,
}

impl Default for Clients {
    fn default() -> Self {
        Self {
            unread: Unread::default(),
            sockets: Quota::new(SOCKETS),
        }
    }
}
