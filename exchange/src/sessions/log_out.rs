//! Logs out.

use secrecy::SecretString;

use super::{Family, lock};
use crate::{Exchange, error::Result};

/// Ends the session of a refresh token, including its access tokens. An invalid token has no session, so this succeeds.
pub async fn log_out(exchange: &Exchange, token: SecretString) -> Result<()> {
    exchange
        .write(move |write| {
            Box::pin(async move {
                match lock(write, &token).await? {
                    Some((token, user)) => Family::new(&token, &user).end(write.transaction).await,
                    None => Ok(()),
                }
            })
        })
        .await
}
