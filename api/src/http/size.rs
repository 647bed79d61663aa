//! Limits on the size of a request. Whatever fits the published schemas is taken, in the longest spelling that JSON has for it:
//! many clients write every character beyond ASCII as escapes.

use exchange::{
    games,
    offers::{self, MAX_GAMES},
    users,
};

/// The largest body, in bytes, of either surface. NGINX has the same limit: see `nginx/limits.conf`.
pub const MAX_BODY: usize = 192 * 1024;
/// Said of a body beyond it.
pub const TOO_LARGE: &str = "The body is too large. Send at most 192 KiB.";
/// The longest message of a WebSocket: the largest body, with what is around it.
pub const MAX_FRAME: usize = MAX_BODY + 1024;
/// The longest document of GraphQL, in bytes: 16 KiB, and the longest text of an input, written into it in escapes. The time
/// that reading a document takes grows with its length, whatever the limits on documents.
pub const MAX_DOCUMENT: usize = 16 * 1024 + LONGEST * offers::MAX_MESSAGE;

/// The most bytes of one character: two escapes, as in `"\uD83D\uDE00"`.
const LONGEST: usize = 12;
/// Names of members, numbers, links and forms: what is no text of somebody's.
const AROUND: usize = 16 * 1024;
/// The largest thing that can be sent: an offer as it was read, with its message (itself and in the form), the names of its
/// games and of its parties, and their addresses.
const LARGEST: usize = LONGEST
    * (2 * offers::MAX_MESSAGE
        + 2 * MAX_GAMES * games::MAX_NAME
        + 2 * (users::MAX_NAME + users::MAX_ADDRESS))
    + AROUND;
const _: () = assert!(LARGEST <= MAX_BODY && LONGEST * MAX_DOCUMENT / 4 + AROUND <= MAX_BODY);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_body_is_the_same_wherever_it_is_named() {
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
            ("catalogue.rs", include_str!("../rest/problem/catalogue.rs")),
            ("openapi/mod.rs", include_str!("../rest/openapi/mod.rs")),
        ] {
            assert!(text.contains(&told), "{place}: {told}");
        }
    }
}
