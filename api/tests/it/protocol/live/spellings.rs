//! A literal table of the headers and payloads that identify a client, and the user that each identifies.

use Taken::{Dora, Nobody, Refused};
use api::config::Trust;

/// The outcome of identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Nobody,
    /// The user with the sessions `dora` and `dora-2`.
    Dora,
    Refused,
}

/// Header or payload names and values. `DORA` and `EARL` stand for ids, `<dora>`, `<dora-2>` and `<earl>` for access
/// tokens.
pub type Said = &'static [(&'static str, &'static str)];

/// A header name that only resembles X-User-ID.
pub const LOOKALIKE: &str = "x_user_id";
pub const USER: &str = "x-user-id";
pub const AUTH: &str = "authorization";

/// Headers, and the outcome where X-User-ID is trusted on loopback, trusted behind a proxy, and not trusted.
pub const BY_HEADERS: &[(Said, [Taken; 3])] = &[
    (&[], [Nobody, Nobody, Nobody]),
    (&[(USER, "DORA")], [Dora, Dora, Refused]),
    (&[(USER, "DORA"), (USER, "DORA")], [Dora, Dora, Refused]),
    (&[(USER, " DORA ")], [Dora, Dora, Refused]),
    (&[(USER, "DORA"), (USER, "EARL")], [Refused; 3]),
    (&[(USER, "DORA"), (USER, "")], [Refused; 3]),
    (&[(USER, "DORA, DORA")], [Refused; 3]),
    (&[(USER, "0DORA")], [Refused; 3]),
    (&[(USER, "+DORA")], [Refused; 3]),
    (&[(USER, "DORA.0")], [Refused; 3]),
    (&[(USER, "dora")], [Refused; 3]),
    (&[(USER, "99")], [Refused; 3]),
    (&[(USER, "")], [Refused; 3]),
    (&[(LOOKALIKE, "DORA")], [Nobody; 3]),
    (&[(AUTH, "Bearer <dora>")], [Dora; 3]),
    (&[(AUTH, "bearer <dora>")], [Dora; 3]),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "Bearer <dora>")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "BEARER <dora>")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "Bearer <dora-2>")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "Bearer <earl>")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "Bearer none")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer none"), (AUTH, "Bearer <dora>")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (AUTH, "Basic ZG9yYTo=")],
        [Refused; 3],
    ),
    (&[(AUTH, "Bearer <dora>, Bearer <dora>")], [Refused; 3]),
    (&[(AUTH, "Basic ZG9yYTo=")], [Refused; 3]),
    (&[(AUTH, "<dora>")], [Refused; 3]),
    (&[(AUTH, "")], [Refused; 3]),
    (&[(AUTH, "Bearer none")], [Refused; 3]),
    (&[(AUTH, "Bearer none"), (USER, "DORA")], [Refused; 3]),
    (&[(AUTH, "Bearer <dora>"), (USER, "DORA")], [Dora; 3]),
    (
        &[(AUTH, "Bearer <dora>"), (USER, "DORA"), (USER, "DORA")],
        [Dora; 3],
    ),
    (&[(AUTH, "Bearer <dora>"), (USER, "EARL")], [Refused; 3]),
    (
        &[(AUTH, "Bearer <dora>"), (USER, "DORA"), (USER, "EARL")],
        [Refused; 3],
    ),
];

/// Headers of the handshake, the payload of `connection_init`, and the outcomes, likewise.
pub const BY_PAYLOAD: &[(Said, Said, [Taken; 3])] = &[
    (&[], &[("X-User-ID", "DORA")], [Dora, Refused, Refused]),
    (&[], &[("x-user-id", "DORA")], [Dora, Refused, Refused]),
    (
        &[],
        &[("X-USER-ID", "DORA"), ("X-User-ID", "DORA")],
        [Dora, Refused, Refused],
    ),
    (
        &[],
        &[("X-USER-ID", "DORA"), ("X-User-ID", "EARL")],
        [Refused; 3],
    ),
    (&[], &[("X-User-ID", "0DORA")], [Refused; 3]),
    (&[], &[("X-User-ID", "99")], [Refused; 3]),
    (&[], &[("X-User-ID", "")], [Refused; 3]),
    (&[], &[("X_User_ID", "DORA")], [Nobody; 3]),
    (&[], &[("userId", "DORA")], [Nobody; 3]),
    (&[], &[("Authorization", "Bearer <dora>")], [Dora; 3]),
    (&[], &[("authorization", "bearer <dora>")], [Dora; 3]),
    (
        &[],
        &[
            ("authorization", "Bearer <dora>"),
            ("Authorization", "Bearer <dora>"),
        ],
        [Dora; 3],
    ),
    (
        &[],
        &[
            ("authorization", "Bearer <dora>"),
            ("Authorization", "Bearer <earl>"),
        ],
        [Refused; 3],
    ),
    (&[], &[("Authorization", "Bearer none")], [Refused; 3]),
    (
        &[],
        &[("Authorization", "Bearer <dora>"), ("X-User-ID", "DORA")],
        [Dora, Refused, Refused],
    ),
    (
        &[],
        &[("Authorization", "Bearer <dora>"), ("X-User-ID", "EARL")],
        [Refused; 3],
    ),
    (
        &[],
        &[("Authorization", "Bearer none"), ("X-User-ID", "DORA")],
        [Refused; 3],
    ),
    (
        &[(USER, "DORA")],
        &[("X-User-ID", "DORA")],
        [Dora, Dora, Refused],
    ),
    (
        &[(USER, "DORA"), (USER, "DORA")],
        &[("X-User-ID", "DORA")],
        [Dora, Dora, Refused],
    ),
    (&[(USER, "DORA")], &[("X-User-ID", "EARL")], [Refused; 3]),
    (
        &[(USER, "DORA")],
        &[("X_User_ID", "EARL")],
        [Dora, Dora, Refused],
    ),
    (
        &[(USER, "DORA")],
        &[("Authorization", "Bearer <dora>")],
        [Dora; 3],
    ),
    (
        &[(USER, "DORA")],
        &[("Authorization", "Bearer <earl>")],
        [Refused; 3],
    ),
    (
        &[(USER, "DORA")],
        &[("Authorization", "Bearer none")],
        [Refused; 3],
    ),
    (
        &[(LOOKALIKE, "DORA")],
        &[("X-User-ID", "DORA")],
        [Dora, Refused, Refused],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("X-User-ID", "DORA")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("X-User-ID", "EARL")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("Authorization", "Bearer <dora>")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("Authorization", "Bearer <dora-2>")],
        [Dora; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("Authorization", "Bearer <earl>")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>")],
        &[("Authorization", "Bearer none")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer none")],
        &[("Authorization", "Bearer <dora>")],
        [Refused; 3],
    ),
    (
        &[(AUTH, "Bearer <dora>"), (USER, "DORA")],
        &[("Authorization", "Bearer <dora>"), ("X-User-ID", "DORA")],
        [Dora; 3],
    ),
];

pub const TRUSTS: [Trust; 3] = [Trust::InDevelopment, Trust::ByDecision, Trust::Never];
