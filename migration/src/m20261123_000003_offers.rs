//! Offers and their games.

crate::migration! {
    up: "
CREATE TABLE offers (
    id {identity},
    offerer_id BIGINT NOT NULL REFERENCES users (id),
    receiver_id BIGINT NOT NULL REFERENCES users (id),
    status {text} NOT NULL CHECK (status IN ('pending', 'accepted', 'rejected', 'cancelled')),
    closed_reason {text} CHECK (closed_reason IN ('withdrawn', 'declined', 'game_unavailable')),
    closed_by_offer_id BIGINT REFERENCES offers (id),
    message {text} CHECK (length(message) BETWEEN 1 AND 2000),
    offerer_address {text},
    receiver_address {text},
    version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at {timestamp} NOT NULL,
    updated_at {timestamp} NOT NULL,
    CHECK (offerer_id <> receiver_id),
    CHECK ((status IN ('pending', 'accepted')) = (closed_reason IS NULL)),
    CHECK (closed_by_offer_id IS NULL OR closed_reason = 'game_unavailable'),
    CHECK (status = 'accepted' OR (offerer_address IS NULL AND receiver_address IS NULL))
);
CREATE INDEX offers_by_offerer ON offers (offerer_id, id);
CREATE INDEX offers_by_receiver ON offers (receiver_id, id);
CREATE INDEX offers_by_status ON offers (status, id);
CREATE INDEX offers_pending_by_offerer ON offers (offerer_id) WHERE status = 'pending';

CREATE TABLE offer_games (
    offer_id BIGINT NOT NULL REFERENCES offers (id),
    game_id BIGINT NOT NULL REFERENCES games (id),
    side {text} NOT NULL CHECK (side IN ('offered', 'requested')),
    PRIMARY KEY (offer_id, game_id)
);
CREATE INDEX offer_games_by_game ON offer_games (game_id, offer_id);",
    down: "DROP TABLE offer_games; DROP TABLE offers;"
}
