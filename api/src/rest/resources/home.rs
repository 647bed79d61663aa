//! `/`: what the viewer can do next, as a page to read and as JSON.

use axum::{Json as JsonBody, extract::State, http::HeaderMap, response::Response};
use entity::UserId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    forms::{Alone, Resource},
    html::{self, escaped},
    input::Who,
    links::{self, Links},
    offers::{self, OfferBody},
    problem::Problem,
};
use crate::app::App;

const NAME: &str = "Video Game Exchange API";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The relations of the pages about the API, with what each is for.
const DOCUMENTATION: [(&str, &str); 4] = [
    ("documentation", "call the REST API"),
    ("redoc", "read about it"),
    ("explorer", "follow its links and fill in its forms"),
    ("graphiql", "write GraphQL queries"),
];

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_root))
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
    /// Where it is known who is asking.
    #[serde(rename = "_embedded", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Embedded, required = false)]
    embedded: Option<Embedded>,
    /// What you can do next.
    #[serde(rename = "_links")]
    links: Links,
}

/// What waits for you.
#[derive(Serialize, ToSchema)]
#[schema(as = RootEmbedded)]
struct Embedded {
    /// The oldest offers that wait for your answer, at most 5. The link `offers_waiting` leads to all.
    #[schema(value_type = Vec<OfferBody>, max_items = 5)]
    offers_waiting: Vec<Alone<OfferBody>>,
}

impl Resource for Root {
    const EDITED: bool = false;

    fn links(&self) -> &Links {
        &self.links
    }

    fn choices(&self) -> Vec<(&'static str, String)> {
        match self.viewer {
            Some(id) => vec![
                ("offered_game_ids", links::games_path(id)),
                ("requested_game_ids", links::games_of_others_path(id)),
            ],
            None => Vec::new(),
        }
    }
}

/// Begin here
///
/// Links to what there is, the offers that wait for your answer, and a form for each thing that you can do next. A page for
/// browsers, JSON for programs.
#[utoipa::path(
    get, path = "/", tag = "system",
    responses((status = OK, content((Root = "application/json"), (String = "text/html"))))
)]
async fn get_root(
    State(app): State<App>,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let viewer = actor.user_id();
    let embedded = match viewer {
        Some(id) => Some(Embedded {
            offers_waiting: offers::waiting(&app, &actor, id).await?,
        }),
        None => None,
    };
    let root = Alone::from(Root {
        name: NAME,
        version: VERSION,
        viewer,
        embedded,
        links: links::root(&actor),
    });
    let page = || html::page("Begin here", &body(&root));
    Ok(html::or(&headers, page, JsonBody(&root)))
}

fn body(alone: &Alone<Root>) -> String {
    let root = alone.resource();
    let about = |relation| DOCUMENTATION.iter().find(|(name, _)| *name == relation);
    let (mut documentation, mut places) = (String::new(), String::new());
    for (relation, href) in root.links.places() {
        match about(relation) {
            Some((_, text)) => documentation += &item(href, relation, &format!(": {text}")),
            None => places += &item(href, relation, ""),
        }
    }
    let viewer = match root.viewer {
        Some(id) => format!("You are user {id}."),
        None => "You are not logged in.".to_owned(),
    };
    format!(
        "<p>{NAME}, version {VERSION}. {viewer}</p>\n<h2>Documentation</h2>\n<ul>\n{documentation}</ul>\n\
         <h2>What you can do</h2>\n{}{}<h2>Where you can go</h2>\n<ul>\n{places}</ul>",
        steps(alone),
        waiting(root.embedded.as_ref()),
    )
}

fn waiting(embedded: Option<&Embedded>) -> String {
    let offers = embedded.map_or(&[][..], |embedded| &embedded.offers_waiting);
    if offers.is_empty() {
        return String::new();
    }
    let offer = |offer: &Alone<OfferBody>| {
        let own = offer
            .resource()
            .links()
            .places()
            .find(|(name, _)| *name == "self");
        let href = own.map_or("", |(_, href)| href);
        item(href, href, &steps(offer))
    };
    let offers: String = offers.iter().map(offer).collect();
    format!("<h2>What waits for your answer</h2>\n<ul>\n{offers}</ul>\n")
}

/// What the viewer can do with a resource.
fn steps<R: Resource>(resource: &Alone<R>) -> String {
    let steps = resource.forms().map(|form| {
        let (title, target) = (escaped(&form.title), escaped(&form.target));
        format!("<li>{title}: <code>{} {target}</code></li>\n", form.method)
    });
    format!("<ul>\n{}</ul>\n", steps.collect::<String>())
}

/// A link with this text, before some HTML.
fn item(href: &str, text: &str, html: &str) -> String {
    let (href, text) = (escaped(href), escaped(text));
    format!("<li><a href=\"{href}\">{text}</a>{html}</li>\n")
}
