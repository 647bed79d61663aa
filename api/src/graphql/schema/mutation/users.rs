//! Users: register, update, change the password, delete.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::{
    UserId, limit,
    limits::{Address, Email, Password},
};
use exchange::{
    error::Result,
    privacy,
    users::{
        ChangePassword, DeleteUser, NewUser, PasswordChange, Register, UpdateUser, UserChange,
    },
};
use rules::identified;

use super::{
    characters, payload,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{ids, loaders::Viewer, user::User};

/// A new account.
#[derive(InputObject)]
struct RegisterInput {
    #[doc = concat!("Your name, which everybody sees: ", characters!(name), ".")]
    name: String,
    /// Your e-mail address, which nobody else sees. It must be unique, regardless of case and of the spelling of its
    /// domain. It cannot be changed later.
    email: String,
    #[doc = concat!(limit!(min_password), " to ", limit!(max_password), " characters.")]
    #[graphql(secret)]
    password: String,
    #[doc = concat!("The address to which games are sent: ", characters!(address), ". The other party of an")]
    /// accepted offer sees it.
    street_address: Option<String>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// A change to your account. Members that are left out stay unchanged.
#[derive(InputObject)]
struct UpdateUserInput {
    /// The `id` or the `databaseId` of the User. Only your own is allowed, which is also the default.
    user_id: Option<ID>,
    #[doc = concat!("Your name: ", characters!(name), ".")]
    name: Option<String>,
    #[doc = concat!("The address to which games are sent: ", characters!(address), ". Null removes it.")]
    street_address: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// A new password for your account.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The `id` or the `databaseId` of the User. Only your own is allowed, which is also the default.
    user_id: Option<ID>,
    /// Your current password. Required unless X-User-ID identifies you.
    #[graphql(secret)]
    current_password: Option<String>,
    #[doc = concat!(limit!(min_password), " to ", limit!(max_password), " characters.")]
    #[graphql(secret)]
    new_password: String,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// The account to delete.
#[derive(InputObject)]
struct DeleteUserInput {
    /// The `id` or the `databaseId` of the User. Only your own is allowed, which is also the default.
    user_id: Option<ID>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

payload! {
    /// The result of `register`.
    RegisterPayload {
        /// The new user. Log in next.
        user: User
    }
}
payload! {
    /// The result of `updateUser`.
    UpdateUserPayload {
        /// The updated user.
        user: User
    }
}
payload! {
    /// The result of `changePassword`.
    ChangePasswordPayload {
        /// The user, whose sessions have all ended.
        user: User
    }
}
payload! {
    /// The result of `deleteUser`.
    DeleteUserPayload {
        /// The deleted account: its id, and the name `Deleted account`.
        user: User
    }
}

impl From<RegisterInput> for NewUser {
    fn from(input: RegisterInput) -> Self {
        Self {
            name: input.name.into(),
            email: Email(input.email),
            password: Password(input.password.into()),
            street_address: input.street_address.map(Into::into),
        }
    }
}

#[derive(Default)]
pub struct Users;

#[Object]
impl Users {
    /// Creates an account.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: RegisterInput,
    ) -> Result<Option<RegisterPayload>> {
        let viewer = Viewer::from_context(ctx);
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let register = Register::new(input.into());
        let registered = viewer.app.execute(context, register).await;
        RegisterPayload::from_outcome(registered.map(|row| {
            let seen_by = privacy::registration_viewer(&row, &viewer.actor);
            User::from(row).seen_by(seen_by)
        }))
    }

    /// Changes your account.
    async fn update_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateUserInput,
    ) -> Result<Option<UpdateUserPayload>> {
        let viewer = Viewer::from_context(ctx);
        let user = target_user(viewer, input.user_id.as_ref())?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let change = UserChange {
            name: input.name.map(Into::into),
            street_address: input.street_address.map_value(Address::from).into(),
            ..UserChange::default()
        };
        let update = UpdateUser { user, change };
        UpdateUserPayload::from_outcome(viewer.app.execute(context, update).await)
    }

    /// Changes your password and ends all your sessions. Log in again afterwards.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The current and the new password.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordPayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = target_user(viewer, input.user_id.as_ref())?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let change = PasswordChange {
            current: input.current_password.map(Into::into),
            new: Password(input.new_password.into()),
        };
        let change = ChangePassword::new(id, change);
        let changed = viewer.app.execute(context, change).await;
        ChangePasswordPayload::from_outcome(changed.map(|row| User::from(row).seen_by_themself()))
    }

    /// Deletes your account: closes its offers, takes its games off the board, and erases your personal data.
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: DeleteUserInput,
    ) -> async_graphql::Result<Option<DeleteUserPayload>> {
        let viewer = Viewer::from_context(ctx);
        let user = target_user(viewer, input.user_id.as_ref())?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let deleted = match viewer.app.execute(context, DeleteUser { user }).await {
            Ok(()) => Ok(viewer.user(user).await?),
            Err(failure) => Err(failure),
        };
        Ok(DeleteUserPayload::from_outcome(deleted)?)
    }
}

/// Returns the user that the input names. The default is the sender.
pub(super) fn target_user(viewer: &Viewer, named: Option<&ID>) -> Result<UserId> {
    match named {
        Some(id) => ids::reference("userId", id),
        None => match viewer.ended {
            Some(ended) => Ok(ended.user_id()),
            None => Ok(identified(&viewer.actor)?),
        },
    }
}
