//! The transactional outbox.

crate::migration! {
    up: "
CREATE TABLE outbox (
    seq {identity},
    id {uuid} NOT NULL UNIQUE,
    aggregate_type {text} NOT NULL,
    aggregate_id BIGINT NOT NULL,
    aggregate_seq BIGINT NOT NULL CHECK (aggregate_seq >= 1),
    type {text} NOT NULL,
    payload {json} NOT NULL,
    headers {json} NOT NULL,
    created_at {timestamp} NOT NULL,
    position BIGINT UNIQUE,
    published_at {timestamp},
    UNIQUE (aggregate_type, aggregate_id, aggregate_seq)
);
CREATE INDEX outbox_unpublished ON outbox (aggregate_type, aggregate_id, aggregate_seq) WHERE published_at IS NULL;",
    down: "DROP TABLE outbox;"
}
