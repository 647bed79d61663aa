//! The GraphQL surface: how requests come in ([`transport`]), what is too much ([`guard`], [`hostile`], [`fuzz`]), what the
//! screens of a front end ask for ([`screens`]), what it is to trade over it ([`trade`]), lists ([`lists`]), what Relay asks for
//! ([`relay`]), conditions and keys of mutations ([`asked`]), what the specification refuses ([`judged`]) and what it makes of variables that are left
//! out ([`absent`]), and what is wrong with an input (`bad_input`, `bad_arguments`). Who
//! may do what is in
//! [`crate::permissions`], who sees what in [`crate::privacy`].

mod absent;
mod asked;
mod bad_arguments;
mod bad_input;
mod fuzz;
mod guard;
mod hostile;
mod judged;
mod lists;
mod meter;
mod relay;
mod screens;
mod trade;
mod transport;

use serde_json::Value;

use crate::support::http::Answer;

/// The code of the one top-level error.
#[track_caller]
fn error(answer: &Answer) -> &str {
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

/// How many fields an answer has.
fn values(answer: &Value) -> u64 {
    match answer {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(|member| 1 + values(member)).sum(),
        _ => 0,
    }
}

/// The object that a mutation or query gave, once nothing is seen to be wrong.
#[track_caller]
fn data(answer: Answer, field: &str) -> Value {
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

/// The one user error of a mutation: its field and code.
#[track_caller]
fn user_error(answer: Answer, mutation: &str) -> (Option<String>, String) {
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
