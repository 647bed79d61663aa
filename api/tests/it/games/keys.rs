//! The keys of games: written with a game, and given by the leader to those that have none.

use catalogue::{RULE, Release};
use entity::{Condition, GameId, game};
use exchange::{
    games::{GameChange, Keying, UpdateGame},
    offers::AcceptOffer,
};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::support::{Person, TestApp};

/// The number of games without keys: more than one batch.
const OLD: i64 = 1_200;

/// Returns the keying task.
fn keying(test: &TestApp) -> Keying {
    Keying {
        database: test.app.database.clone(),
    }
}

/// Runs SQL, as an older version would.
async fn run(test: &TestApp, sql: &str) {
    test.app
        .database
        .reader()
        .execute_unprepared(sql)
        .await
        .unwrap();
}

/// Returns a column of all rows of a table, in order.
async fn column(test: &TestApp, sql: &str) -> Vec<String> {
    let reader = test.app.database.reader();
    let rows = Statement::from_string(reader.get_database_backend(), sql);
    let rows = reader.query_all_raw(rows).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Asserts that all games have the keys of their texts, and that their titles and releases are known.
async fn audit(test: &TestApp) {
    let games = game::Entity::find()
        .all(test.app.database.reader())
        .await
        .unwrap();
    let titles = column(test, "SELECT key FROM titles").await;
    let releases = column(test, "SELECT sort_key FROM releases").await;
    for game in games {
        let release = Release::new(&game.name, &game.publisher, &game.gaming_system);
        assert_eq!(game.title_key, release.title_key, "{game:?}");
        assert_eq!(game.system_key, release.system_key, "{game:?}");
        assert_eq!(game.sort_key, release.sort_key, "{game:?}");
        assert_eq!(game.key_rule, RULE, "{game:?}");
        assert!(titles.contains(&game.title_key), "{game:?}");
        assert!(releases.contains(&game.sort_key), "{game:?}");
    }
}

/// Inserts games as an older version did, each third one of the first user.
async fn list_old_games(test: &TestApp) {
    run(
        test,
        &format!(
            "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, previous_owners, created_at, updated_at)
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {OLD})
            SELECT 1 + n % 2, 'Old Game ' || n % 37, 'Publisher ' || n % 5, 1990, 'NES', 'good', 2, created_at, created_at
            FROM n, users WHERE users.id = 1"
        ),
    )
    .await;
}

fn rename(id: GameId, name: &str) -> UpdateGame {
    UpdateGame {
        game: id,
        change: GameChange {
            name: Some(name.into()),
            ..GameChange::default()
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_and_update_write_the_keys() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let id = ann.lists("The Legend of Zelda").await;
    audit(&test).await;
    for name in ["LEGEND of Zelda", "Zelda II", "Zelda 2", "Pokémon Red"] {
        test.app.execute(ann.actor, rename(id, name)).await.unwrap();
        audit(&test).await;
    }
    let change = GameChange {
        gaming_system: Some("Super NES".into()),
        condition: Some(Condition::Mint),
        ..GameChange::default()
    };
    let update = UpdateGame { game: id, change };
    test.app.execute(ann.actor, update).await.unwrap();
    audit(&test).await;
    assert_eq!(test.game(id).await.version, 6, "one for each update");
    let titles = column(&test, "SELECT name FROM titles ORDER BY key").await;
    assert_eq!(titles, ["The Legend of Zelda", "Pokémon Red", "Zelda II"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_of_one_new_title_by_several_people_succeeds_for_all() {
    let test = TestApp::new().await;
    let people: [Person; 4] = test.people(["ann", "bob", "cat", "dan"]).await;
    for round in 0..10 {
        // In opposite orders.
        let names = [0, 1].map(|nth| format!("Chrono Trigger {round}{nth}"));
        let lists = people.iter().enumerate().map(async |(nth, person)| {
            person.lists(&names[nth % 2]).await;
            person.lists(&names[(nth + 1) % 2]).await;
        });
        join_all(lists).await;
    }
    audit(&test).await;
    assert_eq!(column(&test, "SELECT key FROM titles").await.len(), 20);
    let words: Vec<_> = Release::new("Chrono Trigger", "Nintendo", "NES")
        .words
        .into_iter()
        .collect();
    assert_eq!(
        column(&test, "SELECT word FROM words ORDER BY word").await,
        words
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keying_reaches_all_games_while_they_are_written() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    list_old_games(&test).await;
    let before = test.game(GameId(1)).await;
    assert_eq!((before.key_rule, &*before.title_key), (0, ""));
    // Game n belongs to Bob if n is odd, to Ann if it is even.
    let edits = async {
        for nth in 0..20 {
            let id = GameId(OLD - 1 - 20 * nth);
            test.app
                .execute(bob.actor, rename(id, "Edited"))
                .await
                .unwrap();
        }
    };
    let trades = async {
        for nth in 0..20 {
            let (mine, theirs) = (GameId(OLD - 2 - 20 * nth), GameId(OLD - 3 - 20 * nth));
            let offer = ann.offers(&[mine], &[theirs]).await.unwrap().id;
            test.app
                .execute(bob.actor, AcceptOffer { offer })
                .await
                .unwrap();
        }
    };
    let keying = keying(&test);
    let keys = async { while keying.key_all().await.unwrap() > 0 {} };
    tokio::join!(edits, trades, keys);
    // Some were skipped while somebody wrote them.
    keying.key_all().await.unwrap();
    audit(&test).await;
    let after = test.game(GameId(1)).await;
    assert_eq!(
        (after.version, after.updated_at, &after.name),
        (before.version, before.updated_at, &before.name)
    );
    let edited = test.game(GameId(OLD - 1)).await;
    assert_eq!((edited.version, &*edited.name), (2, "Edited"));
    assert_eq!(test.game(GameId(OLD - 2)).await.owner_id, bob.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn keying_repeats_what_an_older_version_has_changed() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let [zelda, metroid] = [ann.lists("Zelda").await, ann.lists("Metroid").await];
    let keying = keying(&test);
    assert_eq!(keying.key_all().await.unwrap(), 0);
    for change in [
        "name = 'Zelda II'",
        "publisher = 'Nobody'",
        "gaming_system = 'Game Boy'",
    ] {
        run(
            &test,
            &format!("UPDATE games SET {change}, version = version + 1 WHERE id = {zelda}"),
        )
        .await;
        assert_eq!(test.game(zelda).await.key_rule, 0, "{change}");
        assert_eq!(keying.key_all().await.unwrap(), 1, "{change}");
        audit(&test).await;
    }
    let condition =
        format!("UPDATE games SET condition = 'poor', name = name WHERE id = {metroid}");
    run(&test, &condition).await;
    assert_eq!(keying.key_all().await.unwrap(), 0, "the texts are the same");
    assert_eq!(test.game(zelda).await.version, 4);
}
