//! Which request caused a letter: the trace context of its event, so that the log of the notifier can name the trace.

crate::migration! {
    up: "ALTER TABLE notifications ADD COLUMN traceparent {text};",
    down: "ALTER TABLE notifications DROP COLUMN traceparent;"
}
