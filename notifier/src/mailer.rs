//! Hands letters to the mail server, or to the log where there is none.

use std::{sync::Mutex, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as SmtpError, PoolConfig, authentication::Credentials, response::Response,
    },
};
use platform::system::Clock;
use secrecy::ExposeSecret;

use crate::{
    letters::{Letter, one_line},
    settings::{Smtp, Tls},
};

/// How long one letter may take, from the look into the pool to the server's last word.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of a server's answer is kept, in characters.
const MAX_RESPONSE: usize = 300;

/// What became of a letter. The texts hold no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answers for it now.
    Sent(String),
    /// It may work later.
    Later(String),
    /// It will never work.
    Never(String),
}

/// Sends letters.
pub enum Mailer {
    Smtp(Box<SmtpMailer>),
    /// Development: the letter, whole, as a line of the log.
    Log,
}

/// Speaks to a mail server by a pool of connections.
pub struct SmtpMailer {
    settings: Smtp,
    from: Mailbox,
    clock: Clock,
    transport: Mutex<Transport>,
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

impl Mailer {
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
    pub fn new(settings: Smtp, from: Mailbox, clock: Clock) -> Result<Self, SmtpError> {
        let transport = Mutex::new(connect(&settings)?);
        Ok(Self {
            settings,
            from,
            clock,
            transport,
        })
    }

    async fn send(&self, letter: &Letter) -> Outcome {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(cause) => return Outcome::Never(format!("the letter cannot be written: {cause}")),
        };
        match tokio::time::timeout(TIMEOUT, self.deliver(message)).await {
            Ok(Ok(response)) => Outcome::Sent(said(&response)),
            Ok(Err(failure)) => failed(&failure),
            Err(_) => {
                self.take_a_new_pool();
                Outcome::Later(format!("no answer within {} s", TIMEOUT.as_secs()))
            }
        }
    }

    /// A connection of the pool that the server has closed meanwhile fails once, so another is tried at once.
    async fn deliver(&self, message: Message) -> Result<Response, SmtpError> {
        let transport = self.transport();
        match transport.send(message.clone()).await {
            Err(failure) if lost_connection(&failure) => transport.send(message).await,
            outcome => outcome,
        }
    }

    fn transport(&self) -> Transport {
        let transport = self.transport.lock();
        transport
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    /// A send that was given up leaves its connection in the middle of a conversation, and lettre's pool would hand it
    /// to the next letter, which would wait for the same answer or take it for its own.
    fn take_a_new_pool(&self) {
        match connect(&self.settings) {
            Ok(fresh) => {
                let mut transport = self
                    .transport
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                *transport = fresh;
            }
            Err(cause) => tracing::error!(%cause, "no new pool for the mail server"),
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

fn connect(settings: &Smtp) -> Result<Transport, SmtpError> {
    let builder = match settings.tls {
        Tls::Implicit => Transport::relay(&settings.host)?,
        Tls::Starttls => Transport::starttls_relay(&settings.host)?,
        Tls::None => Transport::builder_dangerous(&settings.host),
    };
    let builder = match &settings.credentials {
        Some((username, password)) => builder.credentials(Credentials::new(
            username.clone(),
            password.expose_secret().to_owned(),
        )),
        None => builder,
    };
    let pool = PoolConfig::new().max_size(crate::sender::CONCURRENCY as u32);
    Ok(builder
        .port(settings.port)
        .timeout(Some(TIMEOUT))
        .pool_config(pool)
        .build())
}

fn lost_connection(failure: &SmtpError) -> bool {
    let closing = failure.status().map(u16::from) == Some(421);
    let answered = failure.status().is_some();
    closing || !(answered || failure.is_client() || failure.is_tls() || failure.is_timeout())
}

/// Says of a refusal whether it is about this letter or about the moment. A refusal of ourselves (credentials, policy,
/// an unknown command) is for the operator to repair, and the letter waits.
fn failed(failure: &SmtpError) -> Outcome {
    let reason = without_addresses(&failure.to_string());
    match failure.status().map(u16::from) {
        Some(501 | 510 | 511 | 550 | 551 | 553 | 554 | 555 | 556) => Outcome::Never(reason),
        _ => Outcome::Later(reason),
    }
}

fn said(response: &Response) -> String {
    let lines: Vec<_> = response.message().collect();
    without_addresses(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Servers like to repeat the address, and it must not go where this text goes.
fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        if word.contains('@') {
            "[address]"
        } else {
            word
        }
    });
    one_line(&words.collect::<Vec<_>>().join(" "), MAX_RESPONSE)
}

/// Tells vacation responders to be silent (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
