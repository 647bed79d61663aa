//! The paths that links lead to, by the table of routes.

use entity::{GameId, OfferId, UserId};

use crate::operations;

/// The path of the OpenAPI description.
pub const DESCRIPTION: &str = "/openapi.json";

pub fn user(id: UserId) -> String {
    operations::GET_USER.href(id)
}

/// Returns the path of the games that a user owns.
pub fn games_of(owner: UserId) -> String {
    operations::GET_USER_GAMES.href(owner)
}

/// Returns the path of the games that other users own.
pub fn games_of_others(viewer: UserId) -> String {
    format!("{}?not_owner_id={viewer}", operations::GET_GAMES.path)
}

pub fn game(id: GameId) -> String {
    operations::GET_GAME.href(id)
}

/// Returns the path of the offers that a user made.
pub fn offers_sent(offerer: UserId) -> String {
    format!("{}?offerer_id={offerer}", operations::GET_OFFERS.path)
}

/// Returns the path of the offers that a user received.
pub fn offers_received(receiver: UserId) -> String {
    format!("{}?receiver_id={receiver}", operations::GET_OFFERS.path)
}

/// Returns the path of the offers of a game.
pub fn offers_of(game: GameId) -> String {
    format!("{}?game_id={game}", operations::GET_OFFERS.path)
}

pub fn offer(id: OfferId) -> String {
    operations::GET_OFFER.href(id)
}

/// Returns the path of the problem type with this code.
pub fn problem(code: &str) -> String {
    operations::GET_PROBLEM_TYPE.href(code)
}
