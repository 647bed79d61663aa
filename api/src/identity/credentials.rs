//! The one sender that a request names, from all that it says about its sender.
//!
//! A request may say it several times: in headers, each of which may be repeated, and over a WebSocket in the payload of
//! `connection_init` as well. All of it must name the same person, and every token must be good. X-User-ID is the word of a
//! proxy, which sets and removes headers and never sees a payload: in a payload it counts for nothing of its own, except in
//! development.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use entity::UserId;
use rules::{Actor, Proof};

use super::{Ended, Sender, X_USER_ID, sessions, tokens::Claims};
use crate::{
    app::App,
    config::Trust,
    error::{Error, Result},
    exchange::users,
};

/// All that a client said about itself, for as long as somebody may ask again in its name.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    headers: HeaderMap,
    payload: HeaderMap,
}

impl Credentials {
    /// Keeps what the headers of a request say about its sender.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut credentials = Self::default();
        for name in [AUTHORIZATION, X_USER_ID] {
            for value in headers.get_all(&name) {
                credentials.headers.append(&name, value.clone());
            }
        }
        credentials
    }

    /// Adds a member of the payload of `connection_init`.
    pub fn add_from_payload(&mut self, name: HeaderName, value: HeaderValue) {
        self.payload.append(name, value);
    }

    /// Finds the sender, see [`identify`].
    pub async fn identify(&self, app: &App) -> Result<Actor> {
        known(self.sender(app).await?)
    }

    /// Finds the sender, see [`sender`].
    pub async fn sender(&self, app: &App) -> Result<Sender> {
        Statements::read(app, &self.headers, &self.payload)?
            .sender(app)
            .await
    }
}

/// Finds the sender that the headers of a request name. Takes one look into the database for each session and user named.
/// A bad token is never rescued by X-User-ID.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Actor> {
    known(sender(app, headers).await?)
}

/// Finds the sender as [`identify`] does, also one whose account or session has ended: for a write that may have been done
/// before.
pub async fn sender(app: &App, headers: &HeaderMap) -> Result<Sender> {
    Statements::read(app, headers, &HeaderMap::new())?
        .sender(app)
        .await
}

fn known(sender: Sender) -> Result<Actor> {
    match sender {
        Sender::Known(actor) => Ok(actor),
        Sender::Ended(ended) => Err(ended.into()),
    }
}

/// All that was said about a sender. It names one person, or nobody.
struct Statements {
    person: Option<UserId>,
    /// The sessions that tokens name, each once.
    sessions: Vec<Claims>,
}

impl Statements {
    fn read(app: &App, headers: &HeaderMap, payload: &HeaderMap) -> Result<Self> {
        let mut sessions = Vec::new();
        read_tokens(app, headers, &mut sessions)?;
        let mut person = read_user_id(headers)?;
        let named_by_headers = person.is_some() || !sessions.is_empty();
        read_tokens(app, payload, &mut sessions)?;
        if let Some(id) = read_user_id(payload)? {
            let trusted = app.identity.user_id_header == Trust::InDevelopment;
            if !trusted && !named_by_headers {
                return Err(Error::PayloadNotTrusted);
            }
            person = Some(agreed(person, id)?);
        }
        for claims in &sessions {
            person = Some(agreed(person, claims.user_id)?);
        }
        Ok(Self { person, sessions })
    }

    async fn sender(self, app: &App) -> Result<Sender> {
        let Some(id) = self.person else {
            return Ok(Sender::Known(Actor::Anonymous));
        };
        if self.sessions.is_empty() {
            return by_user_id(app, id).await;
        }
        for claims in &self.sessions {
            if sessions::account_of(app, *claims).await?.is_none() {
                return Ok(Sender::Ended(Ended::Session(id)));
            }
        }
        let proof = Proof::Token;
        Ok(Sender::Known(Actor::Person { id, proof }))
    }
}

/// Takes X-User-ID for who is asking, where it is trusted.
async fn by_user_id(app: &App, id: UserId) -> Result<Sender> {
    if app.identity.user_id_header == Trust::Never {
        return Err(Error::HeaderNotTrusted);
    }
    Ok(match users::by_id(app.database.reader(), id).await? {
        Some(_) => {
            let proof = Proof::Header;
            Sender::Known(Actor::Person { id, proof })
        }
        None => Sender::Ended(Ended::Account(id)),
    })
}

/// The one person that two statements name.
fn agreed(one: Option<UserId>, other: UserId) -> Result<UserId> {
    match one {
        Some(one) if one != other => Err(Error::TwoIdentities),
        _ => Ok(other),
    }
}

/// Adds the sessions that tokens in these headers name.
fn read_tokens(app: &App, headers: &HeaderMap, sessions: &mut Vec<Claims>) -> Result<()> {
    let (tokens, now) = (&app.identity.tokens, app.clock.now());
    for value in headers.get_all(AUTHORIZATION) {
        let claims = tokens.read(bearer(text(value)?)?, now)?;
        if !sessions.contains(&claims) {
            sessions.push(claims);
        }
    }
    Ok(())
}

/// The one user whom X-User-ID names in these headers.
fn read_user_id(headers: &HeaderMap) -> Result<Option<UserId>> {
    let mut found = None;
    for value in headers.get_all(X_USER_ID) {
        found = Some(agreed(found, user_id(text(value)?)?)?);
    }
    Ok(found)
}

fn text(value: &HeaderValue) -> Result<&str> {
    value
        .to_str()
        .map_err(|_| Error::BadIdentity("a header is not plain text"))
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
