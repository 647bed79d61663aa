//! What a person does by a letter in their mailbox: confirm the e-mail address, set a new password without the old one.

use async_graphql::{Context, ID, InputObject, Object};
use exchange::{error::Result, users::mailbox};

use super::{
    payload,
    users::target_user,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{loaders::Viewer, user::User};

/// Who has forgotten their password.
#[derive(InputObject)]
struct RequestPasswordResetInput {
    /// The e-mail address of the account, in either case.
    email: String,
}

/// The token of a letter, and the password to be.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// What stands behind the `#` of the letter's link. Good once, for an hour.
    #[graphql(secret)]
    token: String,
    /// 6 to 256 characters.
    #[graphql(secret)]
    new_password: String,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// Who wants to confirm their e-mail address.
#[derive(InputObject)]
struct RequestEmailConfirmationInput {
    /// The `id` or the `databaseId` of the User: you, as where it is left out.
    user_id: Option<ID>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// The token of a letter.
#[derive(InputObject)]
struct ConfirmEmailInput {
    /// What stands behind the `#` of the letter's link. Good once, for three days.
    #[graphql(secret)]
    token: String,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

payload! {
    /// What came of `requestPasswordReset`.
    RequestPasswordResetPayload {
        /// True whether or not an account has the address, so that nobody learns which.
        accepted: bool
    }
}
payload! {
    /// What came of `resetPassword`. A token that is not good is a top-level error with the code `bad_letter_token`.
    ResetPasswordPayload {
        /// The person, all of whose sessions have ended. Log in next.
        user: User
    }
}
payload! {
    /// What came of `requestEmailConfirmation`.
    RequestEmailConfirmationPayload {
        /// The person to whom the letter goes.
        user: User
    }
}
payload! {
    /// What came of `confirmEmail`. A token that is not good is a top-level error with the code `bad_letter_token`.
    ConfirmEmailPayload {
        /// The person, to whom letters about offers go from now on.
        user: User
    }
}

#[derive(Default)]
pub struct Mailbox;

#[Object]
impl Mailbox {
    /// Asks for a letter by which a new password is set: at most five for an address within 15 minutes.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The e-mail address.")] input: RequestPasswordResetInput,
    ) -> Result<Option<RequestPasswordResetPayload>> {
        let viewer = Viewer::from_context(ctx);
        viewer.standing()?;
        let asked = mailbox::request_password_reset(&viewer.app, &input.email).await;
        RequestPasswordResetPayload::from_outcome(asked.map(|()| true))
    }

    /// Sets a new password, ends all sessions of the account, and confirms its e-mail address.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter's token and the new password.")] input: ResetPasswordInput,
    ) -> Result<Option<ResetPasswordPayload>> {
        let viewer = Viewer::from_context(ctx);
        let call = viewer.call(&input.idempotency, &PreconditionInput::default())?;
        let (token, new) = (input.token.into(), input.new_password.into());
        ResetPasswordPayload::from_outcome(
            mailbox::reset_password(&viewer.app, call, token, new).await,
        )
    }

    /// Asks for a letter by which you confirm your e-mail address: at most five within 15 minutes.
    async fn request_email_confirmation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose address it is.")] input: RequestEmailConfirmationInput,
    ) -> Result<Option<RequestEmailConfirmationPayload>> {
        let viewer = Viewer::from_context(ctx);
        let id = target_user(viewer, input.user_id.as_ref())?;
        let call = viewer.call(&input.idempotency, &PreconditionInput::default())?;
        RequestEmailConfirmationPayload::from_outcome(
            mailbox::request_confirmation(&viewer.app, call, id).await,
        )
    }

    /// Confirms an e-mail address: letters about offers go there from now on.
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The letter's token.")] input: ConfirmEmailInput,
    ) -> Result<Option<ConfirmEmailPayload>> {
        let viewer = Viewer::from_context(ctx);
        let call = viewer.call(&input.idempotency, &PreconditionInput::default())?;
        ConfirmEmailPayload::from_outcome(
            mailbox::confirm(&viewer.app, call, input.token.into()).await,
        )
    }
}
