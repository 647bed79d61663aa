//! What every part of the exchange works with. Built once, cheap to clone, given to both surfaces.

use std::sync::Arc;

use crate::{
    database::Database,
    identity::Identity,
    system::{Clock, Random},
};

#[derive(Clone)]
pub struct App {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub identity: Identity,
    /// What this instance is called among its peers.
    pub instance_name: Arc<str>,
}
