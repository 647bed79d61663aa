//! Metrics of an instance. No label has a client's own text.

use std::{collections::BTreeMap, fs, net::Ipv4Addr, path::Path};

use api::{
    admission::Admission,
    server::{Exposure, limits::Limits},
};
use axum::http::Method;
use chrono::TimeDelta;
use entity::NotificationState;
use outbox::in_flight::InFlight;
use serde_json::Value;

use super::limits::{all_connections, holding};
use crate::support::{TestApp, eventually, http::Client, letters::pass};

/// Reads the metrics, by name and labels.
async fn scrape(client: &Client) -> BTreeMap<String, f64> {
    let answer = client.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(answer.text.ends_with("# EOF\n"));
    let lines = answer.text.lines().filter(|line| !line.starts_with('#'));
    let number = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(number).collect()
}

#[tokio::test]
async fn requests_are_counted_by_route_not_by_path() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for path in ["/games/7", "/games/8", "/secret/path", "/games?q=secret"] {
        client.get(path).await;
    }
    let made_up: Method = "SECRET".parse().unwrap();
    client.call(made_up, "/games", None).await.problem(405);
    client.call(Method::OPTIONS, "/games", None).await;
    let told = scrape(&client).await;
    for (labels, times) in [
        (r#"route="/games/{game_id}",method="GET",status="404""#, 2.0),
        (r#"route="/games",method="GET",status="200""#, 1.0),
        (r#"route="/games",method="other",status="405""#, 1.0),
        (r#"route="/games",method="OPTIONS",status="204""#, 1.0),
        (r#"route="none",method="GET",status="404""#, 1.0),
    ] {
        let name = format!("api_requests_total{{{labels}}}");
        assert_eq!(told.get(&name), Some(&times), "{name} in {told:#?}");
    }
    let count = r#"api_request_seconds_count{route="/games/{game_id}",method="GET"}"#;
    assert_eq!(told[count], 2.0);
    let names: Vec<_> = told.keys().collect();
    assert!(!format!("{names:?}").to_lowercase().contains("secret"));
}

#[tokio::test]
async fn requests_in_flight_and_rejected_are_counted() {
    let test = TestApp::new().await;
    let general = Admission {
        concurrency: 1,
        max_queued: 0,
        ..Admission::GENERAL
    };
    let limits = Limits {
        general,
        ..Limits::default()
    };
    let exposure = Exposure {
        limits,
        ..Exposure::default()
    };
    let client = Client::exposed(&test.app, exposure);
    {
        let again = client.clone();
        let _first = holding(&test, async move { again.get("/games").await }).await;
        client.get("/games").await.problem(503);
        let told = scrape(&client).await;
        assert_eq!(told["api_requests_under_way"], 2.0, "the page itself, too");
        let overloaded = r#"api_requests_turned_away_total{reason="overloaded"}"#;
        assert_eq!(told[overloaded], 1.0);
    }
    let told = scrape(&client).await;
    assert_eq!(told["api_requests_under_way"], 1.0, "it was given up");
}

#[tokio::test]
async fn outbox_backlog_is_reported_with_its_age() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    test.forward(TimeDelta::minutes(2));
    let told = scrape(&test.anonymous()).await;
    assert_eq!(told["api_outbox_events"], 1.0);
    let age = told["api_outbox_oldest_seconds"];
    assert!((120.0..240.0).contains(&age), "{age}");
    pass(&test.relay(), &mut InFlight::default()).await;
    let told = scrape(&test.anonymous()).await;
    assert_eq!(told["api_outbox_events"], 0.0);
    assert_eq!(told["api_outbox_oldest_seconds"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_while_the_pool_is_empty() {
    let test = TestApp::new().await;
    let taken = all_connections(&test).await;
    let told = scrape(&test.anonymous()).await;
    let most = told["api_database_connections_most"];
    assert_eq!(told["api_database_connections"], most);
    assert_eq!(told["api_database_connections_idle"], 0.0);
    assert!(!told.contains_key("api_outbox_events"), "nobody can ask");
    drop(taken);
    assert!(
        scrape(&test.anonymous())
            .await
            .contains_key("api_outbox_events")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_and_live_clients_are_reported() {
    let test = TestApp::new().await;
    let _seat = test
        .app
        .feed
        .reserve_slot(Ipv4Addr::LOCALHOST.into(), None)
        .unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let leading = tokio::spawn(test.leader().run(stop.clone()));
    let leads = async || scrape(&test.anonymous()).await["api_relay_leads"];
    eventually(async || leads().await >= 1.0).await;
    stop.cancel();
    leading.await.unwrap();
    let told = scrape(&test.anonymous()).await;
    assert_eq!(told["api_relay_leads"], 0.0);
    assert_eq!(told["api_live_seats_taken"], 1.0);
    assert_eq!(told["api_passwords_waiting"], 0.0);
    if cfg!(target_os = "linux") {
        assert!(told["api_resident_memory_bytes"] > 1e6);
    }
}

#[tokio::test]
async fn alerts_and_dashboard_use_existing_metrics() {
    let test = TestApp::new().await;
    // A metric that was never counted is not on the page.
    test.app.metrics.shed("overloaded");
    test.anonymous().get("/games").await.expect(200);
    let page = test.anonymous().get("/metrics").await.text;
    let of_notifier = notifier::metrics::Metrics::default();
    of_notifier.inbox(NotificationState::Dead);
    of_notifier.letters("sent");
    let page = page + &of_notifier.text();
    let is_there = |name: &str| {
        let of = |end| name.strip_suffix(end).unwrap_or(name);
        let kinds = [name, of("_total"), of("_bucket"), of("_sum"), of("_count")];
        let told = |name| page.contains(&format!("# TYPE {name} "));
        kinds.into_iter().any(told)
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../observe");
    for file in ["alerts.yml", "dashboards/exchange.json"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: Vec<_> = words
            .filter(|word| word.starts_with("api_") || word.starts_with("notifier_"))
            .collect();
        assert!(named.len() > 8, "{file} names {named:?}");
        for name in named {
            assert!(is_there(name), "{file} names {name}, which nobody counts");
        }
    }
    let dashboard = fs::read_to_string(folder.join("dashboards/exchange.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    assert_eq!(dashboard["uid"], "exchange");
}
