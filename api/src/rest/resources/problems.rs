//! `/problems`: what each type of problem means and how to get out, as a page to read and as JSON. `type` of a problem
//! document is the address of one. It says what [`catalogue`] says.

use axum::{Json as JsonBody, http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Problem,
    catalogue::{self, Type},
};
use crate::{
    app::App,
    rest::{
        html::{self, escaped},
        input::Path,
        links::{self, Links},
        page,
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_problems))
        .routes(routes!(get_problem_type))
}

/// A type of problem.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemType)]
struct TypeBody {
    #[schema(value_type = String, example = "duplicate_offer")]
    code: &'static str,
    #[schema(value_type = String, example = "The same offer is pending already")]
    title: &'static str,
    /// The status of answers with this problem.
    #[schema(example = 409)]
    status: u16,
    /// What it means.
    #[schema(value_type = String)]
    meaning: &'static str,
    /// How to get out.
    #[schema(value_type = String)]
    way_out: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

page::collection! {
    /// All types of problems, by status.
    ProblemTypeCollection, EmbeddedProblemTypes { problems: TypeBody }
}

impl From<&Type> for TypeBody {
    fn from(kind: &Type) -> Self {
        Self {
            code: kind.code,
            title: kind.title,
            status: kind.status.as_u16(),
            meaning: kind.meaning,
            way_out: kind.way_out,
            links: links::problem(kind.code),
        }
    }
}

/// List the types of problems
///
/// Every `code` that a problem document can have. A page for browsers, JSON for programs.
#[utoipa::path(
    get, path = "/problems", tag = "system", security(()),
    responses((status = OK, content((ProblemTypeCollection = "application/json"), (String = "text/html"))))
)]
async fn get_problems(headers: HeaderMap) -> Response {
    let rows = catalogue::ALL.iter().map(TypeBody::from).collect();
    let all = ProblemTypeCollection::from((rows, links::problems()));
    html::or(&headers, || html::page("Problems", &list()), JsonBody(all))
}

/// Explain a type of problem
///
/// What it means and how to get out: where the `type` of a problem document leads. A page for browsers, JSON for programs.
#[utoipa::path(
    get, path = "/problems/{code}", tag = "system", security(()),
    params(("code" = String, Path, description = "The `code` of a problem document", pattern = "^[a-z_]+$", example = "duplicate_offer")),
    responses((status = OK, content((TypeBody = "application/json"), (String = "text/html"))))
)]
async fn get_problem_type(
    headers: HeaderMap,
    code: Result<Path<String>, Problem>,
) -> Result<Response, Problem> {
    let kind = code.ok().and_then(|Path(code)| catalogue::find(&code));
    let kind = kind.ok_or_else(|| {
        let detail = "There is no such type of problem. /problems lists those that there are.";
        Problem::new(&catalogue::PROBLEM_NOT_FOUND, detail).with_links(links::no_problem())
    })?;
    let page = || html::page(kind.title, &article(kind));
    Ok(html::or(&headers, page, JsonBody(TypeBody::from(kind))))
}

fn list() -> String {
    let item = |kind: &Type| {
        let (href, status) = (links::problem_path(kind.code), kind.status.as_u16());
        let (code, title) = (kind.code, escaped(kind.title));
        format!("<li>{status} <a href=\"{href}\"><code>{code}</code></a>: {title}</li>\n")
    };
    let items: String = catalogue::ALL.iter().map(item).collect();
    format!(
        "<p>What an answer that failed can have as its <code>code</code>.</p>\n<ul>\n{items}</ul>"
    )
}

fn article(kind: &Type) -> String {
    format!(
        "<p>Status {}, code <code>{}</code></p>\n<h2>What it means</h2>\n<p>{}</p>\n<h2>How to get out</h2>\n<p>{}</p>\n\
         <p><a href=\"/problems\">All problems</a> · <a href=\"/docs\">Documentation</a></p>",
        kind.status.as_u16(),
        kind.code,
        marked_up(kind.meaning),
        marked_up(kind.way_out),
    )
}

/// A text as HTML, what stands between backticks as code.
fn marked_up(text: &str) -> String {
    let text = escaped(text);
    let part = |(place, part): (usize, &str)| match place % 2 {
        1 => format!("<code>{part}</code>"),
        _ => part.to_owned(),
    };
    text.split('`').enumerate().map(part).collect()
}
