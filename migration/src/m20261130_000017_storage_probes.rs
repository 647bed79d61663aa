//! Where an instance tries to write after a write was refused: a row of 64 KiB, deleted again at once.

crate::migration! {
    up: "CREATE TABLE storage_probes (id {identity}, filling TEXT NOT NULL)",
    down: "DROP TABLE storage_probes"
}
