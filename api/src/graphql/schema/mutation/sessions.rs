//! Sessions: log in.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use exchange::sessions;
use graphql_http::list_size;
use secrecy::ExposeSecret;

use crate::graphql::schema::{
    errors::{MAX_USER_ERRORS, UserError},
    loaders::Viewer,
    user::User,
};

/// The credentials of a user.
#[derive(InputObject)]
struct LoginInput {
    /// The e-mail address of the account, in any case.
    email: String,
    /// The password.
    #[graphql(secret)]
    password: String,
}

/// The result of `login`. A wrong password is a top-level error with the code `bad_credentials`.
#[derive(SimpleObject)]
struct LoginPayload {
    /// Send it as `Authorization: Bearer <accessToken>`.
    access_token: Option<String>,
    /// The type of the access token: `Bearer`.
    token_type: Option<&'static str>,
    /// The lifetime of the access token, in seconds.
    expires_in: Option<i64>,
    /// The token for `POST /auth/refresh`, which returns the next access token. It is valid once.
    refresh_token: Option<String>,
    /// The user who logged in.
    user: Option<User>,
    /// The faults of the client. Empty if the mutation succeeded.
    #[graphql(directive = list_size::apply(Some(MAX_USER_ERRORS), None, None, None))]
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct Sessions;

#[Object]
impl Sessions {
    /// Logs in. The rate limit of a client address is 5 log-ins per second, with bursts of 20, and 10 wrong passwords
    /// for an e-mail address in 15 minutes.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail address and the password.")] input: LoginInput,
    ) -> async_graphql::Result<Option<LoginPayload>> {
        let viewer = Viewer::from_context(ctx);
        viewer.standing()?;
        let (app, client, password) = (&viewer.app, viewer.client, input.password.into());
        let session =
            sessions::log_in(app, client.rate_limit_key(), &input.email, password).await?;
        Ok(Some(LoginPayload {
            access_token: Some(session.access_token.expose_secret().to_owned()),
            token_type: Some("Bearer"),
            expires_in: Some(session.expires_in.num_seconds()),
            refresh_token: Some(session.refresh_token.expose_secret().to_owned()),
            user: Some(viewer.user(session.user_id).await?.seen_by_themself()),
            user_errors: Vec::new(),
        }))
    }
}
