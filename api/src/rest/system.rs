//! `/` and what operators ask: is it there, and who answered.

use std::time::Duration;

use axum::{Json as JsonBody, extract::State};
use entity::UserId;
use platform::system::host_name;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    forms::{Alone, Resource},
    input::Who,
    links::{self, Links},
    problem::{Problem, catalogue},
};
use crate::{app::App, error::Error};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_root))
        .routes(routes!(get_health))
        .routes(routes!(get_liveness))
        .routes(routes!(get_readiness))
        .routes(routes!(get_whoami))
}

/// Where everything begins.
#[derive(Serialize, ToSchema)]
struct Root {
    #[schema(value_type = String, example = "Video Game Exchange API")]
    name: &'static str,
    #[schema(value_type = String)]
    version: &'static str,
    /// Who is asking.
    #[serde(rename = "viewer_id", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = UserId, required = false)]
    viewer: Option<UserId>,
    /// What you can do next.
    #[serde(rename = "_links")]
    links: Links,
}

impl Resource for Root {
    fn links(&self) -> &Links {
        &self.links
    }

    fn choices(&self) -> Vec<(&'static str, String)> {
        match self.viewer {
            Some(id) => vec![
                ("offered_game_ids", links::games_path(id)),
                ("requested_game_ids", "/games".to_owned()),
            ],
            None => Vec::new(),
        }
    }
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

/// Begin here
///
/// Links to what there is, and a form for each thing that you can do next.
#[utoipa::path(get, path = "/", tag = "system", responses((status = OK, body = Root)))]
async fn get_root(Who(actor): Who) -> JsonBody<Alone<Root>> {
    let version = env!("CARGO_PKG_VERSION");
    let root = Root {
        name: "Video Game Exchange API",
        version,
        viewer: actor.user_id(),
        links: links::root(&actor),
    };
    JsonBody(root.into())
}

/// Can this instance serve requests?
///
/// The same as `/health/ready`.
#[utoipa::path(
    get, path = "/health", tag = "system", security(()),
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not answer"))
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

/// Does the database answer?
///
/// For a load balancer: an instance that answers 503 gets no requests.
#[utoipa::path(
    get, path = "/health/ready", tag = "system", security(()),
    responses((status = OK, body = Health), (status = SERVICE_UNAVAILABLE, description = "The database does not answer"))
)]
async fn get_readiness(State(app): State<App>) -> Result<JsonBody<Health>, Problem> {
    if let Err(failure) = app.database.ping().await {
        Error::from(failure).log();
        let detail = "The database does not answer. Try again later.";
        let problem = Problem::new(&catalogue::DATABASE_UNAVAILABLE, detail);
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
