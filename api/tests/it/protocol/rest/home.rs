//! Home (`/`): the viewer's next actions, in JSON and HTML.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Person, TestApp, http::Client};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Creates Ann with `number` pending offers to Bob, and Eve with none.
async fn waiting(test: &TestApp, number: usize) -> [Person; 3] {
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let theirs = bob.lists("Zelda").await;
    for number in 1..=number {
        let mine = ann.lists(&format!("Metroid {number}")).await;
        ann.offers(&[mine], &[theirs]).await.unwrap();
    }
    [ann, bob, eve]
}

fn ids(offers: &Value) -> Vec<i64> {
    let offers = offers.as_array().unwrap().iter();
    offers.map(|offer| offer["id"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn home_shows_the_receiver_the_oldest_pending_offers() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = waiting(&test, 7).await;
    bob.client().act("/offers/2/reject").await.expect(200);
    let home = bob.client().get("/").await.expect(200);
    let offers = &home["_embedded"]["offers_waiting"];
    assert_eq!(ids(offers), [1, 3, 4, 5, 6]);
    for offer in offers.as_array().unwrap() {
        let address = offer["_links"]["self"]["href"].as_str().unwrap();
        assert_eq!(offer, &bob.client().get(address).await.expect(200));
        for relation in ["accept", "reject"] {
            let target = &offer["_templates"][relation]["target"];
            assert_eq!(*target, format!("{address}/{relation}"));
        }
    }
    let all = home["_links"]["offers_waiting"]["href"].as_str().unwrap();
    let all = bob.client().get(all).await.expect(200);
    assert_eq!(ids(&all["_embedded"]["offers"]), [1, 3, 4, 5, 6, 7]);

    for other in [ann, eve] {
        let home = other.client().get("/").await.expect(200);
        assert_eq!(home["_embedded"], json!({"offers_waiting": []}));
    }
    let home = test.anonymous().get("/").await.expect(200);
    assert_eq!(home.get("_embedded"), None);
}

/// Asserts that the HTML has the links of the JSON for this viewer.
async fn same(client: &Client) {
    let home = client.get("/").await.expect(200);
    let page = client.with("accept", BROWSER).get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let html = page.text.as_str();
    let has = |part: &str| assert!(html.contains(part), "{part} is not in {html}");
    let [name, version] = ["name", "version"].map(|member| home[member].as_str().unwrap());
    has(&format!("<p>{name}, version {version}. "));
    let offers = home["_embedded"]["offers_waiting"].as_array();
    let offers = offers.into_iter().flatten();
    let mut acts = 0;
    for resource in offers.clone().chain([&home]) {
        for (relation, link) in resource["_links"].as_object().unwrap() {
            if let Some(method) = link["method"].as_str() {
                let title = resource["_templates"][relation]["title"].as_str().unwrap();
                let href = link["href"].as_str().unwrap();
                has(&format!("<li>{title}: <code>{method} {href}</code></li>"));
                acts += 1;
            }
        }
    }
    assert_eq!(html.matches("<code>").count(), acts, "{html}");
    let links = home["_links"].as_object().unwrap();
    let follow = |(relation, link): (&String, &Value)| {
        let href = link["href"].as_str().unwrap().replace('&', "&amp;");
        let act = link["method"].is_string();
        (!act).then(|| format!("<a href=\"{href}\">{relation}</a>"))
    };
    let mut anchors: Vec<_> = links.iter().filter_map(follow).collect();
    for offer in offers {
        let href = offer["_links"]["self"]["href"].as_str().unwrap();
        anchors.push(format!("<a href=\"{href}\">{href}</a>"));
    }
    anchors.iter().for_each(|anchor| has(anchor));
    assert_eq!(html.matches("<a ").count(), anchors.len(), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn html_has_the_links_and_actions_of_the_json() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = waiting(&test, 2).await;
    for client in [ann.client(), bob.client(), eve.client(), test.anonymous()] {
        same(&client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn html_runs_no_script_and_starts_with_the_documentation() {
    let test = TestApp::new().await;
    let [_, bob, _] = waiting(&test, 1).await;
    let json = bob.client().get("/").await;
    for method in [Method::GET, Method::HEAD] {
        let client = bob.client().with("accept", BROWSER);
        let page = client.call(method.clone(), "/", None).await;
        assert_eq!(page.status, 200, "{method}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(!policy.contains("script-src"), "{policy}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("vary"), json.header("vary"), "{method}");
        assert!(page.header("vary").starts_with("Accept, Authorization"));
        assert_eq!(page.text.is_empty(), method == Method::HEAD);
        assert!(!page.text.contains("<script"), "{}", page.text);
        if method == Method::GET {
            let first: Vec<_> = page.text.split("<a href=\"").skip(1).take(4).collect();
            for href in ["/docs\"", "/redoc\"", "/explorer\"", "/graphiql\""] {
                assert!(first.iter().any(|part| part.starts_with(href)), "{href}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn html_is_sent_when_preferred_to_json() {
    let test = TestApp::new().await;
    let html = "text/html; charset=utf-8";
    for (accept, kind) in [
        ("*/*", "application/json"),
        ("", "application/json"),
        (BROWSER, html),
        ("text/html", html),
        ("text/*", html),
        ("application/hal+json, text/html", "application/hal+json"),
        ("text/html;q=0.5, application/json", "application/json"),
    ] {
        let client = test.anonymous().with("accept", accept);
        for method in [Method::GET, Method::HEAD] {
            let answer = client.call(method.clone(), "/", None).await;
            assert_eq!(answer.status, 200, "{method}, {accept}");
            assert_eq!(answer.header("content-type"), kind, "{method}, {accept}");
        }
    }
    let answer = test.anonymous().with("accept", "image/png").get("/").await;
    assert_eq!(answer.problem(406), "not_acceptable");
}
