//! The foundation of both programs: settings, database, log, clock, and the rules for texts and e-mail addresses. Nothing
//! here knows what the exchange is about.

pub mod database;
pub mod email;
pub mod log;
pub mod media_type;
pub mod metrics;
pub mod program;
pub mod quota;
pub mod settings;
pub mod shutdown;
pub mod stream;
pub mod system;
pub mod text;
pub mod trace;
