//! Withdraws an offer.

use entity::{ClosedReason, OfferId, offer};
use rules::Action;
use serde_json::{Value, json};

use super::closing;
use crate::{error::Result, operation::Operation, validation::ReadOnlyFaults, write::Write};

/// Withdraws a pending offer of the actor.
pub struct CancelOffer {
    pub offer: OfferId,
    pub read_only_faults: ReadOnlyFaults,
}

impl CancelOffer {
    #[must_use]
    pub fn new(offer: OfferId) -> Self {
        Self {
            offer,
            read_only_faults: ReadOnlyFaults::default(),
        }
    }
}

impl Operation for CancelOffer {
    const NAME: &'static str = "cancel_offer";
    type Output = offer::Model;

    fn input(&self) -> Value {
        json!(self.offer)
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        let withdrawal = (Action::Cancel, ClosedReason::Withdrawn);
        closing::close_by_party(write, self.offer, withdrawal, self.read_only_faults).await
    }
}
