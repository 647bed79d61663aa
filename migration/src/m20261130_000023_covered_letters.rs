//! An index of the rows that a letter covers.

crate::migration! {
    up: "CREATE INDEX notifications_covered ON notifications (covered_by) WHERE covered_by IS NOT NULL;",
    down: "DROP INDEX notifications_covered;"
}
