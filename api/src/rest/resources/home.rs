//! `/`, the entry point: what the viewer can do next, as HTML and as JSON.

use axum::{Json as JsonBody, extract::State, http::HeaderMap, response::Response};
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
    rest::{
        hal::{
            forms::{Resource, WithForms},
            links,
        },
        http::{
            extract::Viewer,
            html::{self, escape},
        },
        operations,
    },
};

const NAME: &str = "Video Game Exchange API";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The relations of the pages about the API, with the purpose of each.
const DOCUMENTATION: [(&str, &str); 4] = [
    ("documentation", "call the REST API"),
    ("redoc", "read about it"),
    ("explorer", "follow its links and fill in its forms"),
    ("graphiql", "write GraphQL queries"),
];

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
    let page = || html::page("Start here", &page_body(&root));
    Ok(html::or_json(&headers, page, JsonBody(&root)))
}

fn page_body(with_forms: &WithForms<Root>) -> String {
    let root = with_forms.resource();
    let about = |relation| DOCUMENTATION.iter().find(|(name, _)| *name == relation);
    let (mut documentation, mut resources) = (String::new(), String::new());
    for (relation, href) in root.links.to_follow() {
        match about(relation) {
            Some((_, text)) => documentation += &item(href, relation, &format!(": {text}")),
            None => resources += &item(href, relation, ""),
        }
    }
    let viewer = match root.viewer {
        Some(id) => format!("You are user {id}."),
        None => "You are not logged in.".to_owned(),
    };
    format!(
        "<p>{NAME}, version {VERSION}. {viewer}</p>\n<h2>Documentation</h2>\n<ul>\n{documentation}</ul>\n\
         <h2>What you can do</h2>\n{}{}<h2>Where you can go</h2>\n<ul>\n{resources}</ul>",
        form_list(with_forms),
        waiting(root.embedded.as_ref()),
    )
}

fn waiting(embedded: Option<&Embedded>) -> String {
    let offers = embedded.map_or(&[][..], |embedded| &embedded.offers_waiting);
    if offers.is_empty() {
        return String::new();
    }
    let offer = |offer: &WithForms<OfferBody>| {
        let own = offer
            .resource()
            .links()
            .to_follow()
            .find(|(name, _)| *name == "self");
        let href = own.map_or("", |(_, href)| href);
        item(href, href, &form_list(offer))
    };
    let offers: String = offers.iter().map(offer).collect();
    format!("<h2>Offers that await your answer</h2>\n<ul>\n{offers}</ul>\n")
}

/// Lists the actions that the viewer can take on a resource.
fn form_list<R: Resource>(resource: &WithForms<R>) -> String {
    let items = resource.forms().map(|form| {
        let (title, target) = (escape(&form.title), escape(&form.target));
        format!("<li>{title}: <code>{} {target}</code></li>\n", form.method)
    });
    format!("<ul>\n{}</ul>\n", items.collect::<String>())
}

/// Renders a list item: a link with this text, followed by HTML.
fn item(href: &str, text: &str, html: &str) -> String {
    let (href, text) = (escape(href), escape(text));
    format!("<li><a href=\"{href}\">{text}</a>{html}</li>\n")
}
