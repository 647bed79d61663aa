//! What every program of the exchange stands on: its settings, its database, its log, the machine that it runs on, and the
//! rules for texts and e-mail addresses that both of them keep.
//! Nothing here knows what the exchange is about.

pub mod database;
pub mod email;
pub mod log;
pub mod metrics;
pub mod settings;
pub mod shutdown;
pub mod system;
pub mod text;
pub mod trace;
