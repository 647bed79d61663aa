//! Log in. The limits on wrong passwords are in [`super::throttle`], the rate limit in [`super::rate_limit`].

use axum::http::StatusCode;
use chrono::TimeDelta;
use exchange::identity::passwords::Passwords;

use super::{holder, is_user_1, log_in, register};
use crate::support::TestApp;

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
        // The queue was full: the refused ones retry.
        unanswered = with(StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(checked, 10, "the number of passwords that were checked");
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
