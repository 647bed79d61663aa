//! The links of all resources. [`rules`] decides which actions a viewer may take. The links of problems are in
//! [`crate::http::problem`].

use entity::{UserId, game, offer, user};
use rules::{self, Actor};

use crate::{
    http::hypermedia::{Links, paths},
    operations,
};

/// Returns the links of the entry point: what the viewer can do next.
pub fn root(viewer: &Actor) -> Links {
    let links = Links::default()
        .to("self", operations::GET_ROOT.path)
        .to("users", operations::GET_USERS.path)
        .to("games", operations::GET_GAMES.path)
        .to("titles", operations::GET_TITLES.path)
        .to("systems", operations::GET_SYSTEMS.path)
        .to("offers", operations::GET_OFFERS.path)
        .to("documentation", "/docs")
        .to("redoc", "/redoc")
        .to("explorer", "/explorer")
        .to("service-desc", paths::DESCRIPTION)
        .to("problems", operations::GET_PROBLEMS.path)
        .to("graphiql", "/graphiql")
        .to("health", operations::GET_HEALTH.path)
        .to("whoami", operations::GET_WHOAMI.path);
    match viewer.user_id() {
        None => links.log_in(),
        Some(id) => links
            .to("me", paths::user(id))
            .to("my_games", paths::games_of(id))
            .to("offers_sent", paths::offers_sent(id))
            .to("offers_received", paths::offers_received(id))
            .to(
                "offers_waiting",
                paths::offers_received(id) + "&status=pending",
            )
            .to("events", operations::GET_EVENTS.path)
            .operation(&operations::CREATE_GAME)
            .operation(&operations::CREATE_OFFER),
    }
}

/// Returns the links of a session.
pub fn session(user: UserId) -> Links {
    Links::home()
        .to("me", paths::user(user))
        .operation(&operations::REFRESH)
        .operation(&operations::LOGOUT)
}

/// Returns the links of a notice about a letter.
pub fn mailbox() -> Links {
    Links::home().log_in()
}

/// Returns the links of a health check.
pub fn health() -> Links {
    Links::home()
        .to("self", operations::GET_HEALTH.path)
        .to("live", operations::GET_LIVENESS.path)
        .to("ready", operations::GET_READINESS.path)
}

/// Returns the links of the name of this instance.
pub fn whoami() -> Links {
    Links::home().to("self", operations::GET_WHOAMI.path)
}

/// Returns the links of a user, with what the viewer may do to the account.
pub fn user(user: &user::Model, viewer: &Actor) -> Links {
    let id = user.id;
    Links::default()
        .to("self", paths::user(id))
        .to("collection", operations::GET_USERS.path)
        .to("games", paths::games_of(id))
        .to("offers_sent", paths::offers_sent(id))
        .to("offers_received", paths::offers_received(id))
        .when(rules::permit_user(id, viewer).is_ok(), |links| {
            links
                .operation_on(id, &operations::UPDATE_USER)
                .operation_on(id, &operations::CHANGE_PASSWORD)
                .operation_on(id, &operations::DELETE_USER)
        })
        .when(rules::permit_confirmation(user, viewer).is_ok(), |links| {
            links.operation_on(id, &operations::REQUEST_EMAIL_CONFIRMATION)
        })
}

/// Returns the links of a game, with what the viewer may do to it.
pub fn game(game: &game::Model, viewer: &Actor) -> Links {
    Links::default()
        .to("self", paths::game(game.id))
        .to("collection", operations::GET_GAMES.path)
        .to("owner", paths::user(game.owner_id))
        .to("offers", paths::offers_of(game.id))
        // Until a game is indexed its title may not exist.
        .when(!game.title_key.is_empty(), |links| {
            links.to("title", paths::title(&game.title_key))
        })
        // A replayed creation shows a game that has left the board since.
        .when(game.deleted_at.is_none() && rules::permit_game(game, viewer).is_ok(), |links| {
            links
                .operation_on(game.id, &operations::UPDATE_GAME)
                .operation_on(game.id, &operations::DELETE_GAME)
        })
}

/// Returns the links of a title.
pub fn title(key: &str) -> Links {
    Links::default()
        .to("self", paths::title(key))
        .to("collection", operations::GET_TITLES.path)
        .to("games", paths::games_by("title_key", key))
}

/// Returns the links of a system.
pub fn system(key: &str) -> Links {
    Links::default()
        .to("collection", operations::GET_SYSTEMS.path)
        .to("games", paths::games_by("gaming_system", key))
}

/// Returns the links of the list of systems.
pub fn systems() -> Links {
    Links::home().to("self", operations::GET_SYSTEMS.path)
}

/// Returns the links of a game in an offer: none once it has left the board.
pub fn named_game(game: &game::Model) -> Links {
    Links::default().when(game.deleted_at.is_none(), |links| {
        links.to("self", paths::game(game.id))
    })
}

/// Returns the links of a user in an offer: none once the account is closed.
pub fn named_user(user: &user::Model) -> Links {
    Links::default().when(user.deleted_at.is_none(), |links| {
        links.to("self", paths::user(user.id))
    })
}

/// Returns the links of an offer between these parties, with exactly what the viewer may do to it now.
pub fn offer(offer: &offer::Model, parties: [&Links; 2], viewer: &Actor) -> Links {
    let links = Links::default()
        .to("self", paths::offer(offer.id))
        .to("collection", operations::GET_OFFERS.path);
    let links =
        ["offerer", "receiver"]
            .into_iter()
            .zip(parties)
            .fold(links, |links, (relation, party)| {
                // A party whose account is closed has no link.
                match party.get("self") {
                    Some(link) => links.to(relation, &link.href),
                    None => links,
                }
            });
    let links = match offer.closed_by_offer_id {
        Some(cause) => links.to("closed_by", paths::offer(cause)),
        None => links,
    };
    actions(links, offer, viewer)
}

/// Returns the links of a refused action on an offer: the offer, and what the viewer may do instead.
pub fn alternatives(offer: &offer::Model, viewer: &Actor) -> Links {
    actions(
        Links::default().to("offer", paths::offer(offer.id)),
        offer,
        viewer,
    )
}

fn actions(links: Links, offer: &offer::Model, viewer: &Actor) -> Links {
    rules::permitted(offer, viewer)
        .map(operations::for_action)
        .fold(links, |links, route| links.operation_on(offer.id, route))
}

/// Returns the links of the list of problem types.
pub fn problems() -> Links {
    Links::home().to("self", operations::GET_PROBLEMS.path)
}

/// Returns the links of a problem type.
pub fn problem(code: &str) -> Links {
    Links::default()
        .to("self", paths::problem(code))
        .to("collection", operations::GET_PROBLEMS.path)
}

/// Returns the links of the answer to an unknown problem type.
pub fn unknown_problem() -> Links {
    Links::home().to("problems", operations::GET_PROBLEMS.path)
}
