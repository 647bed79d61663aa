//! Plain language in the source of all crates: the start of doc comments, and the length of test names. No other test
//! reads source text.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// First words of a noun clause, which names a thing without saying what kind of thing it is.
const RIDDLES: [&str; 5] = ["What", "Who", "Whom", "Whose", "How"];
const LONGEST_NAME: usize = 60;

#[test]
fn source_speaks_plain_language() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sources = sources(root);
    assert!(sources.len() > 100, "finds the crates: {}", sources.len());
    let mut faults = Vec::new();
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(root).unwrap().display();
        faults.extend(find_faults(&text).map(|(line, fault)| format!("{path}:{line}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn find_faults_reports_the_line_and_the_remedy() {
    let text = format!(
        "/// What it is.\n/// How it works.\nstruct A;\n\n#[test]\n#[ignore]\nfn {}() {{}}\n",
        "a".repeat(61)
    );
    let faults: Vec<_> = find_faults(&text).collect();
    assert_eq!(
        faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [1, 7]
    );
    assert!(faults[0].1.contains("begins with \"What\"; begin it with"));
    assert!(faults[1].1.contains("has 61 characters"));
}

/// Returns the Rust files of all crates, and those that their tests share.
fn sources(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(&root.join("tests"), &mut files);
    for folder in fs::read_dir(root).unwrap() {
        let folder = folder.unwrap().path();
        if folder.join("Cargo.toml").is_file() {
            for part in ["src", "tests", "benches"] {
                walk(&folder.join(part), &mut files);
            }
        }
    }
    files
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Returns each fault with its line, from 1.
fn find_faults(text: &str) -> impl Iterator<Item = (usize, String)> {
    let (mut before, mut in_test) = (None, false);
    text.lines().enumerate().filter_map(move |(line, text)| {
        let doc = doc_comment(text);
        let begins = before.is_none();
        before = doc;
        in_test |= is_test_attribute(text);
        let fault = match doc {
            Some(doc) if begins => riddle(doc),
            _ => function(text)
                .filter(|_| std::mem::take(&mut in_test))
                .and_then(long_name),
        };
        fault.map(|fault| (line + 1, fault))
    })
}

fn doc_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or(line.strip_prefix("//!"))?;
    Some(doc.trim_start())
}

fn riddle(doc: &str) -> Option<String> {
    let first = doc.split(|letter: char| !letter.is_alphabetic()).next()?;
    RIDDLES.contains(&first).then(|| {
        format!(
            "a doc comment begins with \"{first}\"; begin it with a verb (\"Returns\", \"Locks\") or with a noun that says what \
             kind of thing it is (\"The rate limit of\")"
        )
    })
}

fn is_test_attribute(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("#[test]") || line.starts_with("#[tokio::test")
}

/// Returns the name of the function that the line declares.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split('(').next()
}

fn long_name(name: &str) -> Option<String> {
    let length = name.len();
    (length > LONGEST_NAME).then(|| {
        format!(
            "the test name has {length} characters, the maximum is {LONGEST_NAME}; name it \
             <operation>_<outcome>[_when_<condition>]"
        )
    })
}
