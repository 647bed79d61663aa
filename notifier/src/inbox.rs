//! The inbox: each (event, recipient) once. A duplicate of an event falls on the unique key, however late it comes.

use chrono::{DateTime, Utc};
use entity::{NotificationState, event::cloud::CloudEvent, notification};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, sea_query::OnConflict};

use crate::letters;

/// Takes events in, in the caller's transaction. Gives how many letters are new.
pub async fn receive(
    transaction: &DatabaseTransaction,
    events: &[CloudEvent],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let mut rows = Vec::new();
    for event in events {
        let content =
            serde_json::to_value(&event.event).map_err(|cause| DbErr::Custom(cause.to_string()))?;
        for (recipient_id, template) in letters::recipients(&event.event) {
            rows.push(notification::ActiveModel {
                event_id: Set(event.id),
                recipient_id: Set(recipient_id),
                template: Set(template),
                event: Set(content.clone()),
                state: Set(NotificationState::Waiting),
                attempts: Set(0),
                next_attempt_at: Set(Some(now)),
                created_at: Set(now),
                ..Default::default()
            });
        }
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let once = OnConflict::columns([
        notification::Column::EventId,
        notification::Column::RecipientId,
    ])
    .do_nothing()
    .to_owned();
    notification::Entity::insert_many(rows)
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await
}
