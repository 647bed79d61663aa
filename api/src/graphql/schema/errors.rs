//! Failures as GraphQL shows them, settled here once.
//!
//! What a client did wrong with a mutation is part of its payload, as `userErrors`: bad fields, no permission, no such
//! thing, a state that forbids it. All else is a top-level error. Both carry the codes of [`Error::code`]; what the
//! executor itself refuses has the code [`INVALID_DOCUMENT`]. A resolver returns an [`Error`] as it is: [`settle`]
//! finds it again in the answer.

use std::{ptr, sync::Arc, time::Duration};

use async_graphql::{
    ComplexObject, Context, Enum, ErrorExtensionValues, Response, ServerError, SimpleObject, Value,
};
use entity::GameId;
use exchange::{
    error::{Error, FieldError, Kind},
    revision,
};

use super::{
    game::Game,
    loaders::{Shared, Viewer},
};
use crate::http::RequestId;

/// The document is GraphQL and does not fit the schema.
pub const INVALID_DOCUMENT: &str = "graphql_validation_failed";

/// What the client did wrong.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The field of the input, as it was sent; null where it is none in particular.
    field: Option<String>,
    /// A stable name for programs to compare, the same as in REST.
    code: &'static str,
    /// What happened, why, and what to do next.
    message: String,
    /// With the code `stale`: what is not as it was seen. Otherwise empty.
    changed: Vec<Change>,
}

/// What is not as it was seen.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Change {
    /// Which part of it.
    what: ChangedPart,
    #[graphql(skip)]
    game: Option<GameId>,
}

/// A part of a thing that can be seen to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum ChangedPart {
    /// The thing itself.
    Itself,
    /// A game that it names.
    Game,
}

#[ComplexObject]
impl Change {
    /// The game, as it is now; null where it is the thing itself.
    async fn game(&self, ctx: &Context<'_>) -> Shared<Option<Game>> {
        match self.game {
            Some(id) => Viewer::from_context(ctx).game(id).await.map(Some),
            None => Ok(None),
        }
    }
}

/// A failure as user errors, or as it was where it is none of the client's input.
pub fn user_errors(failure: Error) -> Result<Vec<UserError>, Error> {
    match (failure.kind(), &failure) {
        (_, Error::Invalid(faults)) => Ok(faults.iter().map(of_field).collect()),
        (
            Kind::Forbidden
            | Kind::NotFound
            | Kind::Conflict
            | Kind::InProgress { .. }
            | Kind::PreconditionFailed,
            _,
        ) => Ok(vec![UserError {
            field: field(&failure).map(camel_case),
            code: failure.code(),
            message: message(&failure),
            changed: changed(&failure),
        }]),
        _ => Err(failure),
    }
}

/// Gives each error of an answer its code, and logs what is our fault, each cause once.
pub fn settle(response: &mut Response, request_id: Option<&RequestId>) {
    let mut logged = Vec::new();
    for error in &mut response.errors {
        let settled = failure(error).map(|failure| {
            if !logged.contains(&ptr::from_ref(failure)) {
                logged.push(ptr::from_ref(failure));
                failure.log();
            }
            (message(failure), extensions(failure, request_id))
        });
        if let Some((message, extensions)) = settled {
            error.message = message;
            error.extensions = Some(extensions);
        } else {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("code", INVALID_DOCUMENT);
        }
    }
}

/// The failure for which a subscription was not begun though all is well with it, where there is one.
pub fn not_begun(response: &Response) -> Option<&Error> {
    let mut failures = response.errors.iter().filter_map(failure);
    failures.find(|failure| matches!(failure, Error::TooManyListeners))
}

/// A failure outside of any resolver.
pub fn top_level(failure: &Error, request_id: Option<&RequestId>) -> ServerError {
    failure.log();
    let mut error = ServerError::new(message(failure), None);
    error.extensions = Some(extensions(failure, request_id));
    error
}

/// How long to wait before the same request is worth another try.
pub fn retry_after(failure: &Error) -> Option<Duration> {
    match failure.kind() {
        Kind::RateLimited { retry_after }
        | Kind::InProgress { retry_after }
        | Kind::Unavailable { retry_after } => Some(retry_after),
        _ => None,
    }
}

/// The seconds after which everything that failed in an answer is worth another try, where something is.
pub fn longest_wait(response: &Response) -> Option<u64> {
    let failures = response.errors.iter().filter_map(failure);
    failures
        .filter_map(retry_after)
        .map(|wait| wait.as_secs())
        .max()
}

/// What a resolver failed with: its own failure, or one that it shares with others.
fn failure(error: &ServerError) -> Option<&Error> {
    let shared = || error.source::<Arc<Error>>().map(AsRef::as_ref);
    error.source::<Error>().or_else(shared)
}

fn extensions(failure: &Error, request_id: Option<&RequestId>) -> ErrorExtensionValues {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", failure.code());
    if let Some(wait) = retry_after(failure) {
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

fn of_field(fault: &FieldError) -> UserError {
    UserError {
        field: Some(camel_case(&fault.field)),
        code: fault.code,
        message: respelled(&fault.message),
        changed: Vec::new(),
    }
}

/// What is not as it was seen, where that is what failed.
fn changed(failure: &Error) -> Vec<Change> {
    let Error::Stale(changed) = failure else {
        return Vec::new();
    };
    let change = |changed: &revision::Change| match changed {
        revision::Change::Itself => Change {
            what: ChangedPart::Itself,
            game: None,
        },
        revision::Change::Game { id, .. } => Change {
            what: ChangedPart::Game,
            game: Some(*id),
        },
    };
    changed.iter().map(change).collect()
}

/// The one field that a failure is about, where it is about one.
fn field(failure: &Error) -> Option<&'static str> {
    match failure {
        Error::NotYourself { field, .. } => Some(field),
        Error::CurrentPasswordRequired | Error::WrongPassword => Some("current_password"),
        Error::EmailTaken | Error::EmailFixed => Some("email"),
        Error::Stale(_) => Some("if_match"),
        _ => None,
    }
}

/// The words for a failure.
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

/// A message with the names in it (between backticks) as GraphQL spells them.
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
