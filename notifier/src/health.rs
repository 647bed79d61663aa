//! `/health` and `/metrics` of the notifier's own program.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::TimeDelta;
use entity::{NotificationState, notification};
use platform::{database::Database, system::Clock};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{consumer::Pulse, metrics::Metrics};

/// After how long without a sign the consumer counts as dead.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

/// What is looked at.
#[derive(Clone)]
pub struct Health {
    pub database: Database,
    pub clock: Clock,
    pub metrics: Metrics,
    pub pulse: Pulse,
}

/// The two pages.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/health", get(is_healthy))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn is_healthy(State(health): State<Health>) -> Response {
    let consumer = health.pulse.silence(health.clock.now()) < SILENCE;
    let database = health.database.ping().await.is_ok();
    let word = |well| if well { "ok" } else { "down" };
    let status = if consumer && database {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({
        "status": word(consumer && database),
        "consumer": word(consumer),
        "database": word(database),
    });
    (status, Json(body)).into_response()
}

async fn metrics(State(health): State<Health>) -> Response {
    for state in [NotificationState::Waiting, NotificationState::Dead] {
        match count(&health.database, state).await {
            Ok(rows) => {
                health.metrics.inbox(state).set(rows);
            }
            Err(cause) => tracing::warn!(%cause, "the inbox cannot be counted"),
        }
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], health.metrics.text()).into_response()
}

async fn count(database: &Database, state: NotificationState) -> Result<i64, DbErr> {
    let rows = notification::Entity::find().filter(notification::Column::State.eq(state));
    let rows = rows.count(database.reader()).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
