//! The failures that follow from what an operation takes, and the parts that all responses have.

use utoipa::openapi::{
    ContentBuilder, Ref, RefOr, Response,
    path::{Operation, Parameter, ParameterIn},
};

use crate::operations::{Identity, Route, TakenHeader};

/// Adds the failures that the handler does not describe itself, and completes all responses.
pub fn add(operation: &mut Operation, route: &Route) {
    let in_query = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if one.parameter_in == ParameterIn::Query);
    let has_query = operation.parameters.iter().flatten().any(in_query);
    let failures: [(bool, &[&str]); 7] = [
        (true, &["406", "429", "500", "503"]),
        (route.identity != Identity::Unneeded, &["401"]),
        (route.parameter().is_some(), &["400", "404"]),
        (has_query, &["400", "422"]),
        (
            operation.request_body.is_some(),
            &["400", "413", "415", "422"],
        ),
        // A write with a key also reads credentials and If-Match: see `Caller`. `AnonymousCaller` does not, so the 412 of
        // RESET_PASSWORD is never sent.
        (route.takes(TakenHeader::Key), &["401", "409", "412", "422"]),
        (route.takes(TakenHeader::IfMatch), &["412"]),
    ];
    let responses = &mut operation.responses.responses;
    for (_, statuses) in failures.into_iter().filter(|(applies, _)| *applies) {
        for status in statuses {
            responses
                .entry((*status).to_owned())
                .or_insert(Response::default().into());
        }
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response {
            complete(status, response);
        }
    }
}

fn complete(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        description(status).clone_into(&mut response.description);
    }
    if status.starts_with(['4', '5']) {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        response
            .content
            .insert("application/problem+json".to_owned(), problem.into());
    }
}

/// Returns the description of a response that the handler does not describe itself. OpenAPI requires one.
fn description(status: &str) -> &'static str {
    match status {
        "201" => "Created. `Location` has its address",
        "202" => "Accepted. A letter follows",
        "204" => "Done. The response has no body",
        "400" => "The request cannot be parsed",
        "401" => "The sender is not identified, or not authenticated",
        "404" => "The resource does not exist",
        "406" => "None of the media types in Accept is available",
        "409" => {
            "The first request with this key is still in progress, or its result has since been deleted"
        }
        "412" => {
            "A precondition failed: the ETag does not match If-Match or matches If-None-Match, or If-Match is sent to create something"
        }
        "413" => "The body is over 192 KiB",
        "415" => "The body is not JSON, or it is compressed",
        "422" => "A field is invalid, see `errors`; or the key was used for another request",
        "429" => "You have too many unread responses",
        "500" => "An internal error",
        "503" => "Temporarily unavailable; try again",
        _ => "Done",
    }
}
