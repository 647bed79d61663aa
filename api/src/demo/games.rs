//! The games of the demo: 60 on 15 systems. There are sequels, numerals, letters with marks, and titles and systems in
//! several spellings, to try the search on.

use entity::Condition::{self, Fair, Good, Mint, Poor};

/// A game: its name, publisher, year, system and condition.
pub type Listing = (&'static str, &'static str, i32, &'static str, Condition);

/// The lists of games, each with its owner, in the order in which they are listed. Documents and tests use the ids of
/// the first three lists.
pub const LISTS: [(&str, &[Listing]); 6] = [
    (
        "Abbey",
        &[
            ("Metroid", "Nintendo", 1986, "NES", Good),
            ("Chrono Trigger", "Square", 1995, "SNES", Mint),
            ("Ico", "Sony", 2001, "PlayStation 2", Good),
            ("Hades", "Supergiant Games", 2020, "Switch", Mint),
        ],
    ),
    (
        "Ben",
        &[
            ("The Legend of Zelda", "Nintendo", 1986, "NES", Fair),
            ("EarthBound", "Nintendo", 1994, "SNES", Poor),
            ("Outrun", "Sega", 1991, "Mega Drive", Good),
            ("Portal 2", "Valve", 2011, "PlayStation 3", Good),
        ],
    ),
    (
        "Cleo",
        &[
            ("Tetris", "Nintendo", 1989, "Game Boy", Fair),
            ("Shenmue", "Sega", 1999, "Dreamcast", Mint),
            ("Pikmin", "Nintendo", 2001, "GameCube", Good),
            ("Journey", "Sony", 2012, "PlayStation 3", Good),
        ],
    ),
    (
        "Abbey",
        &[
            ("Super Mario Bros. 3", "Nintendo", 1990, "NES", Good),
            ("Mega Man 2", "Capcom", 1989, "NES", Good),
            ("Mega Man X", "Capcom", 1994, "Super Nintendo", Good),
            ("Final Fantasy VI", "Square", 1994, "SNES", Mint),
            ("Final Fantasy VII", "Square", 1997, "PlayStation", Good),
            ("Final Fantasy X", "Square", 2001, "PS2", Good),
            (
                "Castlevania: Symphony of the Night",
                "Konami",
                1997,
                "PlayStation",
                Good,
            ),
            ("Metroid Fusion", "Nintendo", 2002, "Game Boy Advance", Good),
            ("Metroid Prime", "Nintendo", 2002, "GameCube", Mint),
            ("Pokémon Red", "Nintendo", 1998, "Game Boy", Good),
            ("Pikmin 2", "Nintendo", 2004, "GameCube", Good),
            ("NiGHTS into Dreams...", "Sega", 1996, "Saturn", Good),
            ("Halo: Combat Evolved", "Microsoft", 2001, "Xbox", Good),
            ("Psychonauts", "Majesco", 2005, "Xbox", Fair),
            (
                "The World Ends with You",
                "Square Enix",
                2008,
                "Nintendo DS",
                Mint,
            ),
            (
                "Shadow of the Colossus",
                "Sony",
                2005,
                "PlayStation 2",
                Good,
            ),
        ],
    ),
    (
        "Ben",
        &[
            (
                "The Legend of Zelda: Ocarina of Time",
                "Nintendo",
                1998,
                "Nintendo 64",
                Good,
            ),
            (
                "The Legend of Zelda: Majora's Mask",
                "Nintendo",
                2000,
                "N64",
                Mint,
            ),
            ("Super Mario 64", "Nintendo", 1996, "Nintendo 64", Good),
            ("Banjo-Kazooie", "Nintendo", 1998, "N64", Fair),
            ("Donkey Kong Country", "Nintendo", 1994, "SNES", Fair),
            ("Street Fighter II Turbo", "Capcom", 1993, "SNES", Good),
            ("Sonic the Hedgehog", "Sega", 1991, "Genesis", Good),
            ("Sonic & Knuckles", "Sega", 1994, "Mega Drive", Poor),
            ("Streets of Rage 2", "Sega", 1992, "Genesis", Good),
            (
                "Metal Gear Solid 3: Snake Eater",
                "Konami",
                2004,
                "PlayStation 2",
                Good,
            ),
            (
                "Grand Theft Auto: Vice City",
                "Rockstar Games",
                2002,
                "PlayStation 2",
                Poor,
            ),
            ("Spider-Man 2", "Activision", 2004, "GameCube", Good),
            ("Pokemon Ruby", "Nintendo", 2003, "Game Boy Advance", Good),
            ("Panzer Dragoon Saga", "Sega", 1998, "Saturn", Mint),
            ("Fable", "Microsoft", 2004, "Xbox", Good),
            (
                "Uncharted 2: Among Thieves",
                "Sony",
                2009,
                "PlayStation 3",
                Good,
            ),
        ],
    ),
    (
        "Cleo",
        &[
            (
                "The Legend of Zelda: Breath of the Wild",
                "Nintendo",
                2017,
                "Nintendo Switch",
                Mint,
            ),
            (
                "Zelda: Link's Awakening",
                "Nintendo",
                1993,
                "Game Boy",
                Good,
            ),
            ("Sonic the Hedgehog 2", "Sega", 1992, "Mega Drive", Good),
            ("Sonic Adventure", "Sega", 1999, "Dreamcast", Good),
            ("Jet Set Radio", "Sega", 2000, "Dreamcast", Good),
            ("Final Fantasy 7", "Square", 1997, "PlayStation", Poor),
            ("Final Fantasy VIII", "Square", 1999, "PlayStation", Good),
            ("Resident Evil 2", "Capcom", 1998, "PlayStation", Good),
            ("Katamari Damacy", "Namco", 2004, "PS2", Good),
            ("F-Zero GX", "Nintendo", 2003, "GameCube", Good),
            ("Advance Wars", "Nintendo", 2001, "GBA", Good),
            (
                "Castlevania: Aria of Sorrow",
                "Konami",
                2003,
                "Game Boy Advance",
                Good,
            ),
            (
                "Phoenix Wright: Ace Attorney",
                "Capcom",
                2005,
                "Nintendo DS",
                Good,
            ),
            ("Mario Kart DS", "Nintendo", 2005, "DS", Mint),
            (
                "Brütal Legend",
                "Electronic Arts",
                2009,
                "PlayStation 3",
                Good,
            ),
            ("Celeste", "Matt Makes Games", 2018, "Switch", Mint),
        ],
    ),
];
