//! List games: filters, orders and cursors. What matches `q` is in [`super::search`].

use std::collections::BTreeSet;

use entity::{Condition, GameId};
use exchange::games::CreateGame;

use crate::{
    protocol::pagination::{Page, cursors_keep_to_their_list, walk},
    support::{Person, TestApp, new_game},
};

/// Every order of the games.
const SORTS: [&str; 6] = [
    "id",
    "-id",
    "name",
    "-name",
    "year_published",
    "-year_published",
];

const NAMES: [&str; 4] = ["Metroid", "Zelda", "Ico", "Tetris"];
const SYSTEMS: [&str; 2] = ["NES", "PS2"];
const CONDITIONS: [Condition; 3] = [Condition::Mint, Condition::Good, Condition::Poor];

/// A listed game. Many share a name and a year.
struct Listed {
    id: i64,
    name: &'static str,
    year: i32,
    system: &'static str,
    condition: Condition,
}

impl Listed {
    fn number(number: usize, id: GameId) -> Self {
        Self {
            id: id.0,
            name: NAMES[number % 4],
            year: 1986 + i32::try_from(number * 7 % 5).unwrap(),
            system: SYSTEMS[number % 2],
            condition: CONDITIONS[number % 3],
        }
    }
}

type Fits = fn(&Listed) -> bool;

/// Lists 45 games.
async fn list_games(test: &TestApp, owner: &Person) -> Vec<Listed> {
    let mut listed = Vec::new();
    for number in 0..45 {
        let game = Listed::number(number, GameId(0));
        let mut new = new_game(game.name);
        new.year_published.0 = game.year;
        new.gaming_system = game.system.into();
        new.condition = game.condition;
        let id = test
            .app
            .execute(owner.actor, CreateGame(new))
            .await
            .unwrap()
            .id;
        listed.push(Listed::number(number, id));
    }
    listed
}

/// Returns the ids of the games in this order.
fn sorted<'g>(games: impl IntoIterator<Item = &'g Listed>, sort: &str) -> Vec<i64> {
    let mut games: Vec<_> = games.into_iter().collect();
    match sort.trim_start_matches('-') {
        "name" => games.sort_by_key(|game| (game.name, game.id)),
        "year_published" => games.sort_by_key(|game| (game.year, game.id)),
        _ => games.sort_by_key(|game| game.id),
    }
    if sort.starts_with('-') {
        games.reverse();
    }
    games.into_iter().map(|game| game.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn list_games_returns_each_once_in_every_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let listed = list_games(&test, &ann).await;
    let client = test.anonymous();
    for sort in SORTS.into_iter().chain(["created_at", "-created_at"]) {
        for limit in [1, 10, 45, 100] {
            walk(
                &client,
                &format!("/games?sort={sort}"),
                limit,
                &sorted(&listed, sort),
            )
            .await;
        }
    }
    assert_eq!(
        Page::at(&client, "/games").await.ids.len(),
        20,
        "the default"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn page_links_keep_the_filters() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let listed = list_games(&test, &ann).await;
    bob.lists("Okami 100%").await;
    let client = test.anonymous();
    let table: [(&str, Fits); 11] = [
        ("owner_id=1", |_| true),
        ("q=METR", |game| game.name == "Metroid"),
        ("q=nin&owner_id=1", |_| true), // Of Nintendo, the publisher.
        ("q=t&owner_id=1", |game| game.name == "Tetris"),
        ("title_key=tetris", |game| game.name == "Tetris"),
        ("gaming_system=PS2", |game| game.system == "PS2"),
        ("gaming_system=sony+playstation+2", |game| {
            game.system == "PS2"
        }),
        ("condition=mint", |game| game.condition == Condition::Mint),
        ("year_from=1987&year_to=1988", |game| {
            (1987..=1988).contains(&game.year)
        }),
        (
            "q=zelda&condition=poor&year_to=1989&gaming_system=PS2",
            |game| game.name == "Zelda" && game.condition == Condition::Poor && game.year <= 1989,
        ),
        ("year_from=1999", |_| false),
    ];
    for (filter, fits) in table {
        for sort in SORTS {
            let expected = sorted(listed.iter().filter(|game| fits(game)), sort);
            if expected.is_empty() {
                let page = Page::at(&client, &format!("/games?{filter}")).await;
                assert_eq!(
                    (page.ids.len(), page.links.len()),
                    (0, 1),
                    "{filter}: `first` alone"
                );
            } else {
                walk(
                    &client,
                    &format!("/games?{filter}&sort={sort}"),
                    4,
                    &expected,
                )
                .await;
            }
        }
    }
    assert_eq!(Page::at(&client, "/games?q=100%25").await.ids, [46]);
    assert_eq!(Page::at(&client, "/games?owner_id=2").await.ids, [46]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_is_refused_in_another_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    list_games(&test, &ann).await;
    let lists = SORTS.map(|sort| format!("/games?limit=3&sort={sort}"));
    cursors_keep_to_their_list(&test.anonymous(), &lists).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_and_before_select_the_rows_between() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let listed = list_games(&test, &ann).await;
    let client = test.anonymous();
    for sort in SORTS {
        let expected = sorted(&listed, sort);
        let start = Page::at(&client, &format!("/games?sort={sort}&limit=5")).await;
        let more = Page::at(&client, &format!("/games?sort={sort}&limit=12")).await;
        let (_, after) = start.links["next"].split_once("after=").unwrap();
        let (_, before) = more.links["next"].split_once("after=").unwrap();
        let path = format!("/games?sort={sort}&after={after}&before={before}");
        // The twelfth row is the cursor's own, so it is excluded.
        assert_eq!(
            Page::at(&client, &path).await.ids,
            expected[5..11],
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_added_or_removed_between_pages_shift_no_others() {
    for sort in SORTS {
        let test = TestApp::new().await;
        let ann = test.with_user("ann").await;
        let mut listed = list_games(&test, &ann).await;
        let client = ann.client();
        let before = sorted(&listed, sort);
        let mut page = Page::at(&client, &format!("/games?sort={sort}&limit=10")).await;
        let mut seen = page.ids.clone();
        // Rows of the page that was read, its last one included, and of later pages.
        let gone: BTreeSet<_> = [0, 4, 9, 10, 15, 44]
            .map(|place: usize| before[place])
            .into();
        for id in &gone {
            assert_eq!(client.delete(&format!("/games/{id}")).await.status, 204);
        }
        let late = list_games(&test, &ann).await;
        while let Some(next) = page.follow(&client, "next").await {
            seen.extend(&next.ids);
            assert!(seen.len() <= 90, "{sort}: {seen:?}");
            page = next;
        }
        let mut expected = before[..10].to_vec();
        let last = expected[9];
        listed.extend(late);
        let now = sorted(&listed, sort);
        let place = now.iter().position(|id| *id == last).unwrap();
        expected.extend(now[place + 1..].iter().filter(|id| !gone.contains(id)));
        assert_eq!(seen, expected, "{sort}");
        let once: BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{sort}");
        // Back to the start as it is now.
        let mut back = page.ids.clone();
        while let Some(previous) = page.follow(&client, "prev").await {
            back.splice(0..0, previous.ids.iter().copied());
            assert!(back.len() <= 90, "{sort}: {back:?}");
            page = previous;
        }
        let now: Vec<_> = now.into_iter().filter(|id| !gone.contains(id)).collect();
        assert_eq!(back, now, "{sort} backwards");
    }
}
