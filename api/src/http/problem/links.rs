//! The links of a problem: to what it is about, and to what the client can do next.

use axum::http::{Method, Uri};
use exchange::error::{Error, Kind};

use crate::{
    http::hypermedia::{Links, paths},
    operations,
};

/// Returns the links of an error. One without a line of its own has those of its kind, and all have those that follow
/// from the request.
pub fn from_error(error: &Error) -> Links {
    match error {
        Error::DuplicateOffer(first) => Links::default().to("offer", paths::offer(*first)),
        Error::NotYourGame { game } | Error::OwnGame { game } => {
            Links::default().to("game", paths::game(*game))
        }
        Error::EmailTaken | Error::TooManyFailures { .. } => Links::default().log_in(),
        Error::NoUser(_) => Links::home().to("users", operations::GET_USERS.path),
        Error::NoGame(_) => Links::home().to("games", operations::GET_GAMES.path),
        Error::NoTitle(_) => Links::home().to("titles", operations::GET_TITLES.path),
        Error::NoOffer(_) => Links::home().to("offers", operations::GET_OFFERS.path),
        Error::TooManyOffers { offerer, .. } => {
            Links::default().to("offers", paths::offers_sent(*offerer) + "&status=pending")
        }
        Error::KeyInUse | Error::KeyReused | Error::SinceDeleted { .. } | Error::NothingToMatch => {
            Links::home()
        }
        _ if error.kind() == Kind::Unauthenticated => Links::home().log_in(),
        _ => Links::default(),
    }
}

/// Returns a link to the thing that a request path is about.
pub fn subject(path: &str) -> Links {
    match parse_subject(path) {
        Some((relation, path)) => Links::default().to(relation, path),
        None => Links::default(),
    }
}

/// Returns a link to the current state of that thing, for a client that saw an earlier one.
pub fn current(path: &str) -> Links {
    match parse_subject(path) {
        Some((_, path)) => Links::default().to("current", path),
        None => Links::default(),
    }
}

/// Parses a request path into the relation and the path of its subject: `/offers/1/accept` is about offer 1.
fn parse_subject(path: &str) -> Option<(&'static str, String)> {
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

/// Returns a link that repeats the request.
pub fn retry(method: &Method, uri: &Uri) -> Links {
    let again = uri.path_and_query().map_or("/", |whole| whole.as_str());
    match *method {
        // A path that begins with two slashes would lead to another host.
        _ if again.starts_with("//") => Links::default(),
        Method::POST => Links::default().action("retry", "POST", again),
        Method::PUT => Links::default().action("retry", "PUT", again),
        Method::PATCH => Links::default().action("retry", "PATCH", again),
        Method::DELETE => Links::default().action("retry", "DELETE", again),
        _ => Links::default().to("retry", again),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_is_the_thing_with_the_id_in_the_path() {
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
            assert_eq!(parse_subject(path), expected, "{path}");
        }
    }

    #[test]
    fn retry_repeats_the_request_on_this_host_only() {
        let again = |method, uri: &'static str| retry(&method, &Uri::from_static(uri));
        let here = Links::default().action("retry", "PUT", "/games/7?x=1");
        assert_eq!(again(Method::PUT, "/games/7?x=1"), here);
        let read = Links::default().to("retry", "/games");
        assert_eq!(again(Method::HEAD, "/games"), read);
        assert_eq!(again(Method::GET, "//host.example/"), Links::default());
    }
}
