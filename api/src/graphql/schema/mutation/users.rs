//! Users: register, update, change the password, delete.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::UserId;
use exchange::{
    error::Result,
    privacy,
    users::{self, NewUser, PasswordChange, UserChange},
};
use rules::identified;

use super::{
    payload,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{ids, loaders::Viewer, user::User};

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
    idempotency: IdempotencyInput,
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
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
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
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// An account to be deleted.
#[derive(InputObject)]
struct DeleteUserInput {
    /// The `id` or the `databaseId` of the User: you, as where it is left out.
    user_id: Option<ID>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
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
pub struct Users;

#[Object]
impl Users {
    /// Makes an account.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: RegisterInput,
    ) -> Result<Option<RegisterPayload>> {
        let viewer = Viewer::from_context(ctx);
        let call = viewer.call(&input.idempotency, &PreconditionInput::default())?;
        let registered = users::register(&viewer.app, call, input.into()).await;
        RegisterPayload::from_outcome(registered.map(|row| {
            let seen_by = privacy::registrant(&row, &viewer.actor);
            User::from(row).seen_by(seen_by)
        }))
    }

    /// Edits your account.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = target_user(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.idempotency, &input.precondition)?;
        let change = UserChange {
            name: input.name,
            street_address: input.street_address.into(),
            ..UserChange::default()
        };
        UpdateUserPayload::from_outcome(users::update(&viewer.app, call, id, change).await)
    }

    /// Changes your password and ends all your sessions. Log in again after it.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the new password.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = target_user(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.idempotency, &input.precondition)?;
        let change = PasswordChange {
            current: input.current_password.map(Into::into),
            new: input.new_password.into(),
        };
        let changed = users::change_password(&viewer.app, call, id, change).await;
        ChangePasswordPayload::from_outcome(changed.map(|row| User::from(row).seen_by_themself()))
    }

    /// Deletes your account: its offers are closed, its games leave the board, and nothing says any more who you were.
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: DeleteUserInput,
    ) -> async_graphql::Result<Option<DeleteUserPayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = target_user(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.idempotency, &input.precondition)?;
        let deleted = match users::delete(&viewer.app, call, id).await {
            Ok(()) => Ok(viewer.user(id).await?),
            Err(failure) => Err(failure),
        };
        Ok(DeleteUserPayload::from_outcome(deleted)?)
    }
}

/// Whose account is meant: that of whoever asks, where the input names nobody.
pub(super) fn target_user(viewer: &Viewer, named: Option<&ID>) -> Result<UserId> {
    match named {
        Some(id) => ids::reference("userId", id),
        None => match viewer.ended {
            Some(ended) => Ok(ended.user_id()),
            None => Ok(identified(&viewer.actor)?),
        },
    }
}
