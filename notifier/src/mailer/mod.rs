//! Sends letters to the mail server, or writes them to the log when there is none. [`dial`] opens connections, [`bounded`]
//! limits what the server may send, [`connections`] holds the SMTP conversation, and [`outcome`] interprets the answers.

mod bounded;
mod connections;
mod dial;
mod outcome;

use std::{error::Error, time::Duration};

use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use outbox::inbox::NO_ANSWER;
use platform::system::Clock;
use tokio::time::timeout;

use self::connections::Connections;
pub use self::outcome::Outcome;
use crate::{letters::Letter, settings::Smtp};

/// The timeout of one letter, from the search for a connection to the last answer of the server.
pub const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends letters.
pub enum Mailer {
    Smtp(Box<SmtpMailer>),
    /// For development: writes the whole letter to the log.
    Log,
}

/// Sends through a mail server.
pub struct SmtpMailer {
    connections: Connections,
    from: Mailbox,
    clock: Clock,
    timeout: Duration,
}

impl Mailer {
    /// Returns the timeout of a send.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        match self {
            Self::Smtp(smtp) => smtp.timeout,
            Self::Log => Duration::ZERO,
        }
    }

    pub async fn send(&self, letter: &Letter) -> Outcome {
        match self {
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Log => {
                tracing::info!(
                    message_id = letter.message_id,
                    "letter (SMTP_HOST is not set)\nTo: {}\nSubject: {}\n\n{}",
                    letter.to,
                    letter.subject,
                    letter.text
                );
                Outcome::Sent("logged".to_owned())
            }
        }
    }
}

impl SmtpMailer {
    /// Creates a mailer. `timeout` is at most [`TIMEOUT`], for which the lease of a letter is made.
    pub fn new(
        settings: &Smtp,
        from: Mailbox,
        clock: Clock,
        timeout: Duration,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self {
            connections: Connections::new(settings)?,
            from,
            clock,
            timeout,
        })
    }

    async fn send(&self, letter: &Letter) -> Outcome {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(cause) => return Outcome::Never(format!("the letter cannot be encoded: {cause}")),
        };
        let (envelope, bytes) = (message.envelope(), message.formatted());
        match timeout(self.timeout, self.connections.send(envelope, &bytes)).await {
            Ok(answer) => Outcome::from_answer(answer),
            Err(_) => {
                let seconds = self.timeout.as_secs_f32();
                Outcome::Later(format!("{NO_ANSWER} within {seconds} s"))
            }
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, lettre::error::Error> {
        Message::builder()
            .from(self.from.clone())
            .to(letter.to.clone())
            .subject(letter.subject.clone())
            .message_id(Some(letter.message_id.clone()))
            .date(self.clock.now().into())
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ))
    }
}

/// Asks vacation responders not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
