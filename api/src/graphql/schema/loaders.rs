//! What the resolvers of one request work with: the App, who is asking, and loaders, which turn the look-ups of many
//! resolvers into one statement. One set for each request, so that nobody gets what was loaded for somebody else.
//!
//! When a load begins is said in [`crate::graphql::batching`]. To add a relation, implement [`Loader`] for its key and give [`Viewer`] a
//! method.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use entity::{
    GameId, OfferId, UserId, game, offer,
    user::{self, Profile},
};
use exchange::{
    error::{Error, Result},
    games,
    identity::{Ended, Sender},
    offers::{self, Party},
    operation::{IdempotencyKey, ReplayFlag},
    pagination::{Page, Window},
    users,
};
use rules::Actor;
use tokio::sync::mpsc::unbounded_channel;

use super::{
    connection::{Connection, Paging, name_limit},
    game::Game,
    ids::Global,
    offer::Offer,
    query::Node,
    total_count::{ListOfUser, TotalCount},
    user::User,
};
use crate::{app::App, graphql::batching::Loads, http::ClientAddress};

/// A failure that many resolvers share.
pub type Shared<T> = Result<T, Arc<Error>>;

/// Who is asking, and what their request works with.
pub struct Viewer {
    pub app: App,
    pub actor: Actor,
    /// The person who sent the request, where they are known no more: then `actor` is nobody.
    pub ended: Option<Ended>,
    /// The address that limits by client count under.
    pub client: ClientAddress,
    /// The key that came as a header.
    pub key: Option<IdempotencyKey>,
    /// Set when what was asked for had been done before, under its key.
    pub replayed: ReplayFlag,
    rows: DataLoader<Rows, HashMapCache>,
}

/// The games on the two sides of an offer, each side in id order; those that left the board among them.
#[derive(Default)]
pub struct Sides {
    pub offered: Vec<Game>,
    pub requested: Vec<Game>,
}

/// The key under which all of an account is loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct AccountOf(UserId);

/// The key under which the sides of an offer are loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SidesOf(OfferId);

/// The key under which a part of a person's games is loaded.
#[derive(Clone, PartialEq, Eq, Hash)]
struct GamesOf {
    person: UserId,
    window: Window,
}

/// The key under which a part of a person's offers is loaded.
#[derive(Clone, PartialEq, Eq, Hash)]
struct OffersOf {
    person: UserId,
    party: Party,
    window: Window,
}

/// What loads them.
pub struct Rows(pub App);

impl Viewer {
    /// What a request of `sender` works with. `cached` where nothing that was loaded can change before the request
    /// ends: in a query.
    pub fn new(
        app: App,
        sender: Sender,
        client: ClientAddress,
        key: Option<IdempotencyKey>,
        replayed: ReplayFlag,
        cached: bool,
    ) -> (Self, Loads) {
        let (asked, loads) = unbounded_channel();
        // Nobody listens any more once the request is over; then nobody waits for the load either.
        let ask = move |load| drop(asked.send(load));
        let rows = DataLoader::with_cache(Rows(app.clone()), ask, HashMapCache::default())
            .delay(Duration::ZERO);
        rows.enable_all_cache(cached);
        let (actor, ended) = match sender {
            Sender::Known(actor) => (actor, None),
            Sender::Ended(ended) => (Actor::Anonymous, Some(ended)),
        };
        let viewer = Self {
            app,
            actor,
            ended,
            client,
            key,
            replayed,
            rows,
        };
        (viewer, Loads(loads))
    }

    /// The viewer of the request that a resolver works for.
    pub fn from_context<'c>(context: &Context<'c>) -> &'c Self {
        context.data_unchecked()
    }

    /// Whoever sent the request.
    pub fn sender(&self) -> Sender {
        self.ended.map_or(Sender::Known(self.actor), Sender::Ended)
    }

    /// Goes on if whoever sent the request is known still, or never said who they are.
    pub fn standing(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |ended| Err(ended.into()))
    }

    /// A person that a row refers to, also one who left.
    pub async fn user(&self, id: UserId) -> Shared<User> {
        let profile: Option<Profile> = self.rows.load_one(id).await?;
        let profile = profile.ok_or_else(|| missing(Error::NoUser(id)))?;
        Ok(profile.into())
    }

    /// The account of a person who may see all of it.
    pub async fn account(&self, id: UserId) -> Shared<Arc<user::Model>> {
        let account = self.rows.load_one(AccountOf(id)).await?;
        account.ok_or_else(|| missing(Error::NoUser(id)))
    }

    /// An offer that a row refers to.
    pub async fn offer(&self, id: OfferId) -> Shared<Offer> {
        self.offer_if_there(id)
            .await?
            .ok_or_else(|| missing(Error::NoOffer(id)))
    }

    /// A game that a row refers to, also one that left the board.
    pub async fn game(&self, id: GameId) -> Shared<Game> {
        let game = self.rows.load_one(id).await?;
        game.ok_or_else(|| missing(Error::NoGame(id)))
    }

    /// What a global id names; nothing where it is not there, or not any more.
    pub async fn node(&self, id: Global) -> Shared<Option<Node>> {
        Ok(match id {
            Global::User(id) => self.user_if_there(id).await?.map(Node::from),
            Global::Game(id) => self.game_if_there(id).await?.map(Node::from),
            Global::Offer(id) => self.offer_if_there(id).await?.map(Node::from),
        })
    }

    /// A person, if they have an account.
    pub async fn user_if_there(&self, id: UserId) -> Shared<Option<User>> {
        let profile: Option<Profile> = self.rows.load_one(id).await?;
        let profile = profile.filter(|profile| profile.deleted_at.is_none());
        Ok(profile.map(User::from))
    }

    /// A game, if it is on the board.
    pub async fn game_if_there(&self, id: GameId) -> Shared<Option<Game>> {
        let game: Option<Game> = self.rows.load_one(id).await?;
        Ok(game.filter(|game| game.row().deleted_at.is_none()))
    }

    /// An offer, if there is one.
    pub async fn offer_if_there(&self, id: OfferId) -> Shared<Option<Offer>> {
        Ok(self.rows.load_one(id).await?.map(Offer::from))
    }

    /// How many rows the total of a list has.
    pub async fn count(&self, list: &TotalCount) -> Shared<u64> {
        Ok(self.rows.load_one(list.clone()).await?.unwrap_or_default())
    }

    /// A part of the games that a person has on the board.
    pub async fn games_of(&self, person: UserId, paging: Paging) -> Shared<Connection<Game>> {
        let window = paging.window().map_err(Arc::new)?;
        let page = self.rows.load_one(GamesOf { person, window }).await?;
        let page = page.unwrap_or_else(|| Err(missing(Error::NoUser(person))))?;
        Ok(Connection::new(
            page,
            TotalCount::OfUser(ListOfUser::Games, person),
        ))
    }

    /// A part of the offers that a person is this party of.
    pub async fn offers_of(
        &self,
        person: UserId,
        party: Party,
        paging: Paging,
    ) -> Shared<Connection<Offer>> {
        let window = paging.window().map_err(Arc::new)?;
        let page = self
            .rows
            .load_one(OffersOf {
                person,
                party,
                window,
            })
            .await?;
        let page = page.unwrap_or_else(|| Err(missing(Error::NoUser(person))))?;
        let total = TotalCount::OfUser(ListOfUser::Offers(party), person);
        Ok(Connection::new(page, total))
    }

    /// Has the sides of these offers and the owners of their games at hand when they are asked for. Where that fails, they
    /// are loaded then, and fail whoever asks.
    pub async fn load_sides_and_owners(&self, ids: &[OfferId]) {
        let Ok((sides, owners)) = offers::sides_and_owners(&self.app, ids).await else {
            return;
        };
        self.rows.feed_many(sides.into_iter().map(shared)).await;
        self.rows.feed_many::<UserId, _>(owners).await;
    }

    /// The games on both sides of an offer.
    pub async fn sides(&self, id: OfferId) -> Shared<Arc<Sides>> {
        Ok(self.rows.load_one(SidesOf(id)).await?.unwrap_or_default())
    }
}

/// The sides of an offer, for all who ask for them.
fn shared((id, sides): (OfferId, offers::Sides)) -> (SidesOf, Arc<Sides>) {
    let games = |rows: Vec<game::Model>| rows.into_iter().map(Game::from).collect();
    let sides = Sides {
        offered: games(sides.offered),
        requested: games(sides.requested),
    };
    (SidesOf(id), Arc::new(sides))
}

impl Loader<UserId> for Rows {
    type Value = Profile;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[UserId]) -> Shared<HashMap<UserId, Profile>> {
        users::profiles(&self.0, ids).await.map_err(Arc::new)
    }
}

impl Loader<AccountOf> for Rows {
    type Value = Arc<user::Model>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[AccountOf]) -> Shared<HashMap<AccountOf, Self::Value>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let accounts = users::by_ids(&self.0, &ids).await?.into_iter();
        let account = |(id, row)| (AccountOf(id), Arc::new(row));
        Ok(accounts.map(account).collect())
    }
}

impl Loader<GameId> for Rows {
    type Value = Game;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[GameId]) -> Shared<HashMap<GameId, Game>> {
        let rows = games::by_ids(&self.0, ids).await?.into_iter();
        Ok(rows.map(|(id, row)| (id, row.into())).collect())
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
    type Value = Arc<Sides>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[SidesOf]) -> Shared<HashMap<SidesOf, Arc<Sides>>> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let sides = offers::sides(&self.0, &ids).await.map_err(Arc::new)?;
        Ok(sides.into_iter().map(shared).collect())
    }
}

/// Each part of a list fails on its own: a wrong cursor in one field is no concern of another.
impl Loader<GamesOf> for Rows {
    type Value = Shared<Page<game::Model>>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[GamesOf]) -> Shared<HashMap<GamesOf, Self::Value>> {
        let mut loaded = HashMap::new();
        for (window, people) in alike(keys.iter().map(|key| (key.window.clone(), key.person))) {
            let pages = games::list_per_owner(&self.0, &people, &window).await;
            let pages = pages.map_err(|failure| name_limit(failure, &window));
            for (person, page) in each(&people, pages) {
                let window = window.clone();
                loaded.insert(GamesOf { person, window }, page);
            }
        }
        Ok(loaded)
    }
}

impl Loader<OffersOf> for Rows {
    type Value = Shared<Page<offer::Model>>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[OffersOf]) -> Shared<HashMap<OffersOf, Self::Value>> {
        let mut loaded = HashMap::new();
        let parts = keys
            .iter()
            .map(|key| ((key.party, key.window.clone()), key.person));
        for ((party, window), people) in alike(parts) {
            let pages = offers::list_per_user(&self.0, party, &people, &window).await;
            let pages = pages.map_err(|failure| name_limit(failure, &window));
            for (person, page) in each(&people, pages) {
                let window = window.clone();
                loaded.insert(
                    OffersOf {
                        person,
                        party,
                        window,
                    },
                    page,
                );
            }
        }
        Ok(loaded)
    }
}

/// The people of whom the same part is asked for, so that one statement reads it.
pub fn alike<P: Eq + Hash>(parts: impl Iterator<Item = (P, UserId)>) -> HashMap<P, Vec<UserId>> {
    let mut people = HashMap::<_, Vec<_>>::new();
    for (part, person) in parts {
        people.entry(part).or_default().push(person);
    }
    people
}

/// The page of each person, or the failure that they share.
fn each<T>(
    people: &[UserId],
    pages: Result<HashMap<UserId, Page<T>>>,
) -> impl Iterator<Item = (UserId, Shared<Page<T>>)> {
    let mut pages = pages.map_err(Arc::new);
    people.iter().map(move |person| {
        let page = match &mut pages {
            Ok(pages) => pages
                .remove(person)
                .ok_or_else(|| missing(Error::NoUser(*person))),
            Err(failure) => Err(failure.clone()),
        };
        (*person, page)
    })
}

/// A row refers to another that is not there: foreign keys make that our fault.
fn missing(what: Error) -> Arc<Error> {
    Arc::new(Error::internal(what))
}
