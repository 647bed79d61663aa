//! Titles, releases and the words of their names, which a search reads instead of games; and the keys by which a game
//! belongs to a title, a system and a release. The exchange derives all of them, and fills the keys of games that exist.
//!
//! `key_rule` is the number of the rule that made the keys of a game; 0: they are not up to date. A change of the texts
//! of a game that leaves its keys alone sets it to 0: it came from an older version of the exchange.
//!
//! On PostgreSQL such a version may serve while the next one is rolled out, and reads `games.words` and `game_words` of
//! the former search. They stay, no longer filled, for a later migration to remove.

crate::migration! {
    sqlite: {
        up: "
CREATE TABLE titles (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    means TEXT REFERENCES titles (key) CHECK (means <> key)
) WITHOUT ROWID;
CREATE INDEX titles_merged ON titles (means) WHERE means IS NOT NULL;
CREATE TABLE releases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sort_key TEXT NOT NULL UNIQUE,
    title_key TEXT NOT NULL,
    system_key TEXT NOT NULL,
    lexemes TEXT NOT NULL
);
CREATE INDEX releases_by_title ON releases (title_key);
CREATE VIRTUAL TABLE releases_search USING fts5 (lexemes, content = '', tokenize = 'ascii', detail = none, columnsize = 0);
CREATE TRIGGER releases_searched AFTER INSERT ON releases BEGIN
    INSERT INTO releases_search (rowid, lexemes) VALUES (new.id, new.lexemes);
END;
CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE spellings (spelling TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (spelling, word)) WITHOUT ROWID;
DROP TRIGGER games_search_changed;
DROP TRIGGER games_search_listed;
DROP TABLE games_search;
DROP INDEX games_by_words;
ALTER TABLE games DROP COLUMN words;
ALTER TABLE games ADD COLUMN title_key TEXT NOT NULL DEFAULT '';
ALTER TABLE games ADD COLUMN system_key TEXT NOT NULL DEFAULT '';
ALTER TABLE games ADD COLUMN sort_key TEXT NOT NULL DEFAULT '';
ALTER TABLE games ADD COLUMN key_rule INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER games_respelled AFTER UPDATE OF name, publisher, gaming_system ON games
WHEN (new.name <> old.name OR new.publisher <> old.publisher OR new.gaming_system <> old.gaming_system)
    AND new.title_key = old.title_key AND new.sort_key = old.sort_key AND new.key_rule = old.key_rule
BEGIN
    UPDATE games SET key_rule = 0 WHERE id = new.id;
END;",
        down: "
DROP TRIGGER games_respelled;
ALTER TABLE games DROP COLUMN key_rule;
ALTER TABLE games DROP COLUMN sort_key;
ALTER TABLE games DROP COLUMN system_key;
ALTER TABLE games DROP COLUMN title_key;
DROP TABLE spellings;
DROP TABLE words;
DROP TABLE releases_search;
DROP TABLE releases;
DROP TABLE titles;
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
END;"
    },
    postgres: {
        up: "
CREATE TABLE titles (
    key {text} PRIMARY KEY,
    name {text} NOT NULL,
    means {text} REFERENCES titles (key) CHECK (means <> key)
);
CREATE INDEX titles_merged ON titles (means) WHERE means IS NOT NULL;
CREATE TABLE releases (
    id {identity},
    sort_key {text} NOT NULL UNIQUE,
    title_key {text} NOT NULL,
    system_key {text} NOT NULL,
    lexemes TSVECTOR NOT NULL
);
CREATE INDEX releases_by_title ON releases (title_key);
CREATE INDEX releases_search ON releases USING gin (lexemes) WITH (fastupdate = off);
CREATE TABLE words (word {text} PRIMARY KEY);
CREATE TABLE spellings (spelling {text}, word {text}, PRIMARY KEY (spelling, word));
DROP TRIGGER games_know_words ON games;
DROP FUNCTION know_words();
DROP FUNCTION words_worth_knowing(TEXT);
ALTER TABLE games ALTER COLUMN words DROP EXPRESSION;
ALTER TABLE games
    ALTER COLUMN words SET DEFAULT '',
    ADD COLUMN title_key {text} NOT NULL DEFAULT '',
    ADD COLUMN system_key {text} NOT NULL DEFAULT '',
    ADD COLUMN sort_key {text} NOT NULL DEFAULT '',
    ADD COLUMN key_rule INTEGER NOT NULL DEFAULT 0;
CREATE FUNCTION forget_keys() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    new.key_rule := 0;
    RETURN new;
END $$;
CREATE TRIGGER games_respelled BEFORE UPDATE OF name, publisher, gaming_system ON games FOR EACH ROW
WHEN ((new.name <> old.name OR new.publisher <> old.publisher OR new.gaming_system <> old.gaming_system)
    AND new.title_key = old.title_key AND new.sort_key = old.sort_key AND new.key_rule = old.key_rule)
EXECUTE FUNCTION forget_keys();",
        down: "
DROP TRIGGER games_respelled ON games;
DROP FUNCTION forget_keys();
ALTER TABLE games
    DROP COLUMN key_rule,
    DROP COLUMN sort_key,
    DROP COLUMN system_key,
    DROP COLUMN title_key,
    DROP COLUMN words;
DROP TABLE spellings;
DROP TABLE words;
DROP TABLE releases;
DROP TABLE titles;
DELETE FROM game_words;
ALTER TABLE games ADD COLUMN words {text} NOT NULL GENERATED ALWAYS AS (
    '  ' || replace(lower(name), ' ', '  ') || chr(10) || '  ' || replace(lower(publisher), ' ', '  ')
) STORED;
ALTER TABLE games ALTER COLUMN words SET STATISTICS 1000;
CREATE INDEX games_by_words ON games (words, id) WHERE deleted_at IS NULL;
CREATE INDEX games_search ON games USING gin (words gin_trgm_ops) WITH (fastupdate = off) WHERE deleted_at IS NULL;
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
CREATE TRIGGER games_know_words AFTER INSERT OR UPDATE OF name, publisher ON games FOR EACH ROW EXECUTE FUNCTION know_words();"
    }
}
