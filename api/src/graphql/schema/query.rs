//! The queries: one object, or a list.

use async_graphql::{Context, ID, Interface, Object};
use exchange::{
    error::{Error, Result},
    feed, games, offers,
    pagination::MAX_LIMIT,
    systems::{self, MAX_SYSTEMS},
    titles::{self, DEFAULT_SUGGESTIONS},
    users,
    validation::Faults,
};
use futures_util::future::try_join_all;
use graphql_http::list_size;

use super::{
    board::{GameConnection, GameFacets},
    connection::{Connection, PageSize, Paging, name_limit, name_limit_as},
    filter::{GameFilter, GameOrder, OfferFilter},
    game::Game,
    ids::{self, GameBy, OfferBy, UserBy},
    loaders::{Shared, Viewer},
    offer::Offer,
    prefetch,
    system::SystemCount,
    title::{Title, TitleSuggestions},
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

    /// The board: the games that users have listed, filtered and searched.
    #[graphql(directive = PageSize::apply())]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one argument of the field"
    )]
    async fn games(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The games to return. Without it, all.")] filter: Option<GameFilter>,
        #[graphql(
            desc = "The order of the games. The default is by `RELEVANCE` with `q`, otherwise by `ID`."
        )]
        order_by: Option<GameOrder>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Result<GameConnection> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let filter = filter.unwrap_or_default().of_board(order_by)?;
        let board = games::list(&Viewer::from_context(ctx).app, &filter, &window).await;
        let board = board.map_err(|failure| name_limit(failure, &window))?;
        Ok(GameConnection::of_board(board, TotalCount::Games(filter)))
    }

    /// The numbers of games on the board, by system, condition and decade.
    async fn game_facets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The games to count. Without it, all.")] filter: Option<GameFilter>,
    ) -> Result<GameFacets> {
        let filter = filter.unwrap_or_default().of_board(None)?;
        let counted = games::facets(&Viewer::from_context(ctx).app, &filter).await?;
        Ok(counted.into())
    }

    /// A title. Null if no title has that key. A key that was merged into another title returns that one.
    async fn title(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key of the title.")] key: String,
    ) -> Result<Option<Title>> {
        match titles::find(&Viewer::from_context(ctx).app, &key).await {
            Ok(title) => Ok(Some(title.into())),
            Err(Error::NoTitle(_)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The titles with copies on the board that match what somebody has typed so far: suggestions for a search field.
    #[graphql(directive = list_size::apply(
        usize::try_from(DEFAULT_SUGGESTIONS).ok(), Some(vec!["first".to_owned()]), Some(vec!["nodes".to_owned()]), Some(false)
    ))]
    async fn titles(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The text typed so far. Without a letter or a digit, nothing is suggested."
        )]
        q: String,
        #[graphql(desc = "The largest number of titles: 1 to 20. The default is 10.")]
        first: Option<i64>,
    ) -> Result<TitleSuggestions> {
        let suggested = titles::suggest(&Viewer::from_context(ctx).app, &q, first).await;
        let suggested = suggested.map_err(|failure| name_limit_as("first", failure))?;
        Ok(suggested.into())
    }

    /// The systems that the exchange knows and others that have a game on the board, each with the number of its games, the
    /// one with most games first: at most 500.
    #[graphql(directive = list_size::apply(Some(MAX_SYSTEMS), None, None, None))]
    async fn systems(&self, ctx: &Context<'_>) -> Result<Vec<SystemCount>> {
        let listed = systems::list(&Viewer::from_context(ctx).app)
            .await?
            .into_iter();
        let count = |listing: systems::SystemListing| SystemCount::new(listing.key, listing.games);
        Ok(listed.map(count).collect())
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
