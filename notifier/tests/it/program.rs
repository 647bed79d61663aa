//! The program itself, as an operator calls it.

use std::process::{Command, Output};

use entity::NotificationState;

use crate::support::House;

/// Runs the program with these settings and no others.
fn notifier(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let elsewhere = tempfile::tempdir().unwrap(); // where no .env is
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_notifier"))
        .args(arguments)
        .current_dir(elsewhere.path())
        .env_clear()
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn notifier_with_a_wrong_setting_says_so_in_one_line() {
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
    assert_eq!(status, 1);
    assert_eq!(
        err,
        "error: DATABASE_URL must begin with sqlite:// or postgres://\n"
    );
}

#[tokio::test]
async fn dead_letters_are_listed_and_sent_again() {
    let house = House::new().await;
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann, ann]).await;
    house
        .execute(
            "UPDATE notifications SET state = 'dead', attempts = 7, next_attempt_at = NULL, finished_at = created_at,
                smtp_response = '550 no such user' WHERE id = 1",
        )
        .await;
    let scratch = house.close().await;
    let settings = [("DATABASE_URL", scratch.url.as_str())];

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

    let house = House::on(scratch).await;
    let rows = house.rows().await;
    assert!(
        rows.iter()
            .all(|row| row.state == NotificationState::Waiting)
    );
    assert_eq!(rows[0].attempts, 0, "from the first attempt on");
}
