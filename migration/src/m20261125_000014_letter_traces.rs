//! The trace context of the request that caused a letter, for the log of the notifier.

crate::migration! {
    up: "ALTER TABLE notifications ADD COLUMN traceparent {text};",
    down: "ALTER TABLE notifications DROP COLUMN traceparent;"
}
