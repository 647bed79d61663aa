//! The keys of a game's title and system, as both APIs show them: the stored ones or, until a game is indexed, those that
//! it will get.

use std::borrow::Cow;

use catalogue::{systems, titles};
use entity::game;

/// Returns the key of the title of a game.
pub fn title(game: &game::Model) -> Cow<'_, str> {
    stored(&game.title_key).unwrap_or_else(|| titles::key(&game.name).into())
}

/// Returns the key of the system of a game.
pub fn system(game: &game::Model) -> Cow<'_, str> {
    stored(&game.system_key).unwrap_or_else(|| systems::key(&game.gaming_system).into())
}

fn stored(key: &str) -> Option<Cow<'_, str>> {
    (!key.is_empty()).then_some(key.into())
}
