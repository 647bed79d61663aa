//! Trimming: events are deleted a week after their publication.

use ::outbox::in_flight::InFlight;
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;

use super::relay::{change, trading};
use crate::support::{TestApp, letters::pass};

#[tokio::test(flavor = "multi_thread")]
async fn trim_leaves_no_gap_behind_a_kept_event() {
    let test = TestApp::new().await;
    trading(&test, 3).await;
    let (relay, mut in_flight) = (test.relay(), InFlight::default());
    pass(&relay, &mut in_flight).await;
    let reader = test.app.database.reader();
    let late = "UPDATE outbox SET published_at = NULL WHERE position = 1";
    reader.execute_unprepared(late).await.unwrap();
    test.forward(TimeDelta::days(8));
    assert_eq!(test.retention().delete_expired().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn trim_deletes_only_events_published_a_week_ago() {
    let test = TestApp::new().await;
    let (ann, _, made) = trading(&test, 3).await;
    let (relay, mut in_flight) = (test.relay(), InFlight::default());
    assert_eq!(pass(&relay, &mut in_flight).await.published, 3);
    test.forward(TimeDelta::days(7) - TimeDelta::minutes(1));
    change(&test, &ann, made[0], "Please".to_owned()).await;
    assert_eq!(
        test.retention().delete_expired().await.unwrap(),
        0,
        "not a week yet"
    );
    test.forward(TimeDelta::minutes(2));
    assert_eq!(test.retention().delete_expired().await.unwrap(), 2);
    let left = test.outbox().await;
    let left: Vec<_> = left
        .iter()
        .map(|row| (row.position, row.published_at.is_some()))
        .collect();
    assert_eq!(
        left,
        [(Some(3), true), (None, false)],
        "positions continue, and unpublished events stay"
    );
    assert_eq!(pass(&relay, &mut in_flight).await.published, 1);
    assert_eq!(test.outbox().await[1].position, Some(4));
    test.app
        .database
        .reader()
        .execute_unprepared("DELETE FROM outbox WHERE position = 3")
        .await
        .unwrap();
    change(&test, &ann, made[0], "Please!".to_owned()).await;
    pass(&relay, &mut in_flight).await;
    assert_eq!(test.outbox().await[1].position, Some(5));
}
