//! The table of systems.

use std::collections::HashMap;

use catalogue::{
    fold,
    systems::{ALL, by_key, key, name},
};

#[test]
fn key_is_the_same_for_each_name_of_a_system() {
    for (text, expected) in [
        ("SNES", "snes"),
        ("snes", "snes"),
        ("Super Nintendo", "snes"),
        ("super-nes", "snes"),
        ("Super Nintendo Entertainment System", "snes"),
        ("Super Famicom", "sfc"),
        ("SUPER FAMICOM", "sfc"),
        ("NES", "nes"),
        ("Famicom", "famicom"),
        ("Family Computer", "famicom"),
        ("Mega Drive", "megadrive"),
        ("MegaDrive", "megadrive"),
        ("Sega Genesis", "megadrive"),
        ("genesis", "megadrive"),
        ("PS2", "ps2"),
        ("ps 2", "ps2"),
        ("PlayStation\u{a0}2", "ps2"),
        ("Playstation", "ps1"),
        ("PSone", "ps1"),
        ("N64", "n64"),
        ("Nintendo 64", "n64"),
        ("Game Boy", "gameboy"),
        ("Gameboy Advance", "gba"),
        ("Game & Watch", "gameandwatch"),
        ("Game and Watch", "gameandwatch"),
        ("Pokemon Mini", "pokemonmini"),
        ("Xbox Series X|S", "xboxseries"),
        ("Xbox Series X", "xboxseries"),
        ("Xbox 360", "xbox360"),
        ("Apple II", "apple2"),
        ("Apple 2", "apple2"),
        ("Odyssey 2", "odyssey2"),
        ("TurboGrafx-16", "turbografx16"),
        ("PC Engine", "pcengine"),
        ("Windows", "pc"),
        ("Atari VCS", "atari2600"),
    ] {
        assert_eq!(key(text), expected, "{text}");
    }
}

#[test]
fn key_of_an_unknown_system_is_its_folded_text() {
    assert_eq!(key("Hyper Neo-Geo 64"), "hyperneogeo64");
    assert_eq!(key("Système É"), "systemee");
    assert_eq!(key("???"), "???");
    assert!(key(&"ゼ".repeat(100)).len() <= 200);
}

#[test]
fn key_of_a_key_is_the_key() {
    for text in ["Hyper Neo-Geo 64", "X-I", "???", " É ", "The X"] {
        assert_eq!(key(&key(text)), key(text), "{text}");
    }
    for system in ALL {
        assert_eq!(key(system.key), system.key);
    }
}

#[test]
fn systems_share_no_name() {
    assert!(ALL.len() >= 60);
    let mut found = HashMap::new();
    for system in ALL {
        for name in system.names().chain([system.key]) {
            let folded = fold(name).replace(' ', "");
            let other = *found.entry(folded).or_insert(system.key);
            assert_eq!(other, system.key, "{name}");
        }
    }
}

#[test]
fn keys_are_words_in_ascii() {
    for system in ALL {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(system.key.chars().all(plain), "{}", system.key);
    }
}

#[test]
fn name_is_that_of_the_table_or_the_key() {
    assert_eq!(name("snes"), "SNES");
    assert_eq!(name("megadrive"), "Mega Drive");
    assert_eq!(name("hyperneogeo64"), "hyperneogeo64");
    assert_eq!(by_key("ps2").unwrap().name, "PlayStation 2");
    assert_eq!(by_key("PlayStation 2"), None);
}
