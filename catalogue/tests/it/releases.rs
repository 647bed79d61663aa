//! Lexemes and words of releases.

use catalogue::Release;

use crate::support::lexemes;

#[test]
fn lexemes_are_joined_runs_to_the_end() {
    assert_eq!(
        lexemes("Spider-Man 2", "Activision Blizzard", "Ouya"),
        [
            "bspiderman2",
            "oactivisionblizzard",
            "oblizzard",
            "oouya",
            "t2",
            "tman2",
            "tspiderman2",
            "w2",
            "wman",
            "wspider",
            "wspiderman",
        ]
    );
}

#[test]
fn lexemes_have_the_beginning_with_and_without_article() {
    for name in ["The Simpsons", "Simpsons, The"] {
        let lexemes = lexemes(name, "", "");
        for beginning in ["bthesimpsons", "bsimpsons"] {
            let found = lexemes.iter().any(|lexeme| lexeme.starts_with(beginning));
            assert!(found, "{name}: {beginning}");
        }
    }
}

#[test]
fn lexemes_have_numerals_as_digits() {
    let has = |name: &str, lexeme: &str| lexemes(name, "", "").contains(&lexeme.to_owned());
    assert!(has("Final Fantasy VI", "t6"));
    assert!(!has("Final Fantasy VI", "tvi"));
    for lexeme in [
        "tx",
        "t10",
        "tmegamanx",
        "tmegaman10",
        "bmegamanx",
        "bmegaman10",
    ] {
        assert!(has("Mega Man X", lexeme), "{lexeme}");
        assert!(has("Mega Man X (PAL)", &format!("{lexeme}pal")), "{lexeme}");
    }
    assert!(has("Mega Man X: Maverick", "t10maverick"));
    assert!(has("Mega Man X, Maverick", "t10maverick"));
    assert!(has("Fantasy I & II", "t1and2"));
    assert!(has("Fantasy I & II", "tiand2"));
    assert!(has("Final Fantasy X-2", "tfantasy10·2"));
    assert!(!has("Mega Man X-Treme", "t10treme"));
    assert!(!has("Mega Man X Maverick", "t10maverick"));
    assert!(!has("X: Maverick", "t10maverick"));
    assert!(!has("Mega Man 10", "tx"));
}

#[test]
fn lexemes_start_at_each_character_of_a_script_without_blanks() {
    let lexemes = lexemes("ゼルダの伝説 64", "", "");
    for lexeme in [
        "bゼルダの伝説64",
        "tルダの伝説64",
        "t伝説64",
        "t説64",
        "t64",
    ] {
        assert!(lexemes.contains(&lexeme.to_owned()), "{lexeme}");
    }
}

#[test]
fn lexemes_have_the_names_of_the_system() {
    let lexemes = lexemes("Sonic", "Sega", "Genesis");
    for lexeme in [
        "omegadrive",
        "odrive",
        "osegamegadrive",
        "ogenesis",
        "osegagenesis",
    ] {
        assert!(lexemes.contains(&lexeme.to_owned()), "{lexeme}");
    }
    assert_eq!(
        lexemes,
        super::support::lexemes("Sonic", "SEGA", "mega-drive")
    );
}

#[test]
fn lexemes_are_bounded() {
    for name in [
        "a ".repeat(127),
        "ゼ".repeat(255),
        "\u{fdfa}".repeat(255),
        "x".repeat(255),
    ] {
        let release = Release::new(&name, &name, &name[..name.len() / 6 * 3]);
        assert!(release.lexemes.len() <= 1_000);
        assert!(
            release
                .lexemes
                .iter()
                .all(|lexeme| lexeme.chars().count() <= 65)
        );
        assert!(release.text().len() < 250_000);
        assert!(release.sort_key.len() < 1_300, "{}", release.sort_key.len());
    }
}

#[test]
fn text_has_all_lexemes() {
    let release = Release::new("Spider-Man 2", "Activision", "Ouya");
    assert_eq!(
        release.text(),
        "bspiderman2 oactivision oouya t2 tman2 tspiderman2 w2 wman wspider wspiderman"
    );
}

#[test]
fn words_are_letters_and_also_joined_where_no_blank_stands() {
    let release = Release::new("S.T.A.L.K.E.R. 2: Spider-Man of 3D", "Activision", "Ouya");
    let words: Vec<&str> = release.words.iter().map(String::as_str).collect();
    let expected = ["activision", "ouya", "spider", "spiderman", "stalker"];
    assert_eq!(words, expected);
    assert_eq!(Release::new("ゼルダの伝説", "", "").words.len(), 0);
}

#[test]
fn release_of_equal_texts_is_the_same() {
    let one = Release::new("Final Fantasy VII", "Square", "PS1");
    let other = Release::new("final fantasy 7", "SQUARE", "PlayStation");
    assert_eq!(one, other);
    assert_eq!(one.title_key, "finalfantasy7");
    assert_eq!(one.system_key, "ps1");
    assert_eq!(one.sort_key, "final fantasy 17\tps1\tsquare");
}

#[test]
fn sort_key_names_the_lexemes() {
    let texts = [
        "Simpsons",
        "The Simpsons",
        "Simpsons, The",
        "SIMPSONS (PAL)",
        "Mega Man X",
        "Mega Man 10",
    ];
    for one in texts {
        for other in texts {
            for (system, other_system) in [("Foo Bar", "Foo Bar"), ("Foo Bar", "FooBar")] {
                let one = Release::new(one, "Acclaim", system);
                let other = Release::new(other, "acclaim", other_system);
                assert_eq!(one.sort_key == other.sort_key, one.lexemes == other.lexemes);
            }
        }
    }
}
