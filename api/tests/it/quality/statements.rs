//! SQL statements of each request: a fixed number, whatever the length of the list.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use exchange::offers::AcceptOffer;
use serde_json::json;
use tracing::{Metadata, Subscriber, span};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use crate::support::{
    Person, TestApp,
    http::Answer,
    tracing::{Listening, listen},
};

/// Counts statements: each is a span of the reader or of a transaction, including BEGIN.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

/// The statements of this thread since `listen`.
pub struct Statements {
    counter: Counter,
    _listening: Listening,
}

impl Statements {
    /// Counts from now on. The runtime of the test must have one thread.
    pub fn listen() -> Self {
        let counter = Counter::default();
        Self {
            _listening: listen(Registry::default().with(counter.clone())),
            counter,
        }
    }

    pub fn number(&self) -> usize {
        self.counter.0.load(Ordering::Relaxed)
    }
}

impl<S: Subscriber> Layer<S> for Counter {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let targets = [
            "platform::database::reader",
            "platform::database::transaction",
        ];
        targets.contains(&metadata.target())
    }

    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts the statements until the answer.
async fn statements(answer: impl Future<Output = Answer>) -> usize {
    let statements = Statements::listen();
    let answer = answer.await;
    assert_eq!(answer.expect(200).get("errors"), None);
    statements.number()
}

/// Creates Ann and Bob with `number` games each, and `number` offers of Ann's, one game for one.
async fn offers(test: &TestApp, number: usize) -> [Person; 2] {
    let [ann, bob] = test.people(["ann", "bob"]).await;
    for number in 1..=number {
        let mine = ann.lists(&format!("Ann's {number}")).await;
        let theirs = bob.lists(&format!("Bob's {number}")).await;
        ann.offers(&[mine], &[theirs]).await.unwrap();
    }
    [ann, bob]
}

#[tokio::test]
async fn reads_run_as_many_statements_as_in_the_table() {
    let test = TestApp::new().await;
    let [ann, bob] = offers(&test, 20).await;
    let table = [
        ("/", 0),
        ("/whoami", 0),
        ("/games/1", 1),
        ("/games?limit=1", 1),
        ("/games?limit=20", 1),
        // The exact title, whether it finds enough, its releases, their games, and whether all games have keys.
        ("/games?limit=19&q=ann&sort=-name&condition=good", 5),
        ("/games?limit=20&q=ann", 5),
        ("/games?limit=20&q=ann&sort=id", 5),
        // In addition, the keys that were merged into it, and the games of that title.
        ("/games?limit=20&q=anns+1", 6),
        ("/games/facets", 2),
        // The exact title, whether it finds enough, the numbers, and whether all games have keys.
        ("/games/facets?q=ann", 4),
        ("/titles?limit=1&q=ann", 4),
        ("/titles?limit=20&q=ann", 4),
        ("/titles/anns1", 1),
        ("/systems", 1),
        ("/users/1", 1),
        ("/users?limit=20", 1),
        // The user, then the games.
        ("/users/1/games?limit=20", 2),
        // The offers, their games, their parties.
        ("/offers/1", 3),
        ("/offers?limit=1", 3),
        ("/offers?limit=20", 3),
        (
            "/offers?limit=20&expand=offered_games,requested_games,offerer,receiver",
            3,
        ),
        ("/trade-offers/user/1/sent?limit=20", 4),
        ("/offers?limit=20&status=pending&game_id=1&user_id=2", 3),
    ];
    let (anonymous, ann) = (test.anonymous(), ann.client());
    for (path, expected) in table {
        assert_eq!(
            statements(anonymous.get(path)).await,
            expected,
            "anonymous, {path}"
        );
        let more = match path {
            "/whoami" => 0,
            // The identity, then the pending offers, their games, their parties.
            "/" => 4,
            _ => 1,
        };
        assert_eq!(
            statements(ann.get(path)).await,
            expected + more,
            "identified, {path}"
        );
    }
    let with_offers = statements(bob.client().get("/")).await;
    assert_eq!(with_offers, 4, "with offers that wait, /");
}

#[tokio::test]
async fn nested_query_runs_the_same_statements_for_100_offers() {
    let test = TestApp::new().await;
    let [ann, _] = offers(&test, 100).await;
    let sides = "id status offerer { name } receiver { name }
        offeredGames { name owner { name } } requestedGames { name owner { name } }";
    let nodes = |first| {
        format!("{{ offers(first: {first}) {{ pageInfo {{ hasNextPage }} nodes {{ {sides} }} }} }}")
    };
    let edges = "{ offers { edges { cursor node { requestedGames { ...G } } } } } fragment G on Game { owner { name } }";
    let queries = [nodes(1), nodes(20), nodes(100), edges.to_owned()];
    for (client, identity) in [(test.anonymous(), 0), (ann.client(), 1)] {
        for query in &queries {
            // The offers; their games with the owners, who are the parties.
            let run = statements(client.graphql(query, json!({}))).await;
            assert_eq!(run - identity, 2, "{query}");
        }
    }
    // The games, their titles.
    let query = "{ games(first: 100) { nodes { title { key name } system { key name } } } }";
    let run = statements(test.anonymous().graphql(query, json!({}))).await;
    assert_eq!(run, 2);
    // The identity, the games, their owners; the account of the one of them who may see it.
    let query = "{ games { nodes { owner { name email streetAddress } } } }";
    let run = statements(ann.client().graphql(query, json!({}))).await;
    assert_eq!(run, 4);
    let query = "{ games(first: 50) { totalCount nodes { owner {
        games(last: 1) { totalCount nodes { name etag } } offersSent(first: 2) { totalCount nodes { id } }
        offersReceived { totalCount nodes { etag viewerCan { accept { allowed reason { code } } } } } } } } }";
    // The games and their number, their owners, a part of each list of theirs, the number of each, the games of offers.
    let run = statements(test.anonymous().graphql(query, json!({}))).await;
    assert_eq!(run, 10);
}

#[tokio::test]
async fn accept_runs_the_same_statements_for_ten_games_a_side() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    for number in [1, 10] {
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..number {
            mine.push(ann.lists("Ann's").await);
            theirs.push(bob.lists("Bob's").await);
        }
        let made = Statements::listen();
        let offer = ann.offers(&mine, &theirs).await.unwrap();
        // BEGIN; the user, the games, their pending offers and a duplicate; the offer, its games; the receiver's name,
        // the event.
        assert_eq!(made.number(), 9, "{number} games each, made");
        let settled = Statements::listen();
        test.app
            .execute(bob.actor, AcceptOffer { offer: offer.id })
            .await
            .unwrap();
        // BEGIN; the offer; the users, the terms, the games, and the offers that name one; the ledger, the games, the
        // offer, the event.
        assert_eq!(settled.number(), 10, "{number} games each, settled");
    }
}

#[tokio::test]
async fn create_of_a_game_looks_up_its_release_in_one_statement() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Zelda").await;
    let known = Statements::listen();
    ann.lists("Zelda").await;
    // BEGIN; the user, the title with the release, the game.
    assert_eq!(known.number(), 4);
    let new = Statements::listen();
    ann.lists("Metroid").await;
    // Also the titles and releases that exist, the new ones, the new words, their spellings.
    assert_eq!(new.number(), 10);
}

#[tokio::test]
async fn nodes_runs_one_statement_per_type() {
    let test = TestApp::new().await;
    offers(&test, 30).await;
    let id = |kind: &str, number: usize| STANDARD.encode(format!("{kind}:{number}"));
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Offer { offerer { name } offeredGames { name } } } }";
    let ids =
        (1..=30).flat_map(|number| [id("Offer", number), id("Game", number), id("User", number)]);
    let ids: Vec<_> = ids.collect();
    let run = statements(test.anonymous().graphql(nodes, json!({ "ids": ids }))).await;
    // The three types, and the games of the offers; their parties, if the offers are loaded after the users.
    assert!((4..=5).contains(&run), "{run}");
    let query = format!(
        "{{ a: node(id: \"{}\") {{ id }} b: node(id: \"{}\") {{ id }}
            c: game(by: {{databaseId: 3}}) {{ id }} d: game(by: {{id: \"{}\"}}) {{ id }} }}",
        ids[1], ids[4], ids[1]
    );
    assert_eq!(
        statements(test.anonymous().graphql(&query, json!({}))).await,
        1
    );
}
