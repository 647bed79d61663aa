//! The ledger of game transfers.

crate::migration! {
    up: "
CREATE TABLE game_transfers (
    id {identity},
    game_id BIGINT NOT NULL REFERENCES games (id),
    owner_seq BIGINT NOT NULL CHECK (owner_seq >= 1),
    from_user_id BIGINT NOT NULL REFERENCES users (id),
    to_user_id BIGINT NOT NULL REFERENCES users (id),
    offer_id BIGINT NOT NULL REFERENCES offers (id),
    created_at {timestamp} NOT NULL,
    UNIQUE (game_id, owner_seq),
    CHECK (from_user_id <> to_user_id)
);
CREATE INDEX game_transfers_by_offer ON game_transfers (offer_id);",
    down: "DROP TABLE game_transfers;"
}
