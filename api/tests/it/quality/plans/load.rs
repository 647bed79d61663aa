//! Tables large enough to reveal a scan.

use super::explain::uuid_of;

/// The number of games, offers and events; a quarter as many users.
pub const ROWS: i64 = 20_000;
/// The number of releases that the games are copies of.
const RELEASES: i64 = 2_000;

/// Returns the statements that fill the tables: each user has four games, makes four offers and gets four.
pub fn load() -> Vec<String> {
    let numbers = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS})"
    );
    let people = ROWS / 4;
    let now = "(SELECT created_at FROM users WHERE id = 1)";
    vec![
        format!(
            "INSERT INTO users (name, email, password_hash, token_version, created_at, updated_at) {numbers}
                SELECT 'User ' || n, 'user' || n || '@example.com', '', 1, {now}, {now} FROM n WHERE n < {people}"
        ),
        format!(
            "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at) {numbers}
                SELECT 1 + n % {people}, 'Game ' || (n * 7919 % {RELEASES}) || CASE WHEN n % 1000 = 7 THEN ' Rarity' ELSE '' END,
                    'Publisher ' || n % 50, 1980 + n % 40, 'System ' || n % 20,
                    CASE n % 4 WHEN 0 THEN 'mint' WHEN 1 THEN 'good' WHEN 2 THEN 'fair' ELSE 'poor' END, {now}, {now}
                FROM n ORDER BY n"
        ),
        format!(
            "INSERT INTO offers (offerer_id, receiver_id, status, closed_reason, created_at, updated_at) {numbers}
                SELECT 1 + n % {people}, 1 + (n + 1) % {people},
                    CASE n % 4 WHEN 0 THEN 'pending' WHEN 1 THEN 'accepted' WHEN 2 THEN 'rejected' ELSE 'cancelled' END,
                    CASE n % 4 WHEN 2 THEN 'declined' WHEN 3 THEN 'withdrawn' END, {now}, {now}
                FROM n ORDER BY n"
        ),
        "INSERT INTO offer_games (offer_id, game_id, side) SELECT id, id, 'offered' FROM offers".to_owned(),
        format!("INSERT INTO offer_games (offer_id, game_id, side) SELECT id, 1 + id % {ROWS}, 'requested' FROM offers"),
        format!(
            "INSERT INTO outbox (id, aggregate_type, aggregate_id, aggregate_seq, type, payload, headers, created_at, position,
                published_at) {numbers} SELECT {}, 'offer', n, 1, 'offer.created', '{{}}', '{{}}', {now}, n, {now} FROM n ORDER BY n",
            uuid_of("n")
        ),
    ]
}
