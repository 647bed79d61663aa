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

use crate::quality::layers::visit;

/// Returns one error of each code.
fn failures() -> Vec<Error> {
    let (user, game, wait) = (UserId(1), GameId(1), Duration::from_secs(1));
    let failed = || DbErr::Custom("it failed".to_owned());
    let denied = [
        Denied::OnlyOfferer,
        Denied::OnlyReceiver,
        Denied::OnlyOwner,
        Denied::OnlySelf,
        Denied::Closed(OfferStatus::Accepted),
        Denied::EmailConfirmed,
    ];
    let others = [
        Error::Invalid(Vec::new()),
        Error::Malformed(String::new()),
        Error::Unreadable(Vec::new()),
        Error::BadToken("old"),
        Error::BadIdentity("odd"),
        Error::TwoIdentities,
        Error::HeaderNotTrusted,
        Error::PayloadNotTrusted,
        Error::UnknownActor(user),
        Error::BadCredentials,
        Error::BadRefreshToken,
        Error::TooManyLogIns { retry_after: wait },
        Error::TooManyFailures { retry_after: wait },
        Error::TooManyLetters { retry_after: wait },
        Error::BadLetterToken,
        Error::PasswordsBusy,
        Error::ResumeExpired(Uuid::nil()),
        Error::TooManyListeners,
        Error::TooManySockets { limit: 100 },
        Error::AnswerTooLarge,
        Error::CurrentPasswordRequired,
        Error::WrongPassword,
        Error::NotYourself {
            field: "owner_id",
            named: user,
            actor: user,
        },
        Error::NotYourGame { game },
        Error::NoUser(user),
        Error::NoGame(game),
        Error::NoOffer(OfferId(1)),
        Error::EmailTaken,
        Error::EmailFixed,
        Error::OwnGame { game },
        Error::SeveralOwners {
            first: game,
            other: game,
        },
        Error::GameMoved { game },
        Error::DuplicateOffer(OfferId(1)),
        Error::TooManyOffers {
            limit: 100,
            offerer: user,
        },
        Error::PartiesChanged,
        Error::CancelAlone,
        Error::Stale(vec![Change::Itself]),
        Error::NothingToMatch,
        Error::StillMatches,
        Error::KeyInUse,
        Error::KeyReused,
        Error::SinceDeleted {
            what: "game",
            id: 1,
        },
        Error::DatabaseAway(failed()),
        Error::StorageFull(failed()),
        Error::StorageFailing(failed()),
        Error::Contended(failed()),
        Error::OutcomeUnknown(InDoubt(failed())),
        Error::internal(failed()),
    ];
    let denied = denied.into_iter().map(Error::from);
    denied.chain(others).collect()
}

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The codes that stand in the arms of `fn code` of a file.
fn written(file: &str) -> BTreeSet<String> {
    let text = source(file);
    let (_, function) = text.split_once("pub fn code(").unwrap();
    let (arms, _) = function.split_once("\n    }\n").unwrap();
    let codes = arms.lines().filter_map(|line| line.split('"').nth(1));
    codes.map(str::to_owned).collect()
}

/// The types that are named in the source of REST and of the server, beside the catalogue itself, by their codes.
fn named() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src/http", "src/rest", "src/server"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        visit(&folder, &mut |_, text| {
            for after in text.split("catalogue::").skip(1) {
                let end = after.find(|c: char| !c.is_ascii_alphabetic() && c != '_');
                let name = &after[..end.unwrap_or_default()];
                if name != "ALL" && name.len() > 1 && name == name.to_uppercase() {
                    names.insert(name.to_lowercase());
                }
            }
        });
    }
    names
}

#[test]
fn catalogue_has_every_code_and_no_other() {
    let listed: Vec<_> = catalogue::ALL.iter().map(|kind| kind.code).collect();
    let catalogue: BTreeSet<_> = listed.iter().map(ToString::to_string).collect();
    assert_eq!(catalogue.len(), listed.len(), "a code is there twice");
    let failures: BTreeSet<_> = failures().iter().map(|e| e.code().to_owned()).collect();
    let written = &written("../exchange/src/error.rs") | &written("../rules/src/lifecycle.rs");
    assert_eq!(
        failures, written,
        "failures() against Error::code and Denied::code"
    );
    assert_eq!(
        catalogue,
        &failures | &named(),
        "the catalogue against the code"
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
        let code = kind.code;
        assert!(titles.insert(kind.title), "two are called {}", kind.title);
        assert!(
            kind.title.len() <= 50 && !kind.title.contains(['.', '`']),
            "{code}"
        );
        for text in [kind.meaning, kind.way_out] {
            assert!(text.ends_with('.'), "{code}: {text}");
            assert!(
                text.matches('`').count().is_multiple_of(2),
                "{code}: {text}"
            );
        }
    }
}

#[test]
fn status_codes_document_matches_the_catalogue() {
    let document = source("../docs/status-codes.md");
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
