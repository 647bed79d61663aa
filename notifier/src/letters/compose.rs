//! Composes a letter from a row of the inbox and the current state of the database.

use entity::{
    ClosedReason, LetterPurpose, OfferStatus, UserId,
    event::{
        Event, GameFacts, OfferFacts,
        UserEvent::{
            EmailConfirmationRequested, PasswordChanged, PasswordResetRequested, Registered,
        },
    },
    limits::Name,
    notification, offer, user,
};
use minijinja::Value;
use outbox::inbox;
use platform::{database::Database, system::Random};
use rules::{Action, Actor, OfferState, permitted};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::Serialize;

use super::{
    Composed, DIGEST, Letter, mailbox, one_line, templates::Templates, text::lines, tokens::Tokens,
};

/// The length to which names in subjects are truncated, in characters.
const IN_SUBJECT: usize = 48;

/// Composes letters.
#[derive(Clone)]
pub struct Composer {
    database: Database,
    tokens: Tokens,
    templates: Templates,
    public_base_url: String,
    /// The domain of message ids.
    domain: String,
}

/// The reason why a letter could not be composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error("the row contains no event that this version knows")]
    Event(#[from] serde_json::Error),
    #[error("the template could not be rendered: {0}")]
    Template(#[from] minijinja::Error),
}

/// The values that templates can use.
#[derive(Serialize)]
struct Content {
    base: String,
    name: String,
    confirmed: bool,
    /// The link to continue.
    link: String,
    offer: Option<OfferContent>,
    digest: Option<Digest>,
}

/// The content of a digest: no text by users, except for a name.
#[derive(Serialize)]
struct Digest {
    changes: i64,
    /// The user who made the changes; `None`: the reader.
    partner: Option<String>,
    partner_in_subject: Option<String>,
}

#[derive(Serialize)]
struct OfferContent {
    partner: String,
    /// The name, truncated.
    partner_in_subject: String,
    give: Vec<String>,
    get: Vec<String>,
    message: Option<String>,
    partner_address: Option<String>,
    status: OfferStatus,
    reason: Option<ClosedReason>,
    /// The actions that the reader may take on the offer now.
    actions: Vec<&'static str>,
}

/// The parts of a letter that depend on its event.
struct Details {
    /// The path of the link to continue.
    path: String,
    offer: Option<OfferContent>,
}

impl Details {
    fn link(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            offer: None,
        }
    }
}

impl Composer {
    pub fn new(
        database: Database,
        random: Random,
        public_base_url: String,
        domain: String,
    ) -> Result<Self, minijinja::Error> {
        Ok(Self {
            tokens: Tokens {
                database: database.clone(),
                random,
            },
            database,
            templates: Templates::new()?,
            public_base_url,
            domain,
        })
    }

    /// Composes the letter of this row.
    pub async fn compose(&self, row: &notification::Model) -> Result<Composed, ComposeError> {
        let event: Event = serde_json::from_value(row.event.clone())?;
        let recipient = user::Entity::find_by_id(row.recipient_id)
            .one(self.database.reader())
            .await?;
        let Some(recipient) = recipient.filter(|user| user.deleted_at.is_none()) else {
            return Ok(Composed::Skip("the account is deleted"));
        };
        let Some(to) = mailbox(&recipient.name, &recipient.email) else {
            return Ok(Composed::Impossible("the e-mail address is invalid"));
        };
        let details = match self.details(row, &event, &recipient).await? {
            Ok(details) => details,
            Err(why) => return Ok(Composed::Skip(why)),
        };
        let content = Content {
            base: self.public_base_url.clone(),
            name: one_line(&recipient.name, Name::MAX),
            confirmed: recipient.email_confirmed_at.is_some(),
            link: format!("{}{}", self.public_base_url, details.path),
            offer: details.offer,
            digest: digest(row, &event),
        };
        let content = Value::from_serialize(&content);
        let parts = self.templates.render(&row.template, &content)?;
        Ok(Composed::Letter(Box::new(Letter {
            message_id: format!("<{}.{}@{}>", row.event_id, row.recipient_id, self.domain),
            to,
            subject: one_line(&parts.subject, 200),
            text: parts.text,
            html: parts.html,
        })))
    }

    /// Returns the details of a letter, or the reason why it is not to be sent.
    async fn details(
        &self,
        row: &notification::Model,
        event: &Event,
        recipient: &user::Model,
    ) -> Result<Result<Details, &'static str>, ComposeError> {
        let confirmed = recipient.email_confirmed_at.is_some();
        match event {
            Event::User(EmailConfirmationRequested, _) if confirmed => {
                Ok(Err("the e-mail address is already confirmed"))
            }
            Event::User(Registered, _) if confirmed => Ok(Ok(Details::link("/"))),
            Event::User(Registered | EmailConfirmationRequested, _) => {
                self.with_token(row, LetterPurpose::ConfirmEmail, "/auth/email-confirmation")
                    .await
            }
            Event::User(PasswordResetRequested, _) => {
                self.with_token(row, LetterPurpose::ResetPassword, "/auth/password-reset")
                    .await
            }
            // An unconfirmed address may belong to a stranger, who must not get letters that somebody else causes again and
            // again.
            _ if !confirmed => Ok(Err("the e-mail address is not confirmed")),
            Event::User(PasswordChanged, _) => Ok(Ok(Details::link("/auth/password-reset"))),
            Event::Offer(_, facts) if row.template == DIGEST => {
                Ok(Ok(Details::link(&offers_path(row, facts))))
            }
            Event::Offer(_, facts) => Ok(Ok(Details {
                path: format!("/offers/{}", facts.offer_id),
                offer: Some(self.offer(facts, recipient.id).await?),
            })),
        }
    }

    /// Returns a link with a token, or the reason why there is no token.
    async fn with_token(
        &self,
        row: &notification::Model,
        purpose: LetterPurpose,
        page: &str,
    ) -> Result<Result<Details, &'static str>, ComposeError> {
        let asked_at = inbox::happened_at(row);
        let token = self
            .tokens
            .make(row.recipient_id, purpose, asked_at)
            .await?;
        Ok(token.map(|token| Details::link(&format!("{page}#{token}"))))
    }

    async fn offer(&self, facts: &OfferFacts, you: UserId) -> Result<OfferContent, DbErr> {
        // Private parts are for the parties in the database, whatever the event says.
        let row = offer::Entity::find_by_id(facts.offer_id)
            .filter(offer::Column::OffererId.eq(facts.offerer.user_id))
            .filter(offer::Column::ReceiverId.eq(facts.receiver.user_id))
            .one(self.database.reader())
            .await?;
        let offered = names(&facts.offered_games);
        let requested = names(&facts.requested_games);
        let is_offerer = you == facts.offerer.user_id;
        let (partner, give, get) = if is_offerer {
            (&facts.receiver, offered, requested)
        } else {
            (&facts.offerer, requested, offered)
        };
        let status = row.as_ref().map_or(facts.status, |row| row.status);
        let state = OfferState {
            offerer_id: facts.offerer.user_id,
            receiver_id: facts.receiver.user_id,
            status,
        };
        let (message, partner_address) = row.map_or((None, None), |row| {
            let address = if is_offerer {
                row.receiver_address
            } else {
                row.offerer_address
            };
            (row.message, address)
        });
        Ok(OfferContent {
            partner: one_line(&partner.name, Name::MAX),
            partner_in_subject: one_line(&partner.name, IN_SUBJECT),
            give,
            get,
            message: message.as_deref().map(lines),
            partner_address: partner_address.as_deref().map(lines),
            status,
            reason: facts.closed_reason,
            actions: permitted(state, &Actor::themself(you))
                .map(Action::as_str)
                .collect(),
        })
    }
}

/// Returns the content of a digest; `None` for a letter about one event.
fn digest(row: &notification::Model, event: &Event) -> Option<Digest> {
    let facts = event.offer().filter(|_| row.template == DIGEST)?;
    let partner = row.sender_id.filter(|sender| *sender != row.recipient_id);
    let partner = partner.map(|sender| facts.party(sender).name.as_str());
    Some(Digest {
        changes: row.changes,
        partner: partner.map(|name| one_line(name, Name::MAX)),
        partner_in_subject: partner.map(|name| one_line(name, IN_SUBJECT)),
    })
}

/// Returns the path of the offers of a digest: those between the two users, or those on the side of the reader.
fn offers_path(row: &notification::Model, facts: &OfferFacts) -> String {
    let (offerer, receiver) = (facts.offerer.user_id, facts.receiver.user_id);
    if row.sender_id != Some(row.recipient_id) {
        format!("/offers?offerer_id={offerer}&receiver_id={receiver}")
    } else if row.recipient_id == offerer {
        format!("/offers?offerer_id={offerer}")
    } else {
        format!("/offers?receiver_id={receiver}")
    }
}

fn names(games: &[GameFacts]) -> Vec<String> {
    games
        .iter()
        .map(|game| one_line(&game.name, Name::MAX))
        .collect()
}
