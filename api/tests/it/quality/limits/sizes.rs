//! Sizes of URIs and headers, and the security headers of answers.

use std::time::Duration;

use api::pages;
use axum::http::Method;

use super::{GRAPHQL, ORIGIN, limited};
use crate::support::{TestApp, http::Answer};

#[tokio::test(flavor = "multi_thread")]
async fn request_with_a_uri_over_eight_kibibytes_is_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for start in [
        "/nothing?x=",
        "/graphql?query=%7B__typename%7D&x=",
        "/docs/",
        "/games/",
    ] {
        for method in [Method::GET, Method::POST] {
            let long = |length: usize| start.to_owned() + &"x".repeat(length - start.len());
            let fits = client.call(method.clone(), &long(8 * 1024), None).await;
            assert_ne!(fits.status, 414, "{method} {start}");
            let answer = client.call(method, &long(8 * 1024 + 1), None).await;
            assert_eq!(answer.problem(414), "uri_too_long");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_with_headers_over_sixteen_kibibytes_is_refused() {
    let test = TestApp::new().await;
    for path in ["/", GRAPHQL, "/redoc", "/health/live"] {
        // Three headers of 1 + 4095 bytes and so on, beside the Host header.
        let host = "host".len() + "localhost".len();
        let padded = |length: usize| {
            let client = test.anonymous();
            let client = client
                .with("x", "y".repeat(4095))
                .with("x", "y".repeat(8191));
            client.with("x", "y".repeat(length - host - 1))
        };
        padded(4096).get(path).await.expect(200);
        let answer = padded(4097).get(path).await;
        assert_eq!(answer.problem(431), "headers_too_large");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_security_headers() {
    let test = TestApp::new().await;
    let client = test.with_user("ann").await.client();
    let told = |answer: &Answer, what: &str| {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
            assert_eq!(
                answer.headers.get_all(name).iter().count(),
                1,
                "{what}: {name}"
            );
        }
        let policies = answer.headers.get_all("content-security-policy");
        assert_eq!(policies.iter().count(), 1, "{what}");
    };
    for (method, path, status) in [
        (Method::GET, "/", 200),
        (Method::HEAD, "/games", 200),
        (Method::GET, "/users/1", 200),
        (Method::GET, "/users/2", 404),
        (Method::GET, "/nothing", 404),
        (Method::DELETE, "/whoami", 405),
        (Method::OPTIONS, "/games", 204),
        (Method::GET, GRAPHQL, 200),
        (Method::GET, "/graphql", 400),
        (Method::DELETE, "/users/1", 204),
    ] {
        let answer = client.call(method.clone(), path, None).await;
        let what = format!("{method} {path}");
        assert_eq!(answer.status, status, "{what}");
        told(&answer, &what);
        let policy = answer.header("content-security-policy");
        assert_eq!(
            policy, "default-src 'none'; frame-ancestors 'none'",
            "{what}"
        );
    }
    for page in [
        "/docs/",
        "/redoc",
        "/explorer",
        "/graphiql",
        "/auth/password-reset",
        "/auth/email-confirmation",
    ] {
        let answer = test.anonymous().get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        told(&answer, page);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with(pages::POLICY), "{page}: {policy}");
    }
    let preflight = limited(&test, 1, Duration::ZERO).with("origin", ORIGIN);
    let answer = preflight.call(Method::OPTIONS, "/games/1", None).await;
    told(&answer, "preflight");
}
