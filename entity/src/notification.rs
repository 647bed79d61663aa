//! The notifier's inbox: the letters that are to be sent, and what became of them.

use sea_orm::entity::prelude::*;

use crate::{NotificationState, UserId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The event that it tells of; with the recipient, unique.
    pub event_id: Uuid,
    pub recipient_id: UserId,
    /// Which letter it is: see the notifier's templates.
    pub template: String,
    /// The event as [`crate::event::Event`] serialises.
    pub event: Json,
    /// W3C Trace Context of the request that caused the event.
    pub traceparent: Option<String>,
    pub state: NotificationState,
    /// How often sending was begun.
    pub attempts: i64,
    /// Not before; there exactly while it waits.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Until then it is in the hands of a sender.
    pub lease_until: Option<DateTimeUtc>,
    /// What the mail server said last, or why it was never asked; without addresses.
    pub smtp_response: Option<String>,
    pub created_at: DateTimeUtc,
    /// When it was sent, skipped or given up.
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
