//! The operations of the REST surface, one row each: what routes, links, forms, limits and the description share. The
//! attribute of a handler takes its path from its row, and adds what only the handler knows: the tag, the parameters, the
//! bodies, and the errors of its own.
//!
//! A handler does not compile without a row. A test compares the rows with the handlers that are routed. `/graphql` and
//! the metrics page are no routes of this surface: [`crate::server`] knows their classes.

use std::{collections::HashMap, fmt::Display, sync::LazyLock};

use rules::Action;

use crate::admission::Class;

/// The identification that an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// No operation needs it; invalid credentials are still refused where they are read.
    Unneeded,
    /// Anonymous senders are answered, with less.
    Optional,
    Required,
}

/// A header that an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenHeader {
    /// Idempotency-Key.
    Key,
    /// If-Match and If-None-Match: it changes an existing resource.
    IfMatch,
}

/// A route of the REST surface: how it offers an operation or a read.
#[derive(Debug)]
pub struct Route {
    name: &'static str,
    /// The methods. A PATCH takes the same input as the PUT before it.
    pub methods: &'static [&'static str],
    pub path: &'static str,
    pub identity: Identity,
    /// The class of its requests in admission control.
    pub class: Class,
    headers: &'static [TakenHeader],
    /// The relation of the links to it. Empty if nothing links to it.
    pub relation: &'static str,
    /// The responses that it may follow: the schema, and the field that contains the id for its path.
    pub follows: &'static [(&'static str, &'static str)],
}

/// Declares the routes. The columns: name, methods, path, identity, class, headers; for some, the relation of the
/// links to it, and the action on an offer that it takes; for some, the fields of responses that contain the id for its
/// path.
macro_rules! operations {
    ($(
        $name:ident: $($method:ident)|+ $path:literal, $identity:ident, $class:ident, [$($header:ident),*]
        $(, link $relation:literal $(for $action:ident)?)?
        $(, after $($schema:ident.$field:ident)|+)?;
    )*) => {
        $(
            pub static $name: Route = Route {
                name: stringify!($name),
                methods: &[$(stringify!($method)),+],
                path: $path,
                identity: Identity::$identity,
                class: Class::$class,
                headers: &[$(TakenHeader::$header),*],
                relation: concat!($($relation)?),
                follows: &[$($((stringify!($schema), stringify!($field))),+)?],
            };
        )*

        /// All routes.
        pub static ALL: &[&Route] = &[$(&$name),*];

        /// Returns the route that takes an action on an offer.
        pub fn for_action(action: Action) -> &'static Route {
            match action {
                $($($(Action::$action => &$name,)?)?)*
            }
        }
    };
}

operations! {
    GET_ROOT:                    GET         "/",                                     Optional, General,   [];
    GET_HEALTH:                  GET         "/health",                               Unneeded, Unlimited, [];
    GET_LIVENESS:                GET         "/health/live",                          Unneeded, Unlimited, [];
    GET_READINESS:               GET         "/health/ready",                         Unneeded, Unlimited, [];
    GET_WHOAMI:                  GET         "/whoami",                               Unneeded, General,   [];
    GET_PROBLEMS:                GET         "/problems",                             Unneeded, General,   [];
    GET_PROBLEM_TYPE:            GET         "/problems/{code}",                      Unneeded, General,   [];

    LOGIN:                       POST        "/auth/login",                           Unneeded, Passwords, [], link "login";
    REFRESH:                     POST        "/auth/refresh",                         Unneeded, General,   [], link "refresh";
    LOGOUT:                      POST        "/auth/logout",                          Unneeded, General,   [], link "logout";
    GET_PASSWORD_RESET_PAGE:     GET         "/auth/password-reset",                  Unneeded, General,   [];
    REQUEST_PASSWORD_RESET:      POST        "/auth/password-reset",                  Unneeded, General,   [], link "reset_password";
    RESET_PASSWORD:              POST        "/auth/password-reset/confirm",          Unneeded, Passwords, [Key];
    GET_EMAIL_CONFIRMATION_PAGE: GET         "/auth/email-confirmation",              Unneeded, General,   [];
    CONFIRM_EMAIL:               POST        "/auth/email-confirmation",              Unneeded, General,   [Key];
    REQUEST_EMAIL_CONFIRMATION:  POST        "/users/{user_id}/email-confirmation",   Required, General,   [Key, IfMatch], link "confirm_email";

    GET_USERS:                   GET         "/users",                                Optional, General,   [];
    CREATE_USER:                 POST        "/users",                                Unneeded, Passwords, [Key], link "register";
    GET_USER:                    GET         "/users/{user_id}",                      Optional, General,   [], after User.id | Game.owner_id;
    UPDATE_USER:                 PUT | PATCH "/users/{user_id}",                      Required, General,   [Key, IfMatch], link "update", after User.id;
    DELETE_USER:                 DELETE      "/users/{user_id}",                      Required, General,   [Key, IfMatch], link "delete";
    CHANGE_PASSWORD:             PUT         "/users/{user_id}/password",             Required, Passwords, [Key, IfMatch], link "change_password";

    GET_GAMES:                   GET         "/games",                                Optional, General,   [];
    CREATE_GAME:                 POST        "/games",                                Required, General,   [Key], link "create_game";
    GET_GAME_FACETS:             GET         "/games/facets",                         Optional, General,   [];
    GET_GAME:                    GET         "/games/{game_id}",                      Optional, General,   [], after Game.id | Offer.offered_game_id;
    UPDATE_GAME:                 PUT | PATCH "/games/{game_id}",                      Required, General,   [Key, IfMatch], link "update", after Game.id;
    DELETE_GAME:                 DELETE      "/games/{game_id}",                      Required, General,   [Key, IfMatch], link "delete", after Game.id;
    GET_USER_GAMES:              GET         "/users/{user_id}/games",                Optional, General,   [], after User.id;

    GET_TITLES:                  GET         "/titles",                               Optional, General,   [];
    GET_TITLE:                   GET         "/titles/{key}",                         Optional, General,   [], after Game.title_key;
    GET_SYSTEMS:                 GET         "/systems",                              Optional, General,   [];

    GET_OFFERS:                  GET         "/offers",                               Optional, General,   [];
    CREATE_OFFER:                POST        "/offers",                               Required, General,   [Key], link "create_offer";
    GET_OFFER:                   GET         "/offers/{offer_id}",                    Optional, General,   [], after Offer.id;
    UPDATE_OFFER:                PUT | PATCH "/offers/{offer_id}",                    Required, General,   [Key, IfMatch], link "update" for Update, after Offer.id;
    ACCEPT_OFFER:                PUT         "/offers/{offer_id}/accept",             Required, General,   [Key, IfMatch], link "accept" for Accept, after Offer.id;
    REJECT_OFFER:                PUT         "/offers/{offer_id}/reject",             Required, General,   [Key, IfMatch], link "reject" for Reject, after Offer.id;
    CANCEL_OFFER:                PUT         "/offers/{offer_id}/cancel",             Required, General,   [Key, IfMatch], link "cancel" for Cancel, after Offer.id;
    GET_OFFERS_SENT:             GET         "/trade-offers/user/{user_id}/sent",     Optional, General,   [], after User.id;
    GET_OFFERS_RECEIVED:         GET         "/trade-offers/user/{user_id}/received", Optional, General,   [], after User.id;
    GET_EVENTS:                  GET         "/events",                               Optional, Streams,   [];
}

impl Route {
    /// Returns the name of its handler, which is its id in the description.
    pub fn id(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    pub fn takes(&self, header: TakenHeader) -> bool {
        self.headers.contains(&header)
    }

    /// Returns true if it changes nothing.
    pub fn reads(&self) -> bool {
        self.methods == ["GET"]
    }

    /// Returns its path and, if it has one, the alias of that.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        [self.path.to_owned()].into_iter().chain(alias(self.path))
    }

    /// Returns the name of the parameter in its path.
    pub fn parameter(&self) -> Option<&'static str> {
        self.split().map(|(_, name, _)| name)
    }

    /// Returns its path for the resource with this id.
    pub fn href(&self, id: impl Display) -> String {
        match self.split() {
            Some((before, _, after)) => format!("{before}{id}{after}"),
            None => self.path.to_owned(),
        }
    }

    /// Splits its path around the parameter, if it has one.
    fn split(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let (before, rest) = self.path.split_once('{')?;
        let (name, after) = rest.split_once('}')?;
        Some((before, name, after))
    }
}

/// Returns the alias of a path: `/trade-offers/{trade_offer_id}` of `/offers/{offer_id}`.
pub fn alias(path: &str) -> Option<String> {
    let rest = path
        .strip_prefix("/offers")
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    Some(format!(
        "/trade-offers{}",
        rest.replace("{offer", "{trade_offer")
    ))
}

/// Returns the routes at a path of the router, which may be an alias.
pub fn at(path: &str) -> &'static [&'static Route] {
    static BY_PATH: LazyLock<HashMap<String, Vec<&Route>>> = LazyLock::new(|| {
        let mut by_path = HashMap::<_, Vec<_>>::new();
        for &route in ALL {
            for path in route.paths() {
                by_path.entry(path).or_default().push(route);
            }
        }
        by_path
    });
    BY_PATH.get(path).map(Vec::as_slice).unwrap_or_default()
}

/// Finds the route of a request by this method to this path of the router.
pub fn find(method: &str, path: &str) -> Option<&'static Route> {
    let by_method = |route: &&&Route| route.methods.contains(&method);
    at(path).iter().find(by_method).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alias_is_of_offers_only() {
        for (path, expected) in [
            ("/offers", Some("/trade-offers")),
            ("/offers/{offer_id}", Some("/trade-offers/{trade_offer_id}")),
            ("/offers-archive", None),
            ("/games", None),
        ] {
            assert_eq!(alias(path).as_deref(), expected);
        }
    }
}
