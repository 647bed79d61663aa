//! Headers that mean the same wherever they are: conditions, keys, and what answers say of them.

use axum::http::StatusCode;
use utoipa::openapi::{
    Header, HeaderBuilder, ObjectBuilder, RefOr, ResponseBuilder, Type,
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::Schema,
};

/// One ETag, or several with commas between, or any.
const TAGS: &str = r#"^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)?$"#;
const KEY: &str = "^[!#-~]{1,255}$";
/// The writes that ask for no identity and are done under a key all the same.
const OPEN: [&str; 3] = ["create_user", "confirm_email", "reset_password"];

/// Is the operation done under a key? `open`: whoever asks is not asked who they are.
pub fn takes_key(operation: &Operation, writes: bool, open: bool) -> bool {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    writes && (!open || OPEN.contains(&id))
}

/// Adds to an operation the headers that it reads and writes. `conditional`: it is about something that was seen before.
pub fn describe(operation: &mut Operation, writes: bool, keyed: bool, conditional: bool) {
    let responses = &operation.responses.responses;
    let shown = responses.iter().any(|(status, response)| {
        let json =
            matches!(response, RefOr::T(response) if response.content.contains_key(super::JSON));
        status.starts_with('2') && json
    });
    if shown && !writes {
        take(
            operation,
            "If-None-Match",
            None,
            "\"1.0123456789abcdef\"",
            "The ETag of what you have: 304 if it is still that. What is no ETag is nothing that you have.",
        );
        let unchanged = ResponseBuilder::new()
            .description("You have it already")
            .header("ETag", header("The ETag that you have."))
            .build();
        let status = StatusCode::NOT_MODIFIED.as_str().to_owned();
        let responses = &mut operation.responses.responses;
        responses.insert(status, RefOr::T(unchanged));
    }
    if conditional {
        take(
            operation,
            "If-Match",
            Some(TAGS),
            "\"1.0123456789abcdef\"",
            "The ETag of what you saw: 412 if it is something else by now. For an offer that is also so when one of its \
             games was edited.",
        );
    }
    if conditional {
        take(
            operation,
            "If-None-Match",
            Some(TAGS),
            "\"1.0123456789abcdef\"",
            "What it must not be: 412 if it is there (`*`), or in the state of this ETag.",
        );
    }
    if keyed {
        take(
            operation,
            "Idempotency-Key",
            Some(KEY),
            "0199c0a0-0000-7000-8000-000000000001",
            "A text of your choice, a new one for each request. Sent again with the same request it is not done again: you \
             get the same answer, for 24 hours.",
        );
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if !status.starts_with('2') {
            continue;
        }
        if response.content.contains_key(super::JSON) {
            let tag = header("Names this state of the resource, and what of it was shown.");
            response.headers.insert("ETag".to_owned(), tag.into());
        }
        if keyed {
            let replayed = header("`true` where the request was done before, under the same key.");
            response
                .headers
                .insert("Idempotent-Replayed".to_owned(), replayed.into());
        }
    }
}

fn take(
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
