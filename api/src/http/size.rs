//! Limits on the size of a request. A request that fits the published schemas is accepted in its longest JSON encoding:
//! many clients escape every non-ASCII character.

use entity::limits::{Address, Message, Name};
use exchange::offers::MAX_GAMES;

/// The largest body of either surface, in bytes. NGINX has the same limit: see `nginx/limits.conf`.
pub const MAX_BODY: usize = 192 * 1024;
/// The message for a body beyond [`MAX_BODY`].
pub const TOO_LARGE: &str = "The body is too large. Send at most 192 KiB.";
/// The longest WebSocket message: the largest body, with its envelope.
pub const MAX_FRAME: usize = MAX_BODY + 1024;
/// The longest GraphQL document, in bytes: 16 KiB, and the longest input text inlined with escapes. Parsing takes time
/// in proportion to the length, whatever the other limits on documents.
pub const MAX_DOCUMENT: usize = 16 * 1024 + ESCAPED_CHAR * Message::MAX;

/// The most bytes of one character: two escapes, as in `"\uD83D\uDE00"`.
const ESCAPED_CHAR: usize = 12;
/// The bytes of everything but user text: member names, numbers, links and forms.
const OVERHEAD: usize = 16 * 1024;
/// The largest valid body: an offer sent back as it was read, with its message (as a field and in the form), the names
/// of its games and parties, and their addresses.
const LARGEST_BODY: usize = ESCAPED_CHAR
    * (2 * Message::MAX + 2 * MAX_GAMES * Name::MAX + 2 * (Name::MAX + Address::MAX))
    + OVERHEAD;
const _: () =
    assert!(LARGEST_BODY <= MAX_BODY && ESCAPED_CHAR * MAX_DOCUMENT / 4 + OVERHEAD <= MAX_BODY);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_body_is_the_same_everywhere() {
        let kib = MAX_BODY / 1024;
        let limits = include_str!("../../../nginx/limits.conf");
        let size = format!("client_max_body_size {kib}k;");
        assert!(limits.contains(&size), "nginx/limits.conf: {size}");
        let told = format!("{kib} KiB");
        for (place, text) in [
            ("TOO_LARGE", TOO_LARGE),
            (
                "nginx/problems.conf",
                include_str!("../../../nginx/problems.conf"),
            ),
            (
                "docs/status-codes.md",
                include_str!("../../../docs/status-codes.md"),
            ),
            (
                "docs/problems/payload_too_large.md",
                include_str!("../../../docs/problems/payload_too_large.md"),
            ),
            ("openapi.json", include_str!("../../../openapi.json")),
        ] {
            assert!(text.contains(&told), "{place}: {told}");
        }
    }
}
