//! The program, as an operator runs it.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use entity::NotificationState;

use crate::support::TestNotifier;

/// Runs the program with these settings and no others.
fn notifier(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let elsewhere = tempfile::tempdir().unwrap(); // where no .env is
    notifier_in(elsewhere.path(), arguments, settings)
}

fn notifier_in(
    directory: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(directory, arguments, settings).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn command(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_notifier"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(settings.iter().copied());
    command
}

/// The running program, killed with its test.
struct Running {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Running {
    /// Starts it with an unreachable Kafka.
    fn start(directory: &Path, settings: &[(&str, &str)]) -> Self {
        let mut all = vec![
            ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
            ("NOTIFIER_ADDRESS", "127.0.0.1:0"),
        ];
        all.extend(settings);
        let mut child = command(directory, &[], &all)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log }
    }

    /// Reads the log up to the line that contains `part`.
    fn log_until(&mut self, part: &str) -> String {
        let mut seen = String::new();
        for line in self.log.by_ref() {
            seen += &(line.unwrap() + "\n");
            if seen.contains(part) {
                return seen;
            }
        }
        panic!("no {part:?} in:\n{seen}");
    }

    /// Sends SIGTERM and waits for its end.
    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill(); // unless it has ended
    }
}

const WARNING: &str = "letters are written to the log, including their tokens; set SMTP_HOST";

#[test]
fn start_warns_without_a_mail_server_and_stops_cleanly() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = Running::start(directory.path(), &[]);
    let log = running.log_until("the notifier is running");
    assert!(log.contains(WARNING), "{log}");
    assert_eq!(running.terminate(), Some(0));

    let mut running = Running::start(directory.path(), &[("SMTP_HOST", "127.0.0.1")]);
    let log = running.log_until("the notifier is running");
    assert!(!log.contains(WARNING), "{log}");
    assert_eq!(running.terminate(), Some(0));
}

#[test]
fn dead_letters_fail_when_the_database_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    for action in [&["dead", "list"][..], &["dead", "retry", "--all"]] {
        let (status, out, err) = notifier_in(directory.path(), action, &[]);
        assert_eq!((status, out.as_str()), (1, ""));
        assert_eq!(
            err,
            "error: there is no database at exchange.db; set DATABASE_URL\n"
        );
    }
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is made");
}

#[tokio::test]
async fn dead_letters_are_refused_while_the_api_has_the_file() {
    let test = TestNotifier::new().await;
    if test.database.is_shared() {
        return;
    }
    let (status, out, err) = notifier(&["dead", "list"], &[("DATABASE_URL", test.url())]);
    assert_eq!((status, out.as_str()), (1, ""));
    assert!(
        err.contains("and locks it with SQLite: stop the API first"),
        "{err}"
    );
}

#[test]
fn start_reports_a_wrong_setting_in_one_line() {
    let (status, out, err) = notifier(&[], &[]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(
        err.starts_with("error: KAFKA_BOOTSTRAP_SERVERS: is not set; "),
        "{err}"
    );
    let (status, _, err) = notifier(
        &["dead", "list"],
        &[("DATABASE_URL", "mysql://ann:s3cret@db")],
    );
    assert_eq!(status, 2);
    assert_eq!(
        err,
        "error: DATABASE_URL must begin with sqlite:// or postgres://\n"
    );
}

#[tokio::test]
async fn dead_letters_are_listed_and_sent_again() {
    let test = TestNotifier::new().await;
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann, ann]).await;
    test
        .execute(
            "UPDATE notifications SET state = 'dead', attempts = 7, next_attempt_at = NULL, finished_at = created_at,
                smtp_response = '550 no such user' WHERE id = 1",
        )
        .await;
    let database = test.close().await;
    let settings = [("DATABASE_URL", database.url.as_str())];

    let (status, out, _) = notifier(&["dead", "list"], &settings);
    assert_eq!((status, out.lines().count()), (0, 2), "{out}");
    assert!(
        out.contains("user.password_changed") && out.contains("550 no such user"),
        "{out}"
    );
    let (status, out, err) = notifier(&["dead", "retry", "1", "2"], &settings);
    assert_eq!((status, out.as_str()), (1, "1 to be sent again.\n"));
    assert_eq!(
        err,
        "error: 1 of the ids are not of dead letters; see: notifier dead list\n"
    );
    let (status, out, _) = notifier(&["dead", "list"], &settings);
    assert_eq!((status, out.as_str()), (0, "No letter was given up.\n"));
    let (status, out, _) = notifier(&["dead", "retry", "--all"], &settings);
    assert_eq!((status, out.as_str()), (0, "0 to be sent again.\n"));
    assert_eq!(notifier(&["dead", "retry"], &settings).0, 2, "which ones?");

    let test = TestNotifier::on(database).await;
    let rows = test.rows().await;
    assert!(
        rows.iter()
            .all(|row| row.state == NotificationState::Waiting)
    );
    assert_eq!(rows[0].attempts, 0, "from the first attempt on");
}
