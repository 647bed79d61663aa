//! An index of unpublished events in insertion order, for the relay.

crate::migration! {
    up: "CREATE INDEX outbox_unpublished_in_order ON outbox (seq) WHERE published_at IS NULL;",
    down: "DROP INDEX outbox_unpublished_in_order;"
}
