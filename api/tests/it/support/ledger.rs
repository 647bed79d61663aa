//! Audits the database. A test with concurrent writes calls [`audit`] at its end.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    ClosedReason, GameId, OfferId, OfferStatus, Side, UserId, game, game_transfer, offer,
    offer_game,
};
use sea_orm::{EntityTrait, QueryOrder};

use super::TestApp;

/// The number of previous owners of a game that tests list.
const LISTED_WITH: i32 = 2;

/// The contents of the database.
struct Books {
    games: BTreeMap<GameId, game::Model>,
    offers: BTreeMap<OfferId, offer::Model>,
    /// The games of each offer, with their sides.
    terms: BTreeMap<OfferId, Vec<(GameId, Side)>>,
    /// The ledger rows of each game, in order.
    ledger: BTreeMap<GameId, Vec<game_transfer::Model>>,
    /// The events of each offer, in order: version and type.
    events: BTreeMap<OfferId, Vec<(i64, String)>>,
}

/// Asserts that the database is consistent.
pub async fn audit(test: &TestApp) {
    let books = Books::open(test).await;
    books.owners_follow_the_ledger();
    books.settled_offers_moved_each_of_their_games_once();
    books.pending_offers_can_be_accepted();
    books.closed_offers_say_why();
    books.each_change_has_its_event();
    books.nobody_has_the_same_offer_pending_twice_or_too_many();
}

impl Books {
    async fn open(test: &TestApp) -> Self {
        let reader = test.app.database.reader();
        let mut books = Self {
            games: BTreeMap::new(),
            offers: BTreeMap::new(),
            terms: BTreeMap::new(),
            ledger: BTreeMap::new(),
            events: BTreeMap::new(),
        };
        for row in game::Entity::find().all(reader).await.unwrap() {
            books.games.insert(row.id, row);
        }
        for row in offer::Entity::find().all(reader).await.unwrap() {
            books.offers.insert(row.id, row);
        }
        let terms = offer_game::Entity::find().order_by_asc(offer_game::Column::GameId);
        for row in terms.all(reader).await.unwrap() {
            books
                .terms
                .entry(row.offer_id)
                .or_default()
                .push((row.game_id, row.side));
        }
        let ledger = game_transfer::Entity::find().order_by_asc(game_transfer::Column::OwnerSeq);
        for row in ledger.all(reader).await.unwrap() {
            books.ledger.entry(row.game_id).or_default().push(row);
        }
        let mut events = test.outbox().await;
        events.retain(|row| row.aggregate_type == "offer");
        events.sort_by_key(|row| row.aggregate_seq);
        for row in events {
            let id = OfferId(row.aggregate_id);
            books
                .events
                .entry(id)
                .or_default()
                .push((row.aggregate_seq, row.r#type));
        }
        books
    }

    fn owners_follow_the_ledger(&self) {
        for game in self.games.values() {
            let rows = self.ledger.get(&game.id).map_or(&[][..], Vec::as_slice);
            for (place, row) in rows.iter().enumerate() {
                assert_eq!(
                    row.owner_seq,
                    place as i64 + 1,
                    "a gap in the ledger of {game:?}: {rows:?}"
                );
                if let Some(before) = place.checked_sub(1).map(|before| &rows[before]) {
                    assert_eq!(
                        row.from_user_id, before.to_user_id,
                        "who gave it did not have it: {rows:?}"
                    );
                }
            }
            if let Some(last) = rows.last() {
                assert_eq!(game.owner_id, last.to_user_id, "{game:?}: {rows:?}");
            }
            assert_eq!(game.owner_seq, rows.len() as i64, "{game:?}");
            assert_eq!(
                game.previous_owners,
                LISTED_WITH + rows.len() as i32,
                "{game:?}"
            );
        }
    }

    fn settled_offers_moved_each_of_their_games_once(&self) {
        let mut moved = BTreeMap::<OfferId, Vec<(GameId, UserId, UserId)>>::new();
        for row in self.ledger.values().flatten() {
            moved.entry(row.offer_id).or_default().push((
                row.game_id,
                row.from_user_id,
                row.to_user_id,
            ));
        }
        for offer in self.offers.values() {
            let expected = match offer.status {
                OfferStatus::Accepted => self.terms[&offer.id]
                    .iter()
                    .map(|(game, side)| match side {
                        Side::Offered => (*game, offer.offerer_id, offer.receiver_id),
                        Side::Requested => (*game, offer.receiver_id, offer.offerer_id),
                    })
                    .collect(),
                _ => Vec::new(),
            };
            assert_eq!(
                moved.remove(&offer.id).unwrap_or_default(),
                expected,
                "{offer:?}"
            );
        }
        assert_eq!(moved, BTreeMap::new());
    }

    fn pending_offers_can_be_accepted(&self) {
        for offer in self
            .offers
            .values()
            .filter(|offer| offer.status == OfferStatus::Pending)
        {
            for (id, side) in &self.terms[&offer.id] {
                let game = &self.games[id];
                let promised = match side {
                    Side::Offered => offer.offerer_id,
                    Side::Requested => offer.receiver_id,
                };
                assert_eq!(
                    (game.owner_id, game.deleted_at),
                    (promised, None),
                    "{offer:?} names {game:?}"
                );
            }
        }
    }

    fn closed_offers_say_why(&self) {
        for offer in self.offers.values() {
            let fits = match offer.status {
                OfferStatus::Pending | OfferStatus::Accepted => offer.closed_reason.is_none(),
                OfferStatus::Rejected => offer.closed_reason == Some(ClosedReason::Declined),
                OfferStatus::Cancelled => {
                    matches!(
                        offer.closed_reason,
                        Some(ClosedReason::Withdrawn | ClosedReason::GameUnavailable)
                    )
                }
            };
            assert!(fits, "{offer:?}");
            let games = |id| {
                self.terms[id]
                    .iter()
                    .map(|(game, _)| *game)
                    .collect::<BTreeSet<_>>()
            };
            match offer.closed_by_offer_id.as_ref() {
                Some(cause) => {
                    assert_eq!(
                        self.offers[cause].status,
                        OfferStatus::Accepted,
                        "{offer:?}"
                    );
                    assert!(!games(cause).is_disjoint(&games(&offer.id)), "{offer:?}");
                }
                None if offer.closed_reason == Some(ClosedReason::GameUnavailable) => {
                    let left = games(&offer.id)
                        .iter()
                        .any(|game| self.games[game].deleted_at.is_some());
                    assert!(left, "{offer:?}");
                }
                None => {}
            }
        }
    }

    fn each_change_has_its_event(&self) {
        for offer in self.offers.values() {
            let last = match offer.status {
                OfferStatus::Pending => "offer.updated",
                OfferStatus::Accepted => "offer.accepted",
                OfferStatus::Rejected => "offer.rejected",
                OfferStatus::Cancelled => "offer.cancelled",
            };
            let expected: Vec<_> = (1..=offer.version)
                .map(|version| match version {
                    1 => (version, "offer.created".to_owned()),
                    _ if version == offer.version => (version, last.to_owned()),
                    _ => (version, "offer.updated".to_owned()),
                })
                .collect();
            assert_eq!(self.events.get(&offer.id), Some(&expected), "{offer:?}");
        }
        assert_eq!(self.events.len(), self.offers.len());
    }

    fn nobody_has_the_same_offer_pending_twice_or_too_many(&self) {
        let mut pending = BTreeMap::<UserId, Vec<_>>::new();
        for offer in self
            .offers
            .values()
            .filter(|offer| offer.status == OfferStatus::Pending)
        {
            pending
                .entry(offer.offerer_id)
                .or_default()
                .push(&self.terms[&offer.id]);
        }
        for (offerer, terms) in pending {
            assert!(
                terms.len() <= 100,
                "{offerer} has {} offers pending",
                terms.len()
            );
            let different: BTreeSet<_> = terms.iter().map(|terms| format!("{terms:?}")).collect();
            assert_eq!(
                different.len(),
                terms.len(),
                "{offerer} has an offer pending twice"
            );
        }
    }
}
