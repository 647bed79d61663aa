//! The one place that makes links. Which actions a viewer may take is asked of [`rules`], never decided here.
//! All addresses are path-absolute, so they are right behind any proxy.

use std::collections::BTreeMap;

use axum::http::{Method, Uri};
use entity::{OfferId, UserId, game, offer, user};
use exchange::error::{Error, Kind};
use rules::{Action, Actor, Denied};
use serde::Serialize;
use utoipa::ToSchema;

const PROBLEMS: &str = "/problems";
/// Where the surface is described.
pub(super) const DESCRIPTION: &str = "/openapi.json";

/// The links of a resource, by relation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = BTreeMap<String, Link>)]
pub struct Links(BTreeMap<&'static str, Link>);

/// A link of HAL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    /// A path of this host.
    #[schema(example = "/offers/1")]
    pub href: String,
    /// The method, where it is not GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "PUT")]
    pub method: Option<&'static str>,
}

impl Links {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The links to follow: relation and path.
    pub fn places(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0
            .iter()
            .filter(|(_, link)| link.method.is_none())
            .map(|(relation, link)| (*relation, link.href.as_str()))
    }

    /// The links that act: relation, method and path.
    pub fn actions(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        self.0
            .iter()
            .filter_map(|(relation, link)| Some((*relation, link.method?, link.href.as_str())))
    }

    /// Adds a link to follow.
    pub fn to(mut self, relation: &'static str, href: impl Into<String>) -> Self {
        let (href, method) = (href.into(), None);
        self.0.insert(relation, Link { href, method });
        self
    }

    /// Adds an action to take.
    fn act(
        mut self,
        relation: &'static str,
        method: &'static str,
        href: impl Into<String>,
    ) -> Self {
        let (href, method) = (href.into(), Some(method));
        self.0.insert(relation, Link { href, method });
        self
    }

    fn when(self, condition: bool, add: impl FnOnce(Self) -> Self) -> Self {
        if condition { add(self) } else { self }
    }
}

/// Where everything begins.
pub fn home() -> Links {
    Links::default().to("home", "/")
}

/// Where it is said what a request has to look like: the description, and the forms.
pub fn description() -> Links {
    home().to("service-desc", DESCRIPTION)
}

/// What the viewer can do next.
pub fn root(viewer: &Actor) -> Links {
    let links = Links::default()
        .to("self", "/")
        .to("users", "/users")
        .to("games", "/games")
        .to("offers", "/offers")
        .to("documentation", "/docs")
        .to("redoc", "/redoc")
        .to("explorer", "/explorer")
        .to("service-desc", DESCRIPTION)
        .to("problems", PROBLEMS)
        .to("graphiql", "/graphiql")
        .to("health", "/health")
        .to("whoami", "/whoami");
    match viewer.user_id() {
        None => log_in(links),
        Some(id) => links
            .to("me", user_path(id))
            .to("my_games", games_path(id))
            .to("offers_sent", format!("/offers?offerer_id={id}"))
            .to("offers_received", format!("/offers?receiver_id={id}"))
            .to(
                "offers_waiting",
                format!("/offers?receiver_id={id}&status=pending"),
            )
            .to("events", "/events")
            .act("create_game", "POST", "/games")
            .act("create_offer", "POST", "/offers"),
    }
}

fn log_in(links: Links) -> Links {
    links
        .act("login", "POST", "/auth/login")
        .act("register", "POST", "/users")
        .act("reset_password", "POST", "/auth/password-reset")
}

/// What goes with a session.
pub fn session(user: UserId) -> Links {
    home()
        .to("me", user_path(user))
        .act("refresh", "POST", "/auth/refresh")
        .act("logout", "POST", "/auth/logout")
}

/// What goes with a letter that is on its way, or whose link was used.
pub fn letters() -> Links {
    log_in(home())
}

/// The state of this instance.
pub fn health() -> Links {
    home()
        .to("self", "/health")
        .to("live", "/health/live")
        .to("ready", "/health/ready")
}

/// The name of this instance.
pub fn whoami() -> Links {
    home().to("self", "/whoami")
}

/// A person, and what the viewer may do to the account.
pub fn user(user: &user::Model, viewer: &Actor) -> Links {
    let (id, path) = (user.id, user_path(user.id));
    Links::default()
        .to("self", &path)
        .to("collection", "/users")
        .to("games", games_path(id))
        .to("offers_sent", format!("/offers?offerer_id={id}"))
        .to("offers_received", format!("/offers?receiver_id={id}"))
        .when(rules::permit_user(user.id, viewer).is_ok(), |links| {
            links
                .act("update", "PUT", &path)
                .act("change_password", "PUT", format!("{path}/password"))
                .act("delete", "DELETE", &path)
        })
        .when(rules::permit_confirmation(user, viewer).is_ok(), |links| {
            links.act(
                "confirm_email",
                "POST",
                format!("{path}/email-confirmation"),
            )
        })
}

/// A game, and what the viewer may do to it.
pub fn game(game: &game::Model, viewer: &Actor) -> Links {
    let path = game_path(game);
    Links::default()
        .to("self", &path)
        .to("collection", "/games")
        .to("owner", user_path(game.owner_id))
        .to("offers", format!("/offers?game_id={}", game.id))
        // One that left the board is shown once more where its making is asked for again under its key.
        .when(game.deleted_at.is_none() && rules::permit_game(game, viewer).is_ok(), |links| {
            links
                .act("update", "PUT", &path)
                .act("delete", "DELETE", &path)
        })
}

/// A game as an offer names it: nowhere to go once it has left the board.
pub fn named_game(game: &game::Model) -> Links {
    Links::default().when(game.deleted_at.is_none(), |links| {
        links.to("self", game_path(game))
    })
}

/// A person as an offer names them: nowhere to go once they have left.
pub fn named_user(user: &user::Model) -> Links {
    Links::default().when(user.deleted_at.is_none(), |links| {
        links.to("self", user_path(user.id))
    })
}

/// An offer between these two, and exactly what the viewer may do to it now.
pub fn offer(offer: &offer::Model, parties: [&Links; 2], viewer: &Actor) -> Links {
    let links = Links::default()
        .to("self", offer_path(offer.id))
        .to("collection", "/offers");
    let links =
        ["offerer", "receiver"]
            .into_iter()
            .zip(parties)
            .fold(links, |links, (relation, party)| {
                // Nowhere to go once they have left.
                match party.0.get("self") {
                    Some(link) => links.to(relation, &link.href),
                    None => links,
                }
            });
    let links = match offer.closed_by_offer_id {
        Some(cause) => links.to("closed_by", offer_path(cause)),
        None => links,
    };
    actions(links, offer, viewer)
}

/// The ways out of an action on an offer that was refused: the offer as it stands, and what the viewer may do instead.
pub fn instead(offer: &offer::Model, viewer: &Actor) -> Links {
    actions(
        Links::default().to("offer", offer_path(offer.id)),
        offer,
        viewer,
    )
}

fn actions(links: Links, offer: &offer::Model, viewer: &Actor) -> Links {
    let path = offer_path(offer.id);
    rules::permitted(offer, viewer).fold(links, |links, action| match action {
        Action::Update => links.act("update", "PUT", &path),
        Action::Accept => links.act("accept", "PUT", format!("{path}/accept")),
        Action::Reject => links.act("reject", "PUT", format!("{path}/reject")),
        Action::Cancel => links.act("cancel", "PUT", format!("{path}/cancel")),
    })
}

/// The ways out of a failure.
pub fn way_out(error: &Error) -> Links {
    match error {
        Error::DuplicateOffer(first) => Links::default().to("offer", offer_path(*first)),
        Error::NotYourGame { game } | Error::OwnGame { game } => {
            Links::default().to("game", format!("/games/{game}"))
        }
        Error::EmailTaken | Error::TooManyFailures { .. } => log_in(Links::default()),
        Error::NoUser(_) => home().to("users", "/users"),
        Error::NoGame(_) => home().to("games", "/games"),
        Error::NoOffer(_) => home().to("offers", "/offers"),
        Error::TooManyOffers { offerer, .. } => Links::default().to(
            "offers",
            format!("/offers?offerer_id={offerer}&status=pending"),
        ),
        Error::KeyInUse | Error::KeyReused | Error::SinceDeleted { .. } | Error::NothingToMatch => {
            home()
        }
        Error::Denied(Denied::NotIdentified) => log_in(home()),
        _ if error.kind() == Kind::Unauthenticated => log_in(home()),
        _ => Links::default(),
    }
}

/// The thing that a request to this path is about, as it stands.
pub fn thing(path: &str) -> Links {
    match about(path) {
        Some((relation, path)) => Links::default().to(relation, path),
        None => Links::default(),
    }
}

/// The same, for whoever saw it before it changed.
pub fn current(path: &str) -> Links {
    match about(path) {
        Some((_, path)) => Links::default().to("current", path),
        None => Links::default(),
    }
}

/// What a path is about: `/offers/1/accept` is about offer 1.
fn about(path: &str) -> Option<(&'static str, String)> {
    let mut steps = path.strip_prefix('/')?.split('/');
    let (collection, id) = (steps.next()?, steps.next()?.parse::<i64>().ok()?);
    let relation = match collection {
        "users" => "user",
        "games" => "game",
        "offers" | "trade-offers" => "offer",
        _ => return None,
    };
    Some((relation, format!("/{collection}/{id}")))
}

/// The same request once more, where it would work later.
pub fn retry(method: &Method, uri: &Uri) -> Links {
    let again = uri.path_and_query().map_or("/", |whole| whole.as_str());
    match *method {
        // Two slashes begin the name of another host.
        _ if again.starts_with("//") => Links::default(),
        Method::POST => Links::default().act("retry", "POST", again),
        Method::PUT => Links::default().act("retry", "PUT", again),
        Method::PATCH => Links::default().act("retry", "PATCH", again),
        Method::DELETE => Links::default().act("retry", "DELETE", again),
        _ => Links::default().to("retry", again),
    }
}

/// All types of problems.
pub fn problems() -> Links {
    home().to("self", PROBLEMS)
}

/// One type of problem.
pub fn problem(code: &str) -> Links {
    Links::default()
        .to("self", problem_path(code))
        .to("collection", PROBLEMS)
}

/// Where to look, when a type of problem is none of ours.
pub fn no_problem() -> Links {
    home().to("problems", PROBLEMS)
}

pub fn problem_path(code: &str) -> String {
    format!("{PROBLEMS}/{code}")
}

pub fn user_path(id: UserId) -> String {
    format!("/users/{id}")
}

/// The games of a person.
pub fn games_path(owner: UserId) -> String {
    format!("/users/{owner}/games")
}

/// The games of everybody else.
pub fn games_of_others_path(viewer: UserId) -> String {
    format!("/games?not_owner_id={viewer}")
}

pub fn game_path(game: &game::Model) -> String {
    format!("/games/{}", game.id)
}

pub fn offer_path(id: OfferId) -> String {
    format!("/offers/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_is_the_thing_whose_id_is_in_the_path() {
        for (path, thing) in [
            ("/games/7", Some(("game", "/games/7"))),
            ("/users/7/password", Some(("user", "/users/7"))),
            ("/offers/7/accept", Some(("offer", "/offers/7"))),
            ("/trade-offers/7", Some(("offer", "/trade-offers/7"))),
            ("/trade-offers/user/7/sent", None),
            ("/offers", None),
            ("//games/7", None),
            ("/games/host.example", None),
        ] {
            let expected = thing.map(|(relation, path)| (relation, path.to_owned()));
            assert_eq!(about(path), expected, "{path}");
        }
    }

    #[test]
    fn retry_is_the_same_request_and_never_at_another_host() {
        let again = |method, uri: &'static str| retry(&method, &Uri::from_static(uri));
        let here = Links::default().act("retry", "PUT", "/games/7?x=1");
        assert_eq!(again(Method::PUT, "/games/7?x=1"), here);
        let read = Links::default().to("retry", "/games");
        assert_eq!(again(Method::HEAD, "/games"), read);
        assert_eq!(again(Method::GET, "//host.example/"), Links::default());
    }
}
