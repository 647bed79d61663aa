//! Every problem type of the REST surface: its title, its meaning, and what to do next. The only source of the pages at
//! `/problems` and of the `title` of each document.
//!
//! A new error gets its entry here, under its status. A test compares the entries with the codes of
//! [`exchange::error::Error`], and those that only HTTP has with their uses.

use axum::http::StatusCode;

/// A problem type. Backticks mark code in its meaning and its way out.
#[derive(Debug)]
pub struct ProblemType {
    pub status: StatusCode,
    pub code: &'static str,
    /// The title, the same for every occurrence. The `detail` of a document describes one occurrence.
    pub title: &'static str,
    pub meaning: &'static str,
    pub way_out: &'static str,
}

/// Finds the type with this code.
pub fn find(code: &str) -> Option<&'static ProblemType> {
    ALL.iter().find(|kind| kind.code == code)
}

/// Declares the types, each as a constant named after its code: status, code and title, meaning, way out.
macro_rules! catalogue {
    ($($status:ident { $($name:ident = $code:literal, $title:literal; $meaning:literal; $way_out:literal;)* })*) => {
        $($(
            pub const $name: ProblemType = ProblemType {
                status: StatusCode::$status,
                code: $code,
                title: $title,
                meaning: $meaning,
                way_out: $way_out,
            };
        )*)*

        /// Every type, by status.
        pub static ALL: &[ProblemType] = &[$($($name),*),*];
    };
}

catalogue! {
    BAD_REQUEST {
        MALFORMED = "malformed", "The request cannot be parsed";
            "The body is not JSON, an id in the path is not an integer, or a parameter or a header has an invalid format. `detail` \
             says which.";
            "Correct that part and send the request again.";
        BAD_REQUEST = "bad_request", "The request cannot be understood";
            "The request violates HTTP, so it was rejected before it was processed. If another 4xx status describes the error better, \
             the response has that status.";
            "Compare the request with the description at `/openapi.json`.";
    }
    UNAUTHORIZED {
        NOT_IDENTIFIED = "not_identified", "You are not identified";
            "This request requires that you identify yourself, and it has no credentials.";
            "Log in by `POST /auth/login` and send `Authorization: Bearer <access_token>`. Register by `POST /users` first if you \
             have no account.";
        BAD_TOKEN = "bad_token", "The access token is invalid";
            "The token has expired, was not issued by this server, or its session has ended.";
            "Get a new one by `POST /auth/refresh`, or log in again.";
        BAD_IDENTITY = "bad_identity", "The credentials are malformed";
            "`Authorization` or `X-User-ID` does not have the required format.";
            "Send `Authorization: Bearer <access_token>`, once.";
        TWO_IDENTITIES = "two_identities", "The request identifies two users";
            "`Authorization` and `X-User-ID`, or two values of one of them, identify different users.";
            "Send your own access token, and nothing else.";
        HEADER_NOT_TRUSTED = "header_not_trusted", "X-User-ID is not trusted here";
            "`X-User-ID` is trusted only from a proxy that sets it, and this server has no such proxy. In the payload of a WebSocket's \
             `connection_init` it is accepted only if it repeats a header of the connection.";
            "Leave it out. Log in, and send the access token.";
        UNKNOWN_ACTOR = "unknown_actor", "The sender has no account";
            "The account of the sender does not exist, or is closed.";
            "Register, or log in to an existing account.";
        BAD_CREDENTIALS = "bad_credentials", "The e-mail address or the password is wrong";
            "No account has this e-mail address and this password. The response does not tell which of the two is wrong.";
            "Try again, or request a letter to set a new password by `POST /auth/password-reset`.";
        BAD_REFRESH_TOKEN = "bad_refresh_token", "The refresh token is invalid";
            "The token is unknown, expired, or used. Each token is valid once, and using it again ends the session.";
            "Log in again, and keep the refresh token of the latest response.";
        BAD_LETTER_TOKEN = "bad_letter_token", "The link in the letter is invalid";
            "The token in the letter is unknown, expired, or used.";
            "Request another letter, and follow its link soon.";
    }
    FORBIDDEN {
        ONLY_OFFERER = "only_offerer", "Only the requester may do this";
            "Only the user who made an offer may update or cancel it.";
            "If you received the offer, accept or reject it.";
        ONLY_RECEIVER = "only_receiver", "Only the receiver may do this";
            "Only the user who received an offer may accept or reject it.";
            "If you made the offer, update or cancel it.";
        ONLY_OWNER = "only_owner", "Only the owner may do this";
            "Only the owner of a game may edit it or take it off the board.";
            "Read the game: it links to its owner, to whom you can make an offer.";
        ONLY_SELF = "only_self", "Only the account's own user may do this";
            "Only its own user may edit an account, change its password, or close it.";
            "Follow `me` at `/` to your own account.";
        NOT_YOURSELF = "not_yourself", "A field names another user as the sender";
            "A field of the body or the query names another user than the sender of the request.";
            "Leave that field out, or log in as that user.";
        NOT_YOUR_GAME = "not_your_game", "An offered game is not yours";
            "You can offer only your own games, and this offer includes a game of another user.";
            "Offer games that you own: follow `my_games` at `/`.";
        CURRENT_PASSWORD_REQUIRED = "current_password_required", "The current password is missing";
            "Changing the password requires the current one, so that a stolen session is not enough.";
            "Send it as `current_password`.";
        WRONG_PASSWORD = "wrong_password", "The current password is wrong";
            "`current_password` is not the password of your account.";
            "Try again, or request a letter to set a new one by `POST /auth/password-reset`.";
    }
    NOT_FOUND {
        PATH_NOT_FOUND = "path_not_found", "The path does not exist";
            "There is no resource at this path, for any user.";
            "Start at `/` and follow the links.";
        PROBLEM_NOT_FOUND = "problem_not_found", "The problem type does not exist";
            "No response has this code.";
            "`/problems` lists all problem types.";
        USER_NOT_FOUND = "user_not_found", "The user does not exist";
            "No user has this id, or the account is closed.";
            "`/users` lists all users.";
        GAME_NOT_FOUND = "game_not_found", "The game does not exist";
            "No game has this id, or it has left the board.";
            "`/games` lists the games on the board.";
        OFFER_NOT_FOUND = "offer_not_found", "The offer does not exist";
            "No offer has this id.";
            "`/offers` lists all offers.";
    }
    METHOD_NOT_ALLOWED {
        METHOD_NOT_ALLOWED = "method_not_allowed", "The path does not support this method";
            "The path exists, but does not support this method.";
            "The `Allow` header lists the methods that it supports.";
    }
    NOT_ACCEPTABLE {
        NOT_ACCEPTABLE = "not_acceptable", "None of the media types is available";
            "`Accept` lists only media types that are not available here. Nothing was done. `detail` lists the available ones.";
            "Send `Accept: application/json`, or leave it out.";
    }
    REQUEST_TIMEOUT {
        REQUEST_TIMEOUT = "request_timeout", "The body did not arrive in time";
            "The body of the request did not arrive completely within 10 s, so nothing was done and the connection is closed.";
            "Send the request again. If your network is slow, send less at once.";
    }
    CONFLICT {
        OFFER_CLOSED = "offer_closed", "The offer is closed";
            "The offer was accepted, rejected or cancelled before. That is final.";
            "Read the offer to see its status. Make a new one if you still want the trade.";
        EMAIL_CONFIRMED = "email_confirmed", "The e-mail address is already confirmed";
            "The address needs no other letter.";
            "You do not have to do anything.";
        EMAIL_TAKEN = "email_taken", "The e-mail address already has an account";
            "Each e-mail address can have only one account.";
            "Log in, request a letter to set a new password, or register with another address.";
        EMAIL_FIXED = "email_fixed", "An e-mail address cannot be changed";
            "The request has another e-mail address than the account.";
            "Send the current address, or leave it out.";
        OWN_GAME = "own_game", "A requested game is your own";
            "An offer can request only games of another user.";
            "Request games of one other user.";
        SEVERAL_OWNERS = "several_owners", "The requested games have several owners";
            "An offer is between two users, and this one requests games of several others.";
            "Make one offer to each owner.";
        GAME_MOVED = "game_moved", "A game of the offer has a new owner";
            "A game no longer belongs to the party that was to give it, so the trade cannot take place.";
            "Read the current offer, then make a new one.";
        DUPLICATE_OFFER = "duplicate_offer", "The same offer is already pending";
            "You have a pending offer with the same games. Often the request was sent twice.";
            "Follow `offer` to the first offer, and update or cancel it. An `Idempotency-Key` makes it safe to send a request twice.";
        TOO_MANY_OFFERS = "too_many_offers", "You have too many pending offers";
            "You have reached the limit of pending offers. `detail` has the limit.";
            "Follow `offers` to your pending offers, and cancel one first.";
        PARTIES_CHANGED = "parties_changed", "An update cannot change the parties";
            "The games that the update requests do not belong to the receiver of the offer.";
            "Make a new offer to their owner.";
        CANCEL_ALONE = "cancel_alone", "An update that cancels cannot change anything else";
            "The request both cancels and changes the offer.";
            "Send `status` alone, or leave it out.";
        IDEMPOTENCY_KEY_IN_USE = "idempotency_key_in_use", "A request with this key is in progress";
            "An earlier request with this `Idempotency-Key` has not finished yet, so its response cannot be repeated.";
            "Wait a moment, then send the same request again.";
        SINCE_DELETED = "since_deleted", "The result of the request has been deleted";
            "A request with this `Idempotency-Key` was executed before, and its result has been deleted since. Nothing was done now.";
            "To execute it again, send the request with a new key.";
        ANSWER_TOO_LARGE = "answer_too_large", "The response would be too large";
            "The response would exceed the limit of 4 MiB, so it was not sent. If the request was a write, it was executed.";
            "Request less: a page with a smaller `limit`, fewer parts in `expand`, fewer fields.";
        RESUME_EXPIRED = "resume_expired", "The event to resume from has expired";
            "The event was published more than seven days ago, or never existed.";
            "Reload your data, then subscribe without `after` and `Last-Event-ID`.";
    }
    PRECONDITION_FAILED {
        STALE = "stale", "The resource has changed";
            "The resource has changed since you read the revision in `If-Match`. `changed` lists the changes: the resource itself, or \
             games that it refers to.";
            "Follow `current` and read it again. If you still want to write, send its new `ETag` as `If-Match`.";
        NOTHING_TO_MATCH = "nothing_to_match", "If-Match was sent to create something";
            "`If-Match` names a revision of an existing resource, but this request creates a new one. Nothing was done.";
            "Leave `If-Match` out. An `Idempotency-Key` makes it safe to send the request twice.";
        STILL_MATCHES = "still_matches", "If-None-Match matches the resource";
            "`If-None-Match` allows the write only if the resource does not exist (`*`), or has none of the listed ETags. It exists and \
             has one of them. Nothing was done.";
            "Leave `If-None-Match` out. To write only to the revision that you read, send its `ETag` as `If-Match`.";
    }
    PAYLOAD_TOO_LARGE {
        PAYLOAD_TOO_LARGE = "payload_too_large", "The body is too large";
            "The body exceeds 192 KiB, or the GraphQL document exceeds its own limit.";
            "Send less.";
    }
    URI_TOO_LONG {
        URI_TOO_LONG = "uri_too_long", "The address is too long";
            "The path and its query exceed 8 KiB.";
            "Send less. Send a long GraphQL query as a POST.";
    }
    UNSUPPORTED_MEDIA_TYPE {
        UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "The media type of the body is not supported";
            "`Content-Type` is missing or is not JSON, or, for a PATCH, not a JSON merge patch.";
            "Send `Content-Type: application/json`, or for a PATCH the type in `Accept-Patch`.";
        UNSUPPORTED_ENCODING = "unsupported_encoding", "The body is compressed";
            "`Content-Encoding` is not `identity`, and the server does not decode bodies.";
            "Send the body uncompressed, and leave `Content-Encoding` out.";
    }
    MISDIRECTED_REQUEST {
        MISDIRECTED_REQUEST = "misdirected_request", "This server does not serve that host name";
            "In development the server accepts only names of its own machine, so that no other web page can reach it.";
            "Use `localhost` or `127.0.0.1`, or set `JWT_SECRET` and `HOST` to serve other names.";
    }
    UNPROCESSABLE_ENTITY {
        INVALID = "invalid", "The input is invalid";
            "The request can be parsed, but parts of it violate the schema. `errors` lists each of them: a `pointer` into the body or \
             the name of a `parameter`, a `code`, and what is allowed.";
            "Correct all of them and send the request again. The schema is at `/openapi.json`.";
        IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused", "This key was used for another request";
            "An earlier request with this `Idempotency-Key` was different.";
            "Use a new key for each request. Use the same key only to repeat the same request.";
    }
    TOO_MANY_REQUESTS {
        TOO_MANY_LOG_INS = "too_many_log_ins", "Too many log-ins from one client address";
            "A client address may log in 5 times a second, with bursts of 20, by REST, GraphQL and WebSockets together. IPv6 addresses \
             with the same first 64 bits count as one.";
            "Wait for the seconds in `Retry-After`, then send the request again. Extend a session by `POST /auth/refresh` instead of \
             logging in again.";
        TOO_MANY_FAILURES = "too_many_failures", "Too many wrong passwords";
            "In 15 minutes, 10 wrong passwords are allowed for an e-mail address from one client address, 100 from all client addresses \
             together, and 10 in changes of the password.";
            "Wait for the seconds in `Retry-After`, or set a new password by letter.";
        TOO_MANY_LETTERS = "too_many_letters", "Too many letters were requested";
            "The limit of letters to this mailbox is reached.";
            "Look for the last letter, or wait for the seconds in `Retry-After`.";
        TOO_MANY_SOCKETS = "too_many_sockets", "You have too many WebSockets open";
            "You have reached the limit of open WebSockets per client.";
            "Send several operations over one WebSocket, or close one first.";
        ANSWERS_UNREAD = "answers_unread", "You have too many unread responses";
            "The server buffers a limited amount of responses for a client, and you have not read yours. Nothing was changed.";
            "Read them, or close their connections; then send the request again.";
    }
    REQUEST_HEADER_FIELDS_TOO_LARGE {
        HEADERS_TOO_LARGE = "headers_too_large", "The headers are too large";
            "The names and values of all headers together exceed 16 KiB.";
            "Send less. The server ignores cookies.";
    }
    INTERNAL_SERVER_ERROR {
        INTERNAL = "internal", "Something went wrong on our side";
            "The error is in the server, not in the request. Nothing was changed.";
            "Try again later. If the error persists, send the `request_id` to the operator, who finds the cause in the log.";
    }
    SERVICE_UNAVAILABLE {
        PASSWORDS_BUSY = "passwords_busy", "Too many passwords are being checked";
            "Checking a password takes time, and too many are waiting. Nothing was changed.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        DATABASE_AWAY = "database_away", "The database is unreachable";
            "The server cannot reach its database. Nothing was changed.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        OUTCOME_UNKNOWN = "outcome_unknown", "The outcome of the write is unknown";
            "The server lost its database connection while committing the write. The write was done completely or not at all.";
            "Send it again with the same `Idempotency-Key`: it will not be done twice. Without a key, check first whether it was done.";
        STORAGE_FULL = "storage_full", "The database is out of disk space";
            "The disk of the database is full, so nothing can be written until the operator frees space. Nothing was changed, and \
             reading still works.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        STORAGE_FAILING = "storage_failing", "The storage of the database has failed";
            "The database cannot read or write its storage, or accepts no writes at present. Nothing was changed.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        CONTENDED = "contended", "The request conflicted with another one";
            "Another request changes the same resources and did not finish in time, or the two waited for each other. Nothing was \
             changed.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        OVERLOADED = "overloaded", "The server is handling too many requests";
            "The limits of running and of waiting requests are reached. Nothing was changed.";
            "Wait for the seconds in `Retry-After`, then send the request again.";
        TOO_MANY_LISTENERS = "too_many_listeners", "Too many clients are subscribed to events";
            "The limit of subscribers of this instance is reached. It still handles other requests.";
            "Wait for the seconds in `Retry-After`, then subscribe again. Another instance may have room.";
        TIMED_OUT = "timed_out", "The request took too long";
            "The request exceeded the limit of 5 s. A write may still be done, now or later.";
            "Send a write again with the same `Idempotency-Key`: it will not be done twice. Without a key, check first whether it was \
             done.";
        DATABASE_UNAVAILABLE = "database_unavailable", "This instance is not ready";
            "The database of this instance does not respond to the health check.";
            "Send requests to another instance until this one is ready. Check again later.";
        NOT_WRITABLE = "not_writable", "This instance is not ready to write";
            "The database of this instance rejected a write, and has not accepted one since. Reading still works.";
            "Free space on the disk of the database, or repair it. The instance recovers by itself. Check again later.";
        STOPPING = "stopping", "This instance is shutting down";
            "The instance is shutting down. It finishes the requests in flight.";
            "Send requests to another instance.";
    }
}
