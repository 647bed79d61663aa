//! The queries: one object, or a list.

use async_graphql::{Context, ID, Interface, Object};
use exchange::{
    error::Result, feed, games, offers, pagination::MAX_LIMIT, users, validation::Faults,
};
use futures_util::future::try_join_all;
use graphql_http::list_size;

use super::{
    connection::{Connection, PageSize, Paging, name_limit},
    filter::{GameFilter, GameOrder, OfferFilter},
    game::Game,
    ids::{self, GameBy, OfferBy, UserBy},
    loaders::{Shared, Viewer},
    offer::Offer,
    prefetch,
    total_count::TotalCount,
    user::User,
};

/// An object with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub enum Node {
    User(User),
    Game(Game),
    Offer(Offer),
}

pub struct Query;

/// The queries. The board is public: games, offers, and the names of users.
#[Object]
impl Query {
    /// The object with this global id. Null if it does not exist, or no longer.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of an object of any type.")] id: ID,
    ) -> Shared<Option<Node>> {
        Viewer::from_context(ctx).node(ids::read("id", &id)?).await
    }

    /// The objects with these global ids, in the same order. Null for each that does not exist, or no longer.
    #[graphql(directive = list_size::apply(None, Some(vec!["ids".to_owned()]), None, None))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id`s of at most 100 objects, of any types.")] ids: Vec<ID>,
    ) -> Shared<Vec<Option<Node>>> {
        if ids.len() > MAX_LIMIT {
            let message = format!("has {} ids; send at most {MAX_LIMIT}", ids.len());
            return Err(Faults::single("ids", "out_of_range", message).into());
        }
        let named: Vec<_> = ids
            .iter()
            .map(|id| ids::read("ids", id))
            .collect::<Result<_>>()?;
        let viewer = Viewer::from_context(ctx);
        try_join_all(named.into_iter().map(|id| viewer.node(id))).await
    }

    /// The user who sends the request. Null without identification.
    async fn viewer(&self, ctx: &Context<'_>) -> Shared<Option<User>> {
        let viewer = Viewer::from_context(ctx);
        match viewer.actor.user_id() {
            Some(id) => viewer.user_if_there(id).await,
            None => Ok(None),
        }
    }

    /// The id of the newest event. Query it first, then the data to show, and subscribe `after` it: so you miss no
    /// change before your first event.
    async fn newest_event(&self, ctx: &Context<'_>) -> Result<ID> {
        let newest = feed::newest_public_event(&Viewer::from_context(ctx).app).await?;
        Ok(ID(newest.to_string()))
    }

    /// A user. Null if no account has that id.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id or the `databaseId` of the User.")] by: UserBy,
    ) -> Shared<Option<User>> {
        Viewer::from_context(ctx).user_if_there(by.key()?).await
    }

    /// A game. Null if no game on the board has that id.
    async fn game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id or the `databaseId` of the Game.")] by: GameBy,
    ) -> Shared<Option<Game>> {
        Viewer::from_context(ctx).game_if_there(by.key()?).await
    }

    /// An offer. Null if no offer has that id.
    async fn offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id or the `databaseId` of the Offer.")] by: OfferBy,
    ) -> Shared<Option<Offer>> {
        Viewer::from_context(ctx).offer_if_there(by.key()?).await
    }

    /// All users with an account, in the order of their registration.
    #[graphql(directive = PageSize::apply())]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Result<Connection<User>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let page = users::list(&Viewer::from_context(ctx).app, &window).await;
        let page = page.map_err(|failure| name_limit(failure, &window))?;
        Ok(Connection::new(page, TotalCount::Users))
    }

    /// The board: the games that users have listed.
    #[graphql(directive = PageSize::apply())]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one argument of the field"
    )]
    async fn games(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The games to return. Without it, all.")] filter: Option<GameFilter>,
        #[graphql(desc = "The order of the games. The default is by `ID`.")] order_by: Option<
            GameOrder,
        >,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Game>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let filter = filter.unwrap_or_default().of_board(order_by)?;
        let page = games::list(&Viewer::from_context(ctx).app, &filter, &window).await;
        let page = page.map_err(|failure| name_limit(failure, &window))?;
        Ok(Connection::new(page, TotalCount::Games(filter)))
    }

    /// Offers, oldest first.
    #[graphql(directive = PageSize::apply())]
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offers to return. Without it, all.")] filter: Option<OfferFilter>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Offer>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let filter = filter.unwrap_or_default().try_into()?;
        let page = offers::list(&Viewer::from_context(ctx).app, &filter, &window).await;
        let page = page.map_err(|failure| name_limit(failure, &window))?;
        prefetch::offer_games(ctx, &page).await;
        Ok(Connection::new(page, TotalCount::Offers(filter)))
    }
}
