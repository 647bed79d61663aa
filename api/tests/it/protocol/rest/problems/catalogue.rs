//! The problem catalogue has exactly the errors of the code, each with its status.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use api::http::problem::{Problem, catalogue};
use axum::{http::header, response::IntoResponse};
use entity::{GameId, OfferId, OfferStatus, UserId};
use exchange::{error::Error, revision::Change};
use platform::database::InDoubt;
use rules::Denied;
use sea_orm::DbErr;
use uuid::Uuid;

/// Lists an example of each variant of an enum. A variant without an example does not compile.
macro_rules! examples {
    ($enum:ident { $($variant:ident => $example:expr,)* }) => {{
        const fn is_listed(value: &$enum) {
            match value { $($enum::$variant { .. } => (),)* }
        }
        const _: fn(&$enum) = is_listed;
        vec![$($example),*]
    }};
}

/// Returns one error of each variant.
fn failures() -> Vec<Error> {
    let (user, game, wait) = (UserId(1), GameId(1), Duration::from_secs(1));
    let failed = || DbErr::Custom("it failed".to_owned());
    let denied = examples!(Denied {
        NotIdentified => Denied::NotIdentified,
        OnlyOfferer => Denied::OnlyOfferer,
        OnlyReceiver => Denied::OnlyReceiver,
        OnlyOwner => Denied::OnlyOwner,
        OnlySelf => Denied::OnlySelf,
        Closed => Denied::Closed(OfferStatus::Accepted),
        EmailConfirmed => Denied::EmailConfirmed,
    });
    let others = examples!(Error {
        Denied => Error::Denied(Denied::NotIdentified),
        Invalid => Error::Invalid(Vec::new()),
        Malformed => Error::Malformed(String::new()),
        Unreadable => Error::Unreadable(Vec::new()),
        BadToken => Error::BadToken("old"),
        BadIdentity => Error::BadIdentity("odd"),
        TwoIdentities => Error::TwoIdentities,
        HeaderNotTrusted => Error::HeaderNotTrusted,
        PayloadNotTrusted => Error::PayloadNotTrusted,
        UnknownActor => Error::UnknownActor(user),
        BadCredentials => Error::BadCredentials,
        BadRefreshToken => Error::BadRefreshToken,
        TooManyLogIns => Error::TooManyLogIns { retry_after: wait },
        TooManyFailures => Error::TooManyFailures { retry_after: wait },
        TooManyLetters => Error::TooManyLetters { retry_after: wait },
        BadLetterToken => Error::BadLetterToken,
        PasswordsBusy => Error::PasswordsBusy,
        ResumeExpired => Error::ResumeExpired(Uuid::nil()),
        TooManyListeners => Error::TooManyListeners,
        TooManySockets => Error::TooManySockets { limit: 100 },
        AnswerTooLarge => Error::AnswerTooLarge,
        CurrentPasswordRequired => Error::CurrentPasswordRequired,
        WrongPassword => Error::WrongPassword,
        NotYourself => Error::NotYourself { field: "owner_id", named: user, actor: user },
        NotYourGame => Error::NotYourGame { game },
        NoUser => Error::NoUser(user),
        NoGame => Error::NoGame(game),
        NoOffer => Error::NoOffer(OfferId(1)),
        EmailTaken => Error::EmailTaken,
        EmailFixed => Error::EmailFixed,
        OwnGame => Error::OwnGame { game },
        SeveralOwners => Error::SeveralOwners { first: game, other: game },
        GameMoved => Error::GameMoved { game },
        DuplicateOffer => Error::DuplicateOffer(OfferId(1)),
        TooManyOffers => Error::TooManyOffers { limit: 100, offerer: user },
        PartiesChanged => Error::PartiesChanged,
        CancelAlone => Error::CancelAlone,
        Stale => Error::Stale(vec![Change::Itself]),
        NothingToMatch => Error::NothingToMatch,
        StillMatches => Error::StillMatches,
        KeyInUse => Error::KeyInUse,
        KeyReused => Error::KeyReused,
        SinceDeleted => Error::SinceDeleted { what: "game", id: 1 },
        DatabaseAway => Error::DatabaseAway(failed()),
        StorageFull => Error::StorageFull(failed()),
        StorageFailing => Error::StorageFailing(failed()),
        Contended => Error::Contended(failed()),
        OutcomeUnknown => Error::OutcomeUnknown(InDoubt(failed())),
        Internal => Error::internal(failed()),
    });
    let denied = denied.into_iter().map(Error::from);
    denied.chain(others).collect()
}

/// The types of problems that are no [`Error`]: HTTP and the server refuse by them.
const HTTP_ONLY: [catalogue::ProblemType; 18] = [
    catalogue::ANSWERS_UNREAD,
    catalogue::BAD_REQUEST,
    catalogue::DATABASE_UNAVAILABLE,
    catalogue::HEADERS_TOO_LARGE,
    catalogue::METHOD_NOT_ALLOWED,
    catalogue::MISDIRECTED_REQUEST,
    catalogue::NOT_ACCEPTABLE,
    catalogue::NOT_WRITABLE,
    catalogue::OVERLOADED,
    catalogue::PATH_NOT_FOUND,
    catalogue::PAYLOAD_TOO_LARGE,
    catalogue::PROBLEM_NOT_FOUND,
    catalogue::REQUEST_TIMEOUT,
    catalogue::STOPPING,
    catalogue::TIMED_OUT,
    catalogue::UNSUPPORTED_ENCODING,
    catalogue::UNSUPPORTED_MEDIA_TYPE,
    catalogue::URI_TOO_LONG,
];

#[test]
fn catalogue_has_every_code_and_no_other() {
    let listed: Vec<_> = catalogue::ALL.iter().map(|kind| kind.code).collect();
    let catalogue: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(catalogue.len(), listed.len(), "a code is there twice");
    let failures = failures();
    let codes = failures.iter().map(Error::code);
    let codes: BTreeSet<_> = codes.chain(HTTP_ONLY.map(|kind| kind.code)).collect();
    assert_eq!(
        catalogue, codes,
        "the catalogue against Error and HTTP_ONLY"
    );
}

#[test]
fn every_error_has_the_status_of_its_type() {
    for failure in failures() {
        let kind = catalogue::find(failure.code()).unwrap();
        let status = Problem::from(failure).into_response().status();
        assert_eq!(status, kind.status, "{}", kind.code);
    }
}

#[test]
fn problem_types_have_short_titles_and_whole_sentences() {
    let mut titles = BTreeSet::new();
    for kind in catalogue::ALL {
        let (code, title) = (kind.code, kind.title());
        assert!(titles.insert(title), "two are called {title}");
        assert!(title.len() <= 50 && !title.contains(['.', '`']), "{code}");
        for text in [kind.meaning(), kind.way_out()] {
            assert!(text.ends_with('.'), "{code}: {text}");
            assert!(
                text.matches('`').count().is_multiple_of(2),
                "{code}: {text}"
            );
        }
    }
}

#[test]
fn pages_all_belong_to_a_type_and_have_one_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems");
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let kind = name.strip_suffix(".md").and_then(catalogue::find);
        let kind = kind.unwrap_or_else(|| panic!("docs/problems/{name} belongs to no type"));
        let (title, meaning, way_out) = (kind.title(), kind.meaning(), kind.way_out());
        let form = format!("# {title}\n\n{meaning}\n\n## What to do\n\n{way_out}\n");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), form, "{name}");
    }
}

#[test]
fn status_codes_document_matches_the_catalogue() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/status-codes.md");
    let document = fs::read_to_string(path).unwrap();
    for kind in catalogue::ALL {
        let status = kind.status.as_u16();
        let told = document.contains(&format!("| {status} ")) || status == 500;
        assert!(
            told,
            "docs/status-codes.md says nothing of {status}: {}",
            kind.code
        );
    }
}

#[test]
fn temporary_problems_have_retry_after() {
    let mut codes = BTreeSet::new();
    for failure in failures() {
        let code = failure.code();
        let response = Problem::from(failure).into_response();
        if response.headers().contains_key(header::RETRY_AFTER) {
            codes.insert(code);
        }
    }
    let expected = [
        "contended",
        "database_away",
        "idempotency_key_in_use",
        "outcome_unknown",
        "passwords_busy",
        "storage_failing",
        "storage_full",
        "too_many_failures",
        "too_many_letters",
        "too_many_listeners",
        "too_many_log_ins",
        "too_many_sockets",
    ];
    assert_eq!(codes, BTreeSet::from(expected));
}
