//! Media types: `Accept`, and the character encoding of a body.

use axum::http::{HeaderMap, HeaderName, header::ACCEPT};
use platform::media_type;
pub use platform::media_type::{is_utf8, strip_bom};

/// The response header that names the media type of patches.
pub const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The media type of patches: JSON merge patch (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// Returns the media ranges of `Accept` in lower case and in the client's order, each with its weight in thousandths.
/// Empty if the client does not send the header.
pub fn accepted(headers: &HeaderMap) -> Vec<(String, u16)> {
    let values = headers.get_all(ACCEPT).iter();
    media_type::accepted(values.filter_map(|value| value.to_str().ok()))
}
