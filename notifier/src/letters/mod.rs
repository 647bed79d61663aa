//! Letters: the recipients of an event, and the text. Private parts (addresses, messages, tokens) are read from the
//! database when a letter is composed, and stored nowhere else.
//!
//! The template of a letter is the file of `notifier/templates` with the name that [`deliveries`] gives it.

mod compose;
mod templates;
mod text;
mod tokens;

use entity::{
    ClosedReason, UserId,
    event::{Event, OfferEvent, OfferFacts, UserFacts},
};
use lettre::{Address, message::Mailbox};
use outbox::inbox::Delivery;
use platform::email;

pub use self::{
    compose::{ComposeError, Composer},
    templates::DIGEST,
    text::one_line,
};
use crate::release;

/// A letter, ready for the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The same for each copy: the event and the recipient.
    pub message_id: String,
    pub to: Mailbox,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The outcome of composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    Letter(Box<Letter>),
    /// Not to be sent, and the reason.
    Skip(&'static str),
    /// Can never be sent, and the reason.
    Impossible(&'static str),
}

/// Lists the letters that an event causes. The template is named after the type of the event and, for an offer, the side of
/// the recipient.
#[must_use]
pub fn deliveries(event: &Event) -> Vec<Delivery> {
    match event {
        Event::User(kind, user) => vec![Delivery {
            recipient_id: user.user_id,
            template: kind.as_str().to_owned(),
            sender_id: None,
            hold: None,
        }],
        Event::Offer(kind, offer) => {
            let parties = [(&offer.offerer, "offerer"), (&offer.receiver, "receiver")];
            let delivery = |(recipient, side): (&UserFacts, _)| Delivery {
                recipient_id: recipient.user_id,
                template: format!("{}.{side}", kind.as_str()),
                sender_id: Some(sender(*kind, offer, recipient.user_id)),
                hold: Some(release::hold(*kind)),
            };
            parties.map(delivery).into()
        }
    }
}

/// Returns the user who caused a letter to this recipient. When neither party decided to close an offer, the other party
/// counts as the sender.
fn sender(kind: OfferEvent, offer: &OfferFacts, recipient: UserId) -> UserId {
    let (offerer, receiver) = (offer.offerer.user_id, offer.receiver.user_id);
    match kind {
        OfferEvent::Created | OfferEvent::Updated => offerer,
        OfferEvent::Accepted | OfferEvent::Rejected => receiver,
        OfferEvent::Cancelled if offer.closed_reason == Some(ClosedReason::Withdrawn) => offerer,
        OfferEvent::Cancelled if recipient == offerer => receiver,
        OfferEvent::Cancelled => offerer,
    }
}

/// Builds the recipient mailbox. The display name is for people: characters that a header must not contain are removed.
fn mailbox(name: &str, email: &str) -> Option<Mailbox> {
    let address: Address = email::canonical(email)?.parse().ok()?;
    Some(Mailbox::new(Some(one_line(name, 64)), address))
}
