//! Titles of games, so that a search finds many, a few, one or none.

use fastrand::Rng;

/// Rare words come last: an index is drawn twice and the smaller one taken.
const FIRST: [&str; 24] = [
    "Super", "Final", "Dragon", "Star", "Dark", "Mega", "Shadow", "Crystal", "Golden", "Street",
    "Metal", "Silent", "Phantom", "Eternal", "Lunar", "Turbo", "Mystic", "Iron", "Chrono", "Rogue",
    "Pixel", "Astral", "Velvet", "Quixotic",
];
const SECOND: [&str; 24] = [
    "Quest", "Fantasy", "Racer", "Fighter", "World", "Legends", "Kingdom", "Force", "Hunter",
    "Tactics", "Arena", "Odyssey", "Puzzle", "Castle", "Soccer", "Pinball", "Galaxy", "Trigger",
    "Dungeon", "Samurai", "Tycoon", "Rally", "Mirage", "Zeppelin",
];
const PUBLISHERS: [&str; 16] = [
    "Nintendo",
    "Sega",
    "Capcom",
    "Konami",
    "Square",
    "Namco",
    "Sony",
    "Atari",
    "Electronic Arts",
    "Ubisoft",
    "Taito",
    "Hudson Soft",
    "Enix",
    "SNK",
    "Psygnosis",
    "Treasure",
];
/// Systems, each with the first and the last year of its games.
const SYSTEMS: [(&str, i32, i32); 12] = [
    ("NES", 1985, 1994),
    ("SNES", 1990, 1998),
    ("PlayStation", 1994, 2004),
    ("PlayStation 2", 2000, 2013),
    ("Game Boy", 1989, 2001),
    ("Mega Drive", 1988, 1997),
    ("Nintendo 64", 1996, 2002),
    ("GameCube", 2001, 2007),
    ("Dreamcast", 1998, 2002),
    ("Atari 2600", 1977, 1992),
    ("Neo Geo", 1990, 2004),
    ("Switch", 2017, 2025),
];
const GIVEN: [&str; 20] = [
    "Abbey", "Ben", "Cleo", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Keiko",
    "Liam", "Mira", "Noah", "Olga", "Pablo", "Quinn", "Rosa", "Sven", "Tara",
];
const FAMILY: [&str; 20] = [
    "Andersson",
    "Brown",
    "Costa",
    "Diaz",
    "Evans",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kim",
    "Lopez",
    "Moreau",
    "Nguyen",
    "Okafor",
    "Petrov",
    "Rossi",
    "Sato",
    "Turner",
    "Walker",
];

/// The facts of a game without its owner.
pub struct Title {
    pub name: String,
    pub publisher: &'static str,
    pub system: &'static str,
    pub year: i32,
}

/// Draws a game: a name of two words, and a number for every other one.
pub fn title(chance: &mut Rng) -> Title {
    let (system, from, to) = *often(chance, &SYSTEMS);
    let (first, second) = (often(chance, &FIRST), often(chance, &SECOND));
    let name = match chance.u8(..) {
        0..128 => format!("{first} {second}"),
        number => format!("{first} {second} {}", number % 12 + 2),
    };
    Title {
        name,
        publisher: often::<&str>(chance, &PUBLISHERS),
        system,
        year: chance.i32(from..=to),
    }
}

pub fn person(chance: &mut Rng) -> String {
    let [given, family] = [&GIVEN, &FAMILY].map(|names| names[chance.usize(..names.len())]);
    format!("{given} {family}")
}

/// Draws an item, earlier ones more often.
fn often<'a, T>(chance: &mut Rng, all: &'a [T]) -> &'a T {
    let mut place = || chance.usize(..all.len());
    &all[place().min(place())]
}
