//! What every program of the exchange stands on: its settings, its database, its log, and the machine that it runs on.
//! Nothing here knows what the exchange is about.

pub mod database;
pub mod log;
pub mod settings;
pub mod shutdown;
pub mod system;
pub mod trace;
