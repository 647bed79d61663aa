//! The paths that links lead to, by the table of routes.

use entity::{GameId, OfferId, UserId};

use form_urlencoded::{Serializer, byte_serialize};

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

/// Returns the path of a title.
pub fn title(key: &str) -> String {
    // A form has `+` for a blank, a path has not.
    let encoded: String = byte_serialize(key.as_bytes()).collect();
    operations::GET_TITLE.href(encoded.replace('+', "%20"))
}

/// Returns the path of the games whose parameter `name` has this value.
pub fn games_by(name: &str, value: &str) -> String {
    let query = Serializer::new(String::new())
        .append_pair(name, value)
        .finish();
    format!("{}?{query}", operations::GET_GAMES.path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_has_its_key_as_one_segment_of_the_path() {
        for (key, path) in [
            ("metroid", "/titles/metroid"),
            ("ポケモン", "/titles/%E3%83%9D%E3%82%B1%E3%83%A2%E3%83%B3"),
            ("?! /+%", "/titles/%3F%21%20%2F%2B%25"),
        ] {
            assert_eq!(title(key), path);
        }
        assert_eq!(games_by("title_key", "a&b"), "/games?title_key=a%26b");
    }
}
