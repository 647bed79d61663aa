//! A write as it was asked for: by whom, on which condition, and under which key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    error::{Error, Result},
    identity::Actor,
};

/// A write as it was asked for. An [`Actor`] alone asks without a condition and without a key.
#[derive(Clone, Debug)]
pub struct Call {
    pub actor: Actor,
    pub condition: Condition,
    pub key: Option<Key>,
}

/// What must hold of the thing for the write to be done (RFC 9110, section 13). The default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// It is in one of these states: If-Match.
    pub matches: Option<States>,
    /// It is in none of these states: If-None-Match.
    pub differs: Option<States>,
}

/// States of a thing as a client names them: see [`super::state`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum States {
    /// Any state, as long as the thing is there.
    Any,
    These(Vec<String>),
}

/// The key that the client chose for this write: what comes again under it is not done again.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    /// Set when the write had been done before.
    pub replayed: Replayed,
}

/// Whether a write had been done before under its key. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Replayed(Arc<AtomicBool>);

impl Replayed {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Call {
    /// Goes on unless If-Match names a state: for a write that makes something. What it makes is not there yet, so
    /// If-None-Match holds whatever it names.
    pub fn unconditional(&self) -> Result<()> {
        match self.condition.matches {
            None | Some(States::Any) => Ok(()),
            Some(States::These(_)) => Err(Error::NothingToMatch),
        }
    }
}

impl Condition {
    /// Does it hold whatever state the thing is in? That the thing is there, each write makes sure of by itself.
    #[must_use]
    pub fn always_holds(&self) -> bool {
        !matches!(self.matches, Some(States::These(_))) && self.differs.is_none()
    }
}

impl States {
    /// Whether one of them is the present state.
    #[must_use]
    pub fn include(&self, is_now: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::These(states) => states.iter().any(|named| is_now(named)),
        }
    }
}

impl From<Actor> for Call {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            condition: Condition::default(),
            key: None,
        }
    }
}
