//! `/systems`: the consoles and computers that games run on.

use axum::{extract::State, response::Response};
use exchange::systems::{self, SystemListing};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{hypermedia::Links, problem::Problem},
    operations,
    rest::{
        hal::{collection, links},
        http::{extract::Viewer, json},
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_systems))
}

/// A console or computer that games run on.
#[derive(Serialize, ToSchema)]
#[schema(as = System)]
struct SystemBody {
    #[schema(example = "nes")]
    key: String,
    #[schema(example = "NES")]
    name: String,
    /// Its other names. `gaming_system` finds its games by each of them, in any case.
    #[schema(value_type = Vec<String>)]
    aliases: &'static [&'static str],
    /// The number of its games on the board.
    #[schema(example = 2)]
    games: u64,
    /// `games` leads to them.
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// Systems, the one with most games first.
    SystemCollection, EmbeddedSystems { systems: SystemBody }
}

impl From<SystemListing> for SystemBody {
    fn from(listing: SystemListing) -> Self {
        let known = catalogue::systems::by_key(&listing.key);
        Self {
            links: links::system(&listing.key),
            key: listing.key,
            name: listing.name,
            aliases: known.map(|system| system.aliases).unwrap_or_default(),
            games: listing.games,
        }
    }
}

/// List systems
///
/// The systems that the exchange knows and others that have a game on the board, the one with most games first: at most
/// 500.
#[utoipa::path(get, path = operations::GET_SYSTEMS.path, tag = "games", responses((status = OK, body = SystemCollection)))]
async fn get_systems(State(app): State<App>, Viewer(_): Viewer) -> Result<Response, Problem> {
    let listed = systems::list(&app).await?;
    let rows = listed.into_iter().map(SystemBody::from).collect();
    Ok(json::respond(&SystemCollection::from((
        rows,
        links::systems(),
    ))))
}
