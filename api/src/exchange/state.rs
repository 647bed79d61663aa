//! The state of a thing as a client saw it, so that a write can be asked for on the condition that it is still so.
//!
//! It covers the version of the thing and, for an offer, of each of its games what the parties look at: name, system and
//! condition. As a text it is opaque to clients; `rest` makes it a part of the ETag.

use std::fmt;

use entity::{GameId, game, offer, user};
use platform::system::sha256;

use super::call::{Call, Condition, States};
use crate::error::{Error, Result};

/// How many characters tell one look of a game from another.
const LOOK: usize = 6;

/// The state of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    version: i64,
    /// How each game of an offer looks, in the order of their ids.
    games: Vec<Look>,
}

/// How a game looks to the parties of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    id: GameId,
    name: String,
    digest: String,
}

/// What is not as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The thing itself.
    Itself,
    /// A game that it names.
    Game { id: GameId, name: String },
}

impl State {
    /// The state of an offer and of the games that it names.
    pub fn of_offer<'g>(
        offer: &offer::Model,
        games: impl Iterator<Item = &'g game::Model>,
    ) -> Self {
        let mut games: Vec<_> = games.map(Look::from).collect();
        games.sort_by_key(|game| game.id);
        Self {
            version: offer.version,
            games,
        }
    }

    /// The state of a thing that names no games.
    fn of_version(version: i64) -> Self {
        Self {
            version,
            games: Vec::new(),
        }
    }

    /// Goes on if the condition of the call holds for this state. If-Match is looked at first (RFC 9110, section 13.2.2).
    pub fn meets(&self, call: &Call) -> Result<()> {
        let Condition { matches, differs } = &call.condition;
        let now = self.to_string();
        if let Some(States::These(seen)) = matches
            && !seen.contains(&now)
        {
            let first = seen.first().map_or("", String::as_str);
            return Err(Error::Stale(self.changed_since(first)));
        }
        match differs {
            Some(states) if states.include(&now) => Err(Error::StillMatches),
            _ => Ok(()),
        }
    }

    /// What is not as it was in that state.
    fn changed_since(&self, seen: &str) -> Vec<Changed> {
        let (version, looks) = seen.split_once('-').unwrap_or((seen, ""));
        // Of another version the games may be others.
        if version != self.version.to_string() || looks.len() != self.games.len() * LOOK {
            return vec![Changed::Itself];
        }
        let seen = looks.as_bytes().chunks(LOOK);
        let differ = self
            .games
            .iter()
            .zip(seen)
            .filter(|(game, seen)| game.digest.as_bytes() != *seen);
        differ
            .map(|(game, _)| Changed::Game {
                id: game.id,
                name: game.name.clone(),
            })
            .collect()
    }
}

impl From<&game::Model> for State {
    fn from(game: &game::Model) -> Self {
        Self::of_version(game.version)
    }
}

impl From<&user::Model> for State {
    fn from(user: &user::Model) -> Self {
        Self::of_version(user.version)
    }
}

impl From<&user::Profile> for State {
    fn from(user: &user::Profile) -> Self {
        Self::of_version(user.version)
    }
}

impl From<&game::Model> for Look {
    fn from(game: &game::Model) -> Self {
        let shown = format!(
            "{}\n{}\n{:?}",
            game.name, game.gaming_system, game.condition
        );
        let mut digest = sha256(&shown);
        digest.truncate(LOOK);
        Self {
            id: game.id,
            name: game.name.clone(),
            digest,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)?;
        if !self.games.is_empty() {
            f.write_str("-")?;
        }
        self.games
            .iter()
            .try_for_each(|game| f.write_str(&game.digest))
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("it was changed itself"),
            Self::Game { id, name } => write!(f, "game {id} ({name}) was edited"),
        }
    }
}
