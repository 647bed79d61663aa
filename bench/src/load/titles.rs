//! Titles of games, so that a search finds many, a few, one or none. There are about 30 000, in series of up to 13. A
//! title has one publisher and one to three systems: its releases. Games are copies of these, as on a real board.

use fastrand::Rng;

/// A word that a tenth of all games have in their names.
const EVERYWHERE: &str = "Super";
/// Rare words come last: an index is drawn twice and the smaller one taken.
const FIRST: [&str; 48] = [
    "Final", "Star", "Dragon", "Dark", "Mega", "Shadow", "Crystal", "Golden", "Street", "Metal",
    "Silent", "Phantom", "Eternal", "Lunar", "Turbo", "Mystic", "Iron", "Chrono", "Rogue", "Pixel",
    "Astral", "Velvet", "Cosmic", "Hidden", "Savage", "Frozen", "Burning", "Ancient", "Electric",
    "Midnight", "Royal", "Wild", "Sacred", "Broken", "Infinite", "Scarlet", "Thunder", "Hollow",
    "Emerald", "Nimble", "Gravity", "Bionic", "Wicked", "Jovial", "Obsidian", "Quixotic", "Yonder",
    "Umbral",
];
const SECOND: [&str; 48] = [
    "Quest", "Fantasy", "Racer", "Fighter", "World", "Legends", "Kingdom", "Force", "Hunter",
    "Tactics", "Arena", "Odyssey", "Puzzle", "Castle", "Soccer", "Pinball", "Galaxy", "Trigger",
    "Dungeon", "Samurai", "Tycoon", "Rally", "Mirage", "Knight", "Island", "Mission", "Storm",
    "Garden", "Squadron", "Empire", "Tower", "Voyage", "Ninja", "Carnival", "Circuit", "Harvest",
    "Maze", "Pirates", "Symphony", "Outlaws", "Festival", "Minster", "Vineyard", "Hamlet",
    "Isthmus", "Zeppelin", "Jamboree", "Xylem",
];
/// The number of games of a series: the first has no number.
const SERIES: u64 = 13;
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

impl Title {
    /// Returns the texts that name its release: name, publisher and system.
    pub fn release(&self) -> (&str, &str, &str) {
        (&self.name, self.publisher, self.system)
    }
}

/// Draws a game: a name of two words, and a number for every other one. Its publisher, its systems and the years of its
/// releases follow from the name.
pub fn title(chance: &mut Rng) -> Title {
    let first = match chance.u8(..100) {
        0..10 => None,
        _ => Some(drawn(chance, FIRST.len())),
    };
    let second = drawn(chance, SECOND.len());
    let part = match chance.u8(..) {
        0..128 => 1,
        number => u64::from(number) % (SERIES - 1) + 2,
    };
    let word = first.map_or(EVERYWHERE, |place| FIRST[place]);
    let mut name = format!("{word} {}", SECOND[second]);
    if part > 1 {
        name = format!("{name} {part}");
    }
    let series = first.map_or(0, |place| place + 1) * SECOND.len() + second;
    let mut of_series = Rng::with_seed(series as u64);
    let mut of_title = Rng::with_seed(series as u64 * SERIES + part);
    let releases = of_title.usize(1..=3);
    let [one, two, three] = [(); 3].map(|()| {
        let (system, from, to) = *often(&mut of_title, &SYSTEMS);
        (system, of_title.i32(from..=to))
    });
    let (system, year) = [one, two, three][chance.usize(..releases)];
    Title {
        name,
        publisher: often::<&str>(&mut of_series, &PUBLISHERS),
        system,
        year,
    }
}

pub fn person(chance: &mut Rng) -> String {
    let [given, family] = [&GIVEN, &FAMILY].map(|names| names[chance.usize(..names.len())]);
    format!("{given} {family}")
}

/// Draws an item, earlier ones more often.
fn often<'a, T>(chance: &mut Rng, all: &'a [T]) -> &'a T {
    &all[drawn(chance, all.len())]
}

/// Draws an index, smaller ones more often.
fn drawn(chance: &mut Rng, length: usize) -> usize {
    chance.usize(..length).min(chance.usize(..length))
}
