//! Actions that a letter in the mailbox authorizes: confirming the e-mail address, and resetting the password.

use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    limit,
    limits::{Email, Password},
};
use exchange::{
    error::Result,
    users::mailbox::{self, ConfirmEmail, RequestConfirmation, ResetPassword},
};

use super::{
    payload,
    users::target_user,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{loaders::Viewer, user::User};

/// A request for a letter that resets a password.
#[derive(InputObject)]
struct RequestPasswordResetInput {
    /// The e-mail address of the account, in any case.
    email: String,
}

/// The token of a letter, and a new password.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// The part of the letter's link after the `#`. Valid once, for an hour.
    #[graphql(secret)]
    token: String,
    #[doc = concat!(limit!(min_password), " to ", limit!(max_password), " characters.")]
    #[graphql(secret)]
    new_password: String,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// A request for a letter that confirms an e-mail address.
#[derive(InputObject)]
struct RequestEmailConfirmationInput {
    /// The `id` or the `databaseId` of the User. Only your own is allowed, which is also the default.
    user_id: Option<ID>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// The token of a letter.
#[derive(InputObject)]
struct ConfirmEmailInput {
    /// The part of the letter's link after the `#`. Valid once, for three days.
    #[graphql(secret)]
    token: String,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

payload! {
    /// The result of `requestPasswordReset`.
    RequestPasswordResetPayload {
        /// Always true, so that nobody learns which addresses have an account.
        accepted: bool
    }
}
payload! {
    /// The result of `resetPassword`. An invalid token is a top-level error with the code `bad_letter_token`.
    ResetPasswordPayload {
        /// The user, whose sessions have all ended. Log in next.
        user: User
    }
}
payload! {
    /// The result of `requestEmailConfirmation`.
    RequestEmailConfirmationPayload {
        /// The user who receives the letter.
        user: User
    }
}
payload! {
    /// The result of `confirmEmail`. An invalid token is a top-level error with the code `bad_letter_token`.
    ConfirmEmailPayload {
        /// The user, who receives letters about offers from now on.
        user: User
    }
}

#[derive(Default)]
pub struct Mailbox;

#[Object]
impl Mailbox {
    /// Sends a letter with which to set a new password. The rate limit is 5 letters for an address in 15 minutes.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail address.")] input: RequestPasswordResetInput,
    ) -> Result<Option<RequestPasswordResetPayload>> {
        let viewer = Viewer::from_context(ctx);
        viewer.standing()?;
        let asked = mailbox::request_password_reset(&viewer.app, Email(input.email)).await;
        RequestPasswordResetPayload::from_outcome(asked.map(|()| true))
    }

    /// Sets a new password, ends all sessions of the account, and confirms its e-mail address.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the letter, and the new password.")]
        input: ResetPasswordInput,
    ) -> Result<Option<ResetPasswordPayload>> {
        let viewer = Viewer::from_context(ctx);
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let reset = ResetPassword::new(&input.token.into(), Password(input.new_password.into()));
        ResetPasswordPayload::from_outcome(viewer.app.execute(context, reset).await)
    }

    /// Sends a letter with which to confirm your e-mail address. The rate limit is 5 letters in 15 minutes.
    async fn request_email_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The account.")] input: RequestEmailConfirmationInput,
    ) -> Result<Option<RequestEmailConfirmationPayload>> {
        let viewer = Viewer::from_context(ctx);
        let user = target_user(viewer, input.user_id.as_ref())?;
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let request = RequestConfirmation { user };
        RequestEmailConfirmationPayload::from_outcome(viewer.app.execute(context, request).await)
    }

    /// Confirms an e-mail address, which receives letters about offers from now on.
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the letter.")] input: ConfirmEmailInput,
    ) -> Result<Option<ConfirmEmailPayload>> {
        let viewer = Viewer::from_context(ctx);
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let confirm = ConfirmEmail::new(&input.token.into());
        ConfirmEmailPayload::from_outcome(viewer.app.execute(context, confirm).await)
    }
}
