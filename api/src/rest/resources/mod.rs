//! The resources: for each its body, its input, its handlers and their descriptions.

mod events;
pub mod games;
mod home;
pub mod mailbox;
pub mod offers;
mod problems;
mod sessions;
mod system;
mod systems;
mod titles;
mod trade_offers;
pub mod users;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Routes the operations that carry their own description.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(home::router())
        .merge(system::router())
        .merge(problems::router())
        .merge(sessions::router())
        .merge(mailbox::router())
        .merge(users::router())
        .merge(games::router())
        .merge(titles::router())
        .merge(systems::router())
        .merge(offers::router())
        .merge(trade_offers::router())
        .merge(events::router())
}
