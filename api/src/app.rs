//! What every part of the exchange works with. Built once, cheap to clone, given to both surfaces.

use crate::{
    database::Database,
    system::{Clock, Random},
};

#[derive(Clone)]
pub struct App {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
}
