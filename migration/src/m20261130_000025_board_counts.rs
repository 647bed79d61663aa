//! The numbers of listed games by system, condition and year. A group may have several rows, which are added up: a write
//! of a game appends a row instead of updating one that others wait for, and the exchange folds the rows of a group.
//!
//! The triggers and the first count are one transaction, during which no game is written.

crate::migration! {
    sqlite: {
        up: "
CREATE TABLE board_counts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    system_key TEXT NOT NULL,
    condition TEXT NOT NULL,
    year_published INTEGER NOT NULL,
    games INTEGER NOT NULL
);
CREATE TRIGGER games_listed_counted AFTER INSERT ON games WHEN new.deleted_at IS NULL BEGIN
    INSERT INTO board_counts (system_key, condition, year_published, games)
        VALUES (new.system_key, new.condition, new.year_published, 1);
END;
CREATE TRIGGER games_changed_counted AFTER UPDATE OF system_key, condition, year_published, deleted_at ON games
WHEN (old.deleted_at IS NULL OR new.deleted_at IS NULL)
    AND (new.system_key <> old.system_key OR new.condition <> old.condition OR new.year_published <> old.year_published
        OR (new.deleted_at IS NULL) <> (old.deleted_at IS NULL))
BEGIN
    INSERT INTO board_counts (system_key, condition, year_published, games)
        SELECT old.system_key, old.condition, old.year_published, -1 WHERE old.deleted_at IS NULL;
    INSERT INTO board_counts (system_key, condition, year_published, games)
        SELECT new.system_key, new.condition, new.year_published, 1 WHERE new.deleted_at IS NULL;
END;
CREATE TRIGGER games_removed_counted AFTER DELETE ON games WHEN old.deleted_at IS NULL BEGIN
    INSERT INTO board_counts (system_key, condition, year_published, games)
        VALUES (old.system_key, old.condition, old.year_published, -1);
END;
INSERT INTO board_counts (system_key, condition, year_published, games)
    SELECT system_key, condition, year_published, count(*) FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3;",
        down: "
DROP TRIGGER games_removed_counted;
DROP TRIGGER games_changed_counted;
DROP TRIGGER games_listed_counted;
DROP TABLE board_counts;"
    },
    postgres: {
        up: "
CREATE TABLE board_counts (
    id {identity},
    system_key {text} NOT NULL,
    condition {text} NOT NULL,
    year_published INTEGER NOT NULL,
    games BIGINT NOT NULL
);
CREATE FUNCTION count_listed_games() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO board_counts (system_key, condition, year_published, games)
        SELECT system_key, condition, year_published, count(*) FROM listed WHERE deleted_at IS NULL GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE FUNCTION count_changed_game() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF old.deleted_at IS NULL THEN
        INSERT INTO board_counts (system_key, condition, year_published, games)
            VALUES (old.system_key, old.condition, old.year_published, -1);
    END IF;
    IF TG_OP = 'UPDATE' AND new.deleted_at IS NULL THEN
        INSERT INTO board_counts (system_key, condition, year_published, games)
            VALUES (new.system_key, new.condition, new.year_published, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER games_listed_counted AFTER INSERT ON games REFERENCING NEW TABLE AS listed
FOR EACH STATEMENT EXECUTE FUNCTION count_listed_games();
CREATE TRIGGER games_changed_counted AFTER UPDATE OF system_key, condition, year_published, deleted_at ON games FOR EACH ROW
WHEN ((old.deleted_at IS NULL OR new.deleted_at IS NULL)
    AND (new.system_key <> old.system_key OR new.condition <> old.condition OR new.year_published <> old.year_published
        OR (new.deleted_at IS NULL) <> (old.deleted_at IS NULL)))
EXECUTE FUNCTION count_changed_game();
CREATE TRIGGER games_removed_counted AFTER DELETE ON games FOR EACH ROW WHEN (old.deleted_at IS NULL)
EXECUTE FUNCTION count_changed_game();
INSERT INTO board_counts (system_key, condition, year_published, games)
    SELECT system_key, condition, year_published, count(*) FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3;",
        down: "
DROP TRIGGER games_removed_counted ON games;
DROP TRIGGER games_changed_counted ON games;
DROP TRIGGER games_listed_counted ON games;
DROP FUNCTION count_changed_game();
DROP FUNCTION count_listed_games();
DROP TABLE board_counts;"
    }
}
