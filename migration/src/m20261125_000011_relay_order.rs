//! The relay reads what is unpublished in the order in which it was written.

crate::migration! {
    up: "CREATE INDEX outbox_unpublished_in_order ON outbox (seq) WHERE published_at IS NULL;",
    down: "DROP INDEX outbox_unpublished_in_order;"
}
