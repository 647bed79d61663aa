//! What can be read: one object, or a list of them.

use async_graphql::{Context, ID, Interface, Object};
use entity::{GameId, OfferId, UserId};

use super::{
    connection::{Connection, Paging},
    game::{Game, GameCondition, GameSort},
    ids::{self, Global},
    loaders::Viewer,
    offer::{Offer, OfferStatus},
    user::User,
};
use crate::{
    error::{Kind, Result},
    exchange::{
        games::{self, GameFilter},
        input::Faults,
        offers::{self, OfferFilter},
        users,
    },
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

/// What can be read. The board is public: games, offers, and the names of people.
#[Object]
impl Query {
    /// The object with this global id; null where there is none, or none any more.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` of an object of any type.")] id: ID,
    ) -> Result<Option<Node>> {
        let app = &Viewer::of(ctx).app;
        match ids::read(&id)? {
            Global::User(id) => found::<_, User>(users::find(app, id).await).map(wrapped),
            Global::Game(id) => found::<_, Game>(games::find(app, id).await).map(wrapped),
            Global::Offer(id) => found::<_, Offer>(offers::find(app, id).await).map(wrapped),
        }
    }

    /// Who is asking; null where nobody said who they are.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let viewer = Viewer::of(ctx);
        match viewer.actor.user_id() {
            Some(id) => found(users::find(&viewer.app, id).await),
            None => Ok(None),
        }
    }

    /// A person; null where nobody with this number has an account.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the person.")] database_id: i64,
    ) -> Result<Option<User>> {
        found(users::find(&Viewer::of(ctx).app, UserId(database_id)).await)
    }

    /// A game; null where none with this number is on the board.
    async fn game(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the game.")] database_id: i64,
    ) -> Result<Option<Game>> {
        found(games::find(&Viewer::of(ctx).app, GameId(database_id)).await)
    }

    /// An offer; null where there is none with this number.
    async fn offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the offer.")] database_id: i64,
    ) -> Result<Option<Offer>> {
        found(offers::find(&Viewer::of(ctx).app, OfferId(database_id)).await)
    }

    /// Everybody who has an account, in the order of their registration.
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<User>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        Ok(users::list(&Viewer::of(ctx).app, &window).await?.into())
    }

    /// The board: the games that people list.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one argument of the field"
    )]
    async fn games(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Part of the name or of the publisher, in either case (of the letters A to Z)."
        )]
        q: Option<String>,
        #[graphql(desc = "Exactly this console or computer.")] gaming_system: Option<String>,
        #[graphql(desc = "Only games kept so well.")] condition: Option<GameCondition>,
        #[graphql(desc = "Published in this year or later.")] year_from: Option<i64>,
        #[graphql(desc = "Published in this year or earlier.")] year_to: Option<i64>,
        #[graphql(desc = "Whose they are: the `id` or the `databaseId` of a User.")]
        owner_id: Option<ID>,
        #[graphql(desc = "In which order; `ID` where it is not given.")] sort: Option<GameSort>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Game>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let filter = GameFilter {
            q,
            gaming_system,
            condition: condition.map(Into::into),
            year_from: year("yearFrom", year_from)?,
            year_to: year("yearTo", year_to)?,
            owner_id: ids::optional("ownerId", owner_id.as_ref())?,
            sort: sort.map(Into::into).unwrap_or_default(),
            ..GameFilter::default()
        };
        Ok(games::list(&Viewer::of(ctx).app, &filter, &window)
            .await?
            .into())
    }

    /// Offers, the oldest first.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one argument of the field"
    )]
    async fn offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so.")] status: Option<OfferStatus>,
        #[graphql(desc = "Who made them: the `id` or the `databaseId` of a User.")]
        offerer_id: Option<ID>,
        #[graphql(desc = "Who received them: the `id` or the `databaseId` of a User.")] receiver_id: Option<ID>,
        #[graphql(desc = "Only those that name it: the `id` or the `databaseId` of a Game.")]
        game_id: Option<ID>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Offer>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let filter = OfferFilter {
            status: status.map(Into::into),
            offerer_id: ids::optional("offererId", offerer_id.as_ref())?,
            receiver_id: ids::optional("receiverId", receiver_id.as_ref())?,
            game_id: ids::optional("gameId", game_id.as_ref())?,
        };
        Ok(offers::list(&Viewer::of(ctx).app, &filter, &window)
            .await?
            .into())
    }
}

/// A year to look for.
fn year(argument: &str, number: Option<i64>) -> Result<Option<i32>> {
    let beyond = |_| {
        Faults::one(
            argument,
            "out_of_range",
            "is no year; send one such as 1986",
        )
    };
    number.map(i32::try_from).transpose().map_err(beyond)
}

/// The object, or nothing where there is none.
fn found<R, T: From<R>>(row: Result<R>) -> Result<Option<T>> {
    match row {
        Ok(row) => Ok(Some(row.into())),
        Err(failure) if failure.kind() == Kind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn wrapped<T: Into<Node>>(object: Option<T>) -> Option<Node> {
    object.map(Into::into)
}
