//! The settings of the notifier, and those of letters, which the API reads too when it hosts the notifier.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU16,
    str::FromStr,
};

use lettre::message::Mailbox;
use outbox::settings::Kafka;
use platform::{
    log::Log,
    settings::{SettingError, Source},
    trace::export::Collector,
};
use secrecy::SecretString;

/// The settings of the program.
#[derive(Debug)]
pub struct Settings {
    /// May contain a password.
    pub database_url: SecretString,
    pub kafka: Kafka,
    pub letters: Letters,
    /// The base URL of the links in letters.
    pub base_url: String,
    /// The address of `/health` and `/metrics`.
    pub address: SocketAddr,
    pub log: Log,
    /// `None`: spans are not exported.
    pub collector: Option<Collector>,
}

/// The settings of letters.
#[derive(Clone, Debug)]
pub struct Letters {
    /// `None`: letters are written to the log.
    pub smtp: Option<Smtp>,
    pub from: Mailbox,
    /// The base URL of the links in letters, without a trailing slash; `None`: the program chooses one.
    pub public_base_url: Option<String>,
}

/// The mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub credentials: Option<(String, SecretString)>,
    pub tls: Tls,
}

/// The encryption of the connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the start.
    Implicit,
    /// STARTTLS; fails when the server does not support it.
    Starttls,
    /// None: passwords and letters are sent in clear text.
    None,
}

impl Settings {
    /// Reads the settings; an empty value counts as none.
    pub fn read(source: &Source<'_>) -> Result<Self, SettingError> {
        let kafka = Kafka::read(source)?.ok_or_else(|| {
            let problem = "is not set; without Kafka the API sends the letters itself, and this program has nothing to do";
            SettingError::new("KAFKA_BOOTSTRAP_SERVERS", problem)
        })?;
        let address = source.parse(
            "NOTIFIER_ADDRESS",
            "an IP address and a port such as 127.0.0.1:8001",
        )?;
        let letters = Letters::read(source)?;
        let port: Option<u16> = source.parse("PORT", "a port from 0 to 65535")?;
        let base_url = letters.public_base_url.clone();
        Ok(Self {
            database_url: source.database_url()?,
            kafka,
            letters,
            // The default address of the API.
            base_url: base_url
                .unwrap_or_else(|| format!("http://127.0.0.1:{}", port.unwrap_or(8000))),
            address: address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8001))),
            log: Log::read(source)?,
            collector: Collector::read(source)?,
        })
    }
}

impl Letters {
    pub fn read(source: &Source<'_>) -> Result<Self, SettingError> {
        let from = source.parse(
            "FROM_EMAIL",
            "an e-mail address such as noreply@games.example",
        )?;
        let from = match from {
            Some(from) => from,
            None => "noreply@videogametrading.com"
                .parse()
                .map_err(|cause| SettingError::new("FROM_EMAIL", cause))?,
        };
        Ok(Self {
            smtp: Smtp::read(source)?,
            from,
            public_base_url: public_base_url(source)?,
        })
    }
}

impl Smtp {
    fn read(source: &Source<'_>) -> Result<Option<Self>, SettingError> {
        let port: Option<NonZeroU16> = source.parse("SMTP_PORT", "a port from 1 to 65535")?;
        let tls = source.parse("SMTP_TLS", "implicit, starttls or none")?;
        let (username, password) = (
            source.text("SMTP_USERNAME")?,
            source.secret("SMTP_PASSWORD")?,
        );
        let Some(host) = smtp_host(source)? else {
            let settings_of_smtp = [
                ("SMTP_PORT", port.is_some()),
                ("SMTP_TLS", tls.is_some()),
                ("SMTP_USERNAME", username.is_some()),
                ("SMTP_PASSWORD", password.is_some()),
            ];
            return match settings_of_smtp.into_iter().find(|(_, is_set)| *is_set) {
                Some((name, _)) => Err(SettingError::new(
                    name,
                    "is set, but SMTP_HOST is not: without it letters are written to the log",
                )),
                None => Ok(None),
            };
        };
        let credentials = credentials(username, password)?;
        let port = port.map_or(587, u16::from);
        let default = if port == 465 {
            Tls::Implicit
        } else {
            Tls::Starttls
        };
        Ok(Some(Self {
            host,
            port,
            credentials,
            tls: tls.unwrap_or(default),
        }))
    }
}

impl FromStr for Tls {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "implicit" => Ok(Self::Implicit),
            "starttls" => Ok(Self::Starttls),
            "none" => Ok(Self::None),
            _ => Err(()),
        }
    }
}

fn credentials(
    username: Option<String>,
    password: Option<SecretString>,
) -> Result<Option<(String, SecretString)>, SettingError> {
    match (username, password) {
        (Some(username), Some(password)) => Ok(Some((username, password))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingError::new(
            "SMTP_PASSWORD",
            "is required with SMTP_USERNAME",
        )),
        (None, Some(_)) => Err(SettingError::new(
            "SMTP_USERNAME",
            "is required with SMTP_PASSWORD",
        )),
    }
}

fn smtp_host(source: &Source<'_>) -> Result<Option<String>, SettingError> {
    let Some(host) = source.text("SMTP_HOST")? else {
        return Ok(None);
    };
    let host = host.trim();
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.chars().all(is_allowed) || host.parse::<IpAddr>().is_ok() {
        return Ok(Some(host.to_owned()));
    }
    let problem =
        format!("must be a host such as smtp.example.com, without a port, but is {host:?}");
    Err(SettingError::new("SMTP_HOST", problem))
}

fn public_base_url(source: &Source<'_>) -> Result<Option<String>, SettingError> {
    let Some(url) = source.text("PUBLIC_BASE_URL")? else {
        return Ok(None);
    };
    let url = url.trim().trim_end_matches('/');
    let authority = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let is_allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '"' | '<' | '>');
    match authority {
        Some(authority)
            if !authority.starts_with(['/', ':']) && authority.chars().all(is_allowed) =>
        {
            Ok(Some(url.to_owned()))
        }
        _ => Err(SettingError::new(
            "PUBLIC_BASE_URL",
            format!("must be an address such as https://games.example, but is {url:?}"),
        )),
    }
}
