//! Declines an offer.

use entity::{ClosedReason, OfferId, offer};
use rules::Action;
use serde_json::{Value, json};

use super::closing;
use crate::{error::Result, operation::Operation, validation::ReadOnlyFaults, write::Write};

/// Declines a pending offer that the actor received.
pub struct RejectOffer {
    pub offer: OfferId,
}

impl Operation for RejectOffer {
    const NAME: &'static str = "reject_offer";
    type Output = offer::Model;

    fn input(&self) -> Value {
        json!(self.offer)
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        let decline = (Action::Reject, ClosedReason::Declined);
        closing::close_by_party(write, self.offer, decline, ReadOnlyFaults::default()).await
    }
}
