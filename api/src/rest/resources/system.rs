//! What operators ask: is it there, and who answered.

use std::time::Duration;

use axum::{Json as JsonBody, extract::State};
use exchange::error::Error;
use platform::system::host_name;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    links::{self, Links},
    problem::{Problem, catalogue},
};
use crate::app::App;

/// How long the database may take to answer: whoever asks wants to know about now.
const PATIENCE: Duration = Duration::from_secs(1);

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_liveness))
        .routes(routes!(get_readiness))
        .routes(routes!(get_whoami))
}

/// How this instance is.
#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

/// Which instance answered.
#[derive(Serialize, ToSchema)]
struct Instance {
    #[schema(example = "api1")]
    container_name: String,
    #[schema(example = "fc6eed3344b3")]
    host_name: String,
    #[serde(rename = "_links")]
    links: Links,
}

/// Can this instance serve requests?
///
/// The same as `/health/ready`.
#[utoipa::path(
    get, path = "/health", tag = "system", security(()),
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not answer or takes no writes, or this instance is about to stop"))
)]
async fn get_health(State(app): State<App>) -> Result<JsonBody<Health>, Problem> {
    get_readiness(State(app)).await
}

/// Does the process run?
///
/// Says nothing about the database: for a supervisor that restarts what hangs.
#[utoipa::path(get, path = "/health/live", tag = "system", security(()), responses((status = OK, body = Health)))]
async fn get_liveness() -> JsonBody<Health> {
    JsonBody(Health {
        status: "ok",
        links: links::health(),
    })
}

/// Does the database answer, and take writes?
///
/// For a load balancer: an instance that answers 503 gets no requests.
#[utoipa::path(
    get, path = "/health/ready", tag = "system", security(()),
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not answer or takes no writes, or this instance is about to stop"))
)]
async fn get_readiness(State(app): State<App>) -> Result<JsonBody<Health>, Problem> {
    if app.stopping.is_cancelled() {
        let detail = "This instance is about to stop. Send requests to another one.";
        return Err(Problem::new(&catalogue::STOPPING, detail).after(Duration::from_secs(1)));
    }
    let ping = timeout(PATIENCE, app.database.ping()).await;
    let failure = match ping {
        Ok(answer) => answer.err().map(Error::from),
        Err(silence) => Some(Error::internal(silence)),
    };
    if let Some(failure) = failure {
        failure.log();
        let detail = "The database does not answer. Try again later.";
        let problem = Problem::new(&catalogue::DATABASE_UNAVAILABLE, detail);
        return Err(problem.after(Duration::from_secs(1)));
    }
    let takes_writes = timeout(PATIENCE, app.database.is_writable()).await;
    if !takes_writes.unwrap_or(false) {
        let detail =
            "The database refused a write and has not taken one since. Reading still works.";
        let problem = Problem::new(&catalogue::NOT_WRITABLE, detail);
        return Err(problem.after(Duration::from_secs(1)));
    }
    Ok(get_liveness().await)
}

/// Which instance answered?
///
/// Shows how a load balancer spreads requests.
#[utoipa::path(get, path = "/whoami", tag = "system", security(()), responses((status = OK, body = Instance)))]
async fn get_whoami(State(app): State<App>) -> JsonBody<Instance> {
    JsonBody(Instance {
        container_name: app.instance_name.to_string(),
        host_name: host_name(),
        links: links::whoami(),
    })
}
