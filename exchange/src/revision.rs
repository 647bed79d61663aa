//! Revision tags, which `If-Match` and `If-None-Match` compare: a client writes on the condition that a resource is
//! still as it was read.
//!
//! A tag has the public version of the resource and, for an offer, a digest of each game's name, system and condition.
//! For a reader of the private fields, the version of the whole row is appended; a writer may send either form. The
//! text is opaque to clients; `rest` makes it a part of the ETag.

use std::fmt;

use entity::{GameId, Revisions, game, offer, user};
use platform::system::sha256;

use crate::{
    context::{Preconditions, RevisionSet},
    error::{Change, Error, Result},
};

/// The length of a game's digest, in characters.
const DIGEST_LENGTH: usize = 6;

/// The tag of one revision of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionTag {
    version: i64,
    /// The version of the whole row, for a reader of the private fields.
    whole: Option<i64>,
    /// The games of an offer, in id order.
    games: Vec<GameDigest>,
}

/// A digest of the fields of a game that the parties of an offer decide by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GameDigest {
    id: GameId,
    name: String,
    digest: String,
}

impl RevisionTag {
    /// Makes the tag of an offer with its games.
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

    /// Keeps the version of the whole row only for a reader who sees all fields.
    #[must_use]
    pub fn seen_by(self, sees_all: bool) -> Self {
        Self {
            whole: self.whole.filter(|_| sees_all),
            ..self
        }
    }

    /// Checks the preconditions of a write against this revision, If-Match first (RFC 9110, section 13.2.2).
    pub fn check(&self, preconditions: &Preconditions) -> Result<()> {
        let Preconditions { matches, differs } = preconditions;
        let is_current = |seen: &str| self.changed_since(seen).is_empty();
        if let Some(tags @ RevisionSet::These(seen)) = matches
            && !tags.contains(is_current)
        {
            let first = seen.first().map_or("", String::as_str);
            return Err(Error::Stale(self.changed_since(first)));
        }
        match differs {
            Some(tags) if tags.contains(is_current) => Err(Error::StillMatches),
            _ => Ok(()),
        }
    }

    /// Lists the changes since the revision of a tag, in either form.
    fn changed_since(&self, seen: &str) -> Vec<Change> {
        let (public, whole) = match seen.split_once('+') {
            Some((public, whole)) => (public, Some(whole)),
            None => (seen, None),
        };
        let (version, digests) = public.split_once('-').unwrap_or((public, ""));
        let is_whole = |whole: &str| self.whole.is_some_and(|now| now.to_string() == whole);
        // Another version may have other games.
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
