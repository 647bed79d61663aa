//! Indexes for the relay: events without a position, and old published events.

crate::migration! {
    up: "
CREATE INDEX outbox_unplaced ON outbox (seq) WHERE position IS NULL;
CREATE INDEX outbox_by_publication ON outbox (published_at) WHERE published_at IS NOT NULL;",
    down: "
DROP INDEX outbox_by_publication;
DROP INDEX outbox_unplaced;"
}
