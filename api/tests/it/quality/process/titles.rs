//! Titles: the server gives games their keys, and `api titles merge` merges titles.

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use platform::database::Database;
use sea_orm::ConnectionTrait;

use super::{
    directory,
    server::{Server, program},
};
use crate::support::TestDatabase;

/// The longest wait for the leading instance.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs SQL on a database that no server has open.
async fn run(url: &str, statements: &[&str]) {
    let database = Database::open_existing(url).await.unwrap();
    for sql in statements {
        database.reader().execute_unprepared(sql).await.unwrap();
    }
    database.close().await;
}

/// Runs `api titles merge`. Returns what it prints, and its status.
fn merge(directory: &Path, url: &str, from: &str, into: &str) -> (String, Option<i32>) {
    let arguments = ["titles", "merge", from, into];
    let output = program(directory, &arguments, &[("DATABASE_URL", url)])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.code())
}

/// Waits until a title has this many games on the board.
fn wait_for_games(server: &Server, title: &str, number: usize) {
    let path = format!("/games?title_key={title}");
    let games = || {
        server
            .call("GET", &path, "", "")
            .matches("\"title_key\":")
            .count()
    };
    let began = Instant::now();
    while games() != number {
        assert!(began.elapsed() < PATIENCE, "{title} has {} games", games());
        sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_gives_games_the_keys_of_their_titles() {
    let own = TestDatabase::migrated().await;
    let (url, directory) = (own.url.as_str(), directory());
    let directory = directory.path();
    let now = "'2026-01-01T00:00:00+00:00'";
    let user = format!(
        "INSERT INTO users (name, email, password_hash, token_version, created_at, updated_at)
            VALUES ('ann', 'ann@example.com', '', 1, {now}, {now})"
    );
    let games = format!(
        "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at)
            VALUES (1, 'Biohazard', 'Capcom', 1996, 'PlayStation', 'good', {now}, {now}),
                (1, 'Resident Evil', 'Capcom', 1996, 'PlayStation', 'good', {now}, {now})"
    );
    run(url, &[&user, &games]).await;
    let settings = [("DATABASE_URL", url)];
    let server = Server::start(directory, &[], &settings);
    wait_for_games(&server, "biohazard", 1);
    if url.starts_with("sqlite") {
        let (said, status) = merge(directory, url, "Biohazard", "Resident Evil");
        assert!(said.starts_with("error: another process has"), "{said}");
        assert_eq!(status, Some(1));
        drop(server);
    }
    let (said, status) = merge(directory, url, "Biohazard", "Resident Evil");
    assert_eq!(
        said,
        "\"Biohazard\" now means \"Resident Evil\". A running server now moves its games.\n"
    );
    assert_eq!(status, Some(0));
    let (said, status) = merge(directory, url, "Resident Evil", "Nothing");
    assert!(said.starts_with("error: there is no title"), "{said}");
    assert_eq!((said.lines().count(), status), (1, Some(1)));
    // On PostgreSQL, the first one runs as well.
    let server = Server::start(directory, &[], &settings);
    wait_for_games(&server, "residentevil", 2);
}
