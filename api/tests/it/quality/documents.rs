//! Documents agree with the code.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use api::config::Settings;
use platform::settings::Source;

/// Returns the top of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

#[test]
fn settings_are_all_documented_and_all_read() {
    let asked = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        None
    };
    Settings::read(&Source::new(&lookup)).unwrap();
    let with_kafka = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        (name == "KAFKA_BOOTSTRAP_SERVERS").then(|| OsString::from("127.0.0.1:9092"))
    };
    notifier::settings::Settings::read(&Source::new(&with_kafka)).unwrap();
    let asked = asked.into_inner();
    let read: BTreeSet<_> = asked.iter().cloned().chain(of_compose()).collect();
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let explained: BTreeSet<_> = example
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once('='))
        .filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(
        explained, read,
        ".env.example against what both programs and the compose files read"
    );
    let page = fs::read_to_string(root().join("docs/settings.md")).unwrap();
    for name in asked {
        assert!(
            page.contains(&format!("`{name}`")),
            "docs/settings.md does not name {name}"
        );
    }
}

/// Returns the settings that the compose files read from the environment: `${NAME…}`.
fn of_compose() -> Vec<String> {
    let files = ["docker-compose.yml", "docker-compose.production.yml"];
    let text = files.map(|name| fs::read_to_string(root().join(name)).unwrap());
    let name = |after: &str| {
        let name = after.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        name.take(1).collect()
    };
    text.concat().split("${").skip(1).map(name).collect()
}

#[test]
fn links_between_documents_resolve() {
    let mut documents = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/adr"] {
        let files = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|file| file.unwrap().path());
        documents.extend(files.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = document.parent().unwrap().join(target);
            assert!(path.exists(), "{} links to {target}", document.display());
        }
    }
}
