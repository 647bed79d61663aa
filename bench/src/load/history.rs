//! A history of an exchange, generated from a seed: users list games and make offers for those of others. Some offers
//! are accepted, which moves their games and closes their rivals.
//!
//! It has no events, as after the outbox was trimmed, and no confirmed e-mail addresses: a benchmark of writes does not
//! measure letters.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use chrono::{DateTime, Duration, Utc};
use entity::{
    ClosedReason, Condition, GameId, OfferId, OfferStatus, PasswordHash, Side, UserId, game,
    game_transfer, offer, offer_game, user,
};
use exchange::releases::{Keys, ReleaseName};
use fastrand::Rng;
use sea_orm::ActiveValue::Set;

use super::{
    Size,
    titles::{self, Title},
};

/// The time of the first row: 2026-01-01. Each row comes a second after the one before.
const BEGAN: i64 = 1_767_225_600;
/// The maximum number of pending offers of a user.
const MOST_PENDING: usize = 100;
/// The percentage of offers with several games on the offerer's side.
const BUNDLES: u8 = 8;
/// The percentage of deleted games.
const DELISTED: u8 = 2;

pub struct History {
    people: Vec<String>,
    games: Vec<Game>,
    offers: Vec<Offer>,
    transfers: Vec<Transfer>,
}

struct Game {
    title: Title,
    condition: Condition,
    /// The number of owners before it was listed.
    previous_owners: i32,
    owner: UserId,
    /// The number of trades on this exchange.
    trades: i32,
    delisted: bool,
}

struct Offer {
    offerer: UserId,
    receiver: UserId,
    offered: Vec<GameId>,
    requested: GameId,
    status: OfferStatus,
    reason: Option<ClosedReason>,
    cause: Option<OfferId>,
}

struct Transfer {
    game: GameId,
    owner_seq: i32,
    from: UserId,
    to: UserId,
    offer: OfferId,
}

/// The state of the generator.
struct Board {
    of_owner: Vec<Vec<GameId>>,
    /// The number of pending offers of each user.
    pending_of: Vec<usize>,
    /// The pending offers of each game, on either side.
    pending_for: Vec<Vec<OfferId>>,
}

impl History {
    pub fn new(size: Size) -> Self {
        let mut chance = Rng::with_seed(size.seed);
        let people: Vec<_> = (0..size.people)
            .map(|_| titles::person(&mut chance))
            .collect();
        let games: Vec<_> = (0..size.games)
            .map(|_| Game::listed(&mut chance, size.people))
            .collect();
        let mut board = Board::new(&games, people.len());
        let mut history = Self {
            people,
            games,
            offers: Vec::with_capacity(size.offers as usize),
            transfers: Vec::new(),
        };
        while history.offers.len() < size.offers as usize {
            if let Some(offer) = history.wish(&mut chance, &board) {
                history.make(offer, &mut board);
            }
        }
        history
    }

    /// Draws an offer that a user may make now. Popular games have low numbers.
    fn wish(&self, chance: &mut Rng, board: &Board) -> Option<Offer> {
        let any = |chance: &mut Rng| chance.usize(..self.games.len());
        let (wanted, given) = (any(chance).min(any(chance)), any(chance));
        let (receiver, offerer) = (self.games[wanted].owner, self.games[given].owner);
        let (requested, first) = (nth_game(wanted), nth_game(given));
        if offerer == receiver || self.games[wanted].delisted || self.games[given].delisted {
            return None;
        }
        let mut offered = vec![first];
        if chance.u8(..100) < BUNDLES {
            let more = chance.choice(&board.of_owner[place(offerer.0)]);
            offered.extend(more.filter(|more| **more != first));
            offered.sort_unstable();
        }
        let refused = board.pending_of[place(offerer.0)] >= MOST_PENDING
            || board.is_pending(first, requested);
        let (status, reason) = match chance.u8(..100) {
            0..20 if !refused => (OfferStatus::Pending, None),
            20..40 => (OfferStatus::Accepted, None),
            40..70 => (OfferStatus::Rejected, Some(ClosedReason::Declined)),
            _ => (OfferStatus::Cancelled, Some(ClosedReason::Withdrawn)),
        };
        Some(Offer {
            offerer,
            receiver,
            offered,
            requested,
            status,
            reason,
            cause: None,
        })
    }

    fn make(&mut self, offer: Offer, board: &mut Board) {
        let id = OfferId(number(self.offers.len()));
        match offer.status {
            OfferStatus::Pending => board.wait(id, &offer),
            OfferStatus::Accepted => self.settle(id, &offer, board),
            OfferStatus::Rejected | OfferStatus::Cancelled => {}
        }
        self.offers.push(offer);
    }

    /// Moves the games, and closes the pending offers that name one of them.
    fn settle(&mut self, id: OfferId, offer: &Offer, board: &mut Board) {
        for (game, from, to) in offer.moves() {
            let row = &mut self.games[place(game.0)];
            row.owner = to;
            row.trades += 1;
            board.of_owner[place(from.0)].retain(|owned| *owned != game);
            board.of_owner[place(to.0)].push(game);
            self.transfers.push(Transfer {
                game,
                owner_seq: row.trades,
                from,
                to,
                offer: id,
            });
            for rival in std::mem::take(&mut board.pending_for[place(game.0)]) {
                let rival = &mut self.offers[place(rival.0)];
                if rival.status == OfferStatus::Pending {
                    rival.status = OfferStatus::Cancelled;
                    rival.reason = Some(ClosedReason::GameUnavailable);
                    rival.cause = Some(id);
                    board.pending_of[place(rival.offerer.0)] -= 1;
                }
            }
        }
    }

    pub fn people(&self) -> impl Iterator<Item = user::ActiveModel> {
        (1..).zip(&self.people).map(|(id, name)| user::ActiveModel {
            id: Set(UserId(id)),
            name: Set(name.clone()),
            email: Set(format!("person{id}@example.com")),
            email_confirmed_at: Set(None),
            letters_requested: Set(0),
            // No password has this hash.
            password_hash: Set(PasswordHash("!".to_owned())),
            password_changed_at: Set(None),
            street_address: Set(Some(address(UserId(id)))),
            token_version: Set(1),
            version: Set(1),
            created_at: Set(time(id)),
            updated_at: Set(time(id)),
            deleted_at: Set(None),
            public_version: Set(1),
            public_updated_at: Set(None),
        })
    }

    /// Returns the releases that the games are copies of, each once.
    pub fn releases(&self) -> Vec<ReleaseName> {
        let releases: BTreeSet<_> = self.games.iter().map(|game| game.title.release()).collect();
        let name = |(name, publisher, gaming_system): (&str, &str, &str)| ReleaseName {
            name: name.to_owned(),
            publisher: publisher.to_owned(),
            gaming_system: gaming_system.to_owned(),
        };
        releases.into_iter().map(name).collect()
    }

    /// `releases` are the releases of the games, with their keys.
    pub fn games(
        &self,
        releases: &[(ReleaseName, Keys)],
    ) -> impl Iterator<Item = game::ActiveModel> {
        let keys: HashMap<_, _> = releases
            .iter()
            .map(|(of, keys)| {
                let release = (&*of.name, &*of.publisher, &*of.gaming_system);
                (release, keys)
            })
            .collect();
        (1..).zip(&self.games).map(move |(id, game)| {
            let mut row = game::ActiveModel {
                id: Set(GameId(id)),
                owner_id: Set(game.owner),
                owner_seq: Set(game.trades.into()),
                name: Set(game.title.name.clone()),
                publisher: Set(game.title.publisher.to_owned()),
                year_published: Set(game.title.year),
                gaming_system: Set(game.title.system.to_owned()),
                condition: Set(game.condition),
                previous_owners: Set(game.previous_owners + game.trades),
                deleted_at: Set(game.delisted.then(|| time(id))),
                version: Set((1 + game.trades + i32::from(game.delisted)).into()),
                created_at: Set(time(id)),
                updated_at: Set(time(id)),
                ..Default::default()
            };
            keys[&game.title.release()].clone().set(&mut row);
            row
        })
    }

    /// Returns the offers, newest first: an offer was closed by a later one, which must exist.
    pub fn offers(&self) -> impl Iterator<Item = offer::ActiveModel> {
        self.offers.iter().enumerate().rev().map(|(nth, offer)| {
            let id = number(nth);
            let accepted = offer.status == OfferStatus::Accepted;
            offer::ActiveModel {
                id: Set(OfferId(id)),
                offerer_id: Set(offer.offerer),
                receiver_id: Set(offer.receiver),
                status: Set(offer.status),
                closed_reason: Set(offer.reason),
                closed_by_offer_id: Set(offer.cause),
                message: Set((id % 3 == 0).then(|| "Shall we trade?".to_owned())),
                offerer_address: Set(accepted.then(|| address(offer.offerer))),
                receiver_address: Set(accepted.then(|| address(offer.receiver))),
                version: Set(1 + i64::from(offer.status != OfferStatus::Pending)),
                created_at: Set(time(id)),
                updated_at: Set(time(id)),
                public_version: Set(1 + i64::from(offer.status != OfferStatus::Pending)),
                ..Default::default()
            }
        })
    }

    pub fn offer_games(&self) -> impl Iterator<Item = offer_game::ActiveModel> {
        (1..).zip(&self.offers).flat_map(|(id, offer)| {
            let named = move |game, side| offer_game::ActiveModel {
                offer_id: Set(OfferId(id)),
                game_id: Set(game),
                side: Set(side),
            };
            let offered = offer.offered.iter();
            offered
                .map(move |game| named(*game, Side::Offered))
                .chain([named(offer.requested, Side::Requested)])
        })
    }

    pub fn transfers(&self) -> impl Iterator<Item = game_transfer::ActiveModel> {
        (1..)
            .zip(&self.transfers)
            .map(|(id, transfer)| game_transfer::ActiveModel {
                id: Set(id),
                game_id: Set(transfer.game),
                owner_seq: Set(transfer.owner_seq.into()),
                from_user_id: Set(transfer.from),
                to_user_id: Set(transfer.to),
                offer_id: Set(transfer.offer),
                created_at: Set(time(transfer.offer.0)),
            })
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (people, games) = (self.people.len(), self.games.len());
        let (offers, transfers) = (self.offers.len(), self.transfers.len());
        write!(
            f,
            "{people} people, {games} games, {offers} offers, {transfers} games that changed hands"
        )
    }
}

impl Game {
    fn listed(chance: &mut Rng, people: u32) -> Self {
        let conditions = [
            Condition::Good,
            Condition::Good,
            Condition::Mint,
            Condition::Fair,
            Condition::Poor,
        ];
        Self {
            title: titles::title(chance),
            condition: conditions[chance.usize(..conditions.len())],
            previous_owners: chance.i32(0..4),
            owner: UserId(chance.i64(1..=people.into())),
            trades: 0,
            delisted: chance.u8(..100) < DELISTED,
        }
    }
}

impl Offer {
    fn games(&self) -> impl Iterator<Item = GameId> {
        self.offered.iter().copied().chain([self.requested])
    }

    /// Returns the games that acceptance moves, each with its giver and taker.
    fn moves(&self) -> impl Iterator<Item = (GameId, UserId, UserId)> {
        let given = self.offered.iter();
        given
            .map(|game| (*game, self.offerer, self.receiver))
            .chain([(self.requested, self.receiver, self.offerer)])
    }
}

impl Board {
    fn new(games: &[Game], people: usize) -> Self {
        let mut of_owner = vec![Vec::new(); people];
        for (nth, game) in games.iter().enumerate().filter(|(_, game)| !game.delisted) {
            of_owner[place(game.owner.0)].push(nth_game(nth));
        }
        Self {
            of_owner,
            pending_of: vec![0; people],
            pending_for: vec![Vec::new(); games.len()],
        }
    }

    fn wait(&mut self, id: OfferId, offer: &Offer) {
        self.pending_of[place(offer.offerer.0)] += 1;
        for game in offer.games() {
            self.pending_for[place(game.0)].push(id);
        }
    }

    /// Returns whether a pending offer may name both games.
    fn is_pending(&self, one: GameId, other: GameId) -> bool {
        let [one, other] = [one, other].map(|game| &self.pending_for[place(game.0)]);
        one.iter().any(|offer| other.contains(offer))
    }
}

/// Returns the id of a row by its index, from 0.
fn number(place: usize) -> i64 {
    place as i64 + 1
}

/// Returns the index of a row by its id.
fn place(id: i64) -> usize {
    id as usize - 1
}

fn nth_game(place: usize) -> GameId {
    GameId(number(place))
}

fn address(person: UserId) -> String {
    format!("{person} Example Street")
}

fn time(id: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + Duration::seconds(BEGAN + id)
}
