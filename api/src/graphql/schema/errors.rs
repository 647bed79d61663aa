//! Failures as GraphQL reports them.
//!
//! A mutation reports faults of the client in its payload, as `userErrors`: invalid fields, a missing permission, an
//! unknown object, a conflicting state. All other failures are top-level errors. Both have the codes of
//! [`Error::code`]. A resolver returns an [`Error`] unchanged: [`describe`] finds it in the response.

use std::{ptr, sync::Arc};

use async_graphql::{
    ComplexObject, Context, Enum, ErrorExtensionValues, Response, ServerError, SimpleObject, Value,
};
use entity::GameId;
use exchange::error::{self, Error, FieldError, Kind};
use graphql_http::list_size;

use super::{
    game::Game,
    loaders::{Shared, Viewer},
};
use crate::http::RequestId;

/// The length of `userErrors`, for its cost. No input has more fields than this.
pub const MAX_USER_ERRORS: usize = 10;

/// A fault of the client.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The field of the input. Null if the error is not about one field.
    field: Option<String>,
    /// A stable code for programs, the same as in REST.
    code: &'static str,
    /// An explanation for people: the fault, its cause, and what to do next.
    message: String,
    /// With the code `stale`, the parts that have changed. Otherwise empty.
    // Usually one: an offer may list itself and all of its games. Kept so that costs do not change.
    #[graphql(directive = list_size::apply(Some(1), None, None, None))]
    changed: Vec<Change>,
}

/// A part of an object that has changed since the client read it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Change {
    /// The part that has changed.
    what: ChangedPart,
    #[graphql(skip)]
    game: Option<GameId>,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum ChangedPart {
    /// The object itself.
    Itself,
    /// A game that it refers to.
    Game,
}

#[ComplexObject]
impl Change {
    /// The current state of the game. Null if the object itself has changed.
    async fn game(&self, ctx: &Context<'_>) -> Shared<Option<Game>> {
        match self.game {
            Some(id) => Viewer::from_context(ctx).game(id).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Converts a failure to user errors. Returns it unchanged if it is not a fault of the input.
pub fn user_errors(failure: Error) -> Result<Vec<UserError>, Error> {
    match (failure.kind(), &failure) {
        (_, Error::Invalid(faults)) => Ok(faults.iter().map(user_error).collect()),
        (
            Kind::Forbidden
            | Kind::NotFound
            | Kind::Conflict
            | Kind::InProgress
            | Kind::PreconditionFailed,
            _,
        ) => Ok(vec![UserError {
            field: failure.field().map(camel_case),
            code: failure.code(),
            message: message(&failure),
            changed: changed(&failure),
        }]),
        _ => Err(failure),
    }
}

/// Describes the failures of resolvers to the client, and logs internal ones, each cause once.
pub fn describe(response: &mut Response, request_id: Option<&RequestId>) {
    let mut logged = Vec::new();
    for error in &mut response.errors {
        let described = failure(error).map(|failure| {
            if !logged.contains(&ptr::from_ref(failure)) {
                logged.push(ptr::from_ref(failure));
                failure.log();
            }
            (message(failure), extensions(failure, request_id))
        });
        if let Some((message, extensions)) = described {
            error.message = message;
            error.extensions = Some(extensions);
        }
    }
}

/// Returns the failure of a valid subscription for which the server has no capacity, if there is one.
pub fn capacity_failure(response: &Response) -> Option<&Error> {
    let mut failures = response.errors.iter().filter_map(failure);
    failures.find(|failure| matches!(failure, Error::TooManyListeners))
}

/// Creates the error of a failure outside of resolvers, and logs it if it is internal.
pub fn top_level(failure: &Error, request_id: Option<&RequestId>) -> ServerError {
    failure.log();
    let mut error = ServerError::new(message(failure), None);
    error.extensions = Some(extensions(failure, request_id));
    error
}

/// Returns the failure of a resolver: its own, or one that it shares with others.
fn failure(error: &ServerError) -> Option<&Error> {
    let shared = || error.source::<Arc<Error>>().map(AsRef::as_ref);
    error.source::<Error>().or_else(shared)
}

fn extensions(failure: &Error, request_id: Option<&RequestId>) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", failure.code());
    if let Some(wait) = failure.retry_after() {
        extensions.set("retryAfter", wait.as_secs());
    }
    if let Error::Invalid(faults) = failure {
        extensions.set(
            "fields",
            Value::List(faults.iter().map(described).collect()),
        );
    }
    if let (Kind::Internal, Some(id)) = (failure.kind(), request_id) {
        extensions.set("requestId", id.to_string());
    }
    extensions
}

fn described(fault: &FieldError) -> Value {
    async_graphql::value!({
        "field": (camel_case(&fault.field)),
        "code": (fault.code),
        "message": (respelled(&fault.message)),
    })
}

fn user_error(fault: &FieldError) -> UserError {
    UserError {
        field: Some(camel_case(&fault.field)),
        code: fault.code,
        message: respelled(&fault.message),
        changed: Vec::new(),
    }
}

/// Returns the changed parts of a stale object.
fn changed(failure: &Error) -> Vec<Change> {
    let Error::Stale(changed) = failure else {
        return Vec::new();
    };
    let change = |changed: &error::Change| match changed {
        error::Change::Itself => Change {
            what: ChangedPart::Itself,
            game: None,
        },
        error::Change::Game { id, .. } => Change {
            what: ChangedPart::Game,
            game: Some(*id),
        },
    };
    changed.iter().map(change).collect()
}

/// Returns the message of a failure, with the field names of GraphQL.
pub fn message(failure: &Error) -> String {
    match failure {
        Error::Invalid(faults) => {
            let line = |fault: &FieldError| {
                format!(
                    "{}: {}",
                    camel_case(&fault.field),
                    respelled(&fault.message)
                )
            };
            let lines: Vec<_> = faults.iter().map(line).collect();
            format!("The input is not valid: {}", lines.join("; "))
        }
        _ => respelled(&failure.to_string()),
    }
}

/// Converts the names between backticks to camel case.
fn respelled(message: &str) -> String {
    let part = |(place, part): (usize, &str)| match place % 2 {
        1 => camel_case(part),
        _ => part.to_owned(),
    };
    let parts: Vec<_> = message.split('`').enumerate().map(part).collect();
    parts.join("`")
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
