//! The document that a problem is written as.

use axum::http::{Method, StatusCode, Uri};
use entity::GameId;
use exchange::revision::Change;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Fault, Place, Problem, catalogue, step};
use crate::{
    http::RequestId,
    rest::{
        forms::Templates,
        links::{self, Links},
    },
};

/// A problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The page that says what this type of problem means and how to get out: `/problems/{code}`.
    #[schema(example = "/problems/duplicate_offer")]
    r#type: String,
    /// The type in words, the same for every occurrence.
    #[schema(value_type = String, example = "The same offer is pending already")]
    title: Option<&'static str>,
    #[schema(example = 409)]
    status: u16,
    /// A stable name for programs to compare; GraphQL gives the same.
    #[schema(example = "duplicate_offer")]
    code: &'static str,
    /// What happened, why, and what to do next.
    detail: String,
    /// Names this request in the log of the exchange.
    request_id: String,
    /// Each field that was not right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// What is not as it was seen, with status 412.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    changed: Vec<ChangedPart>,
    /// Ways out.
    #[serde(rename = "_links", skip_serializing_if = "Links::is_empty")]
    #[schema(required = false)]
    links: Links,
    /// Forms for those of them that act.
    #[serde(rename = "_templates", skip_serializing_if = "Templates::is_empty")]
    #[schema(inline, required = false)]
    templates: Templates,
}

/// What was wrong with one field.
#[derive(Debug, Serialize, ToSchema)]
struct FieldProblem {
    /// The field of the body, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "/name")]
    pointer: Option<String>,
    /// The parameter, where it was not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    parameter: Option<String>,
    #[schema(example = "too_long")]
    code: &'static str,
    detail: String,
}

/// What is not as it was seen.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedPart {
    /// `itself`, or a `game` that it names.
    #[schema(value_type = String, example = "game")]
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = GameId, required = false)]
    game_id: Option<GameId>,
    /// What the game is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "Metroid")]
    name: Option<String>,
}

impl ProblemBody {
    /// The document of a problem that this request had.
    pub fn of(problem: Problem, id: &RequestId, method: &Method, uri: &Uri) -> Self {
        let mut links = problem.around(method, uri);
        links.extend(problem.links);
        // At a name that is not answered, nothing else is.
        if problem.status != StatusCode::MISDIRECTED_REQUEST {
            links = links.to("describedby", links::problem_path(problem.code));
        }
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let field = |fault: Fault| {
            let (pointer, parameter) = match fault.place {
                Place::Named(name) if reads => (None, Some(name)),
                Place::Named(name) => (Some(step(&name)), None),
                Place::Body(pointer) => (Some(pointer), None),
                Place::Parameter(name) => (None, Some(name)),
            };
            FieldProblem {
                pointer,
                parameter,
                code: fault.code,
                detail: fault.message,
            }
        };
        Self {
            r#type: links::problem_path(problem.code),
            title: catalogue::find(problem.code).map(|kind| kind.title),
            status: problem.status.as_u16(),
            code: problem.code,
            detail: problem.detail,
            request_id: id.to_string(),
            errors: problem.faults.into_iter().map(field).collect(),
            changed: problem.changed.into_iter().map(ChangedPart::from).collect(),
            templates: Templates::of(&links, &[]),
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
