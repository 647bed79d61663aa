//! The state of an instance of the API.

use std::{ops::Deref, sync::Arc};

use exchange::Exchange;
use tokio_util::sync::CancellationToken;

use crate::{http::clients::Clients, metrics::Metrics};

/// An instance of the API: the exchange, and the state that only the surfaces and the server need. Cheap to clone; all
/// clones share it. Dereferences to the exchange, so that a use case can be called with `&app`.
#[derive(Clone)]
pub struct App {
    pub exchange: Exchange,
    pub metrics: Metrics,
    /// The resources of this instance that clients hold: unread bytes and sockets.
    pub clients: Clients,
    /// Cancelled when this instance is about to stop and a load balancer should send it nothing more.
    pub stopping: CancellationToken,
    /// The name of this instance among its peers.
    pub instance_name: Arc<str>,
}

impl Deref for App {
    type Target = Exchange;

    fn deref(&self) -> &Exchange {
        &self.exchange
    }
}
