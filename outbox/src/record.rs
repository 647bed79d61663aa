//! The only writer of events.
//!
//! A use case records its events in its own transaction, after it has locked and written the aggregate. So an event exists
//! exactly when its change does, and the events of an aggregate are in the order of its versions.

use entity::{event::Event, outbox};
use platform::{
    system::{Clock, Random},
    trace,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde_json::json;

/// The people who may see a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    /// The user, or the two parties of the offer.
    Parties,
}

/// Records an event. `aggregate_seq` is the version of the aggregate after the write.
pub async fn record(
    transaction: &impl ConnectionTrait,
    clock: &Clock,
    random: &Random,
    event: &Event,
    aggregate_seq: i64,
    audience: Audience,
) -> Result<(), DbErr> {
    let now = clock.now();
    let (aggregate_type, aggregate_id) = event.aggregate();
    let headers = match trace::current() {
        Some(parent) => json!({"traceparent": parent}),
        None => json!({}),
    };
    let row = outbox::ActiveModel {
        id: Set(random.uuid_v7(now)),
        aggregate_type: Set(aggregate_type.to_owned()),
        aggregate_id: Set(aggregate_id),
        aggregate_seq: Set(aggregate_seq),
        r#type: Set(event.type_name().to_owned()),
        payload: Set(event.data()),
        headers: Set(headers),
        created_at: Set(now),
        parties_only: Set(audience == Audience::Parties),
        ..Default::default()
    };
    outbox::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
