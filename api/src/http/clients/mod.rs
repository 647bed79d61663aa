//! Accounts for the resources of an instance that each client holds: response bytes that it has not read ([`unread`]),
//! and open WebSockets. No client can take all of a resource, and the sum over all is bounded.
//!
//! A client is an IP address, since an anonymous client has no other name.

pub mod unread;

use std::net::IpAddr;

use axum::http::Extensions;
use platform::quota::Quota;

use self::unread::Unread;
use super::ClientAddress;

/// The most WebSockets that one client may have open.
pub const SOCKETS: usize = 100;

/// The address of a client.
pub type Client = IpAddr;

/// Returns the client that sent a request with these extensions.
pub fn from_extensions(extensions: &Extensions) -> Client {
    ClientAddress::from_extensions(extensions).rate_limit_key()
}

/// The resources that clients of an instance hold. Clones share them.
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
