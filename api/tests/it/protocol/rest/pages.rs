//! The HTML pages to read and try the API: the resources that they load, and their origins. `pages/test` opens them in
//! a browser.

use std::{collections::BTreeSet, fs, path::Path};

use api::pages::{self, EMBEDDED, Files};
use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::TestApp;

const PAGES: [&str; 3] = ["/redoc", "/explorer", "/graphiql"];
const CDN: &str = "https://cdn.jsdelivr.net/npm/";

#[tokio::test(flavor = "multi_thread")]
async fn page_calls_its_own_host_only() {
    let test = TestApp::new().await;
    for page in PAGES.into_iter().chain(["/docs/"]) {
        let answer = test.anonymous().get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        let kind = answer.header("content-type");
        assert!(kind.starts_with("text/html"), "{page}: {kind}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with(pages::POLICY), "{page}: {policy}");
    }
    let swagger_ui = test.anonymous().get("/docs/swagger-initializer.js").await;
    assert!(
        swagger_ui.text.contains("\"validatorUrl\": \"none\""),
        "{}",
        swagger_ui.text
    );
    let scripts = pages::POLICY.split("; ").nth(1).unwrap();
    assert_eq!(scripts, "script-src 'self'");
}

#[tokio::test(flavor = "multi_thread")]
async fn root_links_to_every_page() {
    let test = TestApp::new().await;
    let root = test.anonymous().get("/").await.expect(200);
    for (relation, page) in [
        ("documentation", "/docs"),
        ("redoc", "/redoc"),
        ("explorer", "/explorer"),
        ("graphiql", "/graphiql"),
    ] {
        assert_eq!(root["_links"][relation]["href"], page);
    }
    let description = fs::read_to_string(root_of_repository().join("openapi.json")).unwrap();
    for page in PAGES.into_iter().chain(["/docs", "/pages"]) {
        assert!(!description.contains(&format!("\"{page}")), "{page}");
    }
}

#[tokio::test]
async fn page_loads_local_libraries_when_built() {
    let embedded: Vec<_> = locked_files()
        .map(|file| (&*file.leak(), &b"content"[..]))
        .collect();
    let embedded: Files = embedded.leak();
    for page in PAGES {
        let answer = get(embedded, page).await;
        assert!(!policy(&answer).contains("://"), "{page}");
        let html = text(answer).await;
        assert!(!html.contains("://"), "{html}");
        for address in addresses(&html) {
            assert!(address.starts_with('/'), "{address}");
            let file = get(embedded, &address).await;
            assert_eq!(file.status(), 200, "{address}");
            let kind = if address.ends_with(".css") {
                "text/css; charset=utf-8"
            } else {
                "text/javascript; charset=utf-8"
            };
            assert_eq!(file.headers()["content-type"], kind);
            let cache = if address.starts_with("/pages/") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            assert_eq!(file.headers()["cache-control"], cache);
        }
    }
}

#[tokio::test]
async fn page_loads_the_locked_libraries_when_not_built() {
    let lock = fs::read_to_string(root_of_repository().join("pages/package-lock.json")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    for page in PAGES {
        let answer = get(&[], page).await;
        let policy = policy(&answer);
        let html = text(answer).await;
        let elsewhere: Vec<_> = addresses(&html)
            .into_iter()
            .filter(|address| address.contains("://"))
            .collect();
        assert_eq!(elsewhere.is_empty(), page == "/explorer", "{html}");
        for address in &elsewhere {
            let (package, path) = address
                .strip_prefix(CDN)
                .and_then(|rest| rest.split_once('/'))
                .unwrap();
            let (name, version) = package.split_once('@').unwrap();
            let locked = &lock["packages"][format!("node_modules/{name}")]["version"];
            assert_eq!(
                version, locked,
                "{path}: run npm --prefix pages run build, and commit pages/pinned.rs"
            );
            let element = html.split('<').find(|tag| tag.contains(address)).unwrap();
            assert!(element.contains(" integrity=\"sha384-"), "{element}");
            assert!(element.contains(" crossorigin=\"anonymous\""), "{element}");
        }
        let admitted: BTreeSet<_> = policy
            .split([' ', ';'])
            .filter(|source| source.contains("://"))
            .collect();
        assert_eq!(admitted, elsewhere.iter().map(String::as_str).collect());
        if !elsewhere.is_empty() {
            assert!(html.contains("npm --prefix pages run build"), "{html}");
        }
    }
}

#[tokio::test]
async fn library_is_not_found_unless_built() {
    for path in ["/pages/", "/pages/redoc.js", "/pages/../Cargo.toml"] {
        assert_eq!(get(EMBEDDED, path).await.status(), 404, "{path}");
    }
}

/// Returns the file names of the built libraries.
fn locked_files() -> impl Iterator<Item = String> {
    let pinned = fs::read_to_string(root_of_repository().join("pages/pinned.rs")).unwrap();
    let lines: Vec<_> = pinned.lines().map(str::to_owned).collect();
    lines.into_iter().filter_map(|line| {
        Some(
            line.trim()
                .strip_prefix("file: \"")?
                .split('"')
                .next()?
                .to_owned(),
        )
    })
}

/// Returns every URL that the page loads, except the empty icon.
fn addresses(html: &str) -> Vec<String> {
    let named = html.split(['<', ' ']).filter_map(|attribute| {
        let value = attribute
            .strip_prefix("src=\"")
            .or_else(|| attribute.strip_prefix("href=\""))?;
        value.split('"').next().map(str::to_owned)
    });
    named.filter(|address| address != "data:,").collect()
}

async fn get(embedded: Files, path: &str) -> Response<Body> {
    let pages: Router = pages::router(embedded);
    let request = Request::get(path).body(Body::empty()).unwrap();
    pages.oneshot(request).await.unwrap()
}

fn policy(answer: &Response<Body>) -> String {
    let policy = &answer.headers()["content-security-policy"];
    policy.to_str().unwrap().to_owned()
}

async fn text(answer: Response<Body>) -> String {
    let body = answer.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().to_vec()).unwrap()
}

fn root_of_repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
