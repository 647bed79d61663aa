//! The counts of the board, which triggers keep: equal to the games on it, whatever has happened.

use std::collections::BTreeMap;

use entity::{Condition, GameId, limits::Integer};
use exchange::{
    games::{
        self, CreateGame, DeleteGame, Facets, Folding, GameChange, GameFilter, NewGame, UpdateGame,
    },
    offers::AcceptOffer,
    systems,
};
use fastrand::Rng;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use crate::support::{Person, TestApp, new_game};

const SYSTEMS: [&str; 5] = ["NES", "Super NES", "snes", "Sega Genesis", "Some Console"];
const CONDITIONS: [Condition; 4] = [
    Condition::Mint,
    Condition::Good,
    Condition::Fair,
    Condition::Poor,
];

fn any_game(chance: &mut Rng) -> NewGame {
    NewGame {
        year_published: Integer(chance.i32(1985..2005)),
        gaming_system: SYSTEMS[chance.usize(..SYSTEMS.len())].into(),
        condition: CONDITIONS[chance.usize(..4)],
        ..new_game(["Zelda", "Metroid", "Zelda II"][chance.usize(..3)])
    }
}

fn any_change(chance: &mut Rng) -> GameChange {
    let game = any_game(chance);
    GameChange {
        year_published: chance.bool().then_some(game.year_published),
        gaming_system: chance.bool().then_some(game.gaming_system),
        condition: chance.bool().then_some(game.condition),
        name: chance.bool().then_some(game.name),
        ..GameChange::default()
    }
}

/// Lists, edits, deletes and trades games at random. Operations on a game that others took meanwhile may fail.
async fn live(test: &TestApp, people: [&Person; 2], seed: u64) {
    let mut chance = Rng::with_seed(seed);
    let [me, other] = people;
    let mut mine = Vec::new();
    for _ in 0..40 {
        let any = |chance: &mut Rng| chance.choice(&mine).copied().unwrap_or(GameId(1));
        match chance.u8(..10) {
            0..4 => {
                let new = CreateGame(any_game(&mut chance));
                mine.push(test.app.execute(me.actor, new).await.unwrap().id);
            }
            4..7 => {
                let game = any(&mut chance);
                let change = any_change(&mut chance);
                test.app
                    .execute(me.actor, UpdateGame { game, change })
                    .await
                    .ok();
            }
            7..8 => {
                let game = any(&mut chance);
                test.app.execute(me.actor, DeleteGame { game }).await.ok();
            }
            _ => {
                let wanted = GameId(chance.i64(1..60));
                if let Ok(offer) = me.offers(&[any(&mut chance)], &[wanted]).await {
                    let accept = AcceptOffer { offer: offer.id };
                    test.app.execute(other.actor, accept).await.ok();
                }
            }
        }
    }
}

/// Returns the numbers of rows that the counts and the games differ by, and of rows of the counts.
async fn differences(test: &TestApp) -> (i64, i64) {
    let listed = "SELECT system_key, condition, year_published, count(*) FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3";
    let counted =
        "SELECT system_key, condition, year_published, CAST(sum(games) AS BIGINT) FROM board_counts
        GROUP BY 1, 2, 3 HAVING sum(games) <> 0";
    let sql = format!(
        "WITH listed AS ({listed}), counted AS ({counted}) SELECT
            (SELECT count(*) FROM (SELECT * FROM listed EXCEPT SELECT * FROM counted) AS missing)
            + (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM listed) AS surplus),
            (SELECT count(*) FROM board_counts)"
    );
    let reader = test.app.database.reader();
    let row = Statement::from_string(reader.get_database_backend(), sql);
    let row = reader.query_one_raw(row).await.unwrap().unwrap();
    (
        row.try_get_by_index(0).unwrap(),
        row.try_get_by_index(1).unwrap(),
    )
}

fn folding(test: &TestApp) -> Folding {
    Folding {
        database: test.app.database.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_equal_the_board_while_it_is_written_and_folded() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let lives = (0..4).map(|nth| {
        let people = if nth % 2 == 0 {
            [&ann, &bob]
        } else {
            [&bob, &ann]
        };
        live(&test, people, seed.wrapping_add(nth))
    });
    let folding = folding(&test);
    let done = std::sync::atomic::AtomicBool::new(false);
    let folds = async {
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            folding.fold().await.unwrap();
            assert_eq!(differences(&test).await.0, 0, "while they are folded");
        }
    };
    let lives = async {
        join_all(lives).await;
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    };
    tokio::join!(lives, folds);
    folding.fold().await.unwrap();
    let (differences, rows) = differences(&test).await;
    assert_eq!(differences, 0);
    let groups =
        "SELECT count(*) FROM (SELECT DISTINCT system_key, condition, year_published FROM games
        WHERE deleted_at IS NULL) AS groups";
    let reader = test.app.database.reader();
    let groups = Statement::from_string(reader.get_database_backend(), groups);
    let groups = reader.query_one_raw(groups).await.unwrap().unwrap();
    assert_eq!(rows, groups.try_get_by_index::<i64>(0).unwrap(), "folded");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_at_once_fold_each_row_once() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for _ in 0..10 {
        for _ in 0..5 {
            ann.lists("Zelda").await;
        }
        let folding = folding(&test);
        let folds = join_all((0..4).map(|_| folding.fold())).await;
        assert!(folds.into_iter().all(|fold| fold.is_ok()));
        assert_eq!(differences(&test).await, (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_follow_changes_by_sql() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["Zelda", "Metroid", "Okami"] {
        ann.lists(name).await;
    }
    let reader = test.app.database.reader();
    for change in [
        "UPDATE games SET condition = 'poor'",
        "UPDATE games SET deleted_at = created_at WHERE id = 1",
        "UPDATE games SET year_published = 2001",
        "UPDATE games SET deleted_at = NULL, system_key = 'snes' WHERE id = 1",
        "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at)
            SELECT owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at FROM games",
        "DELETE FROM games WHERE id < 3",
    ] {
        reader.execute_unprepared(change).await.unwrap();
        assert_eq!(differences(&test).await.0, 0, "{change}");
    }
}

/// Counts the games one by one.
async fn counted(test: &TestApp, matches: impl Fn(&entity::game::Model) -> bool) -> Facets {
    let games = entity::game::Entity::find()
        .all(test.app.database.reader())
        .await
        .unwrap();
    let (mut systems, mut decades) = (BTreeMap::new(), BTreeMap::new());
    let mut facets = Facets {
        exact: true,
        ..Facets::default()
    };
    let listed = games.iter().filter(|game| game.deleted_at.is_none());
    for game in listed.filter(|game| matches(game)) {
        facets.total += 1;
        *systems.entry(game.system_key.clone()).or_insert(0) += 1;
        *decades.entry(game.year_published / 10 * 10).or_insert(0) += 1;
    }
    let systems = systems.into_iter();
    facets.systems = systems
        .map(|(key, games)| games::SystemCount { key, games })
        .collect();
    facets
        .systems
        .sort_by_key(|count| std::cmp::Reverse(count.games));
    facets.decades = decades.into_iter().collect();
    facets.conditions = CONDITIONS
        .map(|condition| {
            let of = |game: &&entity::game::Model| {
                game.condition == condition && game.deleted_at.is_none() && matches(game)
            };
            (condition, games.iter().filter(of).count() as u64)
        })
        .into_iter()
        .filter(|(_, games)| *games > 0)
        .collect();
    facets
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_count_the_games_that_match() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    live(&test, [&ann, &bob], 1).await;
    live(&test, [&bob, &ann], 2).await;
    let none = GameFilter::default;
    let facets = async |filter| games::facets(&test.app, &filter).await.unwrap();
    assert_eq!(facets(none()).await, counted(&test, |_| true).await);
    let filter = GameFilter {
        gaming_system: Some("SUPER nintendo".to_owned()),
        condition: Some(Condition::Good),
        ..none()
    };
    let expected = counted(&test, |game| {
        game.system_key == "snes" && game.condition == Condition::Good
    });
    assert_eq!(facets(filter).await, expected.await);
    let filter = GameFilter {
        year_from: Some(1990),
        year_to: Some(1999),
        ..none()
    };
    let nineties = |game: &entity::game::Model| (1990..2000).contains(&game.year_published);
    assert_eq!(facets(filter.clone()).await, counted(&test, nineties).await);
    for filter in [
        GameFilter {
            q: Some("zelda".to_owned()),
            ..filter.clone()
        },
        GameFilter {
            q: Some("Legend of Nothing".to_owned()),
            ..none()
        },
        GameFilter {
            q: Some("?!".to_owned()),
            ..none()
        },
        GameFilter {
            title_key: Some("zelda2".to_owned()),
            ..filter.clone()
        },
        GameFilter {
            owner_id: Some(ann.id),
            ..filter.clone()
        },
        GameFilter {
            not_owner_id: Some(ann.id),
            ..filter
        },
    ] {
        let expected = counted(&test, |game| {
            let q = filter.q.as_deref();
            (filter.year_from.is_none() || nineties(game))
                && q.is_none_or(|q| q == "zelda" && game.title_key.contains(q))
                && filter
                    .title_key
                    .as_deref()
                    .is_none_or(|key| game.title_key == key)
                && filter.owner_id.is_none_or(|id| game.owner_id == id)
                && filter.not_owner_id.is_none_or(|id| game.owner_id != id)
        });
        let expected = expected.await;
        assert_eq!(facets(filter.clone()).await, expected, "{filter:?}");
    }
    let all = counted(&test, |_| true).await;
    let listed: Vec<_> = systems::list(&test.app).await.unwrap();
    let with_games = listed.iter().filter(|system| system.games > 0);
    let with_games: BTreeMap<_, _> = with_games.map(|one| (&*one.key, one.games)).collect();
    let expected = all.systems.iter();
    let expected: BTreeMap<_, _> = expected.map(|one| (&*one.key, one.games)).collect();
    assert_eq!(with_games, expected);
    assert!(listed.len() > catalogue::systems::ALL.len());
    assert!(listed.is_sorted_by_key(|system| std::cmp::Reverse(system.games)));
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_of_too_many_games_are_not_exact() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Zelda").await;
    let copies = |number: u64| {
        format!(
            "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at,
                title_key, system_key, sort_key, key_rule)
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {number})
            SELECT owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at,
                title_key, system_key, sort_key, key_rule FROM games, n WHERE games.id = 1"
        )
    };
    let reader = test.app.database.reader();
    let by_title = GameFilter {
        q: Some("zelda".to_owned()),
        ..GameFilter::default()
    };
    let most = games::MAX_COUNTED;
    reader.execute_unprepared(&copies(most - 1)).await.unwrap();
    let facets = games::facets(&test.app, &by_title).await.unwrap();
    assert_eq!((facets.total, facets.exact), (most, true));
    reader.execute_unprepared(&copies(1)).await.unwrap();
    let facets = games::facets(&test.app, &by_title).await.unwrap();
    assert_eq!((facets.total, facets.exact), (most, false));
    assert_eq!(facets.systems[0].games, most);
    let whole_board = games::facets(&test.app, &GameFilter::default())
        .await
        .unwrap();
    assert_eq!((whole_board.total, whole_board.exact), (most + 1, true));
}
