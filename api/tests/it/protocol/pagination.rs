//! Lists, page by page: forwards, backwards, in every order, while rows come and go.

use std::collections::{BTreeMap, BTreeSet};

use entity::{Condition, GameId};
use exchange::games;
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    http::{Answer, Client},
    new_game,
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

/// The game with this number, of which many have the same name and year.
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
        new.year_published = game.year;
        game.system.clone_into(&mut new.gaming_system);
        new.condition = game.condition;
        let id = games::create(&test.app, owner.actor, new).await.unwrap().id;
        listed.push(Listed::number(number, id));
    }
    listed
}

/// The ids of the games, in the order.
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

/// A page of any list.
struct Page {
    ids: Vec<i64>,
    links: BTreeMap<String, String>,
}

impl Page {
    /// Asks for it, and sees that the Link header says what `_links` says.
    async fn at(client: &Client, path: &str) -> Self {
        let answer = client.get(path).await;
        let header = in_header(&answer);
        let body = answer.expect(200);
        let (_, rows) = body["_embedded"]
            .as_object()
            .unwrap()
            .iter()
            .next()
            .unwrap();
        let rows = rows.as_array().unwrap().iter();
        let links = body["_links"].as_object().unwrap().iter();
        let href = |link: &Value| link["href"].as_str().unwrap().to_owned();
        let mut links: BTreeMap<_, _> = links
            .map(|(name, link)| (name.clone(), href(link)))
            .collect();
        assert_eq!(links.remove("self").as_deref(), Some(path));
        assert_eq!(header, links, "{path}");
        Self {
            ids: rows.map(|row| row["id"].as_i64().unwrap()).collect(),
            links,
        }
    }

    async fn follow(&self, client: &Client, relation: &str) -> Option<Self> {
        match self.links.get(relation) {
            Some(path) => Some(Self::at(client, path).await),
            None => None,
        }
    }
}

/// The links of the Link header, by relation.
fn in_header(answer: &Answer) -> BTreeMap<String, String> {
    let links = answer.header("link").split(", ");
    links
        .map(|link| {
            let (href, relation) = link.split_once(">; rel=").unwrap();
            let href = href.strip_prefix('<').unwrap();
            (relation.trim_matches('"').to_owned(), href.to_owned())
        })
        .collect()
}

/// Walks a list to its end and back, and sees each row once each way, in this order.
pub async fn walk(client: &Client, path: &str, limit: usize, expected: &[i64]) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let start = format!("{path}{separator}limit={limit}");
    let mut page = Page::at(client, &start).await;
    assert!(!page.links.contains_key("prev"), "{start}");
    let mut forwards = vec![page.ids.clone()];
    while let Some(next) = page.follow(client, "next").await {
        assert!(next.links.contains_key("prev"), "{start}");
        assert_eq!(next.links["first"], start);
        forwards.push(next.ids.clone());
        // A walk in circles would never end.
        assert!(forwards.len() <= expected.len(), "{start}: {forwards:?}");
        page = next;
    }
    let chunks: Vec<_> = expected.chunks(limit).map(<[i64]>::to_vec).collect();
    assert_eq!(forwards, chunks, "{start}");
    // From the end, whole pages again, but for the last one that is left at the start.
    let mut backwards = vec![page.ids.clone()];
    while let Some(previous) = page.follow(client, "prev").await {
        assert!(previous.links.contains_key("next"), "{start}");
        backwards.insert(0, previous.ids.clone());
        assert!(backwards.len() <= expected.len(), "{start}: {backwards:?}");
        page = previous;
    }
    assert_eq!(backwards, chunks, "{start} backwards");
}

#[tokio::test(flavor = "multi_thread")]
async fn list_games_returns_each_once_in_every_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let listed = list_games(&test, &ann).await;
    let client = test.anonymous();
    for sort in SORTS {
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
    let table: [(&str, Fits); 9] = [
        ("owner_id=1", |_| true),
        ("q=ETRO", |game| game.name == "Metroid"),
        ("q=ten&owner_id=1", |_| true), // Of Nintendo, the publisher.
        ("q=t&owner_id=1", |game| game.name == "Tetris"),
        ("gaming_system=PS2", |game| game.system == "PS2"),
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
async fn lists_return_each_row_once_in_both_directions() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    for number in 3..=45 {
        test.with_user(&format!("user{number}")).await;
    }
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..45 {
        mine.push(ann.lists("Metroid").await);
        theirs.push(bob.lists("Zelda").await);
    }
    let mut offers = Vec::new();
    for (mine, theirs) in mine.iter().zip(&theirs) {
        offers.push(ann.offers(&[*mine], &[*theirs]).await.unwrap().id.0);
    }
    for offer in offers.iter().step_by(3) {
        let path = format!("/offers/{offer}/reject");
        bob.client().act(&path).await.expect(200);
    }
    let (rejected, pending): (Vec<i64>, Vec<i64>) =
        offers.iter().partition(|id| (*id - offers[0]) % 3 == 0);
    let mine: Vec<_> = mine.into_iter().map(|id| id.0).collect();
    let client = ann.client();
    let everybody: Vec<i64> = (1..=45).collect();
    for (path, expected) in [
        ("/users", &everybody),
        ("/users/1/games", &mine),
        ("/offers", &offers),
        ("/offers?offerer_id=1", &offers),
        ("/offers?user_id=2", &offers),
        ("/offers?receiver_id=2&offerer_id=1", &offers),
        ("/offers?status=pending", &pending),
        ("/offers?status=rejected&user_id=2", &rejected),
        ("/trade-offers", &offers),
        ("/trade-offers?status=rejected", &rejected),
        ("/trade-offers/user/1/sent", &offers),
        ("/trade-offers/user/2/received", &offers),
        ("/offers?game_id=1", &offers[..1].to_vec()),
    ] {
        for limit in [10, 44] {
            walk(&client, path, limit, expected).await;
        }
    }
    for path in [
        "/offers?user_id=1",
        "/offers?offerer_id=2",
        "/offers?status=accepted",
        "/offers?game_id=99",
        "/trade-offers/user/2/sent",
        "/trade-offers/user/1/received",
        "/users/3/games",
    ] {
        assert_eq!(Page::at(&client, path).await.ids, [0; 0], "{path}");
    }
    for path in [
        "/trade-offers/user/99/sent",
        "/trade-offers/user/0/received",
        "/users/99/games",
    ] {
        assert_eq!(
            client.get(path).await.problem(404),
            "user_not_found",
            "{path}"
        );
    }
}

/// A cursor of one of these lists, each with parameters in its address, is refused in all others.
pub async fn cursors_keep_to_their_list(client: &Client, lists: &[String]) {
    for list in lists {
        let page = Page::at(client, list).await;
        let (_, cursor) = page.links["next"].split_once("after=").unwrap();
        for other in lists {
            for relation in ["after", "before"] {
                let path = format!("{other}&{relation}={cursor}");
                let answer = client.get(&path).await;
                if list == other {
                    answer.expect(200);
                } else {
                    assert_eq!(answer.problem(400), "malformed", "{list}, {path}");
                }
            }
        }
    }
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
        // The twelfth is where the cursor stands, so it is not before it.
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
        // From the page that was read, its last row among them, and from pages to come.
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
        // And back, to the start as it is now.
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

#[tokio::test(flavor = "multi_thread")]
async fn page_link_escapes_its_text() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for _ in 0..3 {
        ann.lists("Pokémon & Co: 100% \"Ü\" +1").await;
    }
    let client = test.anonymous();
    let query = "/games?q=%C3%A9mon+%26+Co%3A+100%25+%22%C3%9C%22+%2B1";
    walk(&client, query, 2, &[1, 2, 3]).await;
    let body = json!({"query": "{ games(first: 2) { pageInfo { endCursor } } }"});
    let graphql = client.post("/graphql", body).await.expect(200);
    let cursor = graphql["data"]["games"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap();
    assert_eq!(
        Page::at(&client, &format!("/games?after={cursor}"))
            .await
            .ids,
        [3],
        "one cursor for both surfaces"
    );
}
