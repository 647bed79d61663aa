//! The problem catalogue has exactly the errors of the code, each with its page.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use api::http::problem::{Problem, catalogue};
use axum::{http::header, response::IntoResponse};
use exchange::error::Error;
use sea_orm::DbErr;

#[test]
fn catalogue_has_every_code_once() {
    let codes: BTreeSet<_> = catalogue::ALL.iter().map(|kind| kind.code).collect();
    assert_eq!(codes.len(), catalogue::ALL.len(), "a code is there twice");
    for error in Error::TYPES {
        assert!(codes.contains(error.code), "{}", error.code);
    }
}

#[test]
fn problem_types_have_short_titles_and_whole_sentences() {
    let mut titles = BTreeSet::new();
    for kind in catalogue::ALL.iter() {
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
    for kind in catalogue::ALL.iter() {
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
fn temporary_errors_have_retry_after() {
    let temporary = Error::TYPES
        .iter()
        .filter(|error| error.kind.is_temporary());
    let codes: Vec<_> = temporary.map(|error| error.code).collect();
    let expected = [
        "idempotency_key_in_use",
        "too_many_log_ins",
        "too_many_failures",
        "too_many_letters",
        "too_many_sockets",
        "passwords_busy",
        "database_away",
        "outcome_unknown",
        "storage_full",
        "storage_failing",
        "contended",
        "too_many_listeners",
    ];
    assert_eq!(codes, expected);
    for (error, seconds) in [
        (Error::KeyInUse, Some("1")),
        (
            Error::TooManyLogIns {
                retry_after: Duration::from_millis(10),
            },
            Some("1"),
        ),
        (
            Error::TooManyLetters {
                retry_after: Duration::from_secs(90),
            },
            Some("90"),
        ),
        (Error::TooManySockets { limit: 100 }, Some("5")),
        (Error::PasswordsBusy, Some("1")),
        (
            Error::StorageFull(DbErr::Custom("full".to_owned())),
            Some("5"),
        ),
        (Error::WrongPassword, None),
    ] {
        let code = error.code();
        let response = Problem::from(error).into_response();
        let header = response.headers().get(header::RETRY_AFTER);
        assert_eq!(header.map(|wait| wait.to_str().unwrap()), seconds, "{code}");
    }
}
