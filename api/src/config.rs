//! The settings of the API. All have a working default; `.env.example` and the documentation list them. To add one, add
//! a field and read it in [`Settings::read`].

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use axum::http::HeaderValue;
use notifier::settings::Letters;
use outbox::settings::Kafka;
use platform::{
    log::Log,
    settings::{SettingError, Source},
    trace::export::Collector,
};
use secrecy::{ExposeSecret, SecretString};

pub use exchange::identity::Trust;

use crate::http::TrustedProxies;

/// The secret in the published compose file for development. Anybody can sign tokens with it.
pub const DEVELOPMENT_SECRET: &str = "development-only-secret-that-everybody-knows";
/// The shortest secret that may sign tokens, in bytes: the output size of the hash.
const MIN_SECRET: usize = 32;

/// The settings of the operator. `Debug` does not print secrets.
#[derive(Debug)]
pub struct Settings {
    pub host: IpAddr,
    pub port: u16,
    pub instance_name: String,
    /// The database URL, which may contain a password.
    pub database_url: SecretString,
    /// The secret that signs access tokens. `None`: create one at start.
    pub jwt_secret: Option<SecretString>,
    pub user_id_header: Trust,
    pub cors_origins: Vec<HeaderValue>,
    /// The proxies whose forwarded client addresses are trusted.
    pub trusted_proxies: TrustedProxies,
    /// True if clients may introspect the GraphQL schema.
    pub graphql_introspection: bool,
    /// `None`: events go straight to the inbox of the notifier that the API hosts.
    pub kafka: Option<Kafka>,
    pub letters: Letters,
    /// The time on shutdown in which this instance still serves requests but reports that it is not ready, for load
    /// balancers that poll.
    pub shutdown_grace: Duration,
    pub log: Log,
    /// The collector of spans. `None`: spans are not exported.
    pub collector: Option<Collector>,
}

impl Settings {
    /// Reads the settings. An empty value counts as unset.
    pub fn read(source: &Source<'_>) -> Result<Self, SettingError> {
        let host = source.parse("HOST", "an IP address such as 127.0.0.1 or 0.0.0.0")?;
        let host = host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let jwt_secret = source.secret("JWT_SECRET")?;
        let user_id_header = match source.parse("TRUST_X_USER_ID", "true or false")? {
            Some(true) => Trust::ByDecision,
            None if host.is_loopback() && jwt_secret.is_none() => Trust::InDevelopment,
            Some(false) | None => Trust::Never,
        };
        check_secret(jwt_secret.as_ref(), user_id_header)?;
        Ok(Self {
            host,
            port: source
                .parse("PORT", "a port from 0 to 65535")?
                .unwrap_or(8000),
            instance_name: instance_name(source)?,
            database_url: source.database_url()?,
            jwt_secret,
            user_id_header,
            cors_origins: cors_origins(source)?,
            trusted_proxies: trusted_proxies(source)?,
            graphql_introspection: source
                .parse("GRAPHQL_INTROSPECTION", "true or false")?
                .unwrap_or(true),
            kafka: Kafka::read(source)?,
            letters: Letters::read(source)?,
            shutdown_grace: shutdown_grace(source)?,
            log: Log::read(source)?,
            collector: Collector::read(source)?,
        })
    }

    /// Returns true if the exchange runs for development, where anybody can act as anybody.
    #[must_use]
    pub fn in_development(&self) -> bool {
        let published = |secret: &SecretString| secret.expose_secret() == DEVELOPMENT_SECRET;
        self.user_id_header == Trust::InDevelopment
            || self.jwt_secret.as_ref().is_some_and(published)
    }
}

fn check_secret(secret: Option<&SecretString>, trust: Trust) -> Result<(), SettingError> {
    let Some(secret) = secret.map(ExposeSecret::expose_secret) else {
        return Ok(());
    };
    if secret.len() < MIN_SECRET {
        let advice = "make one with: openssl rand -base64 48";
        return Err(SettingError::new(
            "JWT_SECRET",
            format!("has {} bytes, needs {MIN_SECRET}; {advice}", secret.len()),
        ));
    }
    if secret == DEVELOPMENT_SECRET && trust == Trust::Never {
        return Err(SettingError::new(
            "JWT_SECRET",
            "is the published development secret; make your own: openssl rand -base64 48",
        ));
    }
    Ok(())
}

/// Reads a time of at most half of the whole shutdown.
fn shutdown_grace(source: &Source<'_>) -> Result<Duration, SettingError> {
    let expected = "a number of seconds from 0 to 5";
    let seconds = source.parse("SHUTDOWN_GRACE", expected)?.unwrap_or(0);
    if seconds > 5 {
        let problem = format!("must be {expected}, but is {seconds}");
        return Err(SettingError::new("SHUTDOWN_GRACE", problem));
    }
    Ok(Duration::from_secs(seconds))
}

/// Reads a name that is valid in a header.
fn instance_name(source: &Source<'_>) -> Result<String, SettingError> {
    let name = source
        .text("INSTANCE_NAME")?
        .unwrap_or_else(|| "api1".to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().all(plain) {
        Ok(name)
    } else {
        Err(SettingError::new(
            "INSTANCE_NAME",
            format!("may have letters, digits, '-', '_' and '.', but is {name:?}"),
        ))
    }
}

fn trusted_proxies(source: &Source<'_>) -> Result<TrustedProxies, SettingError> {
    let list = source.text("TRUSTED_PROXIES")?.unwrap_or_default();
    list.parse().map_err(|entry| {
        SettingError::new(
            "TRUSTED_PROXIES",
            format!("must list addresses such as 10.0.0.7 or networks such as 172.16.0.0/12, not {entry:?}"),
        )
    })
}

fn cors_origins(source: &Source<'_>) -> Result<Vec<HeaderValue>, SettingError> {
    let origins = source.text("CORS_ORIGINS")?.unwrap_or_default();
    let origin = |text: &str| {
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let value = host
            .filter(|host| !host.is_empty() && !host.contains('/'))
            .and_then(|_| text.parse().ok());
        value.ok_or_else(|| {
            SettingError::new(
                "CORS_ORIGINS",
                format!("must list origins such as https://games.example, not {text:?}"),
            )
        })
    };
    origins
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(origin)
        .collect()
}
