//! Indexes for each combination of filter and sort order, and for active users.

crate::migration! {
    up: "
CREATE INDEX users_listed ON users (id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_system_and_name ON games (gaming_system, name, id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_system_and_year ON games (gaming_system, year_published, id) WHERE deleted_at IS NULL;
CREATE INDEX offers_by_offerer_and_status ON offers (offerer_id, status, id);
CREATE INDEX offers_by_receiver_and_status ON offers (receiver_id, status, id);",
    down: "
DROP INDEX offers_by_receiver_and_status;
DROP INDEX offers_by_offerer_and_status;
DROP INDEX games_by_system_and_year;
DROP INDEX games_by_system_and_name;
DROP INDEX users_listed;"
}
