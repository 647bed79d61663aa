//! The headers that mean the same for every operation: preconditions, idempotency keys, ETags.

use axum::http::StatusCode;
use utoipa::openapi::{
    Header, HeaderBuilder, ObjectBuilder, RefOr, Response, ResponseBuilder, Type,
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::Schema,
};

use crate::{
    operations::{Route, TakenHeader},
    rest::http::json::JSON,
};

/// ETags separated by commas, or `*`.
const ETAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)?$"#;
const KEY: &str = "^[!#-~]{1,255}$";

/// Adds the headers that an operation reads and writes.
pub fn add(operation: &mut Operation, route: &Route) {
    if route.reads() && operation.responses.responses.iter().any(has_etag) {
        add_conditional_read(operation);
    }
    if route.takes(TakenHeader::IfMatch) {
        add_preconditions(operation);
    }
    let keyed = route.takes(TakenHeader::Key);
    if keyed {
        add_key(operation);
    }
    add_response_headers(operation, keyed);
}

/// Returns true for the successful responses with JSON, which have an ETag.
fn has_etag((status, response): (&String, &RefOr<Response>)) -> bool {
    let json = matches!(response, RefOr::T(response) if response.content.contains_key(JSON));
    status.starts_with('2') && json
}

fn add_conditional_read(operation: &mut Operation) {
    add_parameter(
        operation,
        "If-None-Match",
        None,
        "\"1.0123456789abcdef\"",
        "The ETag of the representation that you have. The response is 304 if it is still current. Invalid values are ignored.",
    );
    let unchanged = ResponseBuilder::new()
        .description("You have the current representation")
        .header("ETag", header("The ETag of that representation."))
        .build();
    let status = StatusCode::NOT_MODIFIED.as_str().to_owned();
    let responses = &mut operation.responses.responses;
    responses.insert(status, RefOr::T(unchanged));
}

fn add_preconditions(operation: &mut Operation) {
    add_parameter(
        operation,
        "If-Match",
        Some(ETAGS),
        "\"1.0123456789abcdef\"",
        "The ETag of what you saw. The response is 412 if it has changed since. An offer also changes when one of its games is \
         edited.",
    );
    add_parameter(
        operation,
        "If-None-Match",
        Some(ETAGS),
        "\"1.0123456789abcdef\"",
        "An ETag that must not match. The response is 412 if the resource exists (`*`), or still has this ETag.",
    );
}

fn add_key(operation: &mut Operation) {
    add_parameter(
        operation,
        "Idempotency-Key",
        Some(KEY),
        "0199c0a0-0000-7000-8000-000000000001",
        "A key of your choice, new for each request. A request that is sent again with the same key is not executed again: for \
         24 hours it gets the same response.",
    );
}

/// Adds the headers of successful responses.
fn add_response_headers(operation: &mut Operation, keyed: bool) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if !status.starts_with('2') {
            continue;
        }
        if response.content.contains_key(JSON) {
            let tag =
                header("Identifies this revision of the resource and this representation of it.");
            response.headers.insert("ETag".to_owned(), tag.into());
        }
        if keyed {
            let replayed = header("`true` if the request was executed before, under the same key.");
            response
                .headers
                .insert("Idempotent-Replayed".to_owned(), replayed.into());
        }
    }
}

fn add_parameter(
    operation: &mut Operation,
    name: &str,
    pattern: Option<&str>,
    example: &str,
    description: &str,
) {
    let text = Schema::Object(
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(pattern)
            .build(),
    );
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .example(Some(example.into()))
        .schema(Some(text))
        .build();
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(parameter));
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    HeaderBuilder::new()
        .schema(Some(Schema::Object(text)))
        .description(Some(description))
        .build()
}
