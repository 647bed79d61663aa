//! Query plans: each statement seeks in an index and reads no more rows than a page, or than a search may. The
//! statements are recorded from real calls, on tables large enough to reveal a scan.
//!
//! To add a list, an order or a filter, add it to the lists here. A failure shows the statement and its plan; add an
//! index in a migration.

mod explain;

use std::{
    mem::take,
    sync::{Arc, Mutex},
};

use entity::{Condition, GameId, OfferId, OfferStatus, UserId};
use exchange::{
    games::{self, GameFilter, GameSort},
    offers::{self, OfferFilter, Party},
    pagination::{Page, Window},
    users,
};
use outbox::{feed, in_flight::InFlight};
use platform::database::Database;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use self::explain::{Reads, refused};
use crate::support::{TestApp, letters::pass};

/// The number of games, offers and events; a quarter as many users.
const ROWS: i64 = 20_000;

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

fn window() -> Window {
    Window::first(20)
}

/// Returns the statements that fill the tables: each user has four games, makes four offers and gets four.
fn load() -> Vec<String> {
    let numbers = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS})"
    );
    let people = ROWS / 4;
    let now = "(SELECT created_at FROM users WHERE id = 1)";
    vec![
        format!(
            "INSERT INTO users (name, email, password_hash, token_version, created_at, updated_at) {numbers}
                SELECT 'User ' || n, 'user' || n || '@example.com', '', 1, {now}, {now} FROM n WHERE n < {people}"
        ),
        format!(
            "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at) {numbers}
                SELECT 1 + n % {people}, 'Game ' || (n * 7919 % {ROWS}) || CASE WHEN n % 1000 = 7 THEN ' Rarity' ELSE '' END,
                    'Publisher ' || n % 50, 1980 + n % 40, 'System ' || n % 20,
                    CASE n % 4 WHEN 0 THEN 'mint' WHEN 1 THEN 'good' WHEN 2 THEN 'fair' ELSE 'poor' END, {now}, {now}
                FROM n ORDER BY n"
        ),
        format!(
            "INSERT INTO offers (offerer_id, receiver_id, status, closed_reason, created_at, updated_at) {numbers}
                SELECT 1 + n % {people}, 1 + (n + 1) % {people},
                    CASE n % 4 WHEN 0 THEN 'pending' WHEN 1 THEN 'accepted' WHEN 2 THEN 'rejected' ELSE 'cancelled' END,
                    CASE n % 4 WHEN 2 THEN 'declined' WHEN 3 THEN 'withdrawn' END, {now}, {now}
                FROM n ORDER BY n"
        ),
        "INSERT INTO offer_games (offer_id, game_id, side) SELECT id, id, 'offered' FROM offers".to_owned(),
        format!("INSERT INTO offer_games (offer_id, game_id, side) SELECT id, 1 + id % {ROWS}, 'requested' FROM offers"),
        format!(
            "INSERT INTO outbox (id, aggregate_type, aggregate_id, aggregate_seq, type, payload, headers, created_at, position,
                published_at) {numbers} SELECT {}, 'offer', n, 1, 'offer.created', '{{}}', '{{}}', {now}, n, {now} FROM n ORDER BY n",
            explain::uuid_of("n")
        ),
        explain::analyze().to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_page_is_one_index_seek() {
    let large = Large::new().await;
    let app = &large.test.app;
    let listed =
        async |filter: &GameFilter, window| games::list(app, filter, &window).await.unwrap();
    for sort in [
        GameSort::Id,
        GameSort::IdDescending,
        GameSort::Name,
        GameSort::NameDescending,
        GameSort::YearPublished,
        GameSort::YearPublishedDescending,
    ] {
        for filter in game_filters() {
            let filter = GameFilter { sort, ..filter };
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
        "game", "rarity", "game 77", "xyzzy", "rarrity", "77", "r", "g", "!",
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
                sort,
                ..GameFilter::default()
            };
            let what = format!("{filter:?}");
            let page = async |window| games::list(app, &filter, &window).await.unwrap();
            // By relevance, a page may span two segments.
            large.walk(&what, Reads::FromAnEnd, page).await;
        }
    }
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
        sort: GameSort::Name,
        ..GameFilter::default()
    };
    let rare = GameFilter {
        q: Some("rarity".to_owned()),
        ..GameFilter::default()
    };
    let received = OfferFilter {
        receiver_id: Some(UserId(7)),
        ..OfferFilter::default()
    };
    let drop = "DROP INDEX games_by_name";
    large.aside.reader().execute_unprepared(drop).await.unwrap();
    games::list(app, &by_name, &window()).await.unwrap();
    let refusal = large.refused(Reads::FromAnEnd).await;
    assert!(refusal.is_some(), "games_by_name");
    let drop = "DROP INDEX offers_by_receiver; DROP INDEX offers_by_receiver_and_status";
    large.aside.reader().execute_unprepared(drop).await.unwrap();
    offers::list(app, &received, &window()).await.unwrap();
    let refusal = large.refused(Reads::FromAnEnd).await;
    assert!(refusal.is_some(), "offers_by_receiver");
    if large.aside.is_shared() {
        let drop = "DROP INDEX games_search";
        large.aside.reader().execute_unprepared(drop).await.unwrap();
        games::list(app, &rare, &window()).await.unwrap();
        let refusal = large.refused(Reads::FromAnEnd).await.unwrap();
        assert!(refusal.starts_with("scans games"), "{refusal}");
    }
}
