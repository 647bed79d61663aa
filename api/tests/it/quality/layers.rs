//! Layers: the imports that each folder may not have, read from the `use` lines.

use std::{fs, path::Path};

/// A folder, and the crates and modules that it may not import.
const RULES: &[(&str, &[&str])] = &[
    ("api/src/rest", &["sea_orm"]),
    ("api/src/graphql", &["sea_orm"]),
    ("exchange/src", &["axum", "async_graphql", "utoipa"]),
    ("entity/src", &["axum", "async_graphql"]),
    ("migration/src", &["entity"]),
    ("notifier/src", &["api"]),
    ("outbox/src", &["api", "axum", "notifier"]),
    ("platform/src", &["entity", "api", "notifier", "axum"]),
    ("rules/src", &["sea_orm", "platform", "api", "notifier"]),
];

#[test]
fn layers_import_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut broken = Vec::new();
    for (folder, banned) in RULES {
        visit(&root.join(folder), &mut |file, text| {
            for name in *banned {
                if text.lines().any(|line| names(line, name)) {
                    broken.push(format!(
                        "{} names {name}",
                        file.strip_prefix(root).unwrap().display()
                    ));
                }
            }
        });
    }
    assert!(
        broken.is_empty(),
        "a layer reaches past its own: {broken:#?}"
    );
}

#[test]
fn names_finds_an_import_however_it_is_written() {
    for line in [
        "use axum::Json;",
        "    pub use axum;",
        "use ::axum::http;",
        "let x = axum::http::StatusCode::OK;",
    ] {
        assert!(names(line, "axum"), "{line}");
    }
    for line in [
        "use axum_extra::Json;",
        "// use axum here",
        "use crate::entity_axum;",
    ] {
        assert!(!names(line, "axum"), "{line}");
    }
}

/// Returns whether the line of code names the crate.
fn names(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let words: Vec<_> = code
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .collect();
    words.iter().any(|word| {
        let word = word.trim_start_matches(':');
        word.starts_with(&format!("{name}::"))
            || (word == name && code.trim_start().contains("use "))
    })
}

fn visit(path: &Path, look: &mut impl FnMut(&Path, &str)) {
    if path.is_file() {
        look(path, &fs::read_to_string(path).unwrap());
    }
    for entry in fs::read_dir(path).into_iter().flatten() {
        visit(&entry.unwrap().path(), look);
    }
}
