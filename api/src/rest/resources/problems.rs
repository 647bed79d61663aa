//! `/problems`: explains each type of problem and its solution, as HTML and as JSON, from the [`catalogue`]. The `type`
//! of a problem document is the address of one of these pages.

use axum::{http::HeaderMap, response::Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{
        hypermedia::Links,
        problem::{
            Problem,
            catalogue::{self, ProblemType},
        },
    },
    operations,
    rest::{
        hal::{collection, links},
        http::{extract::Path, html},
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
    #[schema(value_type = String, example = "The same offer is already pending")]
    title: &'static str,
    /// The status of responses with this problem.
    #[schema(example = 409)]
    status: u16,
    /// The meaning of the problem.
    #[schema(value_type = String)]
    meaning: &'static str,
    /// The solution: what to do next.
    #[schema(value_type = String)]
    way_out: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// All problem types, by status.
    ProblemTypeCollection, EmbeddedProblemTypes { problems: TypeBody }
}

impl From<&ProblemType> for TypeBody {
    fn from(kind: &ProblemType) -> Self {
        Self {
            code: kind.code,
            title: kind.title(),
            status: kind.status.as_u16(),
            meaning: kind.meaning(),
            way_out: kind.way_out(),
            links: links::problem(kind.code),
        }
    }
}

/// List the problem types
///
/// All values of `code` in problem documents. HTML for browsers, JSON for programs.
#[utoipa::path(
    get, path = operations::GET_PROBLEMS.path, tag = "system",
    responses((status = OK, content((ProblemTypeCollection = "application/json"), (String = "text/html"))))
)]
async fn get_problems(headers: HeaderMap) -> Result<Response, Problem> {
    let rows = catalogue::ALL.iter().map(TypeBody::from).collect();
    let all = ProblemTypeCollection::from((rows, links::problems()));
    Ok(html::or_json(&headers, "problems.html", &all)?)
}

/// Explain a problem type
///
/// Its meaning and its solution. The `type` of a problem document leads here. HTML for browsers, JSON for programs.
#[utoipa::path(
    get, path = operations::GET_PROBLEM_TYPE.path, tag = "system",
    params(("code" = String, Path, description = "The `code` of a problem document", pattern = "^[a-z_]+$", example = "duplicate_offer")),
    responses((status = OK, content((TypeBody = "application/json"), (String = "text/html"))))
)]
async fn get_problem_type(
    headers: HeaderMap,
    code: Result<Path<String>, Problem>,
) -> Result<Response, Problem> {
    let kind = code.ok().and_then(|Path(code)| catalogue::find(&code));
    let kind = kind.ok_or_else(|| {
        let detail = "This problem type does not exist. /problems lists all of them.";
        Problem::new(&catalogue::PROBLEM_NOT_FOUND, detail).with_links(links::unknown_problem())
    })?;
    Ok(html::or_json(
        &headers,
        "problem.html",
        &TypeBody::from(kind),
    )?)
}
