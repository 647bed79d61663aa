//! Who is asking: by an access token from log-in, or by X-User-ID where it is trusted.
//!
//! [`identify`] reads the headers of a request, once, for both surfaces. [`passwords`] hashes and checks,
//! [`throttle`] counts failures, [`tokens`] makes and reads access tokens, [`sessions`] logs in, refreshes and logs out.

pub mod fingerprints;
pub mod passwords;
pub mod sessions;
pub mod throttle;
pub mod tokens;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use entity::UserId;

use self::{fingerprints::Fingerprints, passwords::Passwords, tokens::Tokens};
use crate::{
    app::App,
    error::{Error, Result},
    exchange::users,
};

/// The header that names a user without proof. Trusted in development, or behind a proxy that sets it.
pub const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// Who is asking, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody said who they are: the board is public to read.
    Anonymous,
    /// A person with a live account.
    Person { id: UserId, proof: Proof },
}

/// How a person showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An access token from log-in.
    Token,
    /// The X-User-ID header, where it is trusted.
    Header,
}

impl Actor {
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::Person { id, .. } => Some(*id),
        }
    }
}

/// What identity needs: keys, the password workers, and whether X-User-ID is to be believed.
#[derive(Clone)]
pub struct Identity {
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub fingerprints: Fingerprints,
    pub trust_user_id_header: bool,
    /// Development: whoever names an e-mail address at registration has it.
    pub trust_email: bool,
}

/// The headers that say who is asking, for as long as somebody may ask again in their name.
#[derive(Clone, Debug, Default)]
pub struct Credentials(HeaderMap);

impl Credentials {
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut credentials = Self::default();
        for name in [AUTHORIZATION, X_USER_ID] {
            for value in headers.get_all(&name) {
                credentials.0.append(&name, value.clone());
            }
        }
        credentials
    }

    /// Adds what came by another way than the headers of a request. What comes twice is two identities.
    pub fn add(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.append(name, value);
    }

    /// Tells who it is, see [`identify`].
    pub async fn identify(&self, app: &App) -> Result<Actor> {
        identify(app, &self.0).await
    }
}

/// Tells who sent a request from its headers, with at most one look into the database. A bad token is never rescued
/// by X-User-ID, and two identities that differ are none.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Actor> {
    let bearer = single(headers, &AUTHORIZATION)?.map(bearer).transpose()?;
    let named = single(headers, &X_USER_ID)?.map(user_id).transpose()?;
    let (user, missing, proof) = match (bearer, named) {
        (None, None) => return Ok(Actor::Anonymous),
        (Some(token), named) => {
            let claims = app.identity.tokens.read(token, app.clock.now())?;
            if named.is_some_and(|named| named != claims.user_id) {
                return Err(Error::TwoIdentities);
            }
            let holder = sessions::holder(app, claims).await?;
            (
                holder,
                Error::BadToken("its session has ended"),
                Proof::Token,
            )
        }
        (None, Some(_)) if !app.identity.trust_user_id_header => {
            return Err(Error::HeaderNotTrusted);
        }
        (None, Some(named)) => {
            let user = users::by_id(app.database.reader(), named).await?;
            (user, Error::UnknownActor(named), Proof::Header)
        }
    };
    let user = user.ok_or(missing)?;
    Ok(Actor::Person { id: user.id, proof })
}

/// The one value of a header. Sent twice, it could mean two people.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value
            .to_str()
            .map(Some)
            .map_err(|_| Error::BadIdentity("a header is not plain text")),
        _ => Err(Error::TwoIdentities),
    }
}

fn bearer(authorization: &str) -> Result<&str> {
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Error::BadIdentity(
            "Authorization must be `Bearer <access token>`",
        )),
    }
}

fn user_id(value: &str) -> Result<UserId> {
    // One spelling for each person, so that a proxy and this service never read two people out of one header.
    let value = value.trim();
    let id = value
        .parse::<i64>()
        .ok()
        .filter(|id| id.to_string() == value);
    id.map(UserId).ok_or(Error::BadIdentity(
        "X-User-ID must be the whole number of a user",
    ))
}
