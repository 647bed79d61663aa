//! The table to which an instance writes a probe of 64 KiB after a refused write, and deletes it at once.

crate::migration! {
    up: "CREATE TABLE storage_probes (id {identity}, filling TEXT NOT NULL)",
    down: "DROP TABLE storage_probes"
}
