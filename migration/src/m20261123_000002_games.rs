//! Games, with an index for each sort order and filter.

crate::migration! {
    up: "
CREATE TABLE games (
    id {identity},
    owner_id BIGINT NOT NULL REFERENCES users (id),
    owner_seq BIGINT NOT NULL DEFAULT 0 CHECK (owner_seq >= 0),
    name {text} NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    publisher {text} NOT NULL CHECK (length(publisher) BETWEEN 1 AND 200),
    year_published INTEGER NOT NULL CHECK (year_published BETWEEN 1950 AND 2100),
    gaming_system {text} NOT NULL CHECK (length(gaming_system) BETWEEN 1 AND 100),
    condition {text} NOT NULL CHECK (condition IN ('mint', 'good', 'fair', 'poor')),
    previous_owners INTEGER NOT NULL DEFAULT 0 CHECK (previous_owners >= 0),
    deleted_at {timestamp},
    version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL
);
CREATE INDEX games_listed ON games (id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_owner ON games (owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_name ON games (name, id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_year ON games (year_published, id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_system ON games (gaming_system, id) WHERE deleted_at IS NULL;
CREATE INDEX games_by_condition ON games (condition, id) WHERE deleted_at IS NULL;",
    down: "DROP TABLE games;"
}
