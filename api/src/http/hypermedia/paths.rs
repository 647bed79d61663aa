//! The paths that links lead to.

use entity::{GameId, OfferId, UserId};

/// The path of the OpenAPI description.
pub const DESCRIPTION: &str = "/openapi.json";
/// The path of the problem types.
pub const PROBLEMS: &str = "/problems";

pub fn user(id: UserId) -> String {
    format!("/users/{id}")
}

/// Returns the path of the games that a user owns.
pub fn games_of(owner: UserId) -> String {
    format!("/users/{owner}/games")
}

/// Returns the path of the games that other users own.
pub fn games_of_others(viewer: UserId) -> String {
    format!("/games?not_owner_id={viewer}")
}

pub fn game(id: GameId) -> String {
    format!("/games/{id}")
}

pub fn offer(id: OfferId) -> String {
    format!("/offers/{id}")
}

/// Returns the path of the problem type with this code.
pub fn problem(code: &str) -> String {
    format!("{PROBLEMS}/{code}")
}
