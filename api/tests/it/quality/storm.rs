//! A storm of conflicting writes: 64 tasks make 2 000 offers for the same 50 games, update, accept, reject and cancel
//! them, and update and delete the games, all at once. Afterwards [`ledger`] audits the result.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use entity::{GameId, UserId, game};
use fastrand::Rng;
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::{
    Person, TestApp,
    http::{Answer, Client},
    ledger,
};

const TASKS: u64 = 64;
const PEOPLE: usize = 10;
const GAMES: usize = 50;
const OFFERS: i64 = 2_000;
/// The number of attempts of one task.
const ATTEMPTS: usize = 1_000;

struct Market {
    test: TestApp,
    people: Vec<Person>,
    /// Limits direct reads of the board: fewer than the connections that admission leaves free.
    looking: Semaphore,
    /// The highest offer id seen so far.
    latest: AtomicI64,
}

/// The number of attempts, by operation, status and code.
type Tally = BTreeMap<(&'static str, u16, String), usize>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn storm_of_two_thousand_offers_keeps_the_books_balanced() {
    let market = Arc::new(Market::open().await);
    let tasks = (0..TASKS).map(|seed| {
        let market = market.clone();
        tokio::spawn(async move { market.trade(Rng::with_seed(seed)).await })
    });
    let mut total = Tally::new();
    for tally in join_all(tasks).await {
        for (what, times) in tally.unwrap() {
            *total.entry(what).or_default() += times;
        }
    }
    let told = format!("{total:#?}");
    let made: usize = total
        .iter()
        .filter(|((what, status, _), _)| *what == "create" && *status == 201)
        .map(|(_, times)| times)
        .sum();
    assert!(made >= OFFERS as usize, "{told}");
    for (what, status, code) in total.keys() {
        // A game's owner and state may have changed since it was read.
        let lost = match *what {
            "accept" | "reject" | "cancel" => *status == 409,
            "create" | "update" => {
                *status == 409 || matches!(code.as_str(), "not_your_game" | "game_not_found")
            }
            _ => matches!(code.as_str(), "only_owner" | "game_not_found"),
        };
        assert!(*status < 300 || lost, "{what} got {status} {code}: {told}");
    }
    for what in [
        "create", "update", "accept", "reject", "cancel", "edit", "delete",
    ] {
        assert!(
            total
                .keys()
                .any(|(done, status, _)| *done == what && *status < 300),
            "no {what}: {told}"
        );
    }
    assert!(
        total.keys().any(|(_, status, _)| *status == 409),
        "nobody got in the way of anybody: {told}"
    );
    ledger::audit(&market.test).await;
}

impl Market {
    async fn open() -> Self {
        let test = TestApp::new().await;
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(test.with_user(&format!("person-{number}")).await);
        }
        for number in 0..GAMES {
            people[number % PEOPLE]
                .lists(&format!("game-{number}"))
                .await;
        }
        Self {
            test,
            people,
            looking: Semaphore::new(8),
            latest: AtomicI64::new(0),
        }
    }

    fn client(&self, id: UserId) -> Client {
        self.people
            .iter()
            .find(|person| person.id == id)
            .unwrap()
            .client()
    }

    async fn trade(&self, mut rng: Rng) -> Tally {
        let mut tally = Tally::new();
        for _ in 0..ATTEMPTS {
            if self.latest.load(Ordering::Relaxed) >= OFFERS {
                break;
            }
            let outcome = match rng.u8(..100) {
                0..55 => self.create(&mut rng).await,
                55..90 => self.answer(&mut rng).await,
                _ => self.keep_house(&mut rng).await,
            };
            let Some((what, answer)) = outcome else {
                continue;
            };
            let code = answer.body["code"].as_str().unwrap_or_default().to_owned();
            *tally
                .entry((what, answer.status.as_u16(), code))
                .or_default() += 1;
        }
        tally
    }

    async fn create(&self, rng: &mut Rng) -> Option<(&'static str, Answer)> {
        let offerer = rng.choice(&self.people)?.id;
        let receiver = rng
            .choice(&self.people)
            .map(|person| person.id)
            .filter(|id| *id != offerer)?;
        let terms = self.terms(rng, offerer, receiver).await?;
        let answer = self.client(offerer).post("/offers", terms).await;
        if let Some(id) = answer.body["id"].as_i64() {
            self.latest.fetch_max(id, Ordering::Relaxed);
        }
        Some(("create", answer))
    }

    /// Updates or closes one of the newest offers, as a party that may.
    async fn answer(&self, rng: &mut Rng) -> Option<(&'static str, Answer)> {
        let latest = self.latest.load(Ordering::Relaxed);
        let id = rng.i64((latest - 60).max(1)..=latest.max(1));
        let path = format!("/offers/{id}");
        let offer = self.test.anonymous().get(&path).await.body;
        let party = |side: &str| offer[side].as_i64().map(UserId);
        let (offerer, receiver) = (party("offerer_id")?, party("receiver_id")?);
        let (requester, answerer) = (self.client(offerer), self.client(receiver));
        Some(match rng.u8(..10) {
            0..3 => {
                let terms = self.terms(rng, offerer, receiver).await?;
                ("update", requester.put(&path, terms).await)
            }
            3..6 => ("accept", answerer.act(&format!("{path}/accept")).await),
            6..8 => ("reject", answerer.act(&format!("{path}/reject")).await),
            _ => ("cancel", requester.act(&format!("{path}/cancel")).await),
        })
    }

    /// Updates a game, or replaces it by another.
    async fn keep_house(&self, rng: &mut Rng) -> Option<(&'static str, Answer)> {
        let owner = rng.choice(&self.people)?;
        let game = rng.choice(games_of(&self.board().await, owner.id))?;
        let path = format!("/games/{game}");
        if rng.u8(..10) > 0 {
            return Some((
                "edit",
                owner
                    .client()
                    .put(&path, json!({"condition": "fair"}))
                    .await,
            ));
        }
        let answer = owner.client().delete(&path).await;
        if answer.status.is_success() {
            owner.lists("another").await;
        }
        Some(("delete", answer))
    }

    /// Picks present games of one user for games of another.
    async fn terms(&self, rng: &mut Rng, offerer: UserId, receiver: UserId) -> Option<Value> {
        let board = self.board().await;
        let mut some = |owner| {
            let (games, number) = (games_of(&board, owner), rng.usize(1..=3));
            rng.choose_multiple(games, number)
        };
        let (offered, requested) = (some(offerer), some(receiver));
        let terms = json!({"offered_game_ids": offered, "requested_game_ids": requested});
        (!offered.is_empty() && !requested.is_empty()).then_some(terms)
    }

    async fn board(&self) -> Vec<game::Model> {
        let _looks = self.looking.acquire().await.unwrap();
        let listed = game::Entity::find().filter(game::Column::DeletedAt.is_null());
        let listed = listed.order_by_asc(game::Column::Id);
        listed.all(self.test.app.database.reader()).await.unwrap()
    }
}

fn games_of(board: &[game::Model], owner: UserId) -> Vec<GameId> {
    let games = board.iter().filter(|game| game.owner_id == owner);
    games.map(|game| game.id).collect()
}
