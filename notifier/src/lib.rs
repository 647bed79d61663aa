//! Turns the events of the exchange into letters: consumer -> inbox -> letters -> mailer.
//!
//! The [`consumer`] reads events from Kafka into the inbox ([`outbox::inbox`]), which holds each (event, recipient) once.
//! [`release`] limits how many letters one user can cause for another. The [`sender`] takes letters from the inbox,
//! [`letters`] composes them from templates and the database, and the [`mailer`] sends them. Letters that cannot be sent
//! are [`dead_letters`], for the operator. The program runs all of this; without Kafka the API hosts the parts.

pub mod consumer;
pub mod dead_letters;
pub mod health;
pub mod heartbeat;
pub mod letters;
pub mod mailer;
pub mod metrics;
pub mod release;
pub mod sender;
pub mod settings;

use std::sync::Arc;

use platform::{
    database::Database,
    system::{Clock, Random},
};
use tokio::sync::Notify;

use self::{
    heartbeat::Heartbeat,
    letters::Composer,
    mailer::{Mailer, SmtpMailer},
    metrics::Metrics,
    sender::{Sender, lanes::Lanes},
    settings::Letters,
};

/// Creates the sender that the settings ask for. `base_url` is the base of the links in letters.
pub fn sender(
    settings: &Letters,
    base_url: String,
    database: Database,
    clock: Clock,
    random: Random,
    wake_up: Arc<Notify>,
    metrics: Metrics,
) -> Result<Sender, Box<dyn std::error::Error + Send + Sync>> {
    let mailer = match &settings.smtp {
        Some(smtp) => {
            let from = settings.from.clone();
            let mailer = SmtpMailer::new(smtp, from, clock.clone(), mailer::TIMEOUT)?;
            Mailer::Smtp(Box::new(mailer))
        }
        None => Mailer::Log,
    };
    let composer = Composer::new(
        database.clone(),
        random.clone(),
        base_url,
        settings.from.email.domain().to_owned(),
    )?;
    Ok(Sender {
        heartbeat: Heartbeat::new(clock.now()),
        database,
        clock,
        random,
        composer,
        mailer,
        lanes: Lanes::default(),
        metrics,
        wake_up,
    })
}
