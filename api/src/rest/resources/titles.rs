//! `/titles`: the titles that games are copies of.

use axum::{Json as JsonBody, extract::State, http::Uri, response::Response};
use entity::title;
use exchange::titles;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{hypermedia::Links, problem::Problem},
    operations,
    rest::{
        hal::{collection, links},
        http::{
            extract::{Dto, Path, Query, Viewer},
            json,
        },
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_titles))
        .routes(routes!(get_title))
}

/// A title: the name of a game, whoever lists a copy of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Title)]
struct TitleBody {
    /// The key: the letters and digits of the name, in one form for all its spellings.
    #[schema(example = "metroid")]
    key: String,
    /// The name as it was first written.
    #[schema(example = "Metroid")]
    name: String,
    /// `games` leads to the copies on the board.
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// Suggested titles, the best first.
    TitleCollection, EmbeddedTitles { titles: TitleBody }, {
        /// The text that was searched for instead of `q`, because too little matches `q`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, required = false, example = "metroid")]
        searched_for: String,
    }
}

/// The beginning of a title.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TitleQuery {
    /// The text that somebody has typed so far. Without a letter or a digit, nothing is suggested.
    q: Option<String>,
    /// The largest number of titles.
    limit: Option<i64>,
}

impl Dto for TitleQuery {}

impl From<title::Model> for TitleBody {
    fn from(title: title::Model) -> Self {
        Self {
            links: links::title(&title.key),
            key: title.key,
            name: title.name,
        }
    }
}

/// Suggest titles
///
/// The titles with copies on the board that match what somebody has typed so far, the best first: for a search field.
#[utoipa::path(get, path = operations::GET_TITLES.path, tag = "games", params(TitleQuery), responses((status = OK, body = TitleCollection)))]
async fn get_titles(
    State(app): State<App>,
    Viewer(_): Viewer,
    uri: Uri,
    Query(query): Query<TitleQuery>,
) -> Result<Response, Problem> {
    let q = query.q.unwrap_or_default();
    let suggested = titles::suggest(&app, &q, query.limit).await?;
    let rows = suggested.titles.into_iter().map(TitleBody::from).collect();
    let links = Links::home().to("self", collection::whole(&uri));
    Ok(json::respond(&TitleCollection {
        searched_for: suggested.searched_for,
        ..TitleCollection::from((rows, links))
    }))
}

/// Show a title
///
/// A key that was merged into another title shows that one.
#[utoipa::path(
    get, path = operations::GET_TITLE.path, tag = "games",
    params(("key" = String, Path, description = "The key of the title", example = "metroid")),
    responses((status = OK, body = TitleBody))
)]
async fn get_title(
    State(app): State<App>,
    Viewer(_): Viewer,
    key: Result<Path<String>, Problem>,
) -> Result<JsonBody<TitleBody>, Problem> {
    // No title has an empty key, nor one that is not UTF-8.
    let key = key.map(|Path(key)| key).unwrap_or_default();
    Ok(JsonBody(titles::find(&app, &key).await?.into()))
}
