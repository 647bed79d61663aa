//! Links of HAL.

use std::{collections::BTreeMap, fmt::Display};

use serde::Serialize;
use utoipa::ToSchema;

use super::paths;
use crate::operations::{self, Route};

/// The links of a resource, by relation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = BTreeMap<String, Link>)]
pub struct Links(BTreeMap<&'static str, Link>);

/// A link of HAL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    /// A path on this host.
    #[schema(example = "/offers/1")]
    pub href: String,
    /// The method, if it is not GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "PUT")]
    pub method: Option<&'static str>,
}

impl Links {
    /// Starts with a link to the entry point of the API.
    pub fn home() -> Self {
        Self::default().to("home", "/")
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, relation: &str) -> Option<&Link> {
        self.0.get(relation)
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Iterates over the actions: relation, method and path.
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

    /// Adds an action.
    pub fn action(
        mut self,
        relation: &'static str,
        method: &'static str,
        href: impl Into<String>,
    ) -> Self {
        let (href, method) = (href.into(), Some(method));
        self.0.insert(relation, Link { href, method });
        self
    }

    /// Adds a link to the description of the API.
    pub fn description(self) -> Self {
        self.to("service-desc", paths::DESCRIPTION)
    }

    pub fn when(self, condition: bool, add: impl FnOnce(Self) -> Self) -> Self {
        if condition { add(self) } else { self }
    }

    /// Adds a link to an operation without an id in its path.
    pub fn operation(self, route: &'static Route) -> Self {
        self.operation_on("", route)
    }

    /// Adds a link to an operation on the resource with this id.
    pub fn operation_on(self, id: impl Display, route: &'static Route) -> Self {
        debug_assert!(!route.relation.is_empty(), "{route:?}");
        self.action(route.relation, route.methods[0], route.href(id))
    }

    /// Adds the ways to identify oneself.
    pub fn log_in(self) -> Self {
        self.operation(&operations::LOGIN)
            .operation(&operations::CREATE_USER)
            .operation(&operations::REQUEST_PASSWORD_RESET)
    }
}
