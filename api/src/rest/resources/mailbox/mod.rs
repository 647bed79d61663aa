//! What a person does by a letter in their mailbox: ask for it, and bring back its token. `/auth/password-reset` and
//! `/auth/email-confirmation` are also the pages that the links of letters open.
//!
//! The token stands behind the `#` of the link, so that no server, proxy or log sees it; the page sends it in a body.

use axum::{
    Json as JsonBody, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use entity::UserId;
use exchange::{
    identity::passwords,
    users::{self, mailbox},
    validation::Faults,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    input::{By, Json, Keyed, Path, Sent},
    links::{self, Links},
    problem::Problem,
};
use crate::{app::App, pages};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_password_reset_page, request_password_reset))
        .routes(routes!(reset_password))
        .routes(routes!(get_email_confirmation_page, confirm_email))
        .routes(routes!(request_email_confirmation))
}

/// What the pages load, which is no operation of its own.
pub fn script() -> Router<App> {
    let script = async || page("text/javascript; charset=utf-8", include_str!("page.js"));
    Router::new().route("/auth/letters.js", get(script))
}

/// The page where a new password is set
///
/// What letters link to, with the token behind the `#`. Without one, it asks for a letter.
#[utoipa::path(
    get, path = "/auth/password-reset", tag = "auth", security(()),
    responses((status = OK, content_type = "text/html", body = String))
)]
async fn get_password_reset_page() -> Response {
    page(
        "text/html; charset=utf-8",
        include_str!("password-reset.html"),
    )
}

/// The page where an e-mail address is confirmed
///
/// What letters link to, with the token behind the `#`.
#[utoipa::path(
    get, path = "/auth/email-confirmation", tag = "auth", security(()),
    responses((status = OK, content_type = "text/html", body = String))
)]
async fn get_email_confirmation_page() -> Response {
    page(
        "text/html; charset=utf-8",
        include_str!("email-confirmation.html"),
    )
}

/// They hold a token, so they load nothing from elsewhere, tell nobody where they are, and are framed by nobody.
fn page(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, pages::POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

/// Who has forgotten their password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordResetRequest {
    #[schema(min_length = 3, max_length = 254, format = Email, example = "abbey@example.com")]
    email: String,
}

/// The token of a letter, and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordReset {
    /// What stands behind the `#` of the letter's link. Good once, for an hour.
    #[schema(value_type = String)]
    token: SecretString,
    /// 6 to 256 characters.
    #[schema(value_type = String, min_length = 6, max_length = 256, format = Password, example = "newpassword123")]
    new_password: SecretString,
}

/// The token of a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailConfirmation {
    /// What stands behind the `#` of the letter's link. Good once, for three days.
    #[schema(value_type = String)]
    token: SecretString,
}

impl Sent for PasswordResetRequest {
    fn check(self, faults: &mut Faults) {
        users::checked_email(faults, &self.email);
    }
}

impl Sent for PasswordReset {
    fn check(self, faults: &mut Faults) {
        passwords::check(faults, "new_password", &self.new_password);
    }
}

impl Sent for EmailConfirmation {}

/// What happens now, for a person to read.
#[derive(Serialize, ToSchema)]
struct Notice {
    #[schema(value_type = String)]
    detail: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

fn notice(status: StatusCode, detail: &'static str) -> Response {
    let links = links::letters();
    (status, JsonBody(Notice { detail, links })).into_response()
}

/// Ask for a letter to set a new password
///
/// Always accepted, so that nobody learns who has an account; at most five letters for an address within a quarter of an
/// hour.
#[utoipa::path(
    post, path = "/auth/password-reset", tag = "auth", request_body = PasswordResetRequest, security(()),
    responses((status = ACCEPTED, body = Notice))
)]
async fn request_password_reset(
    State(app): State<App>,
    Json(body): Json<PasswordResetRequest>,
) -> Result<Response, Problem> {
    mailbox::request_password_reset(&app, &body.email).await?;
    let detail = "If an account has this e-mail address, a letter is on its way. Follow its link within an hour.";
    Ok(notice(StatusCode::ACCEPTED, detail))
}

/// Set a new password by the token of a letter
///
/// Ends all sessions of the account, and confirms its e-mail address.
#[utoipa::path(
    post, path = "/auth/password-reset/confirm", tag = "auth", request_body = PasswordReset, security(()),
    responses(
        (status = OK, body = Notice),
        (status = UNAUTHORIZED, description = "The token is unknown, used up or too old"),
    )
)]
async fn reset_password(
    State(app): State<App>,
    Keyed(call): Keyed,
    Json(body): Json<PasswordReset>,
) -> Result<Response, Problem> {
    mailbox::reset_password(&app, call, body.token, body.new_password).await?;
    let detail = "The new password is set, and all sessions have ended. Log in with it.";
    Ok(notice(StatusCode::OK, detail))
}

/// Confirm an e-mail address by the token of a letter
///
/// From then on letters about offers go there.
#[utoipa::path(
    post, path = "/auth/email-confirmation", tag = "auth", request_body = EmailConfirmation, security(()),
    responses(
        (status = OK, body = Notice),
        (status = UNAUTHORIZED, description = "The token is unknown, used up or too old"),
    )
)]
async fn confirm_email(
    State(app): State<App>,
    By(call): By,
    Json(body): Json<EmailConfirmation>,
) -> Result<Response, Problem> {
    mailbox::confirm(&app, call, body.token).await?;
    let detail = "The e-mail address is confirmed: letters about offers go there from now on.";
    Ok(notice(StatusCode::OK, detail))
}

/// Ask for a letter to confirm your e-mail address
///
/// At most five letters within a quarter of an hour.
#[utoipa::path(
    post, path = "/users/{user_id}/email-confirmation", tag = "users", params(("user_id" = UserId, Path)),
    responses(
        (status = ACCEPTED, body = Notice),
        (status = FORBIDDEN, description = "It is somebody else's"),
        (status = CONFLICT, description = "It is confirmed already"),
        (status = TOO_MANY_REQUESTS, description = "Five letters within a quarter of an hour"),
    )
)]
async fn request_email_confirmation(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    mailbox::request_confirmation(&app, call, id).await?;
    let detail = "A letter is on its way. Follow its link within three days.";
    Ok(notice(StatusCode::ACCEPTED, detail))
}
