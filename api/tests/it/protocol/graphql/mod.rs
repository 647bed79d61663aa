//! The GraphQL surface: GraphQL over HTTP ([`transport`], [`responses`]), limits on documents ([`document_limits`],
//! [`hostile`], [`fuzz`]), validation ([`validation`], [`absent_variables`]), errors in inputs and arguments
//! ([`inputs`], [`arguments`]), connections ([`connections`], [`relay`]), idempotency keys and preconditions of
//! mutations ([`write_options`]), the screens of a front end ([`screens`]) and a whole trade ([`trade`]). Permissions
//! are in [`crate::permissions`], privacy is in [`crate::quality`].

mod absent_variables;
mod arguments;
mod connections;
mod document_limits;
mod fuzz;
mod hostile;
mod inputs;
mod relay;
mod responses;
mod screens;
pub mod trade;
mod transport;
mod validation;
mod write_options;

use serde_json::Value;

use crate::support::http::Answer;

/// Returns the code of the top-level errors, which must be the same.
#[track_caller]
pub fn error(answer: &Answer) -> &str {
    let errors = answer.body["errors"].as_array().expect(&answer.text);
    let codes: Vec<_> = errors
        .iter()
        .map(|error| error["extensions"]["code"].as_str())
        .collect();
    assert!(
        codes.iter().all(|code| *code == codes[0]),
        "{}",
        answer.text
    );
    codes[0].expect(&answer.text)
}

/// Counts the fields of an answer.
pub fn values(answer: &Value) -> u64 {
    match answer {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(|member| 1 + values(member)).sum(),
        _ => 0,
    }
}

/// Returns the object of a query or mutation, after asserting that there are no errors.
#[track_caller]
pub fn data(answer: Answer, field: &str) -> Value {
    let mut body = answer.expect(200);
    assert_eq!(body.get("errors"), None, "{body}");
    let object = body["data"][field].take();
    assert!(
        object
            .get("userErrors")
            .is_none_or(|errors| errors == &Value::Array(Vec::new())),
        "{object}"
    );
    object
}

/// Returns the field and code of the only user error of a mutation.
#[track_caller]
pub fn user_error(answer: Answer, mutation: &str) -> (Option<String>, String) {
    let body = answer.expect(200);
    let errors = &body["data"][mutation]["userErrors"];
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{body}");
    assert!(
        errors[0]["message"]
            .as_str()
            .is_some_and(|message| message.len() > 10),
        "{body}"
    );
    let text = |name: &str| errors[0][name].as_str().map(str::to_owned);
    (text("field"), text("code").unwrap())
}
