//! The viewer of a request, and loaders that batch the look-ups of many resolvers into one statement ([`Loads`] says
//! when). Each request has its own, so that nothing loaded for one viewer reaches another.
//!
//! To add a relation, implement [`Loader`] for its key and give [`Viewer`] a method.

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
    context::{IdempotencyKey, ReplayFlag},
    error::{Error, Result},
    games,
    identity::{Ended, Sender},
    offers::{self, Party},
    pagination::{Page, Window},
    titles, users,
};
use graphql_http::Loads;
use rules::Actor;

use super::{
    board::GameConnection,
    connection::{Connection, Paging, name_limit},
    game::Game,
    ids::Global,
    offer::Offer,
    query::Node,
    title::Title,
    total_count::{ListOfUser, TotalCount},
    user::User,
};
use crate::{app::App, http::ClientAddress};

/// A result whose failure several resolvers share.
pub type Shared<T> = Result<T, Arc<Error>>;

/// The sender of a request, and the data that its resolvers work with.
pub struct Viewer {
    pub app: App,
    pub actor: Actor,
    /// The sender, if their account or session has ended. `actor` is then anonymous.
    pub ended: Option<Ended>,
    /// The address that limits by client count under.
    pub client: ClientAddress,
    /// The idempotency key in the header.
    pub key: Option<IdempotencyKey>,
    /// Set when a write turns out to be a replay.
    pub replayed: ReplayFlag,
    rows: DataLoader<Rows, HashMapCache>,
}

/// The games on the two sides of an offer, each side in the order of ids, including those that left the board.
#[derive(Default)]
pub struct Sides {
    pub offered: Vec<Game>,
    pub requested: Vec<Game>,
}

/// The key of the loader for whole accounts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct AccountOf(UserId);

/// The key of the loader for the sides of an offer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SidesOf(OfferId);

/// The key of the loader for titles.
#[derive(Clone, PartialEq, Eq, Hash)]
struct TitleOf(String);

/// The key of the loader for a page of a person's games.
#[derive(Clone, PartialEq, Eq, Hash)]
struct GamesOf {
    person: UserId,
    window: Window,
}

/// The key of the loader for a page of a person's offers.
#[derive(Clone, PartialEq, Eq, Hash)]
struct OffersOf {
    person: UserId,
    party: Party,
    window: Window,
}

/// Loads rows by their keys.
pub struct Rows(pub App);

impl Viewer {
    /// Creates the viewer of a request, and its loads. `cached` keeps loaded rows to the end of the request, for
    /// queries, which change nothing.
    pub fn new(
        app: App,
        sender: Sender,
        client: ClientAddress,
        key: Option<IdempotencyKey>,
        replayed: ReplayFlag,
        cached: bool,
    ) -> (Self, Loads) {
        let (spawn, loads) = Loads::channel();
        let rows = DataLoader::with_cache(Rows(app.clone()), spawn, HashMapCache::default())
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
        (viewer, loads)
    }

    /// Returns the viewer of the request that a resolver works for.
    pub fn from_context<'c>(context: &Context<'c>) -> &'c Self {
        context.data_unchecked()
    }

    /// Returns the sender of the request.
    pub fn sender(&self) -> Sender {
        self.ended.map_or(Sender::Known(self.actor), Sender::Ended)
    }

    /// Fails if the account or session of the sender has ended.
    pub fn standing(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |ended| Err(ended.into()))
    }

    /// Loads a person that a row refers to, even if their account is deleted.
    pub async fn user(&self, id: UserId) -> Shared<User> {
        let profile: Option<Profile> = self.rows.load_one(id).await?;
        let profile = profile.ok_or_else(|| missing(Error::NoUser(id)))?;
        Ok(profile.into())
    }

    /// Loads a whole account. The caller checks that the viewer may see it.
    pub async fn account(&self, id: UserId) -> Shared<Arc<user::Model>> {
        let account = self.rows.load_one(AccountOf(id)).await?;
        account.ok_or_else(|| missing(Error::NoUser(id)))
    }

    /// Loads an offer that a row refers to.
    pub async fn offer(&self, id: OfferId) -> Shared<Offer> {
        self.offer_if_there(id)
            .await?
            .ok_or_else(|| missing(Error::NoOffer(id)))
    }

    /// Loads a game that a row refers to, even if it left the board.
    pub async fn game(&self, id: GameId) -> Shared<Game> {
        let game = self.rows.load_one(id).await?;
        game.ok_or_else(|| missing(Error::NoGame(id)))
    }

    /// Loads the title with a key, if it exists.
    pub async fn title(&self, key: &str) -> Shared<Option<Title>> {
        self.rows.load_one(TitleOf(key.to_owned())).await
    }

    /// Loads the object with a global id, if it exists and is not deleted.
    pub async fn node(&self, id: Global) -> Shared<Option<Node>> {
        Ok(match id {
            Global::User(id) => self.user_if_there(id).await?.map(Node::from),
            Global::Game(id) => self.game_if_there(id).await?.map(Node::from),
            Global::Offer(id) => self.offer_if_there(id).await?.map(Node::from),
        })
    }

    /// Loads a person, if they have an account.
    pub async fn user_if_there(&self, id: UserId) -> Shared<Option<User>> {
        let profile: Option<Profile> = self.rows.load_one(id).await?;
        let profile = profile.filter(|profile| profile.deleted_at.is_none());
        Ok(profile.map(User::from))
    }

    /// Loads a game, if it is on the board.
    pub async fn game_if_there(&self, id: GameId) -> Shared<Option<Game>> {
        let game: Option<Game> = self.rows.load_one(id).await?;
        Ok(game.filter(|game| game.row().deleted_at.is_none()))
    }

    /// Loads an offer, if it exists.
    pub async fn offer_if_there(&self, id: OfferId) -> Shared<Option<Offer>> {
        Ok(self.rows.load_one(id).await?.map(Offer::from))
    }

    /// Counts the rows of a list.
    pub async fn count(&self, list: &TotalCount) -> Shared<u64> {
        Ok(self.rows.load_one(list.clone()).await?.unwrap_or_default())
    }

    /// Loads a page of a person's games on the board.
    pub async fn games_of(&self, person: UserId, paging: Paging) -> Shared<GameConnection> {
        let window = paging.window().map_err(Arc::new)?;
        let page = self.rows.load_one(GamesOf { person, window }).await?;
        let page = page.unwrap_or_else(|| Err(missing(Error::NoUser(person))))?;
        let total = TotalCount::OfUser(ListOfUser::Games, person);
        Ok(GameConnection::new(page, total))
    }

    /// Loads a page of the offers in which a person is this party.
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

    /// Prefetches the sides of these offers and the owners of their games. A failure is ignored here: the resolvers
    /// load them again, and report it.
    pub async fn load_sides_and_owners(&self, ids: &[OfferId]) {
        let Ok((sides, owners)) = offers::sides_and_owners(&self.app, ids).await else {
            return;
        };
        self.rows.feed_many(sides.into_iter().map(shared)).await;
        self.rows.feed_many::<UserId, _>(owners).await;
    }

    /// Loads the games on both sides of an offer.
    pub async fn sides(&self, id: OfferId) -> Shared<Arc<Sides>> {
        Ok(self.rows.load_one(SidesOf(id)).await?.unwrap_or_default())
    }
}

/// Converts the sides of an offer to an entry of the loader.
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

impl Loader<TitleOf> for Rows {
    type Value = Title;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[TitleOf]) -> Shared<HashMap<TitleOf, Title>> {
        let keys: Vec<_> = keys.iter().map(|key| key.0.clone()).collect();
        let rows = titles::by_keys(&self.0, &keys).await?.into_iter();
        Ok(rows.map(|(key, row)| (TitleOf(key), row.into())).collect())
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

/// Each page fails separately: an invalid cursor of one field does not affect another.
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

/// Groups people by the part of a list that is requested, which one statement loads for all of them.
pub fn alike<P: Eq + Hash>(parts: impl Iterator<Item = (P, UserId)>) -> HashMap<P, Vec<UserId>> {
    let mut people = HashMap::<_, Vec<_>>::new();
    for (part, person) in parts {
        people.entry(part).or_default().push(person);
    }
    people
}

/// Returns the page of each person, or their shared failure.
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

/// Creates the failure of a dangling reference. It is internal, because foreign keys rule that out.
fn missing(what: Error) -> Arc<Error> {
    Arc::new(Error::internal(what))
}
