//! The log, on standard error.

use std::{io::IsTerminal, str::FromStr};

use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    settings::{SettingError, Source},
    trace::export::Exporter,
};

/// The format and the filter of the log: `LOG_FORMAT` and `RUST_LOG`.
#[derive(Debug)]
pub struct Log {
    pub format: Format,
    pub filter: EnvFilter,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

impl Log {
    pub fn read(source: &Source<'_>) -> Result<Self, SettingError> {
        let filter = source.text("RUST_LOG")?;
        let filter = filter.as_deref().unwrap_or("info");
        Ok(Self {
            format: source
                .parse("LOG_FORMAT", "text or json")?
                .unwrap_or(Format::Text),
            filter: EnvFilter::try_new(filter)
                .map_err(|cause| SettingError::new("RUST_LOG", cause))?,
        })
    }

    /// Starts the log of this process. The exporter gets its spans even where the filter drops them from the log.
    pub fn start(self, exporter: Option<&Exporter>) {
        let log = tracing_subscriber::fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr);
        let log = match self.format {
            Format::Text => log.boxed(),
            Format::Json => log.json().flatten_event(true).boxed(),
        };
        tracing_subscriber::registry()
            .with(log.with_filter(self.filter))
            .with(exporter.map(Exporter::layer))
            .init();
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}
