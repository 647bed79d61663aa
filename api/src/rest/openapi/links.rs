//! OpenAPI links: from the response that shows a resource to the operations on it.

use utoipa::openapi::{Content, RefOr, Response, link::Link, path::Operation};

use crate::{operations, rest::http::json::JSON};

/// Adds the links to the responses of an operation.
pub fn add(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            add_to(response);
        }
    }
}

fn add_to(response: &mut Response) {
    let schema = schema(response).unwrap_or_default().to_owned();
    for route in operations::ALL {
        for (_, field) in route.follows.iter().filter(|(shown, _)| *shown == schema) {
            let link = Link::builder()
                .operation_id(route.id())
                .parameter(
                    route.parameter().unwrap_or_default(),
                    format!("$response.body#/{field}"),
                )
                .build();
            response.links.insert(route.id(), link.into());
        }
    }
}

/// Returns the name of the schema of the body.
fn schema(response: &Response) -> Option<&str> {
    match response.content.get(JSON)? {
        RefOr::T(Content {
            schema: Some(RefOr::Ref(schema)),
            ..
        }) => schema.ref_location.rsplit('/').next(),
        _ => None,
    }
}
