//! `/auth`: log in, refresh, log out.

use axum::{
    Json as JsonBody,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use entity::UserId;
use exchange::sessions::{self, Session};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    forms::{Alone, Resource},
    input::{Json, Sent},
    links::{self, Links},
    problem::Problem,
};
use crate::{app::App, http::ClientAddress};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
}

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    #[schema(max_length = 254, example = "abbey@example.com")]
    email: String,
    #[schema(value_type = String, format = Password, example = "pass123")]
    password: SecretString,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshToken {
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

impl Sent for Login {}
impl Sent for RefreshToken {}

/// What to hold after log-in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    user_id: UserId,
    /// Send it as `Authorization: Bearer <access_token>`.
    access_token: String,
    #[schema(value_type = String, example = "Bearer")]
    token_type: &'static str,
    /// The lifetime of the access token, in seconds.
    #[schema(example = 900)]
    expires_in: i64,
    /// Exchange it, once, for the next session. Good for 30 days.
    refresh_token: String,
    #[serde(rename = "_links")]
    links: Links,
}

impl Resource for SessionBody {
    fn links(&self) -> &Links {
        &self.links
    }
}

/// Tokens are for whoever asked, and for no cache.
fn render(session: &Session) -> Response {
    let body = SessionBody {
        user_id: session.user_id,
        access_token: session.access_token.expose_secret().to_owned(),
        token_type: "Bearer",
        expires_in: session.expires_in.num_seconds(),
        refresh_token: session.refresh_token.expose_secret().to_owned(),
        links: links::session(session.user_id),
    };
    (
        [(header::CACHE_CONTROL, "no-store")],
        JsonBody(Alone::from(body)),
    )
        .into_response()
}

/// Log in
///
/// The answer has an access token for a quarter of an hour, and a refresh token for the next one. A client address may log in 5
/// times a second, and 20 times at once.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = Login, security(()),
    responses(
        (status = OK, body = SessionBody),
        (status = UNAUTHORIZED, description = "The address or the password is wrong"),
        (status = TOO_MANY_REQUESTS, description = "Too many log-ins from one address, or too many wrong passwords"),
    )
)]
async fn login(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<Login>,
) -> Result<Response, Problem> {
    Ok(render(
        &sessions::log_in(&app, client.rate_limit_key(), &body.email, body.password).await?,
    ))
}

/// Exchange a refresh token for the next session
///
/// A token that was exchanged before ends the session, unless it comes again within ten seconds.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", request_body = RefreshToken, security(()),
    responses(
        (status = OK, body = SessionBody),
        (status = UNAUTHORIZED, description = "The refresh token is not good"),
    )
)]
async fn refresh(
    State(app): State<App>,
    Json(body): Json<RefreshToken>,
) -> Result<Response, Problem> {
    Ok(render(&sessions::refresh(&app, body.refresh_token).await?))
}

/// Log out
///
/// Ends the session of the refresh token: its access tokens are good no more.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", request_body = RefreshToken, security(()),
    responses((status = NO_CONTENT))
)]
async fn logout(
    State(app): State<App>,
    Json(body): Json<RefreshToken>,
) -> Result<StatusCode, Problem> {
    sessions::log_out(&app, body.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
