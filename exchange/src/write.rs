//! One write transaction, with what every write does in it. [`crate::locks`] adds the row locks.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use entity::{UserId, event::Event};
use outbox::Audience;
use platform::database::Transaction;
use rules::{Action, Actor, Denied, OfferState, identified, permit};

use crate::{
    Exchange,
    context::{RevisionSet, WriteContext},
    error::{Error, Result},
    revision::RevisionTag,
};

/// A write transaction on behalf of a sender, or of the exchange itself as an anonymous one.
#[derive(Clone, Copy)]
pub struct Write<'c> {
    pub exchange: &'c Exchange,
    pub context: &'c WriteContext,
    pub transaction: &'c Transaction,
    /// Set when the preconditions were checked.
    pub(crate) checked: &'c AtomicBool,
}

impl Write<'_> {
    /// Returns the time by the clock of this instance.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.exchange.clock.now()
    }

    /// Returns the sender, who must be identified.
    pub fn sender(&self) -> Result<UserId, Denied> {
        identified(self.actor())
    }

    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.context.actor
    }

    /// Checks that the sender may do this to the offer now.
    pub fn permit(&self, action: Action, offer: impl Into<OfferState>) -> Result<(), Denied> {
        permit(action, offer, self.actor())
    }

    /// Checks the preconditions against the current revision of a resource.
    pub fn require_match(&self, current: impl FnOnce() -> RevisionTag) -> Result<()> {
        self.checked.store(true, Ordering::Relaxed);
        let preconditions = &self.context.preconditions;
        if preconditions.always_hold() {
            return Ok(());
        }
        current().check(preconditions)
    }

    /// Refuses an If-Match that names a revision, for a write that creates a resource. If-None-Match always holds
    /// there.
    pub fn refuse_if_match(&self) -> Result<()> {
        self.checked.store(true, Ordering::Relaxed);
        match self.context.preconditions.matches {
            None | Some(RevisionSet::Any) => Ok(()),
            Some(RevisionSet::These(_)) => Err(Error::NothingToMatch),
        }
    }

    /// Fails if there are preconditions that nothing has checked.
    pub(crate) fn require_checked(&self) -> Result<()> {
        if self.checked.load(Ordering::Relaxed) || self.context.preconditions.always_hold() {
            return Ok(());
        }
        Err(Error::internal("an operation ignored its preconditions"))
    }

    /// Records an event with the sequence number of its aggregate: see [`outbox::record`].
    pub async fn record(&self, event: &Event, seq: i64, audience: Audience) -> Result<()> {
        let (clock, random) = (&self.exchange.clock, &self.exchange.random);
        outbox::record(self.transaction, clock, random, event, seq, audience).await?;
        Ok(())
    }
}
