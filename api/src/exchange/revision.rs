//! The state of a thing as a client saw it, so that a write can be asked for on the condition that it is still so.
//!
//! It covers the version of the thing that everybody sees and, for an offer, of each of its games what the parties look at:
//! name, system and condition. For a reader who sees private parts, the version of the whole is appended; who writes may send
//! either. As a text it is opaque to clients; `rest` makes it a part of the ETag.

use std::fmt;

use entity::{GameId, Revisions, game, offer, user};
use platform::system::sha256;

use super::operation::{Preconditions, RevisionSet, WriteContext};
use crate::error::{Error, Result};

/// How many characters tell one look of a game from another.
const DIGEST_LENGTH: usize = 6;

/// The state of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionTag {
    version: i64,
    /// The version of the whole, for a reader who sees private parts.
    whole: Option<i64>,
    /// How each game of an offer digests, in the order of their ids.
    games: Vec<GameDigest>,
}

/// How a game digests to the parties of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GameDigest {
    id: GameId,
    name: String,
    digest: String,
}

/// What is not as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The thing itself.
    Itself,
    /// A game that it names.
    Game { id: GameId, name: String },
}

impl RevisionTag {
    /// The state of an offer and of the games that it names.
    pub fn from_offer<'g>(
        offer: &offer::Model,
        games: impl Iterator<Item = &'g game::Model>,
    ) -> Self {
        let mut games: Vec<_> = games.map(GameDigest::from).collect();
        games.sort_by_key(|game| game.id);
        Self {
            games,
            ..offer.revisions().into()
        }
    }

    /// The state as a reader knows it, who sees the private parts or does not.
    #[must_use]
    pub fn seen_by(self, sees_all: bool) -> Self {
        Self {
            whole: self.whole.filter(|_| sees_all),
            ..self
        }
    }

    /// Goes on if the condition of the call holds for this state. If-Match is looked at first (RFC 9110, section 13.2.2).
    pub fn check(&self, context: &WriteContext) -> Result<()> {
        let Preconditions { matches, differs } = &context.preconditions;
        let is_now = |seen: &str| self.changed_since(seen).is_empty();
        if let Some(RevisionSet::These(seen)) = matches
            && !seen.iter().any(|seen| is_now(seen))
        {
            let first = seen.first().map_or("", String::as_str);
            return Err(Error::Stale(self.changed_since(first)));
        }
        match differs {
            Some(states) if states.contains(is_now) => Err(Error::StillMatches),
            _ => Ok(()),
        }
    }

    /// Lists the changes since that state, which may be one that everybody sees.
    fn changed_since(&self, seen: &str) -> Vec<Change> {
        let (public, whole) = match seen.split_once('+') {
            Some((public, whole)) => (public, Some(whole)),
            None => (seen, None),
        };
        let (version, digests) = public.split_once('-').unwrap_or((public, ""));
        let is_whole = |whole: &str| self.whole.is_some_and(|now| now.to_string() == whole);
        // Of another version the games may be others.
        if version != self.version.to_string()
            || digests.len() != self.games.len() * DIGEST_LENGTH
            || !whole.is_none_or(is_whole)
        {
            return vec![Change::Itself];
        }
        let seen = digests.as_bytes().chunks(DIGEST_LENGTH);
        let differ = self
            .games
            .iter()
            .zip(seen)
            .filter(|(game, seen)| game.digest.as_bytes() != *seen);
        differ
            .map(|(game, _)| Change::Game {
                id: game.id,
                name: game.name.clone(),
            })
            .collect()
    }
}

impl From<Revisions> for RevisionTag {
    fn from(revisions: Revisions) -> Self {
        Self {
            version: revisions.public.version,
            whole: Some(revisions.whole.version),
            games: Vec::new(),
        }
    }
}

impl From<&game::Model> for RevisionTag {
    fn from(game: &game::Model) -> Self {
        Self {
            version: game.version,
            whole: None,
            games: Vec::new(),
        }
    }
}

impl From<&user::Model> for RevisionTag {
    fn from(user: &user::Model) -> Self {
        user.revisions().into()
    }
}

impl From<&user::Profile> for RevisionTag {
    fn from(user: &user::Profile) -> Self {
        user.revisions().into()
    }
}

impl From<&game::Model> for GameDigest {
    fn from(game: &game::Model) -> Self {
        let shown = format!(
            "{}\n{}\n{:?}",
            game.name, game.gaming_system, game.condition
        );
        let mut digest = sha256(&shown);
        digest.truncate(DIGEST_LENGTH);
        Self {
            id: game.id,
            name: game.name.clone(),
            digest,
        }
    }
}

impl fmt::Display for RevisionTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)?;
        if !self.games.is_empty() {
            f.write_str("-")?;
        }
        self.games
            .iter()
            .try_for_each(|game| f.write_str(&game.digest))?;
        match self.whole {
            Some(whole) => write!(f, "+{whole}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("it was changed itself"),
            Self::Game { id, name } => write!(f, "game {id} ({name}) was edited"),
        }
    }
}
