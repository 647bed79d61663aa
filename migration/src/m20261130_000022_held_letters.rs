//! Letters that are held back: an update for a minute, and letters beyond the hourly limit of one sender to one recipient.
//! Such a letter may cover several events; the rows of the others name it.
//!
//! SQLite cannot alter a check constraint, so there the table is recreated with its rows and its id counter.

crate::migration! {
    sqlite: {
        up: "
CREATE TABLE notifications_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id BLOB NOT NULL,
    recipient_id BIGINT NOT NULL,
    template TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'sent', 'skipped', 'merged', 'dead')),
    attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at TEXT,
    lease_until TEXT,
    smtp_response TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    traceparent TEXT,
    sender_id BIGINT,
    offer_id BIGINT,
    offer_version BIGINT,
    changes BIGINT NOT NULL DEFAULT 1 CHECK (changes >= 1),
    covered_by BIGINT,
    released_at TEXT,
    UNIQUE (event_id, recipient_id),
    CHECK ((state IN ('held', 'waiting')) = (next_attempt_at IS NOT NULL)),
    CHECK ((state IN ('held', 'waiting')) = (finished_at IS NULL)),
    CHECK ((state = 'merged') = (covered_by IS NOT NULL))
);
INSERT INTO notifications_new (
    id, event_id, recipient_id, template, event, state, attempts, next_attempt_at, lease_until, smtp_response, created_at,
    finished_at, traceparent
)
SELECT
    id, event_id, recipient_id, template, event, state, attempts, next_attempt_at, lease_until, smtp_response, created_at,
    finished_at, traceparent
FROM notifications;
DELETE FROM sqlite_sequence WHERE name = 'notifications_new';
UPDATE sqlite_sequence SET name = 'notifications_new' WHERE name = 'notifications';
DROP TABLE notifications;
ALTER TABLE notifications_new RENAME TO notifications;
CREATE INDEX notifications_waiting ON notifications (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notifications_dead ON notifications (id) WHERE state = 'dead';
CREATE INDEX notifications_finished ON notifications (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX notifications_held ON notifications (next_attempt_at) WHERE state = 'held';
CREATE INDEX notifications_held_offers ON notifications (offer_id, recipient_id) WHERE state = 'held';
CREATE INDEX notifications_held_senders ON notifications (recipient_id, sender_id) WHERE state = 'held';
CREATE INDEX notifications_released ON notifications (recipient_id, sender_id, released_at) WHERE released_at IS NOT NULL;",
        down: "
CREATE TABLE notifications_old (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id BLOB NOT NULL,
    recipient_id BIGINT NOT NULL,
    template TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'skipped', 'dead')),
    attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at TEXT,
    lease_until TEXT,
    smtp_response TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    traceparent TEXT,
    UNIQUE (event_id, recipient_id),
    CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
INSERT INTO notifications_old
SELECT
    id, event_id, recipient_id, template, event,
    CASE state WHEN 'held' THEN 'waiting' WHEN 'merged' THEN 'skipped' ELSE state END,
    attempts, next_attempt_at, lease_until, smtp_response, created_at, finished_at, traceparent
FROM notifications;
DELETE FROM sqlite_sequence WHERE name = 'notifications_old';
UPDATE sqlite_sequence SET name = 'notifications_old' WHERE name = 'notifications';
DROP TABLE notifications;
ALTER TABLE notifications_old RENAME TO notifications;
CREATE INDEX notifications_waiting ON notifications (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notifications_dead ON notifications (id) WHERE state = 'dead';
CREATE INDEX notifications_finished ON notifications (finished_at) WHERE finished_at IS NOT NULL;"
    },
    postgres: {
        up: "
ALTER TABLE notifications
    ADD COLUMN sender_id BIGINT,
    ADD COLUMN offer_id BIGINT,
    ADD COLUMN offer_version BIGINT,
    ADD COLUMN changes BIGINT NOT NULL DEFAULT 1 CHECK (changes >= 1),
    ADD COLUMN covered_by BIGINT,
    ADD COLUMN released_at TIMESTAMPTZ,
    DROP CONSTRAINT notifications_state_check,
    DROP CONSTRAINT notifications_check,
    DROP CONSTRAINT notifications_check1,
    ADD CONSTRAINT notifications_state_check
        CHECK (state IN ('held', 'waiting', 'sent', 'skipped', 'merged', 'dead')),
    ADD CONSTRAINT notifications_check CHECK ((state IN ('held', 'waiting')) = (next_attempt_at IS NOT NULL)),
    ADD CONSTRAINT notifications_check1 CHECK ((state IN ('held', 'waiting')) = (finished_at IS NULL)),
    ADD CONSTRAINT notifications_check2 CHECK ((state = 'merged') = (covered_by IS NOT NULL));
CREATE INDEX notifications_held ON notifications (next_attempt_at) WHERE state = 'held';
CREATE INDEX notifications_held_offers ON notifications (offer_id, recipient_id) WHERE state = 'held';
CREATE INDEX notifications_held_senders ON notifications (recipient_id, sender_id) WHERE state = 'held';
CREATE INDEX notifications_released ON notifications (recipient_id, sender_id, released_at) WHERE released_at IS NOT NULL;",
        down: "
ALTER TABLE notifications DROP CONSTRAINT notifications_check2, DROP CONSTRAINT notifications_check1,
    DROP CONSTRAINT notifications_check, DROP CONSTRAINT notifications_state_check;
UPDATE notifications SET state = CASE state WHEN 'held' THEN 'waiting' ELSE 'skipped' END WHERE state IN ('held', 'merged');
ALTER TABLE notifications
    DROP COLUMN released_at,
    DROP COLUMN covered_by,
    DROP COLUMN changes,
    DROP COLUMN offer_version,
    DROP COLUMN offer_id,
    DROP COLUMN sender_id,
    ADD CONSTRAINT notifications_state_check CHECK (state IN ('waiting', 'sent', 'skipped', 'dead')),
    ADD CONSTRAINT notifications_check CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
    ADD CONSTRAINT notifications_check1 CHECK ((state = 'waiting') = (finished_at IS NULL));"
    }
}
