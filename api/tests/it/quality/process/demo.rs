//! `--demo`.

use super::{
    directory,
    server::{Server, status},
};

#[test]
fn demo_fills_an_empty_database_once_and_prints_commands() {
    let directory = directory();
    let rows = |server: &Server| {
        [
            ("/users", "\"name\":"),
            ("/games?limit=100", "\"publisher\":"),
        ]
        .map(|(path, member)| server.call("GET", path, "", "").matches(member).count())
    };
    let first = Server::start(directory.path(), &["--demo"], &[]);
    let commands: Vec<_> = first
        .said
        .lines()
        .filter(|line| line.contains("curl -H"))
        .collect();
    assert_eq!(commands.len(), 3, "{}", first.said);
    // The message of the offer is for its two parties.
    for (command, party) in commands.iter().zip([true, true, false]) {
        let answer = first.curl(command);
        assert_eq!(status(&answer), "200", "{answer}");
        assert_eq!(answer.contains("\"message\":"), party, "{answer}");
    }
    assert_eq!(rows(&first), [3, 60]);
    drop(first);
    let again = Server::start(directory.path(), &["--demo"], &[]);
    assert!(
        !again.said.contains("curl -H") && again.said.contains("leaves the database as it is"),
        "{}",
        again.said
    );
    assert_eq!(rows(&again), [3, 60]);
}

#[test]
fn demo_prints_how_to_log_in_when_the_header_is_not_trusted() {
    let directory = directory();
    let secret = "0123456789abcdef0123456789abcdef";
    let mut server = Server::start(directory.path(), &["--demo"], &[("JWT_SECRET", secret)]);
    let command = server
        .said
        .lines()
        .find(|line| line.contains("curl -H"))
        .unwrap();
    let answer = server.curl(command);
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("\"access_token\""), "{answer}");
    assert!(!server.said.contains(secret));
    assert_eq!(
        status(&server.call("GET", "/", "X-User-ID: 1\r\n", "")),
        "401"
    );
    server.signal("-INT");
    let log: Vec<_> = server.log.by_ref().map(Result::unwrap).collect();
    assert!(!log.join("\n").contains(secret));
    assert_eq!(server.end().0.code(), Some(0));
}
