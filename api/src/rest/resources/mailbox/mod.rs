//! Password reset and e-mail confirmation, by a token in a letter: requests for the letter, and uses of the token.
//! `/auth/password-reset` and `/auth/email-confirmation` are also the pages that the links in letters open.
//!
//! The token is in the fragment of the link, so that no server, proxy or log sees it. The page sends it in a request
//! body.

use axum::{
    Json as JsonBody, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use entity::{
    UserId,
    limits::{Email, Password},
};
use exchange::{
    users::mailbox::{self, ConfirmEmail, RequestConfirmation, ResetPassword},
    validation::{Faults, Limited},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    http::{hypermedia::Links, problem::Problem},
    operations, pages,
    rest::{
        hal::links,
        http::extract::{AnonymousCaller, Caller, Dto, Json, Path},
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_password_reset_page, request_password_reset))
        .routes(routes!(reset_password))
        .routes(routes!(get_email_confirmation_page, confirm_email))
        .routes(routes!(request_email_confirmation))
}

/// Serves the script of the pages, which is not an operation of the API.
pub fn script() -> Router<App> {
    let script = async || page("text/javascript; charset=utf-8", include_str!("page.js"));
    Router::new().route("/auth/letters.js", get(script))
}

/// Open the page for a new password
///
/// Letters link to it, with the token in the fragment. Without a token, the page requests a letter.
#[utoipa::path(
    get, path = operations::GET_PASSWORD_RESET_PAGE.path, tag = "auth",
    responses((status = OK, content_type = "text/html", body = String))
)]
async fn get_password_reset_page() -> Response {
    page(
        "text/html; charset=utf-8",
        include_str!("password-reset.html"),
    )
}

/// Open the page that confirms an e-mail address
///
/// Letters link to it, with the token in the fragment.
#[utoipa::path(
    get, path = operations::GET_EMAIL_CONFIRMATION_PAGE.path, tag = "auth",
    responses((status = OK, content_type = "text/html", body = String))
)]
async fn get_email_confirmation_page() -> Response {
    page(
        "text/html; charset=utf-8",
        include_str!("email-confirmation.html"),
    )
}

/// Responds with a page. It holds a token, so it loads nothing from other hosts, sends no referrer, allows no frame and
/// is not cached.
fn page(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, pages::POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

/// A request for a letter to set a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "abbey@example.com"}))]
struct PasswordResetRequest {
    email: Email,
}

/// The token from a letter, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"new_password": "newpassword123"}))]
struct PasswordReset {
    /// The fragment of the link in the letter, after the `#`. Valid once, for one hour.
    #[schema(value_type = String)]
    token: SecretString,
    new_password: Password,
}

/// The token from a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EmailConfirmation {
    /// The fragment of the link in the letter, after the `#`. Valid once, for three days.
    #[schema(value_type = String)]
    token: SecretString,
}

impl Dto for PasswordResetRequest {
    fn check(mut self, faults: &mut Faults) {
        self.email.check("email", faults);
    }
}

impl Dto for PasswordReset {
    fn check(mut self, faults: &mut Faults) {
        self.new_password.check("new_password", faults);
    }
}

impl Dto for EmailConfirmation {}

/// A message for the user.
#[derive(Serialize, ToSchema)]
struct Notice {
    #[schema(value_type = String)]
    detail: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

fn notice(status: StatusCode, detail: &'static str) -> Response {
    let links = links::mailbox();
    (status, JsonBody(Notice { detail, links })).into_response()
}

/// Request a letter to set a new password
///
/// Always accepted, so that nobody can find out who has an account. At most five letters per address in 15 minutes.
#[utoipa::path(
    post, path = operations::REQUEST_PASSWORD_RESET.path, tag = "auth", request_body = PasswordResetRequest,
    responses((status = ACCEPTED, body = Notice))
)]
async fn request_password_reset(
    State(app): State<App>,
    Json(body): Json<PasswordResetRequest>,
) -> Result<Response, Problem> {
    mailbox::request_password_reset(&app, body.email).await?;
    let detail = "If an account has this e-mail address, a letter has been sent to it. Follow its link within one hour.";
    Ok(notice(StatusCode::ACCEPTED, detail))
}

/// Set a new password with the token from a letter
///
/// Ends all sessions of the account, and confirms its e-mail address.
#[utoipa::path(
    post, path = operations::RESET_PASSWORD.path, tag = "auth", request_body = PasswordReset,
    responses(
        (status = OK, body = Notice),
        (status = UNAUTHORIZED, description = "The token is unknown, used or expired"),
    )
)]
async fn reset_password(
    State(app): State<App>,
    AnonymousCaller(context): AnonymousCaller,
    Json(body): Json<PasswordReset>,
) -> Result<Response, Problem> {
    let reset = ResetPassword::new(&body.token, body.new_password);
    app.execute(context, reset).await?;
    let detail =
        "The new password is set, and all sessions have ended. Log in with the new password.";
    Ok(notice(StatusCode::OK, detail))
}

/// Confirm an e-mail address with the token from a letter
///
/// From then on, letters about offers are sent there.
#[utoipa::path(
    post, path = operations::CONFIRM_EMAIL.path, tag = "auth", request_body = EmailConfirmation,
    responses(
        (status = OK, body = Notice),
        (status = UNAUTHORIZED, description = "The token is unknown, used or expired"),
    )
)]
async fn confirm_email(
    State(app): State<App>,
    Caller(context): Caller,
    Json(body): Json<EmailConfirmation>,
) -> Result<Response, Problem> {
    app.execute(context, ConfirmEmail::new(&body.token)).await?;
    let detail = "The e-mail address is confirmed. Letters about offers will be sent to it.";
    Ok(notice(StatusCode::OK, detail))
}

/// Request a letter to confirm your e-mail address
///
/// At most five letters in 15 minutes.
#[utoipa::path(
    post, path = operations::REQUEST_EMAIL_CONFIRMATION.path, tag = "users", params(("user_id" = UserId, Path)),
    responses(
        (status = ACCEPTED, body = Notice),
        (status = FORBIDDEN, description = "It belongs to another user"),
        (status = CONFLICT, description = "It is already confirmed"),
        (status = TOO_MANY_REQUESTS, description = "The limit of five letters in 15 minutes is reached"),
    )
)]
async fn request_email_confirmation(
    State(app): State<App>,
    Caller(context): Caller,
    Path(user): Path<UserId>,
) -> Result<Response, Problem> {
    app.execute(context, RequestConfirmation { user }).await?;
    let detail = "A letter has been sent. Follow its link within three days.";
    Ok(notice(StatusCode::ACCEPTED, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_takes_the_longest_email_address() {
        let limit = format!("maxlength=\"{}\"", Email::MAX);
        assert!(
            include_str!("password-reset.html").contains(&limit),
            "{limit}"
        );
    }
}
