//! Queries as they are typed, and what they find.

use catalogue::Query;

use crate::support::{finds, lexemes};

#[test]
fn parse_finds_nothing_without_a_letter_or_digit() {
    for q in [
        "", " ", "!!!", "&", "\"*\"", "\u{301}", "\u{200b}", "\0", "%_", "' --",
    ] {
        assert_eq!(Query::parse(q), None, "{q}");
    }
    assert!(Query::parse("' OR 1").is_some());
}

#[test]
fn text_has_the_words_as_typed() {
    let text = |q: &str| Query::parse(q).unwrap().text();
    assert_eq!(
        text("  Final-Fantasy VII: Pokémon's "),
        "final fantasy vii pokemons"
    );
    assert_eq!(text("ゼルダの伝説 64"), "ゼルダの伝説 64");
    assert_eq!(text("(PAL)"), "pal");
}

#[test]
fn title_keys_begin_with_the_key_of_the_text() {
    let keys = |q: &str| Query::parse(q).unwrap().title_keys();
    assert_eq!(keys("The Legend of Zelda"), ["legendofzelda"]);
    assert_eq!(keys("Mega Man X"), ["megamanx", "megaman10"]);
    assert_eq!(keys("mega man 10"), ["megaman10", "megamanx"]);
    assert_eq!(keys("final fantasy vii"), ["finalfantasy7"]);
    assert_eq!(keys("x"), ["x"]);
    assert_eq!(keys("mega man x maverick"), ["megamanxmaverick"]);
    assert_eq!(keys("(PAL)"), ["(PAL)"]);
}

#[test]
fn begins_finds_the_beginning_of_a_title() {
    for (q, name) in [
        ("the leg", "The Legend of Zelda"),
        ("legend", "The Legend of Zelda"),
        ("the legend", "Legend of Zelda, The"),
        ("spider man", "Spiderman"),
        ("spiderman", "Spider-Man 2"),
        ("final fantasy 6", "Final Fantasy VI"),
        ("final fantasy vi", "Final Fantasy VI"),
        ("grand theft auto vi", "Grand Theft Auto: Vice City"),
        ("mega man 10", "Mega Man X"),
        ("mega man x", "Mega Man 10"),
        ("mega man x: ma", "Mega Man X: Maverick"),
        ("r&b", "R and B"),
        ("chrono (pal)", "The Chrono (PAL)"),
        ("ゼル", "ゼルダの伝説"),
    ] {
        assert!(finds(q, Query::begins, name), "{q} begins {name}");
    }
    assert!(!finds("zelda", Query::begins, "The Legend of Zelda"));
    assert!(!finds("the legend", Query::begins, "Legend of Zelda"));
    assert!(!finds(
        "final fantasy vi",
        Query::begins,
        "Final Fantasy VII"
    ));
}

#[test]
fn adjacent_finds_words_next_to_each_other() {
    assert!(finds("of zel", Query::adjacent, "The Legend of Zelda"));
    assert!(finds("fantasy 10-2", Query::adjacent, "Final Fantasy X-2"));
    assert!(!finds("2 1", Query::adjacent, "FIFA 21"));
    assert!(finds("ofzelda", Query::adjacent, "The Legend of Zelda"));
    assert!(finds("ダの", Query::adjacent, "ゼルダの伝説"));
    assert!(!finds(
        "legend zelda",
        Query::adjacent,
        "The Legend of Zelda"
    ));
}

#[test]
fn in_title_finds_all_words_in_any_order() {
    for (q, name) in [
        ("zelda ocarina", "The Legend of Zelda: Ocarina of Time"),
        ("ocar zel", "The Legend of Zelda: Ocarina of Time"),
        ("spider man", "Amazing Spiderman"),
        ("man spider", "Spider-Man"),
        ("spiderman amazing", "The Amazing Spider-Man"),
        ("zelda s.t.a.l.k.e.r.", "Stalker Zelda"),
        ("megaman 2", "Mega Man 2"),
        ("2 mega man", "Megaman 2"),
        ("rayman 3 hoodlum", "Rayman3: Hoodlum"),
        ("city vi", "Grand Theft Auto: Vice City"),
        ("vi fantasy", "Final Fantasy VI"),
        ("6 fantasy", "Final Fantasy VI"),
        ("10 mega", "Mega Man X"),
        ("x mega", "Mega Man X"),
        ("伝説 ゼルダ", "ゼルダの伝説"),
        ("マリオ64", "マリオカート64"),
        ("전설 젤다", "젤다의 전설"),
        ("clank & ratchet", "Ratchet and Clank"),
        ("pokemon", "Pokémon Red"),
        ("marvel's spider", "Marvels Spider-Man"),
        ("\"zelda\" (time)*", "Zelda: Ocarina of Time"),
    ] {
        assert!(finds(q, Query::in_title, name), "{q} in {name}");
    }
    for (q, name) in [
        ("elda", "The Legend of Zelda"),
        ("zelda vectrex", "The Legend of Zelda"),
        ("fantasy 7", "Final Fantasy VI"),
        ("fantasy 1", "Final Fantasy VI"),
        ("x maverick", "Mega Man 10"),
        ("man", "Spiderman"),
    ] {
        assert!(!finds(q, Query::in_title, name), "{q} in {name}");
    }
}

#[test]
fn anywhere_finds_words_of_publisher_and_system() {
    for (q, release) in [
        (
            "zelda n64",
            ("The Legend of Zelda", "Nintendo", "Nintendo 64"),
        ),
        (
            "nintendo zelda",
            ("The Legend of Zelda", "Nintendo", "Nintendo 64"),
        ),
        (
            "nintendo64 zelda",
            ("The Legend of Zelda", "Nintendo", "N64"),
        ),
        (
            "sonic genesis",
            ("Sonic the Hedgehog", "Sega", "Mega Drive"),
        ),
        (
            "sonic mega-drive",
            ("Sonic the Hedgehog", "Sega", "Genesis"),
        ),
        ("square ii", ("Final Fantasy II", "Square", "NES")),
        ("apple ii karateka", ("Karateka", "Broderbund", "Apple II")),
        ("hyperneo ninja", ("Ninja", "SNK", "Hyper Neo Geo 64")),
    ] {
        let (name, publisher, system) = release;
        let lexemes = lexemes(name, publisher, system);
        let query = Query::parse(q).unwrap();
        assert!(query.anywhere().matches(&lexemes), "{q}");
        assert!(!query.in_title().matches(&lexemes), "{q}");
    }
}

#[test]
fn anywhere_finds_a_title_without_the_article() {
    for (q, name) in [
        ("the legend", "Legend of Zelda"),
        ("a legend", "The Legend of Zelda"),
        ("legend of zelda, a", "The Legend of Zelda"),
    ] {
        assert!(finds(q, Query::anywhere, name), "{q} in {name}");
    }
    for (q, name) in [
        ("the zelda", "Legend of Zelda"),
        ("zelda the", "Legend of Zelda"),
        ("the", "Legend of Zelda"),
    ] {
        assert!(!finds(q, Query::anywhere, name), "{q} in {name}");
    }
}

#[test]
fn whole_in_title_finds_whole_words() {
    for (q, name) in [
        ("zelda legend", "The Legend of Zelda"),
        ("spiderman amazing", "The Amazing Spider-Man"),
        ("man amazing", "The Amazing Spider-Man"),
        ("spider-man amazing", "Amazing Spiderman"),
        ("x mega", "Mega Man X"),
        ("10 mega", "Mega Man X"),
        ("vi final", "Final Fantasy VI"),
        ("6 final", "Final Fantasy VI"),
    ] {
        assert!(finds(q, Query::whole_in_title, name), "{q} in {name}");
    }
    for (q, name) in [
        ("zel legend", "The Legend of Zelda"),
        ("6 final", "Final Fantasy XVI"),
        ("1 mega", "Mega Man 10"),
    ] {
        assert!(!finds(q, Query::whole_in_title, name), "{q} in {name}");
    }
}

#[test]
fn misspellable_words_have_three_letters_and_no_digit() {
    let query = Query::parse("the pokémno of 3d ゼルダ 2 젤다의").unwrap();
    let words: Vec<&str> = query.misspellable().into_iter().collect();
    assert_eq!(words, ["pokemno", "the", "젤다의"]);
}
