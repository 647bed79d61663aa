//! What is known of a person's mailbox: how often somebody asked for a letter to it, which is the order of these events, and
//! when the password changed, which ends the letters that were asked for before.

crate::migration! {
    up: "
ALTER TABLE users ADD COLUMN letters_requested BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN password_changed_at {timestamp};",
    down: "
ALTER TABLE users DROP COLUMN password_changed_at;
ALTER TABLE users DROP COLUMN letters_requested;"
}
