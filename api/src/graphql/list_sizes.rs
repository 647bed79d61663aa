//! The lengths of the lists of the schema, for the cost of a document.

use exchange::{
    offers::MAX_GAMES,
    pagination::{DEFAULT_LIMIT, MAX_LIMIT},
};
use graphql_http::ListSizes;

/// The cost of a count, which may read a whole list.
const COUNT: usize = 20;
/// The most faults of one input.
const USER_ERRORS: usize = 10;

/// The sizes by field name. Add each new list that has neither `first` and `last` nor `ids`.
pub const LIST_SIZES: ListSizes = ListSizes {
    lengths: &[
        ("users", DEFAULT_LIMIT),
        ("games", DEFAULT_LIMIT),
        ("offers", DEFAULT_LIMIT),
        ("offersSent", DEFAULT_LIMIT),
        ("offersReceived", DEFAULT_LIMIT),
        ("closedOffers", DEFAULT_LIMIT),
        ("offeredGames", MAX_GAMES),
        ("requestedGames", MAX_GAMES),
        ("userErrors", USER_ERRORS),
        // Introspection. Each type is listed once with its own fields, so these are averages.
        ("types", 100),
        ("directives", 8),
        ("fields", 4),
    ],
    costs: &[("totalCount", COUNT)],
    max_page: MAX_LIMIT,
};
