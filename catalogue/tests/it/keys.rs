//! The keys of titles.

use std::collections::HashMap;

use catalogue::titles::key;

use crate::support;

/// Names and their keys.
const KEYS: &[(&str, &str)] = &[
    // Case, blanks and signs.
    ("Tetris", "tetris"),
    ("TETRIS", "tetris"),
    ("  Tetris  ", "tetris"),
    ("Super Mario Bros.", "supermariobros"),
    ("super   mario\tbros", "supermariobros"),
    ("Super\u{a0}Mario\u{2009}Bros", "supermariobros"),
    ("Clay Fighter", "clayfighter"),
    ("ClayFighter", "clayfighter"),
    ("Spider-Man", "spiderman"),
    ("Spiderman", "spiderman"),
    ("Spider\u{2011}Man", "spiderman"),
    ("Spider–Man", "spiderman"),
    ("Spi\u{ad}der-Man", "spiderman"),
    ("Pac-Man", "pacman"),
    ("PAC-MAN", "pacman"),
    ("F-Zero GX", "fzerogx"),
    ("fzero gx", "fzerogx"),
    (
        "S.T.A.L.K.E.R.: Shadow of Chernobyl",
        "stalkershadowofchernobyl",
    ),
    ("Stalker - Shadow of Chernobyl", "stalkershadowofchernobyl"),
    ("NiGHTS into Dreams...", "nightsintodreams"),
    ("Okami HD!", "okamihd"),
    (".hack//INFECTION", "hackinfection"),
    ("Half-Life 2", "halflife2"),
    ("HALF LIFE 2", "halflife2"),
    ("R-Type Δ", "rtypeδ"),
    ("WarioWare, Inc.", "wariowareinc"),
    ("Tetris™", "tetris"),
    ("Tetris®", "tetris"),
    ("Ico ★", "ico"),
    // Apostrophes.
    ("Marvel's Spider-Man", "marvelsspiderman"),
    ("Marvel’s Spider-Man", "marvelsspiderman"),
    ("Marvels Spider-Man", "marvelsspiderman"),
    ("Luigi`s Mansion", "luigismansion"),
    ("Luigi´s Mansion", "luigismansion"),
    ("Rock 'n' Roll Racing", "rocknrollracing"),
    // Marks and letters.
    ("Pokémon Red", "pokemonred"),
    ("Poke\u{301}mon Red", "pokemonred"),
    ("POKÉMON RED", "pokemonred"),
    ("Ōkami", "okami"),
    ("Brütal Legend", "brutallegend"),
    ("Søren", "soren"),
    ("Æon Flux", "aeonflux"),
    ("Œuvre", "oeuvre"),
    ("Straße", "strasse"),
    ("STRAẞE", "strasse"),
    ("Łowcy", "lowcy"),
    ("Þórr", "thorr"),
    ("Đakovo", "dakovo"),
    ("IŞIK", "isik"),
    ("ışık", "isik"),
    ("İstanbul", "istanbul"),
    ("Ёлки", "елки"),
    ("Йога", "иога"),
    ("Ὀδύσσεια", "οδυσσεια"),
    ("ΟΔΟΣ", "οδοσ"),
    ("Ｆｉｎａｌ Ｆａｎｔａｓｙ", "finalfantasy"),
    ("ﬁnal", "final"),
    ("Alien³", "alien3"),
    // Other scripts: a mark there makes another letter.
    ("ゼルダの伝説", "ゼルダの伝説"),
    ("セ\u{3099}ルダの伝説", "ゼルダの伝説"),
    ("ｾﾞﾙﾀﾞの伝説", "ゼルダの伝説"),
    ("セルタの伝説", "セルタの伝説"),
    ("スーパーマリオ 64", "スーパーマリオ64"),
    ("ファイナルファンタジーVII", "ファイナルファンタジー7"),
    ("ファイナルファンタジー Ⅶ", "ファイナルファンタジー7"),
    ("젤다의 전설", "젤다의전설"),
    ("\u{110c}\u{1165}\u{11ab}\u{1109}\u{1165}\u{11af}", "전설"),
    ("เกมส์", "เกมส์"),
    ("三国志 II", "三国志2"),
    // And.
    ("Ratchet & Clank", "ratchetandclank"),
    ("Ratchet and Clank", "ratchetandclank"),
    ("Ratchet＆Clank", "ratchetandclank"),
    ("Ratchet&Clank", "ratchetandclank"),
    ("Mario + Rabbids", "mariorabbids"),
    // Articles.
    ("The Legend of Zelda", "legendofzelda"),
    ("Legend of Zelda, The", "legendofzelda"),
    ("Legend of Zelda", "legendofzelda"),
    ("THE LEGEND OF ZELDA", "legendofzelda"),
    ("A Boy and His Blob", "boyandhisblob"),
    ("Boy and His Blob, A", "boyandhisblob"),
    ("An American Tail", "americantail"),
    ("Theme Park", "themepark"),
    ("Another World", "anotherworld"),
    ("The", "the"),
    ("A-Train", "atrain"),
    ("A.B. Cop", "abcop"),
    ("Of the", "ofthe"),
    (
        "Legend of the Mystical Ninja, The (PAL)",
        "legendofthemysticalninja",
    ),
    // Roman numerals.
    ("Final Fantasy VII", "finalfantasy7"),
    ("Final Fantasy 7", "finalfantasy7"),
    ("final fantasy vii", "finalfantasy7"),
    ("Final Fantasy Ⅶ", "finalfantasy7"),
    ("Final FantasyⅩⅢ", "finalfantasy13"),
    ("Ninja Gaiden III", "ninjagaiden3"),
    ("Ninja Gaiden 3", "ninjagaiden3"),
    ("Final Fantasy XIII-2", "finalfantasy132"),
    (
        "Romance of the Three Kingdoms XIV",
        "romanceofthethreekingdoms14",
    ),
    ("Saga XXXIX", "saga39"),
    ("Saga XL", "sagaxl"),
    ("Saga IIII", "sagaiiii"),
    ("Saga IIX", "sagaiix"),
    ("Dragon Quest I & II", "dragonquestiand2"),
    ("Mega Man X", "megamanx"),
    ("Mega Man 10", "megaman10"),
    ("Mega Man XX", "megaman20"),
    ("Grand Theft Auto V", "grandtheftautov"),
    ("Grand Theft Auto 5", "grandtheftauto5"),
    ("V-Rally", "vrally"),
    ("V-Rally 3", "vrally3"),
    ("Vi", "6"),
    ("Street Fighter II'", "streetfighter2"),
    ("DiX", "dix"),
    // Brackets: only tags of the list go.
    ("Chrono Trigger (PAL)", "chronotrigger"),
    ("Chrono Trigger [NTSC-U]", "chronotrigger"),
    ("Chrono Trigger (NTSC-U/J)", "chronotrigger"),
    ("Chrono Trigger {CIB}", "chronotrigger"),
    ("Chrono Trigger (PAL, CIB)", "chronotrigger"),
    ("Chrono Trigger (USA) [Complete] (new)", "chronotrigger"),
    ("Chrono Trigger(Boxed/Sealed)", "chronotrigger"),
    ("Chrono Trigger （ＪＰＮ）", "chronotrigger"),
    ("Chrono Trigger (box only)", "chronotriggerboxonly"),
    ("Chrono Trigger (manual)", "chronotriggermanual"),
    ("Chrono Trigger (PAL box)", "chronotriggerpalbox"),
    ("Chrono Trigger (box only) (PAL)", "chronotriggerboxonly"),
    ("Chrono (PAL) Trigger", "chronopaltrigger"),
    ("Chrono Trigger ()", "chronotrigger"),
    ("Chrono Trigger PAL", "chronotriggerpal"),
    ("Chrono Trigger [PAL)", "chronotriggerpal"),
    ("Mega Man X (PAL)", "megamanx"),
    ("NHL '94 (EUR)", "nhl94"),
    // Nothing left.
    ("!!!", "!!!"),
    (" ??? ", "???"),
    ("(PAL)", "(PAL)"),
    ("\u{301}", "\u{301}"),
];

#[test]
fn key_is_that_of_the_table() {
    assert!(KEYS.len() >= 100);
    let wrong: Vec<_> = KEYS
        .iter()
        .map(|(name, expected)| (name, expected, key(name)))
        .filter(|(_, expected, key)| *expected != key)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn key_is_bounded_and_tells_long_names_apart() {
    let (one, other) = ("ゼ".repeat(254) + "1", "ゼ".repeat(254) + "2");
    assert!(key(&one).len() <= 512);
    assert_ne!(key(&one), key(&other));
    // Folding makes 18 letters of this sign.
    assert!(key(&"\u{fdfa}".repeat(255)).len() <= 512);
}

#[test]
fn key_is_different_for_each_sequel_of_a_series() {
    let text = support::titles("series.tsv");
    let series: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split(" | ").collect())
        .collect();
    assert!(series.len() >= 300, "{} series", series.len());
    for titles in series {
        let mut keys = HashMap::new();
        for title in titles {
            if let Some(other) = keys.insert(key(title), title) {
                panic!("{title} and {other} have the same key, {}", key(title));
            }
        }
    }
}
