//! The links of all resources. [`rules`] decides which actions a viewer may take. The links of problems are in
//! [`crate::http::problem`].

use entity::{UserId, game, offer, user};
use rules::{self, Action, Actor};

use crate::http::hypermedia::{Links, paths};

/// Returns the links of the entry point: what the viewer can do next.
pub fn root(viewer: &Actor) -> Links {
    let links = Links::default()
        .to("self", "/")
        .to("users", "/users")
        .to("games", "/games")
        .to("offers", "/offers")
        .to("documentation", "/docs")
        .to("redoc", "/redoc")
        .to("explorer", "/explorer")
        .to("service-desc", paths::DESCRIPTION)
        .to("problems", paths::PROBLEMS)
        .to("graphiql", "/graphiql")
        .to("health", "/health")
        .to("whoami", "/whoami");
    match viewer.user_id() {
        None => links.log_in(),
        Some(id) => links
            .to("me", paths::user(id))
            .to("my_games", paths::games_of(id))
            .to("offers_sent", format!("/offers?offerer_id={id}"))
            .to("offers_received", format!("/offers?receiver_id={id}"))
            .to(
                "offers_waiting",
                format!("/offers?receiver_id={id}&status=pending"),
            )
            .to("events", "/events")
            .action("create_game", "POST", "/games")
            .action("create_offer", "POST", "/offers"),
    }
}

/// Returns the links of a session.
pub fn session(user: UserId) -> Links {
    Links::home()
        .to("me", paths::user(user))
        .action("refresh", "POST", "/auth/refresh")
        .action("logout", "POST", "/auth/logout")
}

/// Returns the links of a notice about a letter.
pub fn mailbox() -> Links {
    Links::home().log_in()
}

/// Returns the links of a health check.
pub fn health() -> Links {
    Links::home()
        .to("self", "/health")
        .to("live", "/health/live")
        .to("ready", "/health/ready")
}

/// Returns the links of the name of this instance.
pub fn whoami() -> Links {
    Links::home().to("self", "/whoami")
}

/// Returns the links of a user, with what the viewer may do to the account.
pub fn user(user: &user::Model, viewer: &Actor) -> Links {
    let (id, path) = (user.id, paths::user(user.id));
    Links::default()
        .to("self", &path)
        .to("collection", "/users")
        .to("games", paths::games_of(id))
        .to("offers_sent", format!("/offers?offerer_id={id}"))
        .to("offers_received", format!("/offers?receiver_id={id}"))
        .when(rules::permit_user(user.id, viewer).is_ok(), |links| {
            links
                .action("update", "PUT", &path)
                .action("change_password", "PUT", format!("{path}/password"))
                .action("delete", "DELETE", &path)
        })
        .when(rules::permit_confirmation(user, viewer).is_ok(), |links| {
            links.action(
                "confirm_email",
                "POST",
                format!("{path}/email-confirmation"),
            )
        })
}

/// Returns the links of a game, with what the viewer may do to it.
pub fn game(game: &game::Model, viewer: &Actor) -> Links {
    let path = paths::game(game.id);
    Links::default()
        .to("self", &path)
        .to("collection", "/games")
        .to("owner", paths::user(game.owner_id))
        .to("offers", format!("/offers?game_id={}", game.id))
        // A replayed creation shows a game that has left the board since.
        .when(game.deleted_at.is_none() && rules::permit_game(game, viewer).is_ok(), |links| {
            links
                .action("update", "PUT", &path)
                .action("delete", "DELETE", &path)
        })
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
        .to("collection", "/offers");
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
    let path = paths::offer(offer.id);
    rules::permitted(offer, viewer).fold(links, |links, action| match action {
        Action::Update => links.action("update", "PUT", &path),
        Action::Accept => links.action("accept", "PUT", format!("{path}/accept")),
        Action::Reject => links.action("reject", "PUT", format!("{path}/reject")),
        Action::Cancel => links.action("cancel", "PUT", format!("{path}/cancel")),
    })
}

/// Returns the links of the list of problem types.
pub fn problems() -> Links {
    Links::home().to("self", paths::PROBLEMS)
}

/// Returns the links of a problem type.
pub fn problem(code: &str) -> Links {
    Links::default()
        .to("self", paths::problem(code))
        .to("collection", paths::PROBLEMS)
}

/// Returns the links of the answer to an unknown problem type.
pub fn unknown_problem() -> Links {
    Links::home().to("problems", paths::PROBLEMS)
}
