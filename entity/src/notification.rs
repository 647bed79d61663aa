//! The inbox of the notifier: letters to send, and their state.

use sea_orm::entity::prelude::*;

use crate::{NotificationState, OfferId, UserId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The event; unique together with the recipient.
    pub event_id: Uuid,
    pub recipient_id: UserId,
    /// The name of the template.
    pub template: String,
    /// The event, serialized as [`crate::event::Event`].
    pub event: Json,
    /// W3C Trace Context of the request that caused the event.
    pub traceparent: Option<String>,
    pub state: NotificationState,
    /// The number of attempts to send it.
    pub attempts: i64,
    /// The earliest time of the next attempt; set exactly while the letter is held or waits.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// The end of the lease of a sender.
    pub lease_until: Option<DateTimeUtc>,
    /// The last answer of the mail server, or the reason why it was not asked; without addresses.
    pub smtp_response: Option<String>,
    pub created_at: DateTimeUtc,
    /// The time when it was sent, skipped, merged or given up.
    pub finished_at: Option<DateTimeUtc>,
    /// The person whose doing it is; `None` of letters that are about an account.
    pub sender_id: Option<UserId>,
    /// The offer that it is about, and the version of that after the change.
    pub offer_id: Option<OfferId>,
    pub offer_version: Option<i64>,
    /// The number of events that the letter covers: its own, and those of merged rows.
    pub changes: i64,
    /// The row into which this one was merged; set exactly when it was.
    pub covered_by: Option<i64>,
    /// The time of release; `None` when it was never held.
    pub released_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
