//! Access tokens and X-User-ID.

use api::config::Trust;
use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::UserId;
use exchange::identity::tokens::{Claims, Tokens};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{bearer, holder, is_user_1, log_in, refresh, register};
use crate::support::{SECRET, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn bad_access_token_is_refused_even_with_a_user_id_header() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let now = test.app.clock.now();
    let tokens = Tokens::new(&SECRET.into());
    let token = session["access_token"].as_str().unwrap();
    let sid = tokens.read(token, now).unwrap().session;
    let now = now.timestamp();
    let good = json!({
        "iss": "video-game-exchange", "aud": "video-game-exchange-api", "sub": "1", "token_version": 1,
        "sid": sid, "iat": now, "nbf": now, "exp": now + 900,
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
        ("no session", sign(ours(), &without("sid"), SECRET)),
        (
            "a session that never was",
            sign(ours(), &with("sid", json!(Uuid::nil())), SECRET),
        ),
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
        ("not a token", "letmein".to_owned()),
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
async fn contradicting_identities_are_refused() {
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
    let two = test.anonymous().with("x-user-id", 1).with("x-user-id", 2);
    assert_eq!(two.get("/games").await.problem(401), "two_identities");
    let basic = test
        .anonymous()
        .with("authorization", "Basic YW5uOnBhc3MxMjM=");
    assert_eq!(basic.get("/games").await.problem(401), "bad_identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn user_id_header_of_an_unknown_user_is_refused() {
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
async fn user_id_header_is_refused_unless_trusted() {
    let mut test = TestApp::new().await;
    test.identity(|identity| identity.user_id_header = Trust::Never);
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
async fn anonymous_writes_are_asked_to_log_in() {
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
async fn access_token_expires_after_fifteen_minutes() {
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

#[test]
fn access_token_holds_for_its_user_and_version() {
    let clock = platform::system::Clock::system();
    let tokens = Tokens::new(&SECRET.into());
    let claims = Claims {
        user_id: UserId(7),
        token_version: 3,
        session: Uuid::max(),
    };
    let token = tokens.mint(claims, clock.now()).unwrap();
    assert_eq!(
        tokens.read(token.expose_secret(), clock.now()).unwrap(),
        claims
    );
}
