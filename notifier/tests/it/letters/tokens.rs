//! Letters with a token: its lifetime, and the events that revoke it.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use notifier::letters::Composed;
use platform::system::Random;
use tokio::sync::Semaphore;

use super::{BOB, privacy::tokens, with_ann_and_bob};
use crate::support::{TestNotifier, golden::golden, locks, within_a_minute};

const RESET: &str = "user.password_reset_requested";

async fn changes_the_password(test: &TestNotifier, at: DateTime<Utc>) {
    test.execute(&change_of_the_password(at)).await;
}

fn change_of_the_password(at: DateTime<Utc>) -> String {
    // In SeaORM's format for SQLite.
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, false);
    format!("UPDATE users SET password_changed_at = '{at}' WHERE id = 2")
}

#[tokio::test]
async fn letter_is_skipped_when_its_link_has_expired() {
    for (kind, hours, why) in [
        (RESET, 1, "the hour of its link is over"),
        ("user.registered", 72, "the three days of its link are over"),
        (
            "user.email_confirmation_requested",
            72,
            "the three days of its link are over",
        ),
    ] {
        let test = with_ann_and_bob().await;
        test.execute("UPDATE users SET email_confirmed_at = NULL")
            .await;
        let event = golden(kind);
        let end = event.time.trunc_subsecs(3) + TimeDelta::hours(hours);
        test.forward(end - test.clock.now() - TimeDelta::minutes(1));
        test.letter(&event, BOB).await;
        test.forward(TimeDelta::minutes(1));
        let composed = test.compose(&event, BOB).await;
        assert_eq!(composed, Composed::Skip(why), "{kind}");
        assert!(tokens(&test).await.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn reset_letter_is_skipped_after_a_password_change() {
    let test = with_ann_and_bob().await;
    let event = golden(RESET);
    let asked_at = event.time.trunc_subsecs(3);
    for earlier in [TimeDelta::hours(-1), TimeDelta::microseconds(999)] {
        changes_the_password(&test, asked_at + earlier).await;
        test.letter(&event, BOB).await;
    }
    let so_far = tokens(&test).await.len();
    for later in [TimeDelta::milliseconds(1), TimeDelta::minutes(1)] {
        changes_the_password(&test, asked_at + later).await;
        assert_eq!(
            test.compose(&event, BOB).await,
            Composed::Skip("the password has been changed since the request")
        );
    }
    assert_eq!(tokens(&test).await.len(), so_far);
    // Other letters with a link do not depend on it.
    test.execute("UPDATE users SET email_confirmed_at = NULL")
        .await;
    test.letter(&golden("user.registered"), BOB).await;
}

#[tokio::test]
async fn reset_letter_waits_for_a_password_change_in_flight() {
    let test = with_ann_and_bob().await;
    let event = golden(RESET);
    test.receive(std::slice::from_ref(&event)).await;
    let row = test.row().await;
    let sql = change_of_the_password(event.time + TimeDelta::seconds(5));
    let changing = locks::open(&test, sql).await;
    // The change is committed only once composing has started: it has read the user, and waits to store a token.
    let begun = Arc::new(Semaphore::new(0));
    let beginning = begun.clone();
    let composer = test.composer_with(Random::new(move |_| beginning.add_permits(1)));
    let composing = tokio::spawn(async move { composer.compose(&row).await });
    within_a_minute(begun.acquire()).await.unwrap().forget();
    changing.is_waited_for(&test).await;
    changing.commit().await;
    assert_eq!(
        composing.await.unwrap().unwrap(),
        Composed::Skip("the password has been changed since the request")
    );
    assert!(tokens(&test).await.is_empty());
}

#[tokio::test]
async fn reset_letter_says_why_it_is_skipped() {
    let test = with_ann_and_bob().await;
    let event = golden(RESET);
    test.receive(std::slice::from_ref(&event)).await;
    changes_the_password(&test, event.time + TimeDelta::seconds(5)).await;
    Arc::new(test.logging_sender()).drain().await.unwrap();
    let row = test.row().await;
    assert_eq!(test.states().await, [0, 0, 1, 0]);
    assert_eq!(
        row.smtp_response.as_deref(),
        Some("the password has been changed since the request")
    );
}
