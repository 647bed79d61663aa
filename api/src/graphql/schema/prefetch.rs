//! Look-ahead: loads the relations that the selection set of a root list asks for in one step. Loaders need a statement
//! for each level of the query, because they learn of a level when its resolvers run.
//!
//! Only for root lists: a nested list would need a statement for each of its parents.

use async_graphql::Context;
use entity::offer;
use exchange::pagination::Page;

use super::loaders::Viewer;

/// Loads the games of these offers and their owners, if the query selects owners.
pub async fn offer_games(context: &Context<'_>, page: &Page<offer::Model>) {
    if page.rows.is_empty() {
        return;
    }
    let list = context.look_ahead();
    let nodes = [list.field("nodes"), list.field("edges").field("node")];
    let owners = |side| {
        let mut sides = nodes.iter().map(|node| node.field(side));
        sides.any(|side| side.field("owner").exists())
    };
    if owners("offeredGames") || owners("requestedGames") {
        let ids: Vec<_> = page.rows.iter().map(|row| row.item.id).collect();
        Viewer::from_context(context)
            .load_sides_and_owners(&ids)
            .await;
    }
}
