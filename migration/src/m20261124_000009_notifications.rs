//! The inbox of the notifier, one row a letter. It has no foreign key to users: a letter to a deleted account is skipped,
//! and must not block others.

crate::migration! {
    up: "
CREATE TABLE notifications (
    id {identity},
    event_id {uuid} NOT NULL,
    recipient_id BIGINT NOT NULL,
    template {text} NOT NULL,
    event {json} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('waiting', 'sent', 'skipped', 'dead')),
    attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at {timestamp},
    lease_until {timestamp},
    smtp_response {text},
    created_at {timestamp} NOT NULL,
    finished_at {timestamp},
    UNIQUE (event_id, recipient_id),
    CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX notifications_waiting ON notifications (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notifications_dead ON notifications (id) WHERE state = 'dead';
CREATE INDEX notifications_finished ON notifications (finished_at) WHERE finished_at IS NOT NULL;",
    down: "DROP TABLE notifications;"
}
