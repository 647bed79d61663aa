//! Withdraws an offer.

use entity::{ClosedReason, OfferId, offer};
use rules::Action;
use serde_json::{Value, json};

use super::closing;
use crate::{error::Result, operation::Operation, validation::ReadOnlyFaults, write::Write};

pub(super) const WITHDRAWAL: (Action, ClosedReason) = (Action::Cancel, ClosedReason::Withdrawn);

/// Withdraws a pending offer of the actor.
pub struct CancelOffer {
    pub offer: OfferId,
}

impl Operation for CancelOffer {
    const NAME: &'static str = "cancel_offer";
    type Output = offer::Model;

    fn input(&self) -> Value {
        json!(self.offer)
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        closing::end(write, self.offer, WITHDRAWAL, ReadOnlyFaults::default()).await
    }
}
