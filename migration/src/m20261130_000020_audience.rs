//! The audience of an event, and an index of the public ones.

crate::migration! {
    up: "
ALTER TABLE outbox ADD COLUMN parties_only BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE outbox SET parties_only = TRUE WHERE aggregate_type <> 'offer';
CREATE INDEX outbox_public ON outbox (position) WHERE NOT parties_only AND position IS NOT NULL;",
    down: "
DROP INDEX outbox_public;
ALTER TABLE outbox DROP COLUMN parties_only;"
}
