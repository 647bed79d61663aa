//! Connections to the mail server, reused from letter to letter.
//!
//! A connection belongs to the send that uses it, and is kept only after a successful letter; a send that is cancelled
//! drops its connection. The pool of lettre would keep it, and the next letter would take the late response for its own.
//!
//! The commands of a letter are sent here, not by `send` of lettre, which sends QUIT after a rejection and waits for the
//! response: a server that rejects and then hangs would never have rejected. It also does not report which command was
//! rejected.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use secrecy::ExposeSecret;

use super::{
    bounded::ReadLimit,
    dial::{ConnectError, Server},
};
use crate::{sender::lanes, settings::Smtp};

/// The time for which an idle connection is kept; servers close theirs after some minutes.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// The reason why a message was not accepted.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection could be opened, whatever the message.
    Connecting(ConnectError),
    /// The server rejects our sender address.
    Sender(Error),
    /// The server rejects the recipient.
    Recipient(Error),
    /// The server rejects the message.
    Message(Error),
    /// The recipient address is not ASCII, and the server does not support SMTPUTF8.
    NotAscii,
}

/// The connections to one mail server.
pub(super) struct Connections {
    server: Server,
    credentials: Option<Credentials>,
    /// Idle connections; the most recently used one is the last.
    idle: Mutex<Vec<(Instant, Connection)>>,
}

/// An SMTP connection, and the limit of what the server may still send.
struct Connection {
    smtp: AsyncSmtpConnection,
    read_limit: ReadLimit,
}

impl Connections {
    pub fn new(settings: &Smtp) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let credentials = settings.credentials.as_ref().map(|(username, password)| {
            Credentials::new(username.clone(), password.expose_secret().to_owned())
        });
        Ok(Self {
            server: Server::new(settings)?,
            credentials,
            idle: Mutex::default(),
        })
    }

    /// Sends a message. If the server has closed the idle connection, opens another.
    pub async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<Response, Failure> {
        if let Some(open) = self.take_idle() {
            match self.send_over(open, envelope, message).await {
                Err(Failure::Sender(failure)) if is_closed(&failure) => {}
                outcome => return outcome,
            }
        }
        let connection = self.connect().await.map_err(Failure::Connecting)?;
        self.send_over(connection, envelope, message).await
    }

    async fn send_over(
        &self,
        mut connection: Connection,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<Response, Failure> {
        connection.read_limit.reset();
        let response = transmit(&mut connection.smtp, envelope, message).await?;
        let mut idle = self.lock_idle();
        if idle.len() < lanes::FAST {
            idle.push((Instant::now(), connection));
        }
        Ok(response)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.lock_idle();
        idle.retain(|(since, _)| since.elapsed() < MAX_IDLE);
        idle.pop().map(|(_, connection)| connection)
    }

    async fn connect(&self) -> Result<Connection, ConnectError> {
        let read_limit = ReadLimit::default();
        let mut smtp = self.server.open(&read_limit).await?;
        if let Some(credentials) = &self.credentials {
            smtp.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(Connection { smtp, read_limit })
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Transmits the message. After a failure the connection cannot be reused.
async fn transmit(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    message: &[u8],
) -> Result<Response, Failure> {
    let mut parameters = Vec::new();
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    let to_ascii = envelope.to().iter().all(is_ascii);
    if !to_ascii || !envelope.from().is_none_or(is_ascii) {
        let server = connection.server_info();
        if !to_ascii && !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(Failure::NotAscii);
        }
        // A server with SMTPUTF8 also has 8BITMIME (RFC 6531). Only addresses of our messages are not ASCII.
        parameters.push(MailParameter::SmtpUtfEight);
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let from = Mail::new(envelope.from().cloned(), parameters);
    connection.command(from).await.map_err(Failure::Sender)?;
    for recipient in envelope.to() {
        let to = Rcpt::new(recipient.clone(), Vec::new());
        connection.command(to).await.map_err(Failure::Recipient)?;
    }
    connection.command(Data).await.map_err(Failure::Message)?;
    connection.message(message).await.map_err(Failure::Message)
}

/// Returns true when the server has closed the connection or is about to.
fn is_closed(failure: &Error) -> bool {
    let closing = failure.status().map(u16::from) == Some(421);
    let answered = failure.status().is_some();
    closing || !(answered || failure.is_client())
}
