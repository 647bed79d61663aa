//! The relay's order: what has no position yet, and what was published so long ago that it can go.

crate::migration! {
    up: "
CREATE INDEX outbox_unplaced ON outbox (seq) WHERE position IS NULL;
CREATE INDEX outbox_by_publication ON outbox (published_at) WHERE published_at IS NOT NULL;",
    down: "
DROP INDEX outbox_by_publication;
DROP INDEX outbox_unplaced;"
}
