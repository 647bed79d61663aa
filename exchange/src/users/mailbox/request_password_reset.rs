//! Requests letters to reset a password.

use entity::{event::UserEvent, limits::Email, password_reset};
use platform::trace;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, QuerySelect};

use super::{super::by_email, request_letter};
use crate::{
    Exchange,
    error::{Error, Result},
    identity::throttle,
    validation::{Faults, Limited},
    write::Write,
};

/// The maximum number of password resets to handle in one go.
const RESET_BATCH: u64 = 100;

/// Requests a letter to this address, to reset the password. Does not reveal whether an account has the address, not
/// even by its duration, since [`send_resets`] looks that up later. Succeeds also beyond the limit of letters.
pub async fn request_password_reset(exchange: &Exchange, mut email: Email) -> Result<()> {
    let (sent, mut faults) = (email.0.clone(), Faults::default());
    email.check("email", &mut faults);
    faults.into_result()?;
    let asked = exchange.write(move |write| {
        Box::pin(async move {
            throttle::count_letter(write, &email.0).await?;
            let row = password_reset::ActiveModel {
                email: Set(sent),
                traceparent: Set(trace::current()),
                ..Default::default()
            };
            password_reset::Entity::insert(row)
                .exec_without_returning(write.transaction)
                .await?;
            Ok(())
        })
    });
    match asked.await {
        Err(Error::TooManyLetters { .. }) => Ok(()),
        outcome => outcome,
    }
}

/// Requests the letters of pending resets, of all instances, for the addresses that have an account.
pub async fn send_resets(exchange: &Exchange) -> Result<()> {
    let asked = password_reset::Entity::find()
        .order_by_asc(password_reset::Column::Id)
        .limit(RESET_BATCH)
        .all(exchange.database.reader())
        .await?;
    for reset in asked {
        let parent = reset.traceparent.clone();
        let sent = exchange.write(move |write| Box::pin(send_reset(write, reset)));
        match trace::scope(parent, sent).await {
            // The account was deleted meanwhile.
            Ok(()) | Err(Error::NoUser(_)) => {}
            Err(failure) => failure.log(),
        }
    }
    Ok(())
}

/// Requests the letter of one reset, in the trace of its request.
async fn send_reset(write: Write<'_>, reset: password_reset::Model) -> Result<()> {
    let mine = password_reset::Entity::delete_by_id(reset.id)
        .exec(write.transaction)
        .await?;
    if mine.rows_affected == 0 {
        // Another instance has handled it.
        return Ok(());
    }
    if let Some(user) = by_email(write.transaction, &reset.email).await? {
        request_letter(write, user.id, UserEvent::PasswordResetRequested).await?;
    }
    Ok(())
}
