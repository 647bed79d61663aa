//! Connections to the mail server, kept open from letter to letter.
//!
//! A connection belongs to the send that uses it, and only one that ended its letter well is kept: a send that is given
//! up in the middle takes its connection with it. lettre's own pool keeps such a connection, and the next letter would
//! take the answer that comes late for its own.
//!
//! The commands of a letter are given here, and not by lettre's `send`: that says QUIT after a refusal and waits for the
//! answer to it, so a server that refuses and then hangs would never have refused; and it does not say which command was
//! refused.

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

/// For how long an idle connection is kept; servers close theirs after a few minutes.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Why a message was not taken.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server does not talk to us, whatever the message.
    Connecting(ConnectError),
    /// It takes nothing from our address.
    Sender(Error),
    /// It does not take this recipient.
    Recipient(Error),
    /// It does not take the message.
    Message(Error),
    /// It cannot write to an address like this one: it does not have SMTPUTF8.
    NotAscii,
}

/// The connections to one mail server.
pub(super) struct Connections {
    server: Server,
    credentials: Option<Credentials>,
    /// The one that was used last is at the end.
    idle: Mutex<Vec<(Instant, Connection)>>,
}

/// A conversation with the server, and how much the server may still say in it.
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

    /// Sends a message. A connection that the server has closed since its last letter is no failure: there are others.
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

/// Hands the message over. After a failure the connection is of no use any more.
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
        // A server with SMTPUTF8 has 8BITMIME (RFC 6531), and our messages are ASCII but for addresses.
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

/// Has the server closed the connection, or is it about to?
fn is_closed(failure: &Error) -> bool {
    let closing = failure.status().map(u16::from) == Some(421);
    let answered = failure.status().is_some();
    closing || !(answered || failure.is_client())
}
