//! The OpenAPI 3.1 description of the surface, made from the handlers. `openapi.json` is a committed copy.

mod examples;
mod headers;
mod limits;
mod links;
mod responses;

use std::sync::LazyLock;

use utoipa::openapi::{
    ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, RefOr,
    ServerBuilder,
    path::Operation,
    schema::ComponentsBuilder,
    security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
    tag::TagBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use utoipa_axum::router::OpenApiRouter;

use super::{hal::forms, http::json::JSON, resources};
use crate::{
    app::App,
    http::{media_type::MERGE_PATCH, problem::ProblemBody},
    operations::{self, Identity, Route},
};

const BEARER: &str = "bearer";
const USER_ID: &str = "userId";

/// Makes the whole description.
#[must_use]
pub fn description() -> OpenApi {
    let documented: OpenApiRouter<App> = OpenApiRouter::with_openapi(preamble());
    let mut api = documented.merge(resources::router()).into_openapi();
    forms::describe(&mut api);
    for (path, item) in &mut api.paths.paths {
        item.patch.iter_mut().for_each(as_patch);
        for (method, operation) in by_method(item) {
            if let Some(route) = operations::find(method, path) {
                complete(operation, route);
            }
        }
    }
    let mut problem = Vec::new();
    ProblemBody::schemas(&mut problem);
    problem.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    api.components
        .get_or_insert_default()
        .schemas
        .extend(problem);
    let schemas = &mut api.components.get_or_insert_default().schemas;
    limits::add_to_fields(schemas);
    api
}

/// Turns a copy of a PUT into the PATCH of the same path. Both leave absent fields unchanged, so a JSON merge patch
/// (RFC 7396) has the same schema.
fn as_patch(operation: &mut Operation) {
    operation.operation_id = operation
        .operation_id
        .take()
        .map(|id| id.replacen("update", "patch", 1));
    operation.summary = operation
        .summary
        .take()
        .map(|summary| summary + ", with a merge patch");
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(content) = body.content.remove(JSON)
    {
        body.content.insert(MERGE_PATCH.to_owned(), content);
    }
}

/// Returns the description as JSON. Made at the first call, because the tree that it is made from takes some MiB.
#[must_use]
pub fn json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        let json = description().to_pretty_json();
        json.map(|json| json + "\n").unwrap_or_default()
    });
    &JSON
}

/// Makes the parts that belong to no handler: title, tags and security schemes.
fn preamble() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Video Game Exchange API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "List the games you own, offer trades, and accept, reject or cancel them.",
        ))
        .contact(Some(
            ContactBuilder::new()
                .name(Some("The developers of the Video Game Exchange"))
                .build(),
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT")
                .identifier(Some("MIT"))
                .build(),
        ))
        .build();
    let tag = |name, description| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    };
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `access_token` from POST /auth/login."))
        .build();
    let user_id = ApiKeyValue::with_description(
        "X-User-ID",
        "The id of a user, if the operator trusts this header.",
    );
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The host that serves this description"))
            .build()]))
        .tags(Some([
            tag("offers", "Make, change and answer offers."),
            tag("trade-offers", "An alternative name for offers."),
            tag("games", "The games on the board, their titles and systems."),
            tag("users", "Users and their accounts."),
            tag(
                "auth",
                "Log in, refresh and log out; reset a password or confirm an e-mail address by letter.",
            ),
            tag("system", "The entry point, health checks and problem types."),
        ]))
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme(BEARER, SecurityScheme::Http(bearer))
                .security_scheme(USER_ID, SecurityScheme::ApiKey(ApiKey::Header(user_id)))
                .build(),
        ))
        .security(Some([
            SecurityRequirement::default(),
            SecurityRequirement::new(BEARER, [""; 0]),
            SecurityRequirement::new(USER_ID, [""; 0]),
        ]))
        .build()
}

/// Adds to an operation what follows from its route: security requirements, parameters, headers, errors, links and
/// examples.
fn complete(operation: &mut Operation, route: &Route) {
    operation.security = security(route.identity);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            limits::add_to_parameter(parameter, route);
        }
    }
    responses::add(operation, route);
    headers::add(operation, route);
    links::add(operation);
    examples::add(operation);
}

/// Returns the security requirements of an operation, unless they are those of the whole surface.
fn security(identity: Identity) -> Option<Vec<SecurityRequirement>> {
    match identity {
        Identity::Unneeded => Some(vec![SecurityRequirement::default()]),
        Identity::Optional => None,
        Identity::Required => Some(
            [BEARER, USER_ID]
                .map(|scheme| SecurityRequirement::new(scheme, [""; 0]))
                .into(),
        ),
    }
}

/// Iterates over the operations of a path, with their methods.
pub(super) fn by_method(
    item: &mut PathItem,
) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
