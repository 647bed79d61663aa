//! Query plans: each statement seeks in an index and reads no more rows than a page, or than a search may. The
//! statements are recorded from real calls, on tables large enough to reveal a scan.
//!
//! To add a list, an order or a filter, add it to the lists here. A failure shows the statement and its plan; add an
//! index in a migration.

mod explain;
mod load;

use std::{
    mem::take,
    sync::{Arc, Mutex},
};

use entity::{Condition, GameId, OfferId, OfferStatus, UserId};
use exchange::{
    games::{self, Folding, GameFilter, GameSort, Keying},
    offers::{self, OfferFilter, Party},
    pagination::{Page, Window},
    systems, titles, users,
};
use outbox::{feed, in_flight::InFlight};
use platform::database::Database;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use self::{
    explain::{Reads, refused},
    load::{ROWS, load},
};
use crate::support::{TestApp, letters::pass};

/// An exchange with large tables, whose statements are recorded.
struct Large {
    test: TestApp,
    heard: Arc<Mutex<Vec<Statement>>>,
    /// The same database, not recorded.
    aside: Database,
}

impl Large {
    async fn new() -> Self {
        let mut test = TestApp::new().await;
        test.with_user("ann").await;
        let database = test.app.database.reader();
        for statement in load() {
            database.execute_unprepared(&statement).await.unwrap();
        }
        let (keying, folding) = (
            keying(&test),
            Folding {
                database: test.app.database.clone(),
            },
        );
        keying.key_all().await.unwrap();
        folding.fold().await.unwrap();
        let analyze = explain::analyze();
        database.execute_unprepared(analyze).await.unwrap();
        let heard = Arc::<Mutex<Vec<Statement>>>::default();
        let (listener, aside) = (heard.clone(), test.app.database.clone());
        test.rebuild_exchange(|exchange| {
            exchange.database = aside.clone().with_statement_observer(move |statement| {
                listener.lock().unwrap().push(statement.clone());
            });
        });
        Self { test, heard, aside }
    }

    /// Returns the reason why the first statement since the last call is refused, if any plan reads too much.
    async fn refused(&self, reads: Reads) -> Option<String> {
        let heard = take(&mut *self.heard.lock().unwrap());
        assert!(!heard.is_empty(), "no statement was heard");
        for statement in heard {
            if let Some(why) = refused(&self.aside, &statement, reads).await {
                return Some(format!("{why}\n{statement}"));
            }
        }
        None
    }

    async fn expect(&self, what: &str, reads: Reads) {
        if let Some(why) = self.refused(reads).await {
            panic!("{what}: {why}");
        }
    }

    /// Reads the first and the last page of a list and both directions from a row, and checks their plans.
    async fn walk<T>(&self, what: &str, on: Reads, page: impl AsyncFn(Window) -> Page<T>) {
        let first = page(window()).await;
        let counts = |statement: &Statement| statement.sql.contains("COUNT(");
        let counted = self.heard.lock().unwrap().iter().any(counts);
        assert!(
            !counted,
            "{what}: counts rows whose number nobody asked for"
        );
        self.expect(&format!("first page of {what}"), Reads::FromAnEnd)
            .await;
        let from_end = Window {
            from_end: true,
            ..window()
        };
        page(from_end.clone()).await;
        self.expect(&format!("last page of {what}"), Reads::FromAnEnd)
            .await;
        let Some(row) = first.rows.last() else {
            return;
        };
        let after = Window {
            after: Some(row.cursor.encode()),
            ..window()
        };
        page(after).await;
        self.expect(&format!("next page of {what}"), on).await;
        let before = Window {
            before: Some(row.cursor.encode()),
            ..from_end
        };
        page(before).await;
        self.expect(&format!("page before one of {what}"), on).await;
    }
}

fn keying(test: &TestApp) -> Keying {
    Keying {
        database: test.app.database.clone(),
    }
}

fn window() -> Window {
    Window::first(20)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_page_is_one_index_seek() {
    let large = Large::new().await;
    let app = &large.test.app;
    let listed =
        async |filter: &GameFilter, window| games::list(app, filter, &window).await.unwrap().page;
    for sort in [
        GameSort::Id,
        GameSort::IdDescending,
        GameSort::Name,
        GameSort::NameDescending,
        GameSort::YearPublished,
        GameSort::YearPublishedDescending,
    ] {
        for filter in game_filters() {
            let filter = GameFilter {
                sort: Some(sort),
                ..filter
            };
            let what = format!("{filter:?}");
            large
                .walk(&what, Reads::FromAPlace, async |window| {
                    listed(&filter, window).await
                })
                .await;
        }
    }
    for filter in offer_filters() {
        let what = format!("{filter:?}");
        let page = async |window| offers::list(app, &filter, &window).await.unwrap();
        large.walk(&what, Reads::FromAPlace, page).await;
    }
    let page = async |window| users::list(app, &window).await.unwrap();
    large.walk("people", Reads::FromAPlace, page).await;
    let people = [UserId(1), UserId(7)];
    for party in [Party::Offerer, Party::Receiver] {
        let lists = offers::list_per_user(app, party, &people, &window()).await;
        assert_eq!(lists.unwrap()[&people[1]].rows.len(), 4);
    }
    games::list_per_owner(app, &people, &window())
        .await
        .unwrap();
    large.expect("the lists of people", Reads::FromAPlace).await;
}

/// Returns the filters of the board, except `q`.
fn game_filters() -> Vec<GameFilter> {
    let none = GameFilter::default;
    vec![
        none(),
        GameFilter {
            gaming_system: Some("System 7".to_owned()),
            ..none()
        },
        GameFilter {
            title_key: Some("game77".to_owned()),
            ..none()
        },
        GameFilter {
            condition: Some(Condition::Mint),
            ..none()
        },
        GameFilter {
            year_from: Some(1990),
            year_to: Some(1999),
            ..none()
        },
        GameFilter {
            owner_id: Some(UserId(7)),
            ..none()
        },
        GameFilter {
            not_owner_id: Some(UserId(7)),
            ..none()
        },
    ]
}

fn offer_filters() -> Vec<OfferFilter> {
    let none = OfferFilter::default;
    vec![
        none(),
        OfferFilter {
            status: Some(OfferStatus::Pending),
            ..none()
        },
        OfferFilter {
            offerer_id: Some(UserId(7)),
            ..none()
        },
        OfferFilter {
            receiver_id: Some(UserId(7)),
            ..none()
        },
        OfferFilter {
            receiver_id: Some(UserId(7)),
            status: Some(OfferStatus::Pending),
            ..none()
        },
        OfferFilter {
            game_id: Some(GameId(7)),
            ..none()
        },
        OfferFilter {
            closed_by_offer_id: Some(OfferId(7)),
            ..none()
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn search_scans_a_bounded_part_then_an_index() {
    let large = Large::new().await;
    let app = &large.test.app;
    for q in [
        "game", "rarity", "game 77", "xyzzy", "rarrity", "77", "r", "g",
    ] {
        for sort in [
            GameSort::Id,
            GameSort::Name,
            GameSort::YearPublishedDescending,
            GameSort::Relevance,
            GameSort::RelevanceDescending,
        ] {
            let filter = GameFilter {
                q: Some(q.to_owned()),
                sort: Some(sort),
                ..GameFilter::default()
            };
            let what = format!("{filter:?}");
            let page = async |window| games::list(app, &filter, &window).await.unwrap().page;
            // By relevance, a page may span two segments.
            large.walk(&what, Reads::FromAnEnd, page).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_and_titles_use_indexes() {
    let large = Large::new().await;
    let app = &large.test.app;
    let q = |q: &str| GameFilter {
        q: Some(q.to_owned()),
        ..GameFilter::default()
    };
    let others = game_filters()
        .into_iter()
        .filter(|filter| filter.not_owner_id.is_none());
    for filter in others.chain([q("rarity"), q("game 77"), q("xyzzy"), q("rarrity")]) {
        games::facets(app, &filter).await.unwrap();
        large
            .expect(&format!("facets of {filter:?}"), Reads::FromAPlace)
            .await;
    }
    let keys = ["game77".to_owned(), "game78".to_owned()];
    assert_eq!(titles::by_keys(app, &keys).await.unwrap().len(), 2);
    systems::list(app).await.unwrap();
    large.expect("titles and systems", Reads::FromAPlace).await;
    let keying = keying(&large.test);
    assert_eq!(keying.key_all().await.unwrap(), 0);
    large.expect("games without keys", Reads::FromAPlace).await;
    titles::merge(&app.database, "game77", "game78")
        .await
        .unwrap();
    assert_eq!(keying.key_all().await.unwrap(), 10);
    large
        .expect("games of a merged title", Reads::FromAPlace)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_rows_and_trades_use_indexes() {
    let large = Large::new().await;
    let test = &large.test;
    let [client, receiver] = [9, 10].map(|id| test.anonymous().with("x-user-id", id));
    for path in ["/games/8", "/offers/8", "/users/8", "/"] {
        receiver.get(path).await.expect(200);
        large.expect(path, Reads::FromAnEnd).await;
    }
    // A game of user 9 for one of user 10.
    let offer = json!({"offered_game_id": 5008, "requested_game_id": 10009});
    client.post("/offers", offer).await.expect(201);
    large.expect("an offer", Reads::FromAPlace).await;
    let accepted = receiver.act(&format!("/offers/{}/accept", ROWS + 1)).await;
    accepted.expect(200);
    large.expect("settlement", Reads::FromAPlace).await;
    receiver.delete("/games/5008").await.expect(204);
    large.expect("a game that leaves", Reads::FromAPlace).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_and_feed_read_only_new_outbox_rows() {
    let large = Large::new().await;
    let test = &large.test;
    let client = test.anonymous().with("x-user-id", 9);
    let offer = json!({"offered_game_id": 5008, "requested_game_id": 10009});
    client.post("/offers", offer).await.expect(201);
    take(&mut *large.heard.lock().unwrap());
    let published = pass(&test.relay(), &mut InFlight::default()).await;
    assert_eq!(published.published, 1);
    large.expect("a pass of the relay", Reads::FromAnEnd).await;
    let database = &test.app.database;
    let newest = feed::newest(database).await.unwrap();
    large.expect("the newest event", Reads::FromAnEnd).await;
    assert_eq!(newest.position, ROWS + 1);
    assert_eq!(feed::newest_public(database).await.unwrap(), newest);
    large
        .expect("the newest public event", Reads::FromAnEnd)
        .await;
    feed::find(database, newest.id).await.unwrap();
    let all = sea_orm::Condition::all();
    feed::events_after(database, ROWS, all).await.unwrap();
    large.expect("the feed", Reads::FromAPlace).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_check_fails_when_an_index_is_missing() {
    let large = Large::new().await;
    let app = &large.test.app;
    let by_name = GameFilter {
        sort: Some(GameSort::Name),
        ..GameFilter::default()
    };
    let by_title = GameFilter {
        title_key: Some("game77".to_owned()),
        ..GameFilter::default()
    };
    let received = OfferFilter {
        receiver_id: Some(UserId(7)),
        ..OfferFilter::default()
    };
    let drop = "DROP INDEX games_by_sort_key";
    large.aside.reader().execute_unprepared(drop).await.unwrap();
    games::list(app, &by_name, &window()).await.unwrap();
    let refusal = large.refused(Reads::FromAnEnd).await;
    assert!(refusal.is_some(), "games_by_sort_key");
    let drop = "DROP INDEX offers_by_receiver; DROP INDEX offers_by_receiver_and_status";
    large.aside.reader().execute_unprepared(drop).await.unwrap();
    offers::list(app, &received, &window()).await.unwrap();
    let refusal = large.refused(Reads::FromAnEnd).await;
    assert!(refusal.is_some(), "offers_by_receiver");
    if large.aside.is_shared() {
        let drop = "DROP INDEX games_by_title";
        large.aside.reader().execute_unprepared(drop).await.unwrap();
        games::facets(app, &by_title).await.unwrap();
        let refusal = large.refused(Reads::FromAnEnd).await.unwrap();
        assert!(refusal.starts_with("scans games"), "{refusal}");
    }
}
