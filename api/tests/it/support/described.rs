//! Checks every REST answer of a test against openapi.json: status, media type and body, to the last field. It runs for
//! every answer.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use axum::http::{Method, StatusCode};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::http::Answer;

/// Statuses of refusals before an operation is reached, which no operation describes.
const BEFORE: [StatusCode; 5] = [
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::URI_TOO_LONG,
    StatusCode::MISDIRECTED_REQUEST,
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
];
/// The media types of one body; the first is in openapi.json.
const NAMES: [&str; 3] = [
    "application/json",
    "application/hal+json",
    "application/prs.hal-forms+json",
];

static API: LazyLock<Value> = LazyLock::new(|| {
    let mut api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    for schema in api["components"]["schemas"]
        .as_object_mut()
        .unwrap()
        .values_mut()
    {
        let schema = schema.as_object_mut().unwrap();
        if schema.contains_key("properties") {
            // An undescribed field is an error, too.
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
    }
    api
});
/// Validators, compiled once for each media type of each response.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Asserts that openapi.json describes the answer.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let Some((template, operation)) = operation(method, path) else {
        return;
    };
    if BEFORE.contains(&answer.status) {
        return;
    }
    let told = format!("{method} {template} {}", answer.status.as_u16());
    let response = &operation["responses"][answer.status.as_str()];
    assert!(
        response.is_object(),
        "{told} is not described: {}",
        answer.text
    );
    let waits = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ]
    .contains(&answer.status);
    let told_when = !answer.header("retry-after").is_empty();
    assert!(!waits || told_when, "{told} has no Retry-After");
    let kind = answer.header("content-type").split(';').next().unwrap();
    if answer.text.is_empty() {
        let described = response.get("content").is_some();
        assert!(!described, "{told} has no body");
        return;
    }
    let kind = if NAMES.contains(&kind) {
        NAMES[0]
    } else {
        kind
    };
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{told} as {kind} is not described");
    if kind.ends_with("json") {
        fits(&format!("{told} {kind}"), schema, &answer.body);
    }
}

/// Asserts that openapi.json describes an event of `/events`.
pub fn check_event(body: &Value) {
    let schema = json!({"$ref": "#/components/schemas/OfferEvent"});
    fits("an event of /events", &schema, body);
}

/// Returns whether the body is valid by the schema of this name.
pub fn admits(schema: &str, body: &Value) -> bool {
    let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
    validator(schema, &reference).is_valid(body)
}

/// Asserts that the body is valid by the schema. `named` identifies the body in the message.
fn fits(named: &str, schema: &Value, body: &Value) {
    let faults: Vec<_> = validator(named, schema)
        .iter_errors(body)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{named}: {faults:?} in {body}");
}

#[test]
fn openapi_body_examples_match_their_schemas() {
    let mut examples = 0;
    for (path, item) in API["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let request = ("request".to_owned(), &operation["requestBody"]);
            let responses = operation["responses"].as_object().unwrap().iter();
            let responses = responses.map(|(status, response)| (status.clone(), response));
            for (part, body) in responses.chain([request]) {
                let contents = body["content"].as_object().into_iter().flatten();
                for (kind, content) in contents.filter(|(kind, _)| kind.ends_with("json")) {
                    let named = format!("example of {method} {path} {part} {kind}");
                    assert!(content["example"].is_object(), "no {named}");
                    fits(&named, &content["schema"], &content["example"]);
                    examples += 1;
                }
            }
        }
    }
    assert!(examples > 100, "{examples}");
}

/// Returns the operation and its path template, if openapi.json has it.
fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = API["paths"].as_object().unwrap();
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, step)| wanted == step || wanted.starts_with('{'))
    };
    let mut fitting: Vec<_> = paths
        .iter()
        .filter(|(template, _)| fits(template))
        .collect();
    // A literal path goes before one with a parameter.
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    let (template, item) = fitting.first()?;
    Some((template.as_str(), item.get(method.as_str().to_lowercase())?))
}

fn validator(name: &str, schema: &Value) -> Arc<Validator> {
    let mut made = VALIDATORS.lock().unwrap();
    let make = || {
        let mut whole = schema.clone();
        whole["components"] = API["components"].clone();
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    };
    Arc::clone(made.entry(name.to_owned()).or_insert_with(make))
}
