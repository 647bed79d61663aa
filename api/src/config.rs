//! The settings, from the environment and a `.env` file beside it; the environment wins. All have a default that
//! works; `.env.example` and the README list them. To add one, add a field and read it in [`Settings::read`].

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt::Display,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use axum::http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;

/// The secret that the compose file for trying things out is published with. Anybody can sign with it.
pub const DEVELOPMENT_SECRET: &str = "development-only-secret-that-everybody-knows";
/// The shortest secret that may sign tokens, in bytes: the output of the hash.
const MIN_SECRET: usize = 32;

/// What the operator decided. Secrets do not print.
#[derive(Debug)]
pub struct Settings {
    pub host: IpAddr,
    pub port: u16,
    pub instance_name: String,
    /// May carry a password.
    pub database_url: SecretString,
    /// `None`: make one at start.
    pub jwt_secret: Option<SecretString>,
    pub user_id_header: Trust,
    pub cors_origins: Vec<HeaderValue>,
    pub log_format: LogFormat,
    pub log_filter: EnvFilter,
}

/// Whether X-User-ID is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    Never,
    /// By `TRUST_X_USER_ID=true`.
    ByDecision,
    /// Because nobody else can reach this instance, and no secret was set.
    InDevelopment,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// A setting that cannot be used. Prints as one line; never prints a secret.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingError {
    name: &'static str,
    problem: String,
}

impl Settings {
    /// Reads the settings of this process.
    pub fn from_environment() -> Result<Self, SettingError> {
        let file = dot_env()?;
        Self::read(|name| std::env::var_os(name).or_else(|| file.get(name).map(OsString::from)))
    }

    /// Reads the settings from `lookup`. An empty value counts as none.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingError> {
        let source = Source(&lookup);
        let host = source.parse("HOST", "an IP address such as 127.0.0.1 or 0.0.0.0")?;
        let host = host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let jwt_secret = source.text("JWT_SECRET")?.map(SecretString::from);
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
            instance_name: instance_name(&source)?,
            database_url: source
                .text("DATABASE_URL")?
                .unwrap_or_else(|| "sqlite://exchange.db?mode=rwc".into())
                .into(),
            jwt_secret,
            user_id_header,
            cors_origins: cors_origins(&source)?,
            log_format: source
                .parse("LOG_FORMAT", "text or json")?
                .unwrap_or(LogFormat::Text),
            log_filter: log_filter(&source)?,
        })
    }
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// Where settings are looked up.
struct Source<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Source<'_> {
    fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        let value = (self.0)(name).map(OsString::into_string).transpose();
        let value = value.map_err(|_| wrong(name, "is not a text in UTF-8"))?;
        Ok(value.filter(|value| !value.trim().is_empty()))
    }

    fn parse<T: FromStr>(
        &self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<T>, SettingError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let value = text.trim().parse();
        value
            .map(Some)
            .map_err(|_| wrong(name, format!("must be {expected}, but is {text:?}")))
    }
}

fn wrong(name: &'static str, problem: impl Display) -> SettingError {
    SettingError {
        name,
        problem: problem.to_string(),
    }
}

fn check_secret(secret: Option<&SecretString>, trust: Trust) -> Result<(), SettingError> {
    let Some(secret) = secret.map(ExposeSecret::expose_secret) else {
        return Ok(());
    };
    if secret.len() < MIN_SECRET {
        let advice = "make one with: openssl rand -base64 48";
        return Err(wrong(
            "JWT_SECRET",
            format!("has {} bytes, needs {MIN_SECRET}; {advice}", secret.len()),
        ));
    }
    if secret == DEVELOPMENT_SECRET && trust == Trust::Never {
        return Err(wrong(
            "JWT_SECRET",
            "is the published development secret; make your own: openssl rand -base64 48",
        ));
    }
    Ok(())
}

/// Becomes a header, so it must be fit for one.
fn instance_name(source: &Source<'_>) -> Result<String, SettingError> {
    let name = source
        .text("INSTANCE_NAME")?
        .unwrap_or_else(|| "api1".to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().all(plain) {
        Ok(name)
    } else {
        Err(wrong(
            "INSTANCE_NAME",
            format!("may have letters, digits, '-', '_' and '.', but is {name:?}"),
        ))
    }
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
            wrong(
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

fn log_filter(source: &Source<'_>) -> Result<EnvFilter, SettingError> {
    let text = source
        .text("RUST_LOG")?
        .unwrap_or_else(|| "info".to_owned());
    EnvFilter::try_new(&text).map_err(|cause| wrong("RUST_LOG", cause))
}

fn dot_env() -> Result<HashMap<String, String>, SettingError> {
    let unreadable = |line: &str| wrong(".env", format!("cannot be read: {line}"));
    match dotenvy::dotenv_iter() {
        Ok(pairs) => pairs
            .collect::<Result<_, _>>()
            .map_err(|cause| match cause {
                // The library would print the line, which may hold a secret.
                dotenvy::Error::LineParse(_, position) => unreadable(&format!(
                    "a line is not NAME=value, near byte {position} of it"
                )),
                _ => unreadable("it is not a readable text file"),
            }),
        Err(dotenvy::Error::Io(cause)) if cause.kind() == ErrorKind::NotFound => Ok(HashMap::new()),
        Err(_) => Err(unreadable("it is not a readable text file")),
    }
}
