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

/// What must still be so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    #[default]
    None,
    /// The thing is in one of these states: see [`super::state`].
    Seen(Vec<String>),
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
    /// Goes on if nothing is asked of the state of what is there: for a write that makes something.
    pub fn unconditional(&self) -> Result<()> {
        match self.condition {
            Condition::None => Ok(()),
            Condition::Seen(_) => Err(Error::NothingToMatch),
        }
    }
}

impl From<Actor> for Call {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            condition: Condition::None,
            key: None,
        }
    }
}
