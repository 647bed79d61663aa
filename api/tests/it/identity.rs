//! Who is asking: tokens good and bad, X-User-ID, sessions, passwords and the limits on them.

use api::identity::{
    passwords::Passwords,
    tokens::{Claims, Tokens},
};
use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::UserId;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::{
    SECRET, TestApp,
    http::{Answer, Client},
};

/// Registers a person by REST; gives their id.
async fn register(test: &TestApp, name: &str) -> i64 {
    let body = json!({"name": name, "email": format!("{name}@example.com"), "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201)["id"]
        .as_i64()
        .unwrap()
}

async fn log_in(test: &TestApp, name: &str, password: &str) -> Answer {
    let body = json!({"email": format!("{name}@example.com"), "password": password});
    test.anonymous().post("/auth/login", body).await
}

async fn refresh(test: &TestApp, session: &Value) -> Answer {
    test.anonymous()
        .post(
            "/auth/refresh",
            json!({"refresh_token": session["refresh_token"]}),
        )
        .await
}

fn bearer(test: &TestApp, token: &str) -> Client {
    test.anonymous()
        .with("authorization", format!("Bearer {token}"))
}

fn holder(test: &TestApp, session: &Value) -> Client {
    bearer(test, session["access_token"].as_str().unwrap())
}

/// Does the exchange take the client for user 1? A person sees their own e-mail address.
async fn is_user_1(client: &Client) -> bool {
    client
        .get("/users/1")
        .await
        .expect(200)
        .get("email")
        .is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_with_the_password_gives_a_token_that_identifies() {
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
async fn log_in_with_a_wrong_password_is_like_log_in_of_nobody() {
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
async fn log_in_after_ten_failures_waits_for_a_quarter_of_an_hour() {
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
async fn log_in_that_succeeds_forgets_the_failures_before() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    for password in ["guess1", "pass123"].iter().cycle().take(24) {
        let answer = log_in(&test, "ann", password).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_made_at_once_do_not_slip_past_the_limit() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let guesses = (0..30).map(|_| log_in(&test, "ann", "guess1"));
    let answers = futures_util::future::join_all(guesses).await;
    let checked = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::UNAUTHORIZED)
        .count();
    assert!(checked <= 10, "{checked} passwords were checked");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_beyond_the_queue_are_sent_away() {
    let mut test = TestApp::new().await;
    register(&test, "ann").await;
    let nobody_works = Passwords::new(0, test.app.random.clone()).unwrap();
    test.rebuild(|app| app.identity.passwords = nobody_works);
    let answer = log_in(&test, "ann", "pass123").await;
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.problem(503), "passwords_busy");
    test.anonymous().get("/users/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_is_kept_as_argon2id_with_the_parameters_of_the_design() {
    let test = TestApp::new().await;
    let hash = test
        .app
        .identity
        .passwords
        .hash("pass123".into())
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
        .hash("pass123".into())
        .await
        .unwrap();
    assert_ne!(hash, again, "each hash has a salt of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_every_bad_kind_are_refused_and_never_rescued() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let now = test.app.clock.now().timestamp();
    let good = json!({
        "iss": "video-game-exchange", "aud": "video-game-exchange-api", "sub": "1", "token_version": 1,
        "iat": now, "nbf": now, "exp": now + 900,
    });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let ours = || Header {
        typ: Some("at+jwt".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let sign = |header: Header, claims: &Value, secret: &str| {
        encode(
            &header,
            claims,
            &EncodingKey::from_secret(secret.as_bytes()),
        )
        .unwrap()
    };
    let valid = sign(ours(), &good, SECRET);
    assert!(
        is_user_1(&bearer(&test, &valid)).await,
        "the control: this one is good"
    );

    let (head, payload) = valid.rsplit_once('.').unwrap().0.split_once('.').unwrap();
    let signature = valid.rsplit_once('.').unwrap().1;
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"; // {"alg":"none","typ":"at+jwt"}
    let other = sign(ours(), &with("sub", json!("2")), SECRET);
    let bad = [
        ("alg none", format!("{none}.{payload}.")),
        ("alg none, signed", format!("{none}.{payload}.{signature}")),
        (
            "another algorithm",
            sign(
                Header {
                    typ: Some("at+jwt".to_owned()),
                    ..Header::new(Algorithm::HS512)
                },
                &good,
                SECRET,
            ),
        ),
        (
            "another key",
            sign(ours(), &good, "another secret of at least 32 bytes"),
        ),
        (
            "another audience",
            sign(ours(), &with("aud", json!("somebody-else")), SECRET),
        ),
        (
            "another issuer",
            sign(ours(), &with("iss", json!("somebody-else")), SECRET),
        ),
        (
            "another type",
            sign(
                Header {
                    typ: Some("JWT".to_owned()),
                    ..ours()
                },
                &good,
                SECRET,
            ),
        ),
        (
            "no type",
            sign(
                Header {
                    typ: None,
                    ..ours()
                },
                &good,
                SECRET,
            ),
        ),
        (
            "expired",
            sign(ours(), &with("exp", json!(now - 60)), SECRET),
        ),
        (
            "not valid yet",
            sign(ours(), &with("nbf", json!(now + 60)), SECRET),
        ),
        ("no expiry", sign(ours(), &without("exp"), SECRET)),
        ("no beginning", sign(ours(), &without("nbf"), SECRET)),
        ("no issuer", sign(ours(), &without("iss"), SECRET)),
        ("no audience", sign(ours(), &without("aud"), SECRET)),
        ("no subject", sign(ours(), &without("sub"), SECRET)),
        (
            "no token version",
            sign(ours(), &without("token_version"), SECRET),
        ),
        (
            "another token version",
            sign(ours(), &with("token_version", json!(2)), SECRET),
        ),
        (
            "a subject that is no user",
            sign(ours(), &with("sub", json!("ann")), SECRET),
        ),
        (
            "a user who is not there",
            sign(ours(), &with("sub", json!("99")), SECRET),
        ),
        (
            "tampered payload",
            format!("{head}.{}.{signature}", other.split('.').nth(1).unwrap()),
        ),
        (
            "tampered signature",
            format!(
                "{head}.{payload}.{}",
                signature.chars().rev().collect::<String>()
            ),
        ),
        ("cut short", valid[..valid.len() - 10].to_owned()),
        ("not a token", "pass123".to_owned()),
        ("nothing", String::new()),
    ];
    for (kind, token) in bad {
        for client in [
            bearer(&test, &token),
            bearer(&test, &token).with("x-user-id", 1),
        ] {
            let answer = client.get("/games").await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{kind}: {}",
                answer.text
            );
            assert!(
                !answer.text.contains(&token) || token.is_empty(),
                "{kind}: the answer repeats the token"
            );
            let answer = client.graphql("{ viewer { name } }", json!({})).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{kind}, GraphQL: {}",
                answer.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identities_that_contradict_each_other_are_none() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    register(&test, "bob").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let ann = holder(&test, &session);
    assert!(
        is_user_1(&ann.with("x-user-id", 1)).await,
        "twice the same is one"
    );
    assert_eq!(
        ann.with("x-user-id", 2).get("/games").await.problem(401),
        "two_identities"
    );
    let twice = test.anonymous().with("x-user-id", 1).with("x-user-id", 1);
    assert_eq!(twice.get("/games").await.problem(401), "two_identities");
    let basic = test
        .anonymous()
        .with("authorization", "Basic YW5uOnBhc3MxMjM=");
    assert_eq!(basic.get("/games").await.problem(401), "bad_identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn user_id_header_of_nobody_is_refused() {
    let test = TestApp::new().await;
    for (value, code) in [
        ("1", "unknown_actor"),
        ("0", "unknown_actor"),
        ("ann", "bad_identity"),
        ("", "bad_identity"),
        ("+1", "bad_identity"),
        ("01", "bad_identity"),
    ] {
        let client = test.anonymous().with("x-user-id", value);
        assert_eq!(client.get("/games").await.problem(401), code, "{value:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn user_id_header_is_refused_where_it_is_not_trusted() {
    let mut test = TestApp::new().await;
    test.rebuild(|app| app.identity.trust_user_id_header = false);
    register(&test, "ann").await;
    let client = test.anonymous().with("x-user-id", 1);
    assert_eq!(
        client.get("/games").await.problem(401),
        "header_not_trusted"
    );
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    assert!(is_user_1(&holder(&test, &session)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_nobody_are_told_to_log_in() {
    let test = TestApp::new().await;
    let answer = test.anonymous().delete("/games/1").await;
    assert_eq!(
        answer.body["_links"]["login"],
        json!({"href": "/auth/login", "method": "POST"})
    );
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.problem(401), "not_identified");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_token_ends_after_a_quarter_of_an_hour() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    test.forward(TimeDelta::minutes(14));
    assert!(is_user_1(&holder(&test, &session)).await);
    test.forward(TimeDelta::seconds(66));
    assert_eq!(
        holder(&test, &session).get("/games").await.problem(401),
        "bad_token"
    );
    let session = refresh(&test, &session).await.expect(200);
    assert!(is_user_1(&holder(&test, &session)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_gives_a_successor_and_takes_a_retry_for_ten_seconds() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let first = log_in(&test, "ann", "pass123").await.expect(200);
    let second = refresh(&test, &first).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    test.forward(TimeDelta::seconds(9));
    let sibling = refresh(&test, &first).await.expect(200);
    assert_ne!(sibling["refresh_token"], second["refresh_token"]);
    refresh(&test, &second).await.expect(200);
    refresh(&test, &sibling).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_with_a_token_used_before_ends_the_family() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let elsewhere = log_in(&test, "ann", "pass123").await.expect(200);
    let first = log_in(&test, "ann", "pass123").await.expect(200);
    let second = refresh(&test, &first).await.expect(200);
    test.forward(TimeDelta::seconds(11));
    assert_eq!(
        refresh(&test, &first).await.problem(401),
        "bad_refresh_token"
    );
    assert_eq!(
        refresh(&test, &second).await.problem(401),
        "bad_refresh_token",
        "the thief's, or the victim's"
    );
    refresh(&test, &elsewhere).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_at_once_leaves_one_family_that_works() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let answers = futures_util::future::join_all((0..16).map(|_| refresh(&test, &session))).await;
    for answer in answers {
        refresh(&test, &answer.expect(200)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_after_thirty_days_or_with_a_made_up_token_is_refused() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    assert_eq!(
        refresh(&test, &json!({"refresh_token": "made up"}))
            .await
            .problem(401),
        "bad_refresh_token"
    );
    test.forward(TimeDelta::days(30));
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn log_out_ends_the_session_and_no_other() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let elsewhere = log_in(&test, "ann", "pass123").await.expect(200);
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let token = json!({"refresh_token": session["refresh_token"]});
    test.anonymous()
        .post("/auth/logout", token.clone())
        .await
        .expect(204);
    test.anonymous()
        .post("/auth/logout", token)
        .await
        .expect(204);
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
    refresh(&test, &elsewhere).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_asks_for_the_present_one_and_ends_all_sessions() {
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
    assert_eq!(outbox.len(), 1);
    assert_eq!(
        (outbox[0].r#type.as_str(), outbox[0].aggregate_seq),
        ("user.password_changed", 2)
    );
    assert_eq!(outbox[0].payload, json!({"user_id": 1, "name": "ann"}));
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
async fn change_password_of_somebody_else_is_refused() {
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

#[test]
fn token_is_minted_for_its_user_and_version() {
    let clock = api::system::Clock::system();
    let tokens = Tokens::new(&SECRET.into());
    let claims = Claims {
        user_id: UserId(7),
        token_version: 3,
    };
    let token = tokens.mint(claims, clock.now()).unwrap();
    assert_eq!(
        tokens.read(token.expose_secret(), clock.now()).unwrap(),
        claims
    );
}
