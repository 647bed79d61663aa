//! The paths of an earlier system: each operation under `/offers` is under `/trade-offers`, too.

use utoipa::openapi::{
    PathItem, RefOr,
    path::{Operation, Parameter},
};
use utoipa_axum::router::UtoipaMethodRouter;

use super::openapi::by_method;
use crate::app::App;

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

/// Routes and describes handlers under the aliases of their paths as well.
pub fn with_aliases(
    (schemas, mut paths, handlers): UtoipaMethodRouter<App>,
) -> UtoipaMethodRouter<App> {
    let aliases: Vec<_> = paths
        .paths
        .iter()
        .filter_map(|(path, item)| Some((alias(path)?, renamed(item.clone()))))
        .collect();
    paths.paths.extend(aliases);
    (schemas, paths, handlers)
}

fn renamed(mut item: PathItem) -> PathItem {
    by_method(&mut item).for_each(|(_, operation)| rename(operation));
    item
}

fn rename(operation: &mut Operation) {
    operation.operation_id = operation
        .operation_id
        .take()
        .map(|id| id.replace("offer", "trade_offer"));
    operation.tags = Some(vec!["trade-offers".to_owned()]);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(Parameter { name, .. }) = parameter
            && name == "offer_id"
        {
            "trade_offer_id".clone_into(name);
        }
    }
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
