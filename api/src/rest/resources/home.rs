//! `/`, the entry point: what the viewer can do next, as HTML and as JSON.

use axum::{extract::State, http::HeaderMap, response::Response};
use entity::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::offers::{self, OfferBody};
use crate::{
    app::App,
    http::{
        hypermedia::{Links, paths},
        problem::Problem,
    },
    operations,
    rest::{
        hal::{
            forms::{Resource, WithForms},
            links,
        },
        http::{extract::Viewer, html},
    },
};

const NAME: &str = "Video Game Exchange API";
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_root))
}

/// The entry point of the API.
#[derive(Serialize, ToSchema)]
struct Root {
    #[schema(value_type = String, example = "Video Game Exchange API")]
    name: &'static str,
    #[schema(value_type = String)]
    version: &'static str,
    /// The id of the user who sends the request.
    #[serde(rename = "viewer_id", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = UserId, required = false)]
    viewer: Option<UserId>,
    /// Present if you are identified.
    #[serde(rename = "_embedded", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Embedded, required = false)]
    embedded: Option<Embedded>,
    /// Links to what you can do next.
    #[serde(rename = "_links")]
    links: Links,
}

/// The offers that await your answer.
#[derive(Serialize, ToSchema)]
#[schema(as = RootEmbedded)]
struct Embedded {
    /// The oldest offers that await your answer, at most 5. The link `offers_waiting` leads to all of them.
    #[schema(value_type = Vec<OfferBody>, max_items = 5)]
    offers_waiting: Vec<WithForms<OfferBody>>,
}

impl Resource for Root {
    const EDITED: bool = false;

    fn links(&self) -> &Links {
        &self.links
    }

    fn choices(&self) -> Vec<(&'static str, String)> {
        match self.viewer {
            Some(id) => vec![
                ("offered_game_ids", paths::games_of(id)),
                ("requested_game_ids", paths::games_of_others(id)),
            ],
            None => Vec::new(),
        }
    }
}

/// Start here
///
/// Links to all resources, the offers that await your answer, and a form for each action that you can take. HTML for
/// browsers, JSON for programs.
#[utoipa::path(
    get, path = operations::GET_ROOT.path, tag = "system",
    responses((status = OK, content((Root = "application/json"), (String = "text/html"))))
)]
async fn get_root(
    State(app): State<App>,
    Viewer(actor): Viewer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let viewer = actor.user_id();
    let embedded = match viewer {
        Some(id) => Some(Embedded {
            offers_waiting: offers::waiting(&app, &actor, id).await?,
        }),
        None => None,
    };
    let root = WithForms::from(Root {
        name: NAME,
        version: VERSION,
        viewer,
        embedded,
        links: links::root(&actor),
    });
    Ok(html::or_json(&headers, "home.html", &root)?)
}
