//! Every problem type of the REST surface, by status. The page of each is the Markdown file `docs/problems/<code>.md`: the
//! only source of the pages at `/problems` and of the `title` of each document.
//!
//! To add a type, add its row under its status, and its page. A test compares the rows with the codes of
//! [`exchange::error::Error`] and with the files.

use axum::http::StatusCode;

/// A problem type.
#[derive(Debug)]
pub struct ProblemType {
    pub status: StatusCode,
    pub code: &'static str,
    /// The Markdown of its page, as four paragraphs on one line each: `# Title`, the meaning, `## What to do`, and the
    /// solution. Backticks mark code.
    page: &'static str,
}

impl ProblemType {
    /// Returns the title, the same for every occurrence. The `detail` of a document describes one occurrence.
    pub fn title(&self) -> &'static str {
        self.paragraph(0).trim_start_matches("# ")
    }

    pub fn meaning(&self) -> &'static str {
        self.paragraph(1)
    }

    /// Returns the solution: what to do next.
    pub fn way_out(&self) -> &'static str {
        self.paragraph(3)
    }

    fn paragraph(&self, index: usize) -> &'static str {
        let mut paragraphs = self.page.trim_end().split("\n\n");
        paragraphs.nth(index).unwrap_or_default()
    }
}

/// Finds the type with this code.
pub fn find(code: &str) -> Option<&'static ProblemType> {
    ALL.iter().find(|kind| kind.code == code)
}

/// Declares the types, each as a constant named after its code, and embeds their pages.
macro_rules! catalogue {
    ($($status:ident { $($name:ident = $code:literal;)* })*) => {
        $($(
            pub const $name: ProblemType = ProblemType {
                status: StatusCode::$status,
                code: $code,
                page: include_str!(concat!("../../../../docs/problems/", $code, ".md")),
            };
        )*)*

        /// Every type, by status.
        pub static ALL: &[ProblemType] = &[$($($name),*),*];
    };
}

catalogue! {
    BAD_REQUEST {
        MALFORMED = "malformed";
        BAD_REQUEST = "bad_request";
    }
    UNAUTHORIZED {
        NOT_IDENTIFIED = "not_identified";
        BAD_TOKEN = "bad_token";
        BAD_IDENTITY = "bad_identity";
        TWO_IDENTITIES = "two_identities";
        HEADER_NOT_TRUSTED = "header_not_trusted";
        UNKNOWN_ACTOR = "unknown_actor";
        BAD_CREDENTIALS = "bad_credentials";
        BAD_REFRESH_TOKEN = "bad_refresh_token";
        BAD_LETTER_TOKEN = "bad_letter_token";
    }
    FORBIDDEN {
        ONLY_OFFERER = "only_offerer";
        ONLY_RECEIVER = "only_receiver";
        ONLY_OWNER = "only_owner";
        ONLY_SELF = "only_self";
        NOT_YOURSELF = "not_yourself";
        NOT_YOUR_GAME = "not_your_game";
        CURRENT_PASSWORD_REQUIRED = "current_password_required";
        WRONG_PASSWORD = "wrong_password";
    }
    NOT_FOUND {
        PATH_NOT_FOUND = "path_not_found";
        PROBLEM_NOT_FOUND = "problem_not_found";
        USER_NOT_FOUND = "user_not_found";
        GAME_NOT_FOUND = "game_not_found";
        OFFER_NOT_FOUND = "offer_not_found";
    }
    METHOD_NOT_ALLOWED {
        METHOD_NOT_ALLOWED = "method_not_allowed";
    }
    NOT_ACCEPTABLE {
        NOT_ACCEPTABLE = "not_acceptable";
    }
    REQUEST_TIMEOUT {
        REQUEST_TIMEOUT = "request_timeout";
    }
    CONFLICT {
        OFFER_CLOSED = "offer_closed";
        EMAIL_CONFIRMED = "email_confirmed";
        EMAIL_TAKEN = "email_taken";
        EMAIL_FIXED = "email_fixed";
        OWN_GAME = "own_game";
        SEVERAL_OWNERS = "several_owners";
        GAME_MOVED = "game_moved";
        DUPLICATE_OFFER = "duplicate_offer";
        TOO_MANY_OFFERS = "too_many_offers";
        PARTIES_CHANGED = "parties_changed";
        CANCEL_ALONE = "cancel_alone";
        IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use";
        SINCE_DELETED = "since_deleted";
        ANSWER_TOO_LARGE = "answer_too_large";
        RESUME_EXPIRED = "resume_expired";
    }
    PRECONDITION_FAILED {
        STALE = "stale";
        NOTHING_TO_MATCH = "nothing_to_match";
        STILL_MATCHES = "still_matches";
    }
    PAYLOAD_TOO_LARGE {
        PAYLOAD_TOO_LARGE = "payload_too_large";
    }
    URI_TOO_LONG {
        URI_TOO_LONG = "uri_too_long";
    }
    UNSUPPORTED_MEDIA_TYPE {
        UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type";
        UNSUPPORTED_ENCODING = "unsupported_encoding";
    }
    MISDIRECTED_REQUEST {
        MISDIRECTED_REQUEST = "misdirected_request";
    }
    UNPROCESSABLE_ENTITY {
        INVALID = "invalid";
        IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused";
    }
    TOO_MANY_REQUESTS {
        TOO_MANY_LOG_INS = "too_many_log_ins";
        TOO_MANY_FAILURES = "too_many_failures";
        TOO_MANY_LETTERS = "too_many_letters";
        TOO_MANY_SOCKETS = "too_many_sockets";
        ANSWERS_UNREAD = "answers_unread";
    }
    REQUEST_HEADER_FIELDS_TOO_LARGE {
        HEADERS_TOO_LARGE = "headers_too_large";
    }
    INTERNAL_SERVER_ERROR {
        INTERNAL = "internal";
    }
    SERVICE_UNAVAILABLE {
        PASSWORDS_BUSY = "passwords_busy";
        DATABASE_AWAY = "database_away";
        OUTCOME_UNKNOWN = "outcome_unknown";
        STORAGE_FULL = "storage_full";
        STORAGE_FAILING = "storage_failing";
        CONTENDED = "contended";
        OVERLOADED = "overloaded";
        TOO_MANY_LISTENERS = "too_many_listeners";
        TIMED_OUT = "timed_out";
        DATABASE_UNAVAILABLE = "database_unavailable";
        NOT_WRITABLE = "not_writable";
        STOPPING = "stopping";
    }
}
