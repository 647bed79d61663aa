//! Opens connections to the mail server, encrypted as the settings demand, with limits on what the server may send.

use std::{error::Error, io, sync::Arc, time::Duration};

use lettre::transport::smtp::{
    self,
    client::{AsyncSmtpConnection, AsyncTokioStream},
    commands::{Ehlo, Starttls},
    extension::{ClientId, Extension, ServerInfo},
    response::Response,
};
use rustls_native_certs::load_native_certs;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, join, split},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

use super::bounded::{Bounded, ReadLimit};
use crate::settings::{Smtp, Tls};

/// The timeout for each address of the server. There is none for later steps, since the whole send has one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A synthetic greeting: the real one came before STARTTLS, and lettre expects to read one.
const GREETING: &[u8] = b"220 encrypted\r\n";

/// The reason why no connection could be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("connection error: {0}")]
    Network(#[from] io::Error),
    #[error(transparent)]
    Smtp(#[from] smtp::Error),
    #[error("STARTTLS is not supported on this server; set SMTP_TLS to what it supports")]
    NoStarttls,
    #[error("the server refuses to encrypt: {0}")]
    Refused(String),
}

/// The mail server and the encryption to use.
pub(super) struct Server {
    host: String,
    port: u16,
    hello: ClientId,
    security: Security,
}

enum Security {
    None,
    Implicit(Encryption),
    Starttls(Encryption),
}

/// The trusted root certificates, and the name that the server must prove.
struct Encryption {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Server {
    pub fn new(settings: &Smtp) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let host = settings.host.clone();
        let security = match settings.tls {
            Tls::None => Security::None,
            Tls::Implicit => Security::Implicit(Encryption::new(&host)?),
            Tls::Starttls => Security::Starttls(Encryption::new(&host)?),
        };
        Ok(Self {
            host,
            port: settings.port,
            hello: ClientId::default(),
            security,
        })
    }

    /// Opens a connection on which the server may send as much as the limit permits.
    pub async fn open(&self, read_limit: &ReadLimit) -> Result<AsyncSmtpConnection, ConnectError> {
        let stream = self.dial().await?;
        let peer = stream.peer_addr()?;
        let stream: Box<dyn AsyncTokioStream> = match &self.security {
            Security::None => Box::new(Bounded::new(stream, peer, read_limit)),
            Security::Implicit(encryption) => {
                let stream = encryption.encrypt(stream).await?;
                Box::new(Bounded::new(stream, peer, read_limit))
            }
            Security::Starttls(encryption) => {
                let plain = Bounded::new(stream, peer, read_limit);
                let stream = self.start_tls(plain).await?;
                let (reader, writer) = split(encryption.encrypt(stream).await?);
                let greeted = join(GREETING.chain(reader), writer);
                Box::new(Bounded::new(greeted, peer, read_limit))
            }
        };
        Ok(AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await?)
    }

    async fn dial(&self) -> io::Result<TcpStream> {
        let mut failure = io::Error::other("the host name of the server has no address");
        for address in lookup_host((self.host.as_str(), self.port)).await? {
            match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(cause)) => failure = cause,
                Err(elapsed) => failure = elapsed.into(),
            }
        }
        Err(failure)
    }

    /// Negotiates STARTTLS (RFC 3207). Discards what the server sent in clear text.
    async fn start_tls(&self, stream: Bounded<TcpStream>) -> Result<TcpStream, ConnectError> {
        let mut stream = BufReader::new(stream);
        answer(&mut stream).await?;
        let hello = Ehlo::new(self.hello.clone()).to_string();
        stream.write_all(hello.as_bytes()).await?;
        let server = ServerInfo::from_response(&answer(&mut stream).await?)?;
        if !server.supports_feature(Extension::StartTls) {
            return Err(ConnectError::NoStarttls);
        }
        stream.write_all(Starttls.to_string().as_bytes()).await?;
        answer(&mut stream).await?;
        if !stream.buffer().is_empty() {
            let more = "it sent more clear text after its answer to STARTTLS".to_owned();
            return Err(ConnectError::Refused(more));
        }
        Ok(stream.into_inner().stream)
    }
}

impl Encryption {
    fn new(host: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned());
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name: name.map_err(|cause| {
                format!("SMTP_HOST is not a name that a certificate can have: {cause}")
            })?,
        })
    }

    async fn encrypt(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

/// Reads a response to its last line. Fails when it is a rejection.
async fn answer(stream: &mut BufReader<Bounded<TcpStream>>) -> Result<Response, ConnectError> {
    let mut said = String::new();
    loop {
        let from = said.len();
        if stream.read_line(&mut said).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if said.as_bytes().get(from + 3) != Some(&b'-') {
            break;
        }
    }
    let response: Response = said.parse()?;
    if response.is_positive() {
        Ok(response)
    } else {
        Err(ConnectError::Refused(said))
    }
}
