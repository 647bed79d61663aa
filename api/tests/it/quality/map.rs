//! The map of the code in `docs/architecture.md` agrees with the tree.

use std::{collections::BTreeSet, fs};

use super::documents::root;

#[test]
fn map_names_only_existing_paths() {
    let tree: Vec<_> = covered_by_the_map();
    for entry in map() {
        let exists = root().join(&entry).exists() || tree.iter().any(|path| covers(&entry, path));
        assert!(exists, "docs/architecture.md names {entry}: remove it");
    }
}

#[test]
fn map_names_each_folder_and_each_module_of_a_crate() {
    let map = map();
    for path in covered_by_the_map() {
        assert!(
            map.iter().any(|entry| covers(entry, &path)),
            "docs/architecture.md does not name {path}: add it to the map"
        );
    }
}

/// Returns the paths in the map. A line has names, then two blanks and a description. An indented name is relative to
/// the name above it that is not indented.
fn map() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let (_, block) = page.split_once("<!-- map -->\n```\n").unwrap();
    let mut folder = "";
    let mut paths = BTreeSet::new();
    for line in block.lines().take_while(|line| *line != "```") {
        let indented = line.starts_with(' ');
        let names = line.trim_start().split("  ").next().unwrap().split(' ');
        for name in names {
            if !indented {
                folder = name;
            }
            let parent = if indented { folder } else { "" };
            paths.insert(format!("{parent}{name}"));
        }
    }
    paths
}

/// Returns the folders at the top of the repository, and the modules at the top of each crate.
fn covered_by_the_map() -> Vec<String> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap();
    let folders = entries("").into_iter().filter(|name| {
        name.ends_with('/')
            && !ignored
                .lines()
                .any(|line| format!("{line}/") == format!("/{name}"))
    });
    let mut paths = Vec::new();
    for folder in folders {
        if root().join(&folder).join("Cargo.toml").exists() {
            let modules = entries(&format!("{folder}src/")).into_iter();
            paths.extend(
                modules.filter(|path| !path.ends_with("/lib.rs") && !path.ends_with("/main.rs")),
            );
        }
        paths.push(folder);
    }
    paths
}

/// Returns the visible entries of a folder as paths from the top of the repository; those of folders end with `/`.
fn entries(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let slash = if entry.path().is_dir() { "/" } else { "" };
            (!name.starts_with('.')).then(|| format!("{folder}{name}{slash}"))
        })
        .collect()
}

/// Returns true if an entry of the map stands for a path: it is the path, a part of it at the top, or a pattern with
/// `*`.
fn covers(entry: &str, path: &str) -> bool {
    let top = path.matches('/').count() == 1 && path.ends_with('/');
    match entry.split_once('*') {
        Some((start, end)) => path.starts_with(start) && path.ends_with(end),
        None => entry == path || top && entry.starts_with(path),
    }
}
