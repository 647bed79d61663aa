//! Health checks, and the name of the instance.

use std::time::Duration;

use axum::{Json as JsonBody, extract::State};
use exchange::error::Error;
use platform::system::host_name;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{
        hypermedia::Links,
        problem::{Problem, catalogue},
    },
    operations,
    rest::hal::links,
};

/// The time limit for the database in a health check.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(1);

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_liveness))
        .routes(routes!(get_readiness))
        .routes(routes!(get_whoami))
}

/// The health of this instance.
#[derive(Serialize, ToSchema)]
struct Health {
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

/// The instance that responded.
#[derive(Serialize, ToSchema)]
struct Instance {
    #[schema(example = "api1")]
    container_name: String,
    #[schema(example = "fc6eed3344b3")]
    host_name: String,
    #[serde(rename = "_links")]
    links: Links,
}

/// Check whether this instance can serve requests
///
/// The same as `/health/ready`.
#[utoipa::path(
    get, path = operations::GET_HEALTH.path, tag = "system",
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not respond or accepts no writes, or this instance is shutting down"))
)]
async fn get_health(State(app): State<App>) -> Result<JsonBody<Health>, Problem> {
    get_readiness(State(app)).await
}

/// Check whether the process is running
///
/// Does not check the database. For a supervisor that restarts a process that hangs.
#[utoipa::path(get, path = operations::GET_LIVENESS.path, tag = "system", responses((status = OK, body = Health)))]
async fn get_liveness() -> JsonBody<Health> {
    JsonBody(Health {
        status: "ok",
        links: links::health(),
    })
}

/// Check whether the database responds and accepts writes
///
/// For a load balancer, which sends no requests to an instance that responds with 503.
#[utoipa::path(
    get, path = operations::GET_READINESS.path, tag = "system",
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not respond or accepts no writes, or this instance is shutting down"))
)]
async fn get_readiness(State(app): State<App>) -> Result<JsonBody<Health>, Problem> {
    if app.stopping.is_cancelled() {
        let detail = "This instance is shutting down. Send requests to another one.";
        return Err(
            Problem::new(&catalogue::STOPPING, detail).with_retry_after(Duration::from_secs(1))
        );
    }
    let ping = timeout(DATABASE_TIMEOUT, app.database.ping()).await;
    let failure = match ping {
        Ok(answer) => answer.err().map(Error::from),
        Err(silence) => Some(Error::internal(silence)),
    };
    if let Some(failure) = failure {
        failure.log();
        let detail = "The database does not respond. Try again later.";
        let problem = Problem::new(&catalogue::DATABASE_UNAVAILABLE, detail);
        return Err(problem.with_retry_after(Duration::from_secs(1)));
    }
    let takes_writes = timeout(DATABASE_TIMEOUT, app.database.is_writable()).await;
    if !takes_writes.unwrap_or(false) {
        let detail =
            "The database rejected a write and has not accepted one since. Reading still works.";
        let problem = Problem::new(&catalogue::NOT_WRITABLE, detail);
        return Err(problem.with_retry_after(Duration::from_secs(1)));
    }
    Ok(get_liveness().await)
}

/// Show which instance responded
///
/// Shows how a load balancer distributes requests.
#[utoipa::path(get, path = operations::GET_WHOAMI.path, tag = "system", responses((status = OK, body = Instance)))]
async fn get_whoami(State(app): State<App>) -> JsonBody<Instance> {
    JsonBody(Instance {
        container_name: app.instance_name.to_string(),
        host_name: host_name(),
        links: links::whoami(),
    })
}
