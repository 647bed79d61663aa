//! The notifier's inbox: the letters that are to be sent, and what became of them.

use sea_orm::entity::prelude::*;

use crate::{NotificationState, OfferId, UserId};

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
    /// Not before; there exactly while it is held or waits.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// Until then it is in the hands of a sender.
    pub lease_until: Option<DateTimeUtc>,
    /// What the mail server said last, or why it was never asked; without addresses.
    pub smtp_response: Option<String>,
    pub created_at: DateTimeUtc,
    /// When it was sent, skipped, merged or given up.
    pub finished_at: Option<DateTimeUtc>,
    /// The person whose doing it is; `None` of letters that are about an account.
    pub sender_id: Option<UserId>,
    /// The offer that it is about, and the version of that after the change.
    pub offer_id: Option<OfferId>,
    pub offer_version: Option<i64>,
    /// How many events the letter tells of: its own, and those of the rows that it covers.
    pub changes: i64,
    /// The row whose letter tells of this event; there exactly when it was merged.
    pub covered_by: Option<i64>,
    /// When it was let go to be sent; `None` of what was never held.
    pub released_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
