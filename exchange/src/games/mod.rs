//! Games: one file an operation, reading the board in [`list()`], its search in [`search`], its numbers in [`facets()`].
//! [`Keying`] and [`Folding`] are tasks of the leading instance.

mod create;
mod criteria;
mod delete;
mod facets;
mod folding;
mod keying;
mod list;
mod listing;
mod search;
mod update;

use entity::{GameId, game};
use rules::permit_game;

pub(crate) use self::search::Search;
pub use self::{
    create::{CreateGame, NewGame},
    delete::DeleteGame,
    facets::{Facets, MAX_COUNTED, SystemCount, facets},
    folding::Folding,
    keying::Keying,
    list::{
        Board, GameFilter, GameSort, by_ids, count, count_per_owner, find, list, list_by_owner,
        list_per_owner,
    },
    update::{GameChange, UpdateGame},
};
use crate::{
    error::{Error, Result},
    locks,
    write::Write,
};

/// Locks a game, and checks that the actor owns it and that the preconditions hold.
async fn lock_own(write: Write<'_>, id: GameId) -> Result<game::Model> {
    let mut games = write.lock_games(&[id]).await?;
    locks::require_listed(&games, &[id])?;
    let game = games.pop().ok_or(Error::NoGame(id))?;
    permit_game(&game, write.actor())?;
    write.require_match(|| (&game).into())?;
    Ok(game)
}
