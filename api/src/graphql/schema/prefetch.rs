//! What the nodes of a list are going to be asked for, loaded before they are. Loaders learn of it step by step, as one
//! resolver after the other runs, and need a statement for each step; the query says it all at once.
//!
//! Only for a list at the root: a list in each node of another would be a statement for each of them.

use async_graphql::Context;
use entity::offer;
use exchange::pagination::Page;

use super::loaders::Viewer;

/// The games of these offers, with their owners.
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
