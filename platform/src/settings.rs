//! The sources of settings: the environment, and a `.env` file, which has lower precedence. Each part of a program reads
//! its settings by name from a [`Source`].

use std::{
    collections::HashMap,
    ffi::OsString,
    fmt::Display,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    str::FromStr,
};

use secrecy::SecretString;

/// An invalid setting. Prints as one line, and never prints a secret.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct SettingError {
    name: &'static str,
    problem: String,
}

impl SettingError {
    pub fn new(name: &'static str, problem: impl Display) -> Self {
        Self {
            name,
            problem: problem.to_string(),
        }
    }
}

/// A lookup of settings by name. An empty value counts as missing.
pub struct Source<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl<'a> Source<'a> {
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self(lookup)
    }

    /// Reads a text.
    pub fn text(&self, name: &'static str) -> Result<Option<String>, SettingError> {
        let value = (self.0)(name).map(OsString::into_string).transpose();
        let value = value.map_err(|_| SettingError::new(name, "is not valid UTF-8"))?;
        Ok(value.filter(|value| !value.trim().is_empty()))
    }

    /// Reads a secret. `<name>_FILE` may instead name a file that holds the value, as container platforms provide secrets.
    pub fn secret(&self, name: &'static str) -> Result<Option<SecretString>, SettingError> {
        let value = match (self.text(name)?, self.file_setting(name)) {
            (value, None) => value,
            (None, Some(path)) => Some(read_secret(name, &path)?),
            (Some(_), Some(_)) => {
                let problem = format!("is set, and so is {name}_FILE: set only one of them");
                return Err(SettingError::new(name, problem));
            }
        };
        let value = value.filter(|value| !value.trim().is_empty());
        Ok(value.map(SecretString::from))
    }

    fn file_setting(&self, name: &str) -> Option<PathBuf> {
        let path = (self.0)(&format!("{name}_FILE"))?;
        (!path.is_empty()).then(|| PathBuf::from(path))
    }

    /// Parses a value; `expected` describes a valid one in the error.
    pub fn parse<T: FromStr>(
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
            .map_err(|_| SettingError::new(name, format!("must be {expected}, but is {text:?}")))
    }

    /// Reads `DATABASE_URL`, which may contain a password.
    pub fn database_url(&self) -> Result<SecretString, SettingError> {
        Ok(self
            .secret("DATABASE_URL")?
            .unwrap_or_else(|| "sqlite://exchange.db?mode=rwc".into()))
    }
}

/// Reads a secret from a file, without the line break at its end.
fn read_secret(name: &'static str, path: &Path) -> Result<String, SettingError> {
    let content = fs::read_to_string(path).map_err(|cause| {
        let path = path.display();
        SettingError::new(name, format!("cannot be read from {path}: {cause}"))
    })?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads settings from the environment of this process and its `.env`.
pub fn from_environment<T>(
    read: impl FnOnce(&Source<'_>) -> Result<T, SettingError>,
) -> Result<T, SettingError> {
    let file = dot_env()?;
    let lookup = |name: &str| std::env::var_os(name).or_else(|| file.get(name).map(OsString::from));
    read(&Source(&lookup))
}

fn dot_env() -> Result<HashMap<String, String>, SettingError> {
    let unreadable = |line: &str| SettingError::new(".env", format!("cannot be read: {line}"));
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
