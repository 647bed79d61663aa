//! The context of a write: its actor, preconditions and idempotency key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entity::UserId;
use rules::{Actor, Denied};
use serde_json::json;

use crate::{
    error::Result,
    identity::{Ended, Sender, request_digest::RequestDigest},
};

/// The context of a write. Made from an [`Actor`] alone, it has no preconditions and no key.
#[derive(Clone, Debug)]
pub struct WriteContext {
    pub actor: Actor,
    pub preconditions: Preconditions,
    pub key: Option<IdempotencyKey>,
    /// The sender, if their account or session has ended. Then `actor` is anonymous, and only a recorded outcome is
    /// returned: see [`crate::Exchange::execute`].
    pub ended: Option<Ended>,
}

/// The preconditions of a write (RFC 9110, section 13). The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// If-Match: the current revision must be one of these.
    pub matches: Option<RevisionSet>,
    /// If-None-Match: the current revision must be none of these.
    pub differs: Option<RevisionSet>,
}

/// The revisions that a client names: see [`crate::revision`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevisionSet {
    /// Any revision, as long as the resource exists.
    Any,
    These(Vec<String>),
}

/// The key that the client chose for this write: repeated under it, the write is not done again.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    pub name: String,
    /// Set when the outcome is a replay.
    pub replayed: ReplayFlag,
}

/// A flag that tells whether the response is a replay. Clones share it.
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
    /// Makes the context of a request. A sender whose account or session has ended needs a key, to repeat an earlier
    /// write.
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

    /// Returns the sender's id, even if their account or session has ended: [`crate::Exchange::execute`] then refuses
    /// the write unless it was already done.
    pub fn identified(&self) -> Result<UserId, Denied> {
        match self.ended {
            Some(ended) => Ok(ended.user_id()),
            None => rules::identified(&self.actor),
        }
    }

    /// Refuses a sender whose account or session has ended.
    pub fn require_active_sender(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |ended| Err(ended.into()))
    }

    /// Scopes the key to a subject, such as an e-mail address, so that anonymous senders who choose the same key do not
    /// collide.
    pub(crate) fn bind_key(&mut self, digest: &RequestDigest, subject: &str) {
        if let Some(key) = &mut self.key {
            key.name = digest.digest(&json!([key.name, subject]));
        }
    }
}

impl Preconditions {
    /// Returns true if the preconditions hold for every revision. Each write checks by itself that the resource exists.
    #[must_use]
    pub fn always_hold(&self) -> bool {
        !matches!(self.matches, Some(RevisionSet::These(_))) && self.differs.is_none()
    }
}

impl RevisionSet {
    /// Returns true if one of the revisions is the current one.
    #[must_use]
    pub fn contains(&self, is_current: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| is_current(tag)),
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
