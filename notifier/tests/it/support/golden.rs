//! The golden events of `entity/golden`: one of each type, as stored in Kafka.

use std::{collections::BTreeMap, fs, path::PathBuf};

use entity::{
    UserId,
    event::cloud::{CloudEvent, Unreadable},
};
use serde::Deserialize;
use serde_json::Value;

/// A readable record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    pub headers: BTreeMap<String, String>,
    pub key: String,
    pub data: Value,
}

impl Golden {
    /// Reads the event as the consumer reads a record.
    pub fn read(&self) -> Result<CloudEvent, Unreadable> {
        let headers = self.headers.iter();
        CloudEvent::read(
            headers.map(|(name, value)| (name.as_str(), Some(value.as_bytes()))),
            self.data.to_string().as_bytes(),
        )
    }
}

/// Returns the golden event of a type.
pub fn golden(kind: &str) -> CloudEvent {
    let all = goldens();
    all[&format!("{kind}.json")].read().unwrap()
}

/// Returns the users who get a letter of this golden event, each with their side. Written by hand: never
/// computed from `deliveries`.
pub fn recipients(kind: &str) -> &'static [(UserId, &'static str)] {
    if kind.starts_with("offer.") {
        &[(UserId(1), "offerer"), (UserId(2), "receiver")]
    } else {
        &[(UserId(2), "user")]
    }
}

/// Returns all golden events, by file name.
pub fn goldens() -> BTreeMap<String, Golden> {
    let directory = directory();
    let files = fs::read_dir(&directory).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let golden = serde_json::from_str(&text)
                .unwrap_or_else(|cause| panic!("entity/golden/{name} is no golden event: {cause}"));
            (name, golden)
        })
        .collect()
}

fn directory() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../entity/golden").into()
}
