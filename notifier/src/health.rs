//! `/health` and `/metrics` of the notifier. A worker without progress for a minute is down, even while it retries.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{NotificationState, notification};
use platform::{
    database::{Database, eq_literal},
    system::Clock,
};
use sea_orm::{
    DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, Func},
};
use serde_json::json;

use crate::{heartbeat::Heartbeat, metrics::Metrics};

/// The age of a heartbeat at which a worker counts as down.
const MAX_HEARTBEAT_AGE: TimeDelta = TimeDelta::seconds(60);

/// The state that both pages read.
#[derive(Clone)]
pub struct Health {
    pub database: Database,
    pub clock: Clock,
    pub metrics: Metrics,
    pub consumer: Heartbeat,
    pub sender: Heartbeat,
}

/// Returns the routes of both pages.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/health", get(is_healthy))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn is_healthy(State(health): State<Health>) -> Response {
    let now = health.clock.now();
    let consumer = health.consumer.age(now) < MAX_HEARTBEAT_AGE;
    let sender = health.sender.age(now) < MAX_HEARTBEAT_AGE;
    let database = health.database.ping().await.is_ok() && health.database.is_writable().await;
    let word = |healthy| if healthy { "ok" } else { "down" };
    let all = consumer && sender && database;
    let status = if all {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({
        "status": word(all),
        "consumer": word(consumer),
        "sender": word(sender),
        "database": word(database),
    });
    (status, Json(body)).into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    for state in [
        NotificationState::Held,
        NotificationState::Waiting,
        NotificationState::Dead,
    ] {
        match count(&health.database, state).await {
            Ok(rows) => {
                health.metrics.inbox(state).set(rows);
            }
            Err(cause) => tracing::warn!(%cause, "the letters of the inbox could not be counted"),
        }
    }
    match oldest_waiting(&health.database).await {
        Ok(since) => {
            let age = since.map_or(0, |since| (health.clock.now() - since).num_seconds());
            health.metrics.oldest_waiting.set(age.max(0));
        }
        Err(cause) => tracing::warn!(%cause, "the oldest waiting letter could not be read"),
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], health.metrics.text()).into_response()
}

async fn count(database: &Database, state: NotificationState) -> Result<i64, DbErr> {
    let rows = notification::Entity::find().filter(eq_literal(notification::Column::State, state));
    let rows = rows.count(database.reader()).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Returns the time since when the oldest waiting letter waits; for a letter that was held, since its release.
async fn oldest_waiting(database: &Database) -> Result<Option<DateTime<Utc>>, DbErr> {
    use notification::Column;
    let since = [Column::ReleasedAt, Column::CreatedAt].map(Expr::col);
    let waits_since = Func::coalesce(since);
    let waiting = notification::Entity::find()
        .select_only()
        .expr_as(Func::min(waits_since), "since")
        .filter(eq_literal(
            notification::Column::State,
            NotificationState::Waiting,
        ));
    let since = waiting.into_tuple::<Option<DateTime<Utc>>>();
    Ok(since.one(database.reader()).await?.flatten())
}
