//! The document of a problem.

use axum::http::{Method, StatusCode, Uri};
use entity::GameId;
use exchange::error::Change;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Fault, Location, Problem,
    catalogue::{self, ProblemType},
    pointer_segment,
};
use crate::http::{
    RequestId,
    hypermedia::{Links, Templates, paths},
};

/// A problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The page that explains this type of problem and how to solve it: `/problems/{code}`.
    #[schema(example = "/problems/duplicate_offer")]
    r#type: String,
    /// The title of the type, the same for every occurrence.
    #[schema(value_type = String, example = "The same offer is already pending")]
    title: Option<&'static str>,
    #[schema(example = 409)]
    status: u16,
    /// A stable code for programs, the same in GraphQL.
    #[schema(example = "duplicate_offer")]
    code: &'static str,
    /// The description of this occurrence: what happened, why, and what to do next.
    detail: String,
    /// The id of this request in the log of the server.
    request_id: String,
    /// The invalid fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// The things that have changed since the client read them, with status 412.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    changed: Vec<ChangedPart>,
    /// Links to what you can do next.
    #[serde(rename = "_links", skip_serializing_if = "Links::is_empty")]
    #[schema(required = false)]
    links: Links,
    /// Forms for the links that are actions.
    #[serde(rename = "_templates", skip_serializing_if = "Templates::is_empty")]
    #[schema(inline, required = false)]
    templates: Templates,
}

/// The request that a problem document describes, and the forms of the API.
pub struct ProblemContext<'r> {
    pub request_id: &'r RequestId,
    pub method: &'r Method,
    pub uri: &'r Uri,
    /// Looks up the forms for the actions among links.
    pub forms: fn(&Links) -> Templates,
}

/// An error in one field.
#[derive(Debug, Serialize, ToSchema)]
struct FieldProblem {
    /// A JSON pointer to the field, if it is in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "/name")]
    pointer: Option<String>,
    /// The name of the parameter, if it is not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    parameter: Option<String>,
    #[schema(example = "too_long")]
    code: &'static str,
    detail: String,
}

/// A thing that has changed since the client saw it.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedPart {
    /// `itself`, or a `game` that it refers to.
    #[schema(value_type = String, example = "game")]
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = GameId, required = false)]
    game_id: Option<GameId>,
    /// The current name of the game.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "Metroid")]
    name: Option<String>,
}

impl ProblemBody {
    /// Creates the document of a problem that a request had.
    pub fn new(problem: Problem, context: &ProblemContext<'_>) -> Self {
        let mut links = problem.request_links(context.method, context.uri);
        links.extend(problem.links);
        // Under a host name that is not served, no link works.
        if problem.status != StatusCode::MISDIRECTED_REQUEST {
            links = links.to("describedby", paths::problem(problem.code));
        }
        let reads = matches!(*context.method, Method::GET | Method::HEAD);
        let field = |fault: Fault| {
            let (pointer, parameter) = match fault.location {
                Location::Named(name) if reads => (None, Some(name)),
                Location::Named(name) => (Some(pointer_segment(&name)), None),
                Location::Body(pointer) => (Some(pointer), None),
                Location::Parameter(name) => (None, Some(name)),
            };
            FieldProblem {
                pointer,
                parameter,
                code: fault.code,
                detail: fault.message,
            }
        };
        Self {
            r#type: paths::problem(problem.code),
            title: catalogue::find(problem.code).map(ProblemType::title),
            status: problem.status.as_u16(),
            code: problem.code,
            detail: problem.detail,
            request_id: context.request_id.to_string(),
            errors: problem.faults.into_iter().map(field).collect(),
            changed: problem.changed.into_iter().map(ChangedPart::from).collect(),
            templates: (context.forms)(&links),
            links,
        }
    }
}

impl From<Change> for ChangedPart {
    fn from(changed: Change) -> Self {
        match changed {
            Change::Itself => Self {
                what: "itself",
                game_id: None,
                name: None,
            },
            Change::Game { id, name } => Self {
                what: "game",
                game_id: Some(id),
                name: Some(name),
            },
        }
    }
}
