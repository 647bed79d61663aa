//! The paths of an earlier system: each operation under `/offers` is under `/trade-offers`, too.

use utoipa::openapi::{
    PathItem, RefOr,
    path::{Operation, Parameter},
};
use utoipa_axum::router::UtoipaMethodRouter;

use super::openapi::by_method;
use crate::{app::App, operations::alias};

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
