//! Every type of problem that REST can answer with: what it is called, what it means, how to get out. The one source of
//! the pages at `/problems` and of the `title` of each document.
//!
//! A new failure gets its entry here, under the status that it maps to. A test holds the entries against the codes of
//! [`exchange::error::Error`], and those that only HTTP knows against where they are used.

use axum::http::StatusCode;

/// A type of problem. What is code stands between backticks in its meaning and its way out.
#[derive(Debug)]
pub struct Type {
    pub status: StatusCode,
    pub code: &'static str,
    /// The same for every occurrence; a document's `detail` says what is so of one.
    pub title: &'static str,
    pub meaning: &'static str,
    pub way_out: &'static str,
}

/// The type with this code.
pub fn find(code: &str) -> Option<&'static Type> {
    ALL.iter().find(|kind| kind.code == code)
}

/// Declares the types, each as a constant named by its code: status, code and title, meaning, way out.
macro_rules! catalogue {
    ($($status:ident { $($name:ident = $code:literal, $title:literal; $meaning:literal; $way_out:literal;)* })*) => {
        $($(
            pub const $name: Type = Type {
                status: StatusCode::$status,
                code: $code,
                title: $title,
                meaning: $meaning,
                way_out: $way_out,
            };
        )*)*

        /// Every type, by status.
        pub static ALL: &[Type] = &[$($($name),*),*];
    };
}

catalogue! {
    BAD_REQUEST {
        MALFORMED = "malformed", "The request cannot be read";
            "The body is not JSON, an id in the path is no whole number, or a parameter or a header has a form that nothing of \
             ours has. `detail` says which.";
            "Correct that part and send the request again.";
        BAD_REQUEST = "bad_request", "The request cannot be understood";
            "HTTP itself was not kept to, so the request was refused before anybody looked at what it asks for. Where another \
             status of the 4xx says it better, the answer has that one.";
            "Compare the request with the description at `/openapi.json`.";
    }
    UNAUTHORIZED {
        NOT_IDENTIFIED = "not_identified", "Nobody is known to ask";
            "What was asked for needs to know who you are, and the request does not say.";
            "Log in by `POST /auth/login` and send `Authorization: Bearer <access_token>`. Register by `POST /users` first if you \
             have no account.";
        BAD_TOKEN = "bad_token", "The access token is not good";
            "The token is too old, not one of ours, or ended with a change of the password.";
            "Take a new one by `POST /auth/refresh`, or log in again.";
        BAD_IDENTITY = "bad_identity", "The sender is not named properly";
            "`Authorization` or `X-User-ID` is there, but not in the form that it has.";
            "Send `Authorization: Bearer <access_token>`, once.";
        TWO_IDENTITIES = "two_identities", "The request names two senders";
            "`Authorization` and `X-User-ID`, or two values of one of them, name different people.";
            "Send the access token of the person that you are, and nothing else.";
        HEADER_NOT_TRUSTED = "header_not_trusted", "X-User-ID is not trusted here";
            "`X-User-ID` proves nothing: only a proxy that sets it can make it trustworthy, and here none does. In the payload of a \
             WebSocket's `connection_init` it counts only where it repeats what the headers of the connection said.";
            "Leave it out; log in, and send the access token.";
        UNKNOWN_ACTOR = "unknown_actor", "The sender has no account";
            "The account that the request names as its sender is not there, or is closed.";
            "Register, or log in as somebody who has an account.";
        BAD_CREDENTIALS = "bad_credentials", "The e-mail address or the password is wrong";
            "No account has this e-mail address with this password. Which of the two is wrong is not said.";
            "Try again, or ask for a letter to set a new password by `POST /auth/password-reset`.";
        BAD_REFRESH_TOKEN = "bad_refresh_token", "The refresh token is not good";
            "The token is unknown, too old, or used up: each is good once, and one that comes twice ends the session.";
            "Log in again, and keep the refresh token of the latest answer.";
        BAD_LETTER_TOKEN = "bad_letter_token", "The link of the letter is not good";
            "The token of the letter is unknown, too old, or used up.";
            "Ask for another letter, and follow its link soon.";
    }
    FORBIDDEN {
        ONLY_OFFERER = "only_offerer", "Only the requester may do this";
            "An offer is updated and cancelled by the person who made it, and nobody else.";
            "If you received the offer, accept or reject it.";
        ONLY_RECEIVER = "only_receiver", "Only the receiver may do this";
            "An offer is accepted and rejected by the person who received it, and nobody else.";
            "If you made the offer, update or cancel it.";
        ONLY_OWNER = "only_owner", "Only the owner may do this";
            "A game is edited and taken off the board by its owner, and nobody else.";
            "Look at the game: it links to its owner, to whom you can make an offer.";
        ONLY_SELF = "only_self", "Only the person themself may do this";
            "An account is edited, given another password, and closed by its own person, and nobody else.";
            "Follow `me` at `/` to your own account.";
        NOT_YOURSELF = "not_yourself", "A field names somebody else as you";
            "The request says in its body or query that it is somebody else's, and its sender is you.";
            "Leave that field out, or act as that person.";
        NOT_YOUR_GAME = "not_your_game", "An offered game is not yours";
            "An offer gives games of the person who makes it, and this one gives a game of somebody else.";
            "Offer games that you own: follow `my_games` at `/`.";
        CURRENT_PASSWORD_REQUIRED = "current_password_required", "The present password is missing";
            "A change of the password asks for the present one, so that a stolen session is not enough.";
            "Send it as `current_password`.";
        WRONG_PASSWORD = "wrong_password", "The present password is wrong";
            "`current_password` is not the password of your account.";
            "Try again, or ask for a letter to set a new one by `POST /auth/password-reset`.";
    }
    NOT_FOUND {
        PATH_NOT_FOUND = "path_not_found", "There is no such path";
            "Nothing is at this address, whoever asks.";
            "Begin at `/` and follow the links.";
        PROBLEM_NOT_FOUND = "problem_not_found", "There is no such type of problem";
            "No answer of this exchange has this code.";
            "`/problems` lists those that there are.";
        USER_NOT_FOUND = "user_not_found", "There is no such person";
            "Nobody has this id, or the account is closed.";
            "`/users` lists those who are here.";
        GAME_NOT_FOUND = "game_not_found", "There is no such game";
            "No game has this id, or it has left the board.";
            "`/games` lists those on the board.";
        OFFER_NOT_FOUND = "offer_not_found", "There is no such offer";
            "No offer has this id.";
            "`/offers` lists those that were made.";
    }
    METHOD_NOT_ALLOWED {
        METHOD_NOT_ALLOWED = "method_not_allowed", "This path does not have this method";
            "Something is at this address, and cannot be asked to do this.";
            "The `Allow` header lists the methods that it has.";
    }
    NOT_ACCEPTABLE {
        NOT_ACCEPTABLE = "not_acceptable", "None of the media types will do";
            "`Accept` names only media types that this address cannot give. Nothing was done; `detail` lists those that it can.";
            "Send `Accept: application/json`, or leave it out.";
    }
    REQUEST_TIMEOUT {
        REQUEST_TIMEOUT = "request_timeout", "The body did not come in time";
            "The body of the request was not there as a whole within 10 s, so nothing was done and the connection is closed.";
            "Send the request again. Where the network is slow, send less at once.";
    }
    CONFLICT {
        OFFER_CLOSED = "offer_closed", "The offer is closed";
            "The offer was accepted, rejected or cancelled before, and stays so.";
            "Look at the offer to see what became of it; make a new one if you still want the trade.";
        EMAIL_CONFIRMED = "email_confirmed", "The e-mail address is confirmed already";
            "A letter would prove nothing that is not known.";
            "There is nothing to do.";
        EMAIL_TAKEN = "email_taken", "The e-mail address has an account";
            "Each e-mail address has one account at most, and this one has it.";
            "Log in, ask for a letter to set a new password, or register with another address.";
        EMAIL_FIXED = "email_fixed", "An e-mail address cannot be changed";
            "The request has another e-mail address for the account than the one on record.";
            "Send the one on record, or leave it out.";
        OWN_GAME = "own_game", "A requested game is your own";
            "An offer asks for games of somebody else.";
            "Ask for games of one other person.";
        SEVERAL_OWNERS = "several_owners", "The requested games have several owners";
            "An offer is between two people, and this one asks for games of more than one other.";
            "Make one offer for each owner.";
        GAME_MOVED = "game_moved", "A game of the offer has changed hands";
            "A game no longer belongs to the side that promised it, so the offer cannot be settled.";
            "Look at the offer as it stands, then make a new one.";
        DUPLICATE_OFFER = "duplicate_offer", "The same offer is pending already";
            "You have a pending offer of the very same games. Often the request was sent twice.";
            "Follow `offer` to the first; update or cancel that one. An `Idempotency-Key` makes it safe to send a request twice.";
        TOO_MANY_OFFERS = "too_many_offers", "You have too many offers pending";
            "One person may have so many pending offers, and you have them.";
            "Follow `offers` to your pending ones, and cancel one first.";
        PARTIES_CHANGED = "parties_changed", "An update keeps the two parties";
            "The games that the update asks for belong to somebody else than the receiver of the offer.";
            "Make a new offer to that person.";
        CANCEL_ALONE = "cancel_alone", "An update that cancels changes nothing else";
            "The request takes the offer back and changes it, both at once.";
            "Send `status` alone, or leave it out.";
        IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use", "The first request with this key is under way";
            "Another request with this `Idempotency-Key` has not ended yet, so its answer cannot be given again.";
            "Wait a moment, then send the same again.";
        SINCE_DELETED = "since_deleted", "It was done before, and deleted since";
            "A request with this `Idempotency-Key` was done before, and what it made or changed was deleted since. Nothing was \
             done now.";
            "If you want it done anew, send the request with a new key.";
        ANSWER_TOO_LARGE = "answer_too_large", "The answer would be too large";
            "An answer has at most 4 MB, and this one would have more, so it was not sent. A write that was asked for is done all the \
             same.";
            "Ask for less: a page with a smaller `limit`, fewer parts in `expand`, fewer fields.";
        RESUME_EXPIRED = "resume_expired", "The event to go on from is there no more";
            "You want to go on from an event that was published more than seven days ago, or that never was.";
            "Read anew what you show, then listen without `after` and `Last-Event-ID`.";
    }
    PRECONDITION_FAILED {
        STALE = "stale", "It is not as you saw it";
            "What `If-Match` says you saw has been changed since. `changed` says what: the thing itself, or games that it names.";
            "Follow `current`, look at it again, then decide; send its new `ETag` as `If-Match`.";
        NOTHING_TO_MATCH = "nothing_to_match", "There is nothing to compare with";
            "`If-Match` names what you saw, and the request makes something that nobody has seen yet. Nothing was done.";
            "Leave `If-Match` out. An `Idempotency-Key` makes it safe to send the request twice.";
        STILL_MATCHES = "still_matches", "It is what the condition excludes";
            "`If-None-Match` asks to write only where nothing is there (`*`), or where it is none of the states that it names. \
             It is there, in one of these states. Nothing was done.";
            "Leave `If-None-Match` out. To write only to what you saw, send its `ETag` as `If-Match`.";
    }
    PAYLOAD_TOO_LARGE {
        PAYLOAD_TOO_LARGE = "payload_too_large", "The body is too large";
            "The body is over the limit of 192 KiB, or the document of GraphQL over one of its own.";
            "Send less.";
    }
    URI_TOO_LONG {
        URI_TOO_LONG = "uri_too_long", "The address is too long";
            "The path and its query are over the limit of 8 KiB.";
            "Send less. A GraphQL query may come as a POST.";
    }
    UNSUPPORTED_MEDIA_TYPE {
        UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "The body is in another format";
            "`Content-Type` is missing, or names something else than JSON; for a PATCH, than a JSON merge patch.";
            "Send `Content-Type: application/json`, or what `Accept-Patch` names.";
        UNSUPPORTED_ENCODING = "unsupported_encoding", "The body is compressed";
            "`Content-Encoding` names something else than `identity`, and bodies are read as they are.";
            "Send the body as it is, and leave `Content-Encoding` out.";
    }
    MISDIRECTED_REQUEST {
        MISDIRECTED_REQUEST = "misdirected_request", "This instance does not go by that name";
            "In development only names of the machine itself are answered, so that no page elsewhere reaches it.";
            "Use `localhost` or `127.0.0.1`, or set `JWT_SECRET` and `HOST` to serve others.";
    }
    UNPROCESSABLE_ENTITY {
        INVALID = "invalid", "The input is not valid";
            "The request can be read, and parts of it break the schema. `errors` lists each: a `pointer` into the body or the \
             name of a `parameter`, a `code`, and what would be right.";
            "Correct each of them and send the request again. The schema is at `/openapi.json`.";
        IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused", "This key was used for another request";
            "The `Idempotency-Key` came before with a request that asked for something else.";
            "Take a new key for each request, and the same only to send the same again.";
    }
    TOO_MANY_REQUESTS {
        TOO_MANY_LOG_INS = "too_many_log_ins", "Too many log-ins from one address";
            "A client address may log in 5 times a second, and 20 times at once, by REST, GraphQL and WebSockets together. An IPv6 \
             address counts by its first 64 bits.";
            "Wait as many seconds as `Retry-After` says, then send the same again. Keep a session by `POST /auth/refresh` rather than \
             logging in again.";
        TOO_MANY_FAILURES = "too_many_failures", "Too many wrong passwords";
            "Within 15 minutes an e-mail address may be tried with 10 wrong passwords from one client address, and with 100 from all \
             together; a change of the password may come with 10 wrong ones.";
            "Wait as many seconds as `Retry-After` says, or set a new password by a letter.";
        TOO_MANY_LETTERS = "too_many_letters", "Too many letters were asked for";
            "So many letters went to this mailbox that another would not help.";
            "Look for the last one, or wait as many seconds as `Retry-After` says.";
        TOO_MANY_SOCKETS = "too_many_sockets", "You have too many WebSockets open";
            "One client may have so many WebSockets at once at this instance, and you have them.";
            "Send several operations over the same one, or close one first.";
        ANSWERS_UNREAD = "answers_unread", "Too many answers wait for you to read them";
            "The instance holds as much for you as it holds for one client: answers that you asked for and have not read. Nothing \
             was changed.";
            "Read them, or close their connections; then send the same again.";
    }
    REQUEST_HEADER_FIELDS_TOO_LARGE {
        HEADERS_TOO_LARGE = "headers_too_large", "The headers are too large";
            "The names and values of the headers are over the limit of 16 KiB together.";
            "Send less; cookies mean nothing here.";
    }
    INTERNAL_SERVER_ERROR {
        INTERNAL = "internal", "Something went wrong on our side";
            "The fault is in the exchange and not in the request. Nothing was changed.";
            "Try again later. If it stays, tell the operator the `request_id`: the log has the cause under it.";
    }
    SERVICE_UNAVAILABLE {
        PASSWORDS_BUSY = "passwords_busy", "Too many passwords are being checked";
            "A password takes work to check, and too many are waiting. Nothing was changed.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        DATABASE_AWAY = "database_away", "The database is away";
            "The exchange cannot reach its database. Nothing was changed.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        OUTCOME_UNKNOWN = "outcome_unknown", "Nobody knows yet whether it was done";
            "The exchange lost its database while the write was being saved. It is done or it is not, as a whole.";
            "Send it again with the same `Idempotency-Key`: it is not done twice. Without a key, look first.";
        STORAGE_FULL = "storage_full", "The database has no room left";
            "The disk of the database is full, so nothing can be written until the operator makes room. Nothing was changed, \
             and reading still works.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        STORAGE_FAILING = "storage_failing", "The storage of the database fails";
            "The database cannot read or write its storage, or takes no writes at present. Nothing was changed.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        CONTENDED = "contended", "Another request was in the way";
            "The request waited for another one that changes the same things, which did not finish in time, or each waited for \
             the other. Nothing was changed.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        OVERLOADED = "overloaded", "Too many requests are under way";
            "The instance works on as many requests as it takes at once, and as many wait as may. Nothing was changed.";
            "Wait as many seconds as `Retry-After` says, then send the same again.";
        TOO_MANY_LISTENERS = "too_many_listeners", "Too many clients listen";
            "As many clients listen to this instance as it takes. Other requests are answered.";
            "Wait as many seconds as `Retry-After` says, then listen again; another instance may have room.";
        TIMED_OUT = "timed_out", "The request took too long";
            "It was given up after 5 s. A write may be done all the same, now or later.";
            "Send a write again with the same `Idempotency-Key`: it is not done twice. Without a key, look first.";
        DATABASE_UNAVAILABLE = "database_unavailable", "This instance is not ready";
            "The instance was asked how it is, and its database does not answer.";
            "Send requests to another instance until this one is ready; ask again later.";
        NOT_WRITABLE = "not_writable", "This instance is not ready to write";
            "The instance was asked how it is. Its database refused a write, and has not yet taken one since. Reading still works.";
            "Make room on the disk of the database, or repair it; the instance finds out by itself. Ask again later.";
        STOPPING = "stopping", "This instance is about to stop";
            "The instance was asked how it is, and it was told to stop. It finishes what is under way.";
            "Send requests to another instance.";
    }
}
