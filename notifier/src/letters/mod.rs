//! Letters: who gets one for an event, and what it says. Private parts (addresses, messages, tokens) are read from the
//! database when a letter is composed, and are kept nowhere else.
//!
//! To add a letter, name it in [`deliveries`] and add its template to [`templates`].

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

/// A letter as it goes to the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The same for every copy of it: the event and the recipient.
    pub message_id: String,
    pub to: Mailbox,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What came of composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    Letter(Box<Letter>),
    /// Nobody is to get it, and why.
    Skip(&'static str),
    /// It can never be sent, and why.
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

/// Lists the recipients of an event, each with a template: the type of the event and, for an offer, the side of the recipient.
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

/// Returns the user who caused a letter to this recipient; `None` for a letter about an account, which may not be held back. When
/// neither party decided to close an offer, the other party counts as the sender.
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

/// Addresses a letter. The name is for people to read: what a header must not have is taken out of it.
fn mailbox(name: &str, email: &str) -> Option<Mailbox> {
    let address: Address = email::canonical(email)?.parse().ok()?;
    Some(Mailbox::new(Some(one_line(name, 64)), address))
}
