//! Accounts: register, log in, edit, change the password, leave.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::UserId;
use secrecy::ExposeSecret;

use super::{
    asked::{Once, Seen},
    payload,
};
use crate::{
    error::Result,
    exchange::{
        lifecycle::identified,
        privacy,
        users::{self, NewUser, PasswordChange, UserChange},
    },
    graphql::{errors::UserError, ids, loaders::Viewer, user::User},
    identity::sessions,
};

/// An account to be made.
#[derive(InputObject)]
struct RegisterInput {
    /// What you call yourself: 1 to 200 characters, at least one of them visible. Everybody sees it.
    name: String,
    /// Where letters can be sent to. Unique without regard to case, and to how its domain is spelled; cannot be changed later.
    /// Nobody else sees it.
    email: String,
    /// 6 to 256 characters.
    #[graphql(secret)]
    password: String,
    /// Where you want games to be sent: 1 to 500 characters, at least one of them visible. The other party of an accepted offer sees it.
    street_address: Option<String>,
    #[graphql(flatten)]
    once: Once,
}

/// What you log in with.
#[derive(InputObject)]
struct LoginInput {
    /// The e-mail address of the account, in either case.
    email: String,
    /// Its password.
    #[graphql(secret)]
    password: String,
}

/// A change to your account. What is left out stays.
#[derive(InputObject)]
struct UpdateUserInput {
    /// The `id` or the `databaseId` of the User: you, as where it is left out.
    user_id: Option<ID>,
    /// What you call yourself: 1 to 200 characters, at least one of them visible.
    name: Option<String>,
    /// Where you want games to be sent: 1 to 500 characters, at least one of them visible; null takes it away.
    street_address: MaybeUndefined<String>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    seen: Seen,
}

/// A new password for your account.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The `id` or the `databaseId` of the User: you, as where it is left out.
    user_id: Option<ID>,
    /// The present password. Asked for unless X-User-ID says who you are.
    #[graphql(secret)]
    current_password: Option<String>,
    /// 6 to 256 characters.
    #[graphql(secret)]
    new_password: String,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    seen: Seen,
}

/// An account to be deleted.
#[derive(InputObject)]
struct DeleteUserInput {
    /// The `id` or the `databaseId` of the User: you, as where it is left out.
    user_id: Option<ID>,
    #[graphql(flatten)]
    once: Once,
    #[graphql(flatten)]
    seen: Seen,
}

payload! {
    /// What came of `register`.
    RegisterPayload {
        /// The person. Log in next.
        user: User
    }
}
payload! {
    /// What came of `updateUser`.
    UpdateUserPayload {
        /// The person as they are now.
        user: User
    }
}
payload! {
    /// What came of `changePassword`.
    ChangePasswordPayload {
        /// The person, all of whose sessions have ended.
        user: User
    }
}
payload! {
    /// What came of `deleteUser`.
    DeleteUserPayload {
        /// What is left of the account.
        user: User
    }
}

/// What came of `login`. A wrong password is a top-level error with the code `bad_credentials`.
#[derive(SimpleObject)]
struct LoginPayload {
    /// Send it as `Authorization: Bearer <accessToken>`.
    access_token: Option<String>,
    /// How to send the access token: `Bearer`.
    token_type: Option<&'static str>,
    /// For how many seconds the access token is good.
    expires_in: Option<i64>,
    /// Buys the next access token, once, from `POST /auth/refresh`.
    refresh_token: Option<String>,
    /// Who logged in.
    user: Option<User>,
    /// What the client did wrong; empty where it was done.
    user_errors: Vec<UserError>,
}

impl From<RegisterInput> for NewUser {
    fn from(input: RegisterInput) -> Self {
        Self {
            name: input.name,
            email: input.email,
            password: input.password.into(),
            street_address: input.street_address,
        }
    }
}

#[derive(Default)]
pub struct Accounts;

#[Object]
impl Accounts {
    /// Makes an account.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: RegisterInput,
    ) -> Result<Option<RegisterPayload>> {
        let viewer = Viewer::of(ctx);
        let call = viewer.call(&input.once, &Seen::default())?;
        let registered = users::register(&viewer.app, call, input.into()).await;
        RegisterPayload::of(registered.map(|row| {
            let seen_by = privacy::registration_viewer(&row, &viewer.actor);
            User::from(row).seen_by(seen_by)
        }))
    }

    /// Logs in. A client address may do so 5 times a second, and 20 times at once, and may try 10 wrong passwords for an e-mail
    /// address within 15 minutes.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail address and the password.")] input: LoginInput,
    ) -> async_graphql::Result<Option<LoginPayload>> {
        let viewer = Viewer::of(ctx);
        viewer.standing()?;
        let (app, client, password) = (&viewer.app, viewer.client, input.password.into());
        let session = sessions::log_in(app, client, &input.email, password).await?;
        Ok(Some(LoginPayload {
            access_token: Some(session.access_token.expose_secret().to_owned()),
            token_type: Some("Bearer"),
            expires_in: Some(session.expires_in.num_seconds()),
            refresh_token: Some(session.refresh_token.expose_secret().to_owned()),
            user: Some(viewer.user(session.user_id).await?.seen_by_themself()),
            user_errors: Vec::new(),
        }))
    }

    /// Edits your account.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>> {
        let viewer = Viewer::of(ctx);
        let id = whose(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.once, &input.seen)?;
        let change = UserChange {
            name: input.name,
            street_address: input.street_address.into(),
            ..UserChange::default()
        };
        UpdateUserPayload::of(users::update(&viewer.app, call, id, change).await)
    }

    /// Changes your password and ends all your sessions. Log in again after it.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the new password.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>> {
        let viewer = Viewer::of(ctx);
        let id = whose(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.once, &input.seen)?;
        let change = PasswordChange {
            current: input.current_password.map(Into::into),
            new: input.new_password.into(),
        };
        let changed = users::change_password(&viewer.app, call, id, change).await;
        ChangePasswordPayload::of(changed.map(|row| User::from(row).seen_by_themself()))
    }

    /// Deletes your account: its offers are closed, its games leave the board, and nothing says any more who you were.
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: DeleteUserInput,
    ) -> async_graphql::Result<Option<DeleteUserPayload>> {
        let viewer = Viewer::of(ctx);
        let id = whose(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.once, &input.seen)?;
        let deleted = match users::delete(&viewer.app, call, id).await {
            Ok(()) => Ok(viewer.user(id).await?),
            Err(failure) => Err(failure),
        };
        Ok(DeleteUserPayload::of(deleted)?)
    }
}

/// Whose account is meant: that of whoever asks, where the input names nobody.
pub(super) fn whose(viewer: &Viewer, named: Option<&ID>) -> Result<UserId> {
    match named {
        Some(id) => ids::reference("userId", id),
        None => match viewer.ended {
            Some(ended) => Ok(ended.user_id()),
            None => Ok(identified(&viewer.actor)?),
        },
    }
}
