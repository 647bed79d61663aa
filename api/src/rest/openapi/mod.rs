//! The description of the surface: OpenAPI 3.1, made from the handlers. `openapi.json` is this, committed.

mod examples;
mod follow;
mod headers;

use std::sync::LazyLock;

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::{
    ContactBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, ResponseBuilder, ServerBuilder,
    path::{Operation, Parameter, ParameterIn},
    schema::{ComponentsBuilder, KnownFormat, Object, Schema, SchemaFormat, Type},
    security::{
        ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
    },
    tag::TagBuilder,
};
use utoipa::{PartialSchema, ToSchema};

pub(super) use self::examples::of as example;
use super::{forms, problem::ProblemBody, trade_offers};
use crate::http::media_type::MERGE_PATCH;

pub(super) const JSON: &str = "application/json";
const BEARER: &str = "bearer";
const USER_ID: &str = "userId";

/// One visible character: of those beyond U+FFFF some dialects would see the halves alone.
macro_rules! visible {
    () => {
        r"[^\s\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC]"
    };
}

// Which texts are taken, as regular expressions that any dialect reads: at least one visible character, and no control
// characters, those of direction among them, but around the text, where blanks are cut off.
const LINE: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);
pub(super) const LINES: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);
/// The texts that may have several lines.
const OF_LINES: [&str; 2] = ["message", "street_address"];
const SEARCH: &str = r"^[^\u0000-\u001F\u007F-\u009F]*$";
const EXPAND: &str = "^((offered_games|requested_games|offerer|receiver)(,(offered_games|requested_games|offerer|receiver))*)?$";
const EXPANDED: &str = "What to show in full in `_embedded`, with commas between: `offered_games`, `requested_games`, `offerer`, `receiver`.";
const EVENT: &str = "^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$";
const CURSOR: &str = "^[A-Za-z0-9_-]*$";

/// The whole description.
#[must_use]
pub fn description() -> OpenApi {
    let mut api = super::documented().into_openapi();
    trade_offers::describe(&mut api);
    forms::describe(&mut api);
    for (path, item) in &mut api.paths.paths {
        let in_path = path.contains('{');
        item.get
            .iter_mut()
            .for_each(|operation| complete(operation, false, in_path));
        item.patch.iter_mut().for_each(as_patch);
        for operation in [
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ]
        .into_iter()
        .flatten()
        {
            complete(operation, true, in_path);
        }
    }
    let mut problem = Vec::new();
    ProblemBody::schemas(&mut problem);
    problem.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    api.components
        .get_or_insert_default()
        .schemas
        .extend(problem);
    for (name, schema) in &mut api.components.get_or_insert_default().schemas {
        if let (true, RefOr::T(Schema::Object(body))) =
            (name.ends_with("Create") || name.ends_with("Update"), schema)
        {
            take_text(body);
            if name == "OfferCreate" {
                require_sides(body);
            }
        }
    }
    api
}

/// Says that each side of a new offer names games: by the id of one, by a list, or by both.
fn require_sides(body: &mut Object) {
    let side = |side: &str| {
        let (one, several) = (format!("{side}_game_id"), format!("{side}_game_ids"));
        json!({"anyOf": [
            {"required": [one], "properties": {one.as_str(): {"type": "integer"}}},
            {"required": [several], "properties": {several.as_str(): {"minItems": 1}}},
        ]})
    };
    let sides = Value::from(["offered", "requested"].map(side).to_vec());
    body.extensions = Some([("allOf", sides)].into_iter().collect());
}

/// Names an operation that is a PUT as well: what a PUT may leave out, it leaves as it is, so a JSON merge patch
/// (RFC 7396) is read just so.
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

/// Says of each text of a request body which characters it may have.
fn take_text(body: &mut Object) {
    for (name, property) in &mut body.properties {
        if let RefOr::T(Schema::Object(text)) = property
            && text.min_length == Some(1)
        {
            let lines = OF_LINES.contains(&name.as_str());
            let pattern = if lines { LINES } else { LINE };
            text.pattern = Some(pattern.to_owned());
        }
    }
}

/// Says of a text in a query or a header which ones are taken. An empty one counts as left out.
fn take_query(parameter: &mut Parameter) {
    let Some(RefOr::T(Schema::Object(text))) = &mut parameter.schema else {
        return;
    };
    let of_event = matches!(
        text.format,
        Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))
    );
    if of_event {
        (text.schema_type, text.format) = (Type::String.into(), None);
    }
    let pattern = match parameter.name.as_str() {
        _ if of_event => EVENT,
        "after" | "before" => CURSOR,
        "expand" => EXPAND,
        _ if text.max_length.is_some() => SEARCH,
        _ => return,
    };
    text.pattern = Some(pattern.to_owned());
    if parameter.name == "expand" {
        text.example = Some("offered_games,receiver".into());
        parameter.description = Some(EXPANDED.to_owned());
    }
}

/// The whole description as it is committed. Made when it is first asked for: the tree that it is made of takes some MiB.
#[must_use]
pub fn json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        let json = description().to_pretty_json();
        json.map(|json| json + "\n").unwrap_or_default()
    });
    &JSON
}

/// What the handlers do not say: title, tags, and how to identify oneself.
pub(super) fn preamble() -> OpenApi {
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
        .description(Some("The `access_token` of POST /auth/login."))
        .build();
    let user_id = ApiKeyValue::with_description(
        "X-User-ID",
        "The id of a user, where the operator trusts it.",
    );
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The host that this description comes from"))
            .build()]))
        .tags(Some([
            tag("offers", "Make offers, change them, answer them."),
            tag("trade-offers", "Another name for offers."),
            tag("games", "The board."),
            tag("users", "People and their accounts."),
            tag(
                "auth",
                "Log in, refresh, log out; what a letter in your mailbox lets you do.",
            ),
            tag("system", "Where to begin, and how the instance is."),
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

/// Gives an operation what all of its kind have: the failures, and who may call it.
fn complete(operation: &mut Operation, writes: bool, in_path: bool) {
    let open = operation.security.is_some();
    if writes && !open {
        let identified = [BEARER, USER_ID].map(|scheme| SecurityRequirement::new(scheme, [""; 0]));
        operation.security = Some(identified.into());
    }
    let keyed = headers::takes_key(operation, writes, open);
    let body = operation.request_body.is_some();
    let in_query = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if one.parameter_in == ParameterIn::Query);
    let query = operation.parameters.iter().flatten().any(in_query);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            take_query(parameter);
        }
    }
    let failures = [
        (
            StatusCode::BAD_REQUEST,
            body || query || in_path,
            "The request cannot be read",
        ),
        (
            StatusCode::UNAUTHORIZED,
            !open || keyed,
            "Who is asking is not known, or not proven",
        ),
        (StatusCode::NOT_FOUND, in_path, "There is no such thing"),
        (
            StatusCode::NOT_ACCEPTABLE,
            true,
            "None of the media types in Accept is one of ours",
        ),
        (
            StatusCode::CONFLICT,
            keyed,
            "The first request with this key is still under way, or what it made was deleted since",
        ),
        (
            StatusCode::PRECONDITION_FAILED,
            writes && (in_path || keyed),
            "It is not in the state that If-Match names, or in one that If-None-Match names, or is only to be made",
        ),
        (
            StatusCode::PAYLOAD_TOO_LARGE,
            body,
            "The body is over 192 KiB",
        ),
        (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            body,
            "The body is not JSON, or compressed",
        ),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            body || query || keyed,
            "A field is not right, and `errors` says which; or the key was used for another request",
        ),
        (
            StatusCode::TOO_MANY_REQUESTS,
            true,
            "Too many answers wait for you to read them",
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            true,
            "A fault of the exchange",
        ),
        (StatusCode::SERVICE_UNAVAILABLE, true, "Not now; try again"),
    ];
    let responses = &mut operation.responses.responses;
    for (status, _, description) in failures.into_iter().filter(|(_, applies, _)| *applies) {
        let response = ResponseBuilder::new().description(description).build();
        responses
            .entry(status.as_str().to_owned())
            .or_insert(RefOr::T(response));
    }
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        if response.description.is_empty() {
            successful(status).clone_into(&mut response.description);
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
    headers::describe(operation, writes, keyed, writes && in_path);
    follow::describe(operation);
    examples::describe(operation);
}

/// What a success says where the handler says no more: OpenAPI asks for a description of each response.
fn successful(status: &str) -> &'static str {
    match status {
        "201" => "Made; `Location` says where",
        "202" => "Taken in; the rest follows by letter",
        "204" => "Done; there is nothing more to say",
        _ => "Done",
    }
}
