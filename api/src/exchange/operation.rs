//! A write as it was asked for: by whom, on which preconditions, and under which key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entity::UserId;
use rules::{Actor, Denied};
use serde_json::json;

use crate::{
    app::App,
    error::{Error, Result},
    identity::{Ended, Sender},
};

/// A write as it was asked for. An [`Actor`] alone asks without a condition and without a key.
#[derive(Clone, Debug)]
pub struct WriteContext {
    pub actor: Actor,
    pub preconditions: Preconditions,
    pub key: Option<IdempotencyKey>,
    /// The person who asks, where they are known no more. Then `actor` is nobody, and only what was done before under the key
    /// is answered: see [`App::write_once`].
    pub ended: Option<Ended>,
}

/// The conditions under which a write is done (RFC 9110, section 13). The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// It is in one of these states: If-Match.
    pub matches: Option<RevisionSet>,
    /// It is in none of these states: If-None-Match.
    pub differs: Option<RevisionSet>,
}

/// RevisionSet of a thing as a client names them: see [`super::revision`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevisionSet {
    /// Any state, as long as the thing is there.
    Any,
    These(Vec<String>),
}

/// The key that the client chose for this write: what comes again under it is not done again.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub name: String,
    /// Set when the write had been done before.
    pub replayed: ReplayFlag,
}

/// Whether a write had been done before under its key. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct ReplayFlag(Arc<AtomicBool>);

impl ReplayFlag {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl WriteContext {
    /// A call as it was sent. Who is known no more may ask again, under a key, for what they did.
    pub fn new(
        sender: Sender,
        preconditions: Preconditions,
        key: Option<IdempotencyKey>,
    ) -> Result<Self> {
        let (actor, ended) = match sender {
            Sender::Known(actor) => (actor, None),
            Sender::Ended(ended) if key.is_none() => return Err(ended.into()),
            Sender::Ended(ended) => (Actor::Anonymous, Some(ended)),
        };
        Ok(Self {
            actor,
            preconditions,
            key,
            ended,
        })
    }

    /// The person who asks, also one who is known no more, whom [`App::write_once`] refuses if this was not done before.
    pub fn identified(&self) -> Result<UserId, Denied> {
        match self.ended {
            Some(ended) => Ok(ended.user_id()),
            None => rules::identified(&self.actor),
        }
    }

    /// Goes on if whoever asks is known still, or never said who they are.
    pub fn require_active_sender(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |ended| Err(ended.into()))
    }

    /// The call with its key bound to what it is about, such as an e-mail address: people whom nobody knows yet may choose
    /// the same key, and never meet.
    #[must_use]
    pub fn with_key_bound_to(mut self, app: &App, what: &str) -> Self {
        if let Some(key) = &mut self.key {
            key.name = app.identity.request_digest.digest(&json!([key.name, what]));
        }
        self
    }

    /// Goes on unless If-Match names a state: for a write that makes something. What it makes is not there yet, so
    /// If-None-Match holds whatever it names.
    pub fn refuse_if_match(&self) -> Result<()> {
        match self.preconditions.matches {
            None | Some(RevisionSet::Any) => Ok(()),
            Some(RevisionSet::These(_)) => Err(Error::NothingToMatch),
        }
    }
}

impl Preconditions {
    /// Does it hold whatever state the thing is in? That the thing is there, each write makes sure of by itself.
    #[must_use]
    pub fn always_hold(&self) -> bool {
        !matches!(self.matches, Some(RevisionSet::These(_))) && self.differs.is_none()
    }
}

impl RevisionSet {
    /// Whether one of them is the present state.
    #[must_use]
    pub fn contains(&self, is_now: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::These(states) => states.iter().any(|named| is_now(named)),
        }
    }
}

impl From<Actor> for WriteContext {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            preconditions: Preconditions::default(),
            key: None,
            ended: None,
        }
    }
}
