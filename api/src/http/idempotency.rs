//! The `Idempotency-Key` header.

use axum::http::{HeaderMap, HeaderName};
use exchange::{
    context::{IdempotencyKey, ReplayFlag},
    error::{Error, Result},
};

/// The header that carries the idempotency key of a write.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The response header that marks a replay.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The longest key, in characters.
const MAX_LENGTH: usize = 255;

/// Reads the idempotency key, if there is one. `replayed` is set later if the write turns out to be a replay.
pub fn key_from_headers(
    headers: &HeaderMap,
    replayed: &ReplayFlag,
) -> Result<Option<IdempotencyKey>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    // A string of structured fields (RFC 9651), or the bare key.
    let name = value.to_str().unwrap_or_default().trim();
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name);
    if more.is_some() {
        return Err(Error::Malformed(format!(
            "send {IDEMPOTENCY_KEY} only once"
        )));
    }
    parse_key("Idempotency-Key", name, replayed).map(Some)
}

/// Parses a key. `source` names the header or the argument that it came in.
pub fn parse_key(source: &str, name: &str, replayed: &ReplayFlag) -> Result<IdempotencyKey> {
    let is_allowed = |c: char| c.is_ascii_graphic() && c != '"';
    if !(1..=MAX_LENGTH).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(Error::Malformed(format!(
            "{source} must have 1 to {MAX_LENGTH} visible ASCII characters, without spaces or quotes"
        )));
    }
    Ok(IdempotencyKey {
        name: name.to_owned(),
        replayed: replayed.clone(),
    })
}
