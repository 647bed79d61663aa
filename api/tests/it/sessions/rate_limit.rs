//! The rate limit of log-ins by client, shared by all instances.

use std::net::IpAddr;

use api::{app::App, http::ClientAddress};
use chrono::TimeDelta;
use exchange::{
    error::Result,
    identity::log_in_rate::{delete_expired, take},
};
use futures_util::future::join_all;
use platform::database::{ACQUIRE_TIMEOUT, Database};
use sea_orm::{ConnectionTrait, Statement};

use super::{log_in, log_in_from, register};
use crate::support::{TestApp, TestDatabase, postgres_server};

fn client(address: &str) -> IpAddr {
    ClientAddress(address.parse().unwrap()).rate_limit_key()
}

/// Logs in from an address until it is refused. Returns the number of admitted log-ins.
async fn let_through(test: &TestApp, address: &str) -> u32 {
    for number in 0.. {
        if is_refused(&take(&test.app, client(address)).await) {
            return number;
        }
    }
    unreachable!()
}

/// Creates another instance. On PostgreSQL it has connections of its own; a SQLite file belongs to one process.
async fn instance(test: &TestApp) -> App {
    let mut database = test.app.database.clone();
    if postgres_server().is_some() {
        let opened = Database::open(test.url(), ACQUIRE_TIMEOUT).await.unwrap();
        database = opened.with_clock(test.app.clock.clone());
    }
    test.with_changed_exchange(|exchange| exchange.database = database)
}

fn is_refused<T: std::fmt::Debug>(taken: &Result<T>) -> bool {
    match taken {
        Ok(_) => false,
        Err(failure) => {
            assert_eq!(failure.code(), "too_many_log_ins");
            true
        }
    }
}

async fn rows(test: &TestApp) -> i64 {
    let reader = test.app.database.reader();
    let sql = "SELECT count(*) AS rows FROM log_in_rates";
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let row = reader.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "rows").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_rate_is_5_a_second_with_a_burst_of_20() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    let ann = "192.0.2.1";
    assert_eq!(let_through(&test, ann).await, 20);
    test.forward(TimeDelta::milliseconds(199));
    assert_eq!(let_through(&test, ann).await, 0);
    test.forward(TimeDelta::milliseconds(1));
    assert_eq!(let_through(&test, ann).await, 1);
    let mut in_ten_seconds = 0;
    for _ in 0..40 {
        test.forward(TimeDelta::milliseconds(250));
        in_ten_seconds += let_through(&test, ann).await;
    }
    assert_eq!(in_ten_seconds, 50);
    test.forward(TimeDelta::hours(1));
    assert_eq!(let_through(&test, ann).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_rate_is_shared_by_all_instances() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    let instances = join_all((0..3).map(|_| instance(&test))).await;
    let ann = client("192.0.2.1");
    let at_once = (0..100).map(|number| take(&instances[number % 3], ann));
    let taken = join_all(at_once).await;
    let refused = taken.iter().filter(|taken| is_refused(taken)).count();
    assert_eq!(refused, 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_rate_counts_by_ipv4_address_and_ipv6_64_prefix() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    for (address, expected) in [
        ("192.0.2.1", 20),
        ("::ffff:192.0.2.1", 0),
        ("192.0.2.2", 20),
        ("2001:db8:1:2::3", 20),
        ("2001:db8:1:2:ffff::4", 0),
        ("2001:db8:1:3::3", 20),
    ] {
        assert_eq!(let_through(&test, address).await, expected, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn debt_is_the_recent_use_of_a_client() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    let ann = client("192.0.2.1");
    let mut debts = Vec::new();
    for _ in 0..3 {
        debts.push(take(&test.app, ann).await.unwrap().as_millis());
    }
    test.forward(TimeDelta::milliseconds(500));
    debts.push(take(&test.app, ann).await.unwrap().as_millis());
    assert_eq!(debts, [200, 400, 600, 300]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit_restarts_when_the_clock_is_set_back() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    test.forward(TimeDelta::days(40));
    assert_eq!(let_through(&test, "192.0.2.1").await, 20);
    test.forward(TimeDelta::days(-40));
    assert_eq!(let_through(&test, "192.0.2.1").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit_rows_without_debt_are_deleted() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    let_through(&test, "192.0.2.1").await;
    test.forward(TimeDelta::milliseconds(3999));
    delete_expired(&test.app).await.unwrap();
    assert_eq!(rows(&test).await, 1);
    test.forward(TimeDelta::milliseconds(1));
    delete_expired(&test.app).await.unwrap();
    assert_eq!(rows(&test).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_over_the_rate_limit_says_how_long_to_wait() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    test.stop_the_clock();
    assert_eq!(let_through(&test, "127.0.0.1").await, 20);
    let refused = log_in(&test, "ann", "pass123").await;
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.problem(429), "too_many_log_ins");
    let elsewhere = test.anonymous().at("192.0.2.1");
    log_in_from(&elsewhere, "ann", "pass123").await.expect(200);
    test.forward(TimeDelta::seconds(1));
    log_in(&test, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn database_time_is_in_milliseconds() {
    let (migrated, clock) = (
        TestDatabase::migrated().await,
        platform::system::Clock::system(),
    );
    let database = Database::open(&migrated.url, ACQUIRE_TIMEOUT)
        .await
        .unwrap();
    let reader = database.reader();
    let sql = format!("SELECT {} AS now", database.now());
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let before = clock.now().timestamp_millis();
    let row = reader.query_one_raw(statement).await.unwrap().unwrap();
    let now: i64 = row.try_get("", "now").unwrap();
    let after = clock.now().timestamp_millis() + 1;
    assert!((before..=after).contains(&now), "{before} {now} {after}");
    database.close().await;
}
