//! The number of letters requested for a mailbox, which is the sequence of its events, and the time of the last password
//! change, which invalidates earlier letters.

crate::migration! {
    up: "
ALTER TABLE users ADD COLUMN letters_requested BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN password_changed_at {timestamp};",
    down: "
ALTER TABLE users DROP COLUMN password_changed_at;
ALTER TABLE users DROP COLUMN letters_requested;"
}
