//! Identifies the sender of a request by its credentials.
//!
//! A request may carry several: headers may repeat, and over a WebSocket the payload of `connection_init` has some as
//! well. All must name the same user, and every access token must be valid; X-User-ID never makes up for an invalid
//! token. X-User-ID is set or removed by a proxy, which never sees a payload: in a payload it proves nothing, except in
//! development.

use entity::UserId;
use rules::{Actor, Proof};
use secrecy::{ExposeSecret, SecretString};

use super::{Ended, Sender, Trust, tokens::Claims};
use crate::{
    Exchange,
    error::{Error, Result},
    sessions, users,
};

/// The credentials of a request, which can be verified again for as long as its stream or socket lasts.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub headers: CredentialSet,
    /// The credentials in the payload of a WebSocket's `connection_init`.
    pub payload: CredentialSet,
}

/// The credentials from one source.
#[derive(Clone, Debug, Default)]
pub struct CredentialSet {
    pub access_tokens: Vec<Parsed<SecretString>>,
    /// The values of X-User-ID.
    pub user_ids: Vec<Parsed<UserId>>,
}

/// A credential, or the reason why it is malformed.
pub type Parsed<T> = std::result::Result<T, &'static str>;

impl Credentials {
    /// Identifies the sender. Reads the database once for each session or user.
    pub async fn identify(&self, exchange: &Exchange) -> Result<Actor> {
        match self.sender(exchange).await? {
            Sender::Known(actor) => Ok(actor),
            Sender::Ended(ended) => Err(ended.into()),
        }
    }

    /// Identifies the sender, also one whose account or session has ended, for a write that may be a repetition.
    pub async fn sender(&self, exchange: &Exchange) -> Result<Sender> {
        NamedSender::new(exchange, self)?.look_up(exchange).await
    }
}

/// The sender that the credentials name, before the look-up in the database.
struct NamedSender {
    user_id: Option<UserId>,
    /// The sessions of the access tokens, each once.
    sessions: Vec<Claims>,
}

impl NamedSender {
    fn new(exchange: &Exchange, credentials: &Credentials) -> Result<Self> {
        let Credentials { headers, payload } = credentials;
        let mut sessions = Vec::new();
        verify_tokens(exchange, headers, &mut sessions)?;
        let mut user_id = single_user_id(headers)?;
        let named_by_headers = user_id.is_some() || !sessions.is_empty();
        verify_tokens(exchange, payload, &mut sessions)?;
        if let Some(id) = single_user_id(payload)? {
            let trusted = exchange.identity.user_id_header == Trust::InDevelopment;
            if !trusted && !named_by_headers {
                return Err(Error::PayloadNotTrusted);
            }
            user_id = Some(same_user(user_id, id)?);
        }
        for claims in &sessions {
            user_id = Some(same_user(user_id, claims.user_id)?);
        }
        Ok(Self { user_id, sessions })
    }

    async fn look_up(self, exchange: &Exchange) -> Result<Sender> {
        let Some(id) = self.user_id else {
            return Ok(Sender::Known(Actor::Anonymous));
        };
        if self.sessions.is_empty() {
            return by_user_id(exchange, id).await;
        }
        for claims in &self.sessions {
            if sessions::account_of(exchange, *claims).await?.is_none() {
                return Ok(Sender::Ended(Ended::Session(id)));
            }
        }
        let proof = Proof::Token;
        Ok(Sender::Known(Actor::Person { id, proof }))
    }
}

/// Identifies the sender by X-User-ID, where it is trusted.
async fn by_user_id(exchange: &Exchange, id: UserId) -> Result<Sender> {
    if exchange.identity.user_id_header == Trust::Never {
        return Err(Error::HeaderNotTrusted);
    }
    Ok(match users::by_id(exchange.database.reader(), id).await? {
        Some(_) => {
            let proof = Proof::Header;
            Sender::Known(Actor::Person { id, proof })
        }
        None => Sender::Ended(Ended::Account(id)),
    })
}

/// Fails if two credentials name different users.
fn same_user(one: Option<UserId>, other: UserId) -> Result<UserId> {
    match one {
        Some(one) if one != other => Err(Error::TwoIdentities),
        _ => Ok(other),
    }
}

/// Verifies the access tokens, and adds their sessions.
fn verify_tokens(
    exchange: &Exchange,
    set: &CredentialSet,
    sessions: &mut Vec<Claims>,
) -> Result<()> {
    let (tokens, now) = (&exchange.identity.tokens, exchange.clock.now());
    for token in &set.access_tokens {
        let token = token.as_ref().map_err(|why| Error::BadIdentity(why))?;
        let claims = tokens.read(token.expose_secret(), now)?;
        if !sessions.contains(&claims) {
            sessions.push(claims);
        }
    }
    Ok(())
}

/// Returns the one user that X-User-ID names.
fn single_user_id(set: &CredentialSet) -> Result<Option<UserId>> {
    let mut found = None;
    for id in &set.user_ids {
        found = Some(same_user(found, id.map_err(Error::BadIdentity)?)?);
    }
    Ok(found)
}
