//! Letters: the recipients of an event, and the text. Private parts (addresses, messages, tokens) are read from the
//! database when a letter is composed, and stored nowhere else.
//!
//! To add a letter, name it in `recipients` and add its template to [`templates`].

mod compose;
mod templates;
mod text;
mod tokens;

use entity::{
    ClosedReason, UserId,
    event::{Event, OfferFacts},
};
use lettre::{Address, message::Mailbox};
use outbox::inbox::Delivery;
use platform::email;

pub use self::{
    compose::{ComposeError, Composer, possible_actions},
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

/// Lists the letters that an event causes.
#[must_use]
pub fn deliveries(event: &Event) -> Vec<Delivery> {
    let hold = event.offer().map(|_| release::hold(event));
    let delivery = |(recipient_id, template)| Delivery {
        recipient_id,
        template,
        sender_id: sender(event, recipient_id),
        hold,
    };
    recipients(event).into_iter().map(delivery).collect()
}

/// Lists the recipients of an event, each with a template: the type of the event and, for an offer, the side of the
/// recipient.
fn recipients(event: &Event) -> Vec<(UserId, String)> {
    let kind = event.type_name();
    match event {
        Event::UserRegistered(person)
        | Event::EmailConfirmationRequested(person)
        | Event::PasswordResetRequested(person)
        | Event::PasswordChanged(person) => vec![(person.user_id, kind.to_owned())],
        Event::OfferCreated(offer)
        | Event::OfferUpdated(offer)
        | Event::OfferAccepted(offer)
        | Event::OfferRejected(offer)
        | Event::OfferCancelled(offer) => parties(offer)
            .map(|(id, side)| (id, format!("{kind}.{side}")))
            .to_vec(),
    }
}

/// Returns the user who caused a letter to this recipient; `None` for a letter about an account, which may not be held
/// back. When neither party decided to close an offer, the other party counts as the sender.
fn sender(event: &Event, recipient: UserId) -> Option<UserId> {
    match event {
        Event::OfferCreated(offer) | Event::OfferUpdated(offer) => Some(offer.offerer.user_id),
        Event::OfferAccepted(offer) | Event::OfferRejected(offer) => Some(offer.receiver.user_id),
        Event::OfferCancelled(offer) if offer.closed_reason == Some(ClosedReason::Withdrawn) => {
            Some(offer.offerer.user_id)
        }
        Event::OfferCancelled(offer) => parties(offer)
            .map(|(id, _)| id)
            .into_iter()
            .find(|id| *id != recipient),
        Event::UserRegistered(_)
        | Event::EmailConfirmationRequested(_)
        | Event::PasswordResetRequested(_)
        | Event::PasswordChanged(_) => None,
    }
}

fn parties(offer: &OfferFacts) -> [(UserId, &'static str); 2] {
    [
        (offer.offerer.user_id, "offerer"),
        (offer.receiver.user_id, "receiver"),
    ]
}

/// Builds the recipient mailbox. The display name is for people: characters that a header must not contain are removed.
fn mailbox(name: &str, email: &str) -> Option<Mailbox> {
    let address: Address = email::canonical(email)?.parse().ok()?;
    Some(Mailbox::new(Some(one_line(name, 64)), address))
}
