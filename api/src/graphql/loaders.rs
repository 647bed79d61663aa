//! What the resolvers of one request work with: the App, who is asking, and loaders, which turn the look-ups of many
//! resolvers into one statement. One set for each request, so that nobody gets what was loaded for somebody else.
//!
//! A load begins when every resolver that can run has said what it needs, not when a time has passed: [`Loads::during`]
//! polls the resolvers first and the loads after them, in one task. So the number of statements depends on the query
//! alone. To add a relation, implement [`Loader`] for its key and give [`Viewer`] a method.

use std::{collections::HashMap, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use entity::{GameId, OfferId, UserId, game, offer, user};
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{game::Game, offer::Offer, user::User};
use crate::{
    app::App,
    error::{Error, Result},
    exchange::{
        games,
        offers::{self, Sides},
        users,
    },
    identity::Actor,
};

/// A failure that many resolvers share.
pub type Shared<T> = Result<T, Arc<Error>>;

/// Who is asking, and what their request works with.
pub struct Viewer {
    pub app: App,
    pub actor: Actor,
    rows: DataLoader<Rows, HashMapCache>,
}

/// The loads that the resolvers of a request asked for.
pub struct Loads(UnboundedReceiver<BoxFuture<'static, ()>>);

/// The key under which the sides of an offer are loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SidesOf(OfferId);

struct Rows(App);

impl Viewer {
    /// What a request of `actor` works with. `cached` where nothing that was loaded can change before the request
    /// ends: in a query.
    pub fn new(app: App, actor: Actor, cached: bool) -> (Self, Loads) {
        let (asked, loads) = unbounded_channel();
        // Nobody listens any more once the request is over; then nobody waits for the load either.
        let ask = move |load| drop(asked.send(load));
        let rows = DataLoader::with_cache(Rows(app.clone()), ask, HashMapCache::default())
            .delay(Duration::ZERO);
        rows.enable_all_cache(cached);
        (Self { app, actor, rows }, Loads(loads))
    }

    /// The viewer of the request that a resolver works for.
    pub fn of<'c>(context: &Context<'c>) -> &'c Self {
        context.data_unchecked()
    }

    /// A person that a row refers to, also one who left.
    pub async fn user(&self, id: UserId) -> Shared<User> {
        let row = self.rows.load_one(id).await?;
        row.map(User::from)
            .ok_or_else(|| missing(Error::NoUser(id)))
    }

    /// An offer that a row refers to.
    pub async fn offer(&self, id: OfferId) -> Shared<Offer> {
        let row = self.rows.load_one(id).await?;
        row.map(Offer::from)
            .ok_or_else(|| missing(Error::NoOffer(id)))
    }

    /// A game that a row refers to, also one that left the board.
    pub async fn game(&self, id: GameId) -> Shared<Game> {
        let row = self.rows.load_one(id).await?;
        row.map(Game::from)
            .ok_or_else(|| missing(Error::NoGame(id)))
    }

    /// The games on both sides of an offer.
    pub async fn sides(&self, id: OfferId) -> Shared<Sides> {
        Ok(self.rows.load_one(SidesOf(id)).await?.unwrap_or_default())
    }
}

impl Loads {
    /// Runs `resolvers` to their end, and what they ask to be loaded meanwhile.
    pub async fn during<T>(mut self, resolvers: impl Future<Output = T>) -> T {
        let mut resolvers = pin!(resolvers);
        let mut running = FuturesUnordered::new();
        poll_fn(|context| {
            loop {
                if let Poll::Ready(done) = resolvers.as_mut().poll(context) {
                    return Poll::Ready(done);
                }
                while let Ok(load) = self.0.try_recv() {
                    running.push(load);
                }
                if !matches!(running.poll_next_unpin(context), Poll::Ready(Some(()))) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

impl Loader<UserId> for Rows {
    type Value = user::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[UserId]) -> Shared<HashMap<UserId, user::Model>> {
        users::by_ids(&self.0, ids).await.map_err(Arc::new)
    }
}

impl Loader<GameId> for Rows {
    type Value = game::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[GameId]) -> Shared<HashMap<GameId, game::Model>> {
        games::by_ids(&self.0, ids).await.map_err(Arc::new)
    }
}

impl Loader<OfferId> for Rows {
    type Value = offer::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[OfferId]) -> Shared<HashMap<OfferId, offer::Model>> {
        offers::by_ids(&self.0, ids).await.map_err(Arc::new)
    }
}

impl Loader<SidesOf> for Rows {
    type Value = Sides;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[SidesOf]) -> Shared<HashMap<SidesOf, Sides>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let sides = offers::sides(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(sides
            .into_iter()
            .map(|(id, sides)| (SidesOf(id), sides))
            .collect())
    }
}

/// A row refers to another that is not there: foreign keys make that our fault.
fn missing(what: Error) -> Arc<Error> {
    Arc::new(Error::internal(what))
}
