//! The search index of games. `words` has the words of the name and, on a second line, of the publisher, in lower case,
//! each after two spaces, so that three characters tell where a word begins. The indexes find games by a substring of
//! `words` and by a prefix of the name.
//!
//! SQLite indexes listed games in an external-content FTS5 table that triggers maintain. PostgreSQL uses pg_trgm, without a
//! pending list, which every search would have to scan; it also keeps the distinct words, to correct misspelt ones. They
//! are inserted in order, so that concurrent writers do not deadlock. Reverting keeps pg_trgm, which may have existed
//! before.

crate::migration! {
    sqlite: {
        up: "
ALTER TABLE games ADD COLUMN words TEXT GENERATED ALWAYS AS (
    '  ' || replace(lower(name), ' ', '  ') || char(10) || '  ' || replace(lower(publisher), ' ', '  ')
) VIRTUAL;
CREATE INDEX games_by_words ON games (words, id) WHERE deleted_at IS NULL;
CREATE VIRTUAL TABLE games_search USING fts5 (words, content = 'games', content_rowid = 'id', tokenize = 'trigram');
INSERT INTO games_search (rowid, words) SELECT id, words FROM games WHERE deleted_at IS NULL;
CREATE TRIGGER games_search_listed AFTER INSERT ON games WHEN new.deleted_at IS NULL BEGIN
    INSERT INTO games_search (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER games_search_changed AFTER UPDATE OF name, publisher, deleted_at ON games BEGIN
    INSERT INTO games_search (games_search, rowid, words) SELECT 'delete', old.id, old.words WHERE old.deleted_at IS NULL;
    INSERT INTO games_search (rowid, words) SELECT new.id, new.words WHERE new.deleted_at IS NULL;
END;",
        down: "
DROP TRIGGER games_search_changed;
DROP TRIGGER games_search_listed;
DROP TABLE games_search;
DROP INDEX games_by_words;
ALTER TABLE games DROP COLUMN words;"
    },
    postgres: {
        up: "
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE games ADD COLUMN words {text} NOT NULL GENERATED ALWAYS AS (
    '  ' || replace(lower(name), ' ', '  ') || chr(10) || '  ' || replace(lower(publisher), ' ', '  ')
) STORED;
ALTER TABLE games ALTER COLUMN words SET STATISTICS 1000;
CREATE INDEX games_by_words ON games (words, id) WHERE deleted_at IS NULL;
CREATE INDEX games_search ON games USING gin (words gin_trgm_ops) WITH (fastupdate = off) WHERE deleted_at IS NULL;
CREATE TABLE game_words (word {text} PRIMARY KEY);
CREATE INDEX game_words_alike ON game_words USING gist (word gist_trgm_ops (siglen = 64));
CREATE FUNCTION words_worth_knowing(words TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT word FROM regexp_split_to_table(words, '[[:space:][:punct:]]+') AS word
    WHERE length(word) BETWEEN 4 AND 50 AND word !~ '[0-9]' ORDER BY word
$$;
INSERT INTO game_words SELECT DISTINCT word FROM games, words_worth_knowing(words) AS word;
CREATE FUNCTION know_words() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO game_words SELECT word FROM words_worth_knowing(new.words) AS word ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER games_know_words AFTER INSERT OR UPDATE OF name, publisher ON games FOR EACH ROW EXECUTE FUNCTION know_words();",
        down: "
DROP TRIGGER games_know_words ON games;
DROP FUNCTION know_words();
DROP FUNCTION words_worth_knowing(TEXT);
DROP TABLE game_words;
DROP INDEX games_search;
DROP INDEX games_by_words;
ALTER TABLE games DROP COLUMN words;"
    }
}
