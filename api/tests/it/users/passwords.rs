//! Passwords: how they are kept, checked and changed.

use axum::http::StatusCode;
use chrono::TimeDelta;
use exchange::identity::passwords::{AUTHENTICATED, Passwords};
use serde_json::json;

use crate::{
    sessions::{holder, is_user_1, log_in, refresh, register},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn log_in_returns_a_token_that_identifies_the_user() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let answer = log_in(&test, "ANN", "pass123").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let session = answer.expect(200);
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 900);
    assert!(is_user_1(&holder(&test, &session)).await);
    assert!(!is_user_1(&test.anonymous()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_answers_alike_for_wrong_passwords_and_unknown_users() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let (wrong, nobody) = (
        log_in(&test, "ann", "pass124").await,
        log_in(&test, "nobody", "pass123").await,
    );
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    assert_eq!(wrong.body["detail"], nobody.body["detail"]);
    assert_eq!(wrong.body["_links"]["login"]["href"], "/auth/login");
    assert_eq!(wrong.problem(401), "bad_credentials");
    assert_eq!(nobody.problem(401), "bad_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_is_locked_for_fifteen_minutes_after_ten_failures() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    register(&test, "bob").await;
    for _ in 0..10 {
        assert_eq!(
            log_in(&test, "ann", "guess1").await.problem(401),
            "bad_credentials"
        );
    }
    let refused = log_in(&test, "Ann", "pass123").await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    assert_eq!(refused.problem(429), "too_many_failures");
    log_in(&test, "bob", "pass123").await.expect(200);
    test.forward(TimeDelta::minutes(15));
    log_in(&test, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_resets_the_failure_count_when_it_succeeds() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    for password in ["guess1", "pass123"].iter().cycle().take(24) {
        test.forward(TimeDelta::seconds(1));
        let answer = log_in(&test, "ann", password).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_stay_within_the_limit() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let (mut checked, mut unanswered) = (0, 20);
    while unanswered > 0 {
        let guesses = (0..unanswered).map(|_| log_in(&test, "ann", "guess1"));
        let answers = futures_util::future::join_all(guesses).await;
        let with = |status| {
            answers
                .iter()
                .filter(|answer| answer.status == status)
                .count()
        };
        checked += with(StatusCode::UNAUTHORIZED);
        // The queue was full: whoever was sent away comes again.
        unanswered = with(StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(checked, 10, "guesses of which somebody was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_is_refused_when_the_hashing_queue_is_full() {
    let mut test = TestApp::new().await;
    register(&test, "ann").await;
    let nobody_works = Passwords::new(0, 0, test.app.random.clone()).unwrap();
    test.identity(|identity| identity.passwords = nobody_works);
    for _ in 0..12 {
        let answer = log_in(&test, "ann", "pass123").await;
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.problem(503), "passwords_busy");
        test.forward(TimeDelta::seconds(1));
    }
    test.anonymous().get("/users/1").await.expect(200);
    let somebody_works = Passwords::for_this_machine(test.app.random.clone()).unwrap();
    test.identity(|identity| identity.passwords = somebody_works);
    log_in(&test, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_is_stored_as_argon2id_as_documented() {
    let test = TestApp::new().await;
    let hash = test
        .app
        .identity
        .passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    assert!(
        hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hash.0
    );
    let again = test
        .app
        .identity
        .passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    assert_ne!(hash, again, "each hash has a salt of its own");
}

/// The niceness of each thread of this process that hashes passwords.
#[cfg(target_os = "linux")]
fn niceness_of_workers() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let read = |task: &std::path::Path, file| std::fs::read_to_string(task.join(file));
    // Threads of other tests may end meanwhile.
    let niceness = |task: std::path::PathBuf| {
        let stat = read(&task, "stat").ok()?;
        let name = read(&task, "comm").ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        let nice = after_name.split_whitespace().nth(16)?.to_owned();
        name.starts_with("passwords-").then_some(nice)
    };
    tasks
        .filter_map(|task| niceness(task.unwrap().path()))
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_hashed_on_low_priority_threads() {
    let test = TestApp::new().await;
    let passwords = &test.app.identity.passwords;
    passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    let niceness = niceness_of_workers();
    assert!(niceness.contains(&"10".to_owned()), "{niceness:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_needs_the_current_one_and_ends_all_sessions() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let ann = holder(&test, &session);
    let change = |current: &str| json!({"current_password": current, "new_password": "new pass"});
    let unasked = ann
        .put("/users/1/password", json!({"new_password": "new pass"}))
        .await;
    assert_eq!(unasked.problem(403), "current_password_required");
    assert_eq!(
        ann.put("/users/1/password", change("guess1"))
            .await
            .problem(403),
        "wrong_password"
    );
    assert!(is_user_1(&ann).await, "a refusal ends nothing");
    ann.put("/users/1/password", change("pass123"))
        .await
        .expect(200);
    assert_eq!(ann.get("/games").await.problem(401), "bad_token");
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
    assert_eq!(
        log_in(&test, "ann", "pass123").await.problem(401),
        "bad_credentials"
    );
    log_in(&test, "ann", "new pass").await.expect(200);
    let outbox = test.outbox().await;
    let told: Vec<_> = outbox
        .iter()
        .map(|event| (event.r#type.as_str(), event.aggregate_seq))
        .collect();
    assert_eq!(told, [("user.registered", 1), ("user.password_changed", 2)]);
    for event in outbox {
        assert_eq!(event.payload, json!({"user_id": 1, "name": "ann"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_counts_wrong_guesses() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let guess = json!({"current_password": "guess1", "new_password": "new pass"});
    for _ in 0..10 {
        assert_eq!(
            holder(&test, &session)
                .put("/users/1/password", guess.clone())
                .await
                .problem(403),
            "wrong_password"
        );
    }
    let answer = holder(&test, &session)
        .put("/users/1/password", guess)
        .await;
    assert_eq!(answer.problem(429), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_of_another_user_is_refused() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    register(&test, "bob").await;
    let bob = test.anonymous().with("x-user-id", 2);
    let body = json!({"new_password": "new pass"});
    assert_eq!(
        bob.put("/users/1/password", body.clone())
            .await
            .problem(403),
        "only_self"
    );
    bob.put("/users/2/password", body).await.expect(200);
    log_in(&test, "ann", "pass123").await.expect(200);
}
