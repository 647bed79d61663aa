//! Refusals: of a letter, which becomes a dead letter, and of the sender, for which letters wait.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::NotificationState;
use notifier::dead_letters;
use sea_orm::ActiveValue::Set;

use crate::support::{
    TestNotifier,
    smtp::{Act, SmtpServer},
};

const UNKNOWN: Act = Act::Answer("550 5.1.1 <bob@example.com>: no such user");

#[tokio::test]
async fn permanent_refusal_is_dead_until_an_operator_retries() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    test.letters_to(&[bob, ann]).await;
    server.next("bob@example.com", [UNKNOWN]);
    let sender = Arc::new(test.sender(&server));
    sender.drain().await.unwrap();
    assert_eq!(server.recipients(), ["ann@example.com"]);
    assert_eq!(test.states().await, [0, 1, 0, 1]);

    let listed = dead_letters::list(&test.database).await.unwrap();
    let table = dead_letters::table(&listed);
    let line = table.lines().nth(1).unwrap();
    for part in [
        "user.password_changed",
        "permanent error (550): 5.1.1 [address] no such user",
    ] {
        assert!(line.contains(part), "{table}");
    }
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(!table.contains('@'), "{table}");

    let ids = test.rows().await.into_iter().map(|row| row.id).collect();
    assert_eq!(
        dead_letters::retry(&test.database, ids).await.unwrap(),
        1,
        "only the dead one"
    );
    assert_eq!(sender.drain().await.unwrap(), 1);
    assert_eq!(server.recipients(), ["ann@example.com", "bob@example.com"]);
    assert_eq!(test.states().await, [0, 2, 0, 0]);
    assert_eq!(
        dead_letters::retry(&test.database, vec![]).await.unwrap(),
        0
    );
    assert_eq!(sender.drain().await.unwrap(), 0);
}

#[tokio::test]
async fn letters_wait_while_the_server_refuses_us() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.greets("554 5.7.1 your address is on our list");
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let row = test.row().await;
    assert_eq!(row.state, NotificationState::Waiting);
    assert_eq!(
        row.smtp_response.as_deref(),
        Some("permanent error (554): 5.7.1 your address is on our list")
    );
}

#[tokio::test]
async fn letters_wait_while_the_sender_address_is_refused() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let sender = Arc::new(test.sender(&server));
    for (refusal, said) in [
        ("550 5.1.8 no such domain", "(550): 5.1.8 no such domain"),
        (
            "553 5.7.1 <noreply@games.example> is not yours",
            "(553): 5.7.1 [address] is not yours",
        ),
        ("554 not from you", "(554): not from you"),
    ] {
        server.answers_senders(refusal);
        sender.drain().await.unwrap();
        let row = test.row().await;
        assert_eq!(row.state, NotificationState::Waiting, "{refusal}");
        assert_eq!(row.smtp_response, Some(format!("permanent error {said}")));
        test.forward(TimeDelta::hours(3));
    }
    assert_eq!(server.attempts("ann@example.com"), 0);
    // Many servers accept the sender, and refuse at the recipient.
    server.answers_senders("250 go on");
    let denied = [
        "550 5.1.7 who?",
        "554 5.7.1 <ann@example.com>: Relay access denied",
    ];
    server.next("ann@example.com", denied.map(Act::Answer));
    for _ in denied {
        sender.drain().await.unwrap();
        assert_eq!(test.states().await, [1, 0, 0, 0]);
        test.forward(TimeDelta::hours(7));
    }
    sender.drain().await.unwrap();
    assert_eq!(test.states().await, [0, 1, 0, 0]);
}

#[tokio::test]
async fn letter_is_dead_at_once_when_its_content_is_refused() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.next("ann@example.com", [Act::AnswerMessage("554 5.7.1 spam")]);
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let row = test.row().await;
    assert_eq!(row.state, NotificationState::Dead);
    assert_eq!(
        row.smtp_response.as_deref(),
        Some("permanent error (554): 5.7.1 spam")
    );
}

#[tokio::test]
async fn refusal_counts_when_the_server_hangs_afterwards() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.next(
        "ann@example.com",
        [Act::AnswerAndHang("550 5.1.1 no such user")],
    );
    let sender = Arc::new(test.hurried_sender(&server, Duration::from_secs(3)));
    sender.drain().await.unwrap();
    let row = test.row().await;
    assert_eq!(
        (row.state, row.smtp_response.as_deref()),
        (
            NotificationState::Dead,
            Some("permanent error (550): 5.1.1 no such user")
        )
    );
}

#[tokio::test]
async fn letter_is_dead_at_once_when_utf_8_addresses_are_unsupported() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test
        .somebody(1, "Ann", |ann| {
            ann.email = Set("änn@example.com".to_owned());
        })
        .await;
    test.letters_to(&[ann]).await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let row = test.row().await;
    assert_eq!(
        (row.state, row.smtp_response.as_deref()),
        (
            NotificationState::Dead,
            Some("the mail server cannot write to an address that is not ASCII (SMTPUTF8)")
        )
    );
}
