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

use crate::{
    app::App,
    http::{ClientAddress, hypermedia::Links, problem::Problem},
    operations,
    rest::{
        hal::{
            forms::{Resource, WithForms},
            links,
        },
        http::extract::{Dto, Json},
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
}

/// The credentials of a user.
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

impl Dto for Login {}
impl Dto for RefreshToken {}

/// The tokens of a session.
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
    /// The refresh token: exchange it, once and within 30 days, for the next tokens.
    refresh_token: String,
    #[serde(rename = "_links")]
    links: Links,
}

impl Resource for SessionBody {
    fn links(&self) -> &Links {
        &self.links
    }
}

/// Responds with the tokens, which no cache may store.
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
        JsonBody(WithForms::from(body)),
    )
        .into_response()
}

/// Log in
///
/// Returns an access token for 15 minutes, and a refresh token for the next one. A client address may log in 5 times a
/// second, with bursts of 20.
#[utoipa::path(
    post, path = operations::LOGIN.path, tag = "auth", request_body = Login,
    responses(
        (status = OK, body = SessionBody),
        (status = UNAUTHORIZED, description = "The e-mail address or the password is wrong"),
        (status = TOO_MANY_REQUESTS, description = "Too many log-ins from one client address, or too many wrong passwords"),
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

/// Exchange a refresh token for the next tokens
///
/// A refresh token that is used again more than ten seconds later ends the session.
#[utoipa::path(
    post, path = operations::REFRESH.path, tag = "auth", request_body = RefreshToken,
    responses(
        (status = OK, body = SessionBody),
        (status = UNAUTHORIZED, description = "The refresh token is invalid"),
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
/// Ends the session of the refresh token. Its access tokens become invalid.
#[utoipa::path(
    post, path = operations::LOGOUT.path, tag = "auth", request_body = RefreshToken,
    responses((status = NO_CONTENT))
)]
async fn logout(
    State(app): State<App>,
    Json(body): Json<RefreshToken>,
) -> Result<StatusCode, Problem> {
    sessions::log_out(&app, body.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use entity::limits::Email;
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn login_takes_the_longest_email_address() {
        let schema = serde_json::to_value(Login::schema()).unwrap_or_default();
        assert_eq!(schema["properties"]["email"]["maxLength"], Email::MAX);
    }
}
