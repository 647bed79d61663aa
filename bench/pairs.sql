-- Pairs of games that no other offer names: the first of pair k belongs to person 1 + 2k mod P, the second to the next one. Each
-- pair in the first half has a pending offer of its first game for its second; the others have none yet. All are copies of the
-- release that the first game of the board has, so their keys are known. Valid for PostgreSQL and SQLite, once the numbers are
-- filled in.
INSERT INTO games (id, owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at,
    title_key, system_key, sort_key, key_rule)
WITH RECURSIVE pair (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM pair WHERE k + 1 < 2 * {count})
SELECT {game} + 2 * k + side, 1 + (2 * k + side) % {people}, name, publisher, year_published, gaming_system, 'good',
    '2026-06-01T00:00:00+00:00', '2026-06-01T00:00:00+00:00', title_key, system_key, sort_key, key_rule
FROM pair CROSS JOIN (SELECT 0 AS side UNION ALL SELECT 1) AS sides CROSS JOIN (SELECT * FROM games WHERE id = 1) AS like_it;

INSERT INTO offers (id, offerer_id, receiver_id, status, created_at, updated_at)
WITH RECURSIVE pair (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM pair WHERE k + 1 < {count})
SELECT {offer} + k, 1 + (2 * k) % {people}, 1 + (2 * k + 1) % {people}, 'pending',
    '2026-06-01T00:00:00+00:00', '2026-06-01T00:00:00+00:00'
FROM pair;

INSERT INTO offer_games (offer_id, game_id, side)
WITH RECURSIVE pair (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM pair WHERE k + 1 < {count})
SELECT {offer} + k, {game} + 2 * k + side, CASE side WHEN 0 THEN 'offered' ELSE 'requested' END
FROM pair CROSS JOIN (SELECT 0 AS side UNION ALL SELECT 1) AS sides;
