//! Titles that an operator merges, and their games, which follow.

use exchange::{
    games::{self, GameFilter, Keying},
    titles::{self, MergeError},
};

use crate::support::{TestApp, code};

/// Returns the ids of the games with a title.
async fn games_of(test: &TestApp, key: &str) -> Vec<i64> {
    let filter = GameFilter {
        title_key: Some(key.to_owned()),
        ..GameFilter::default()
    };
    let window = exchange::pagination::Window::first(100);
    let games = games::list(&test.app, &filter, &window).await.unwrap();
    games.page.rows.iter().map(|row| row.item.id.0).collect()
}

async fn follow(test: &TestApp) -> usize {
    let keying = Keying {
        database: test.app.database.clone(),
    };
    keying.key_all().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_moves_the_games_of_a_title_to_another() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["Biohazard", "Resident Evil", "BIO HAZARD", "Zelda"] {
        ann.lists(name).await;
    }
    let database = &test.app.database;
    let merged = titles::merge(database, "Bio-Hazard", "resident evil")
        .await
        .unwrap();
    let [from, into] = [&merged.from, &merged.into].map(|title| &*title.key);
    assert_eq!([from, into], ["biohazard", "residentevil"]);
    assert_eq!(
        merged.to_string(),
        "\"Biohazard\" now means \"Resident Evil\". A running server now moves its games."
    );
    assert_eq!(follow(&test).await, 2);
    assert_eq!(follow(&test).await, 0);
    for key in ["residentevil", "biohazard"] {
        assert_eq!(games_of(&test, key).await, [1, 2, 3], "{key}");
    }
    assert_eq!(test.game(entity::GameId(1)).await.version, 1);
    // Those that are listed later mean it at once.
    let later = ann.lists("Biohazard").await;
    assert_eq!(test.game(later).await.title_key, "residentevil");
    assert_eq!(test.game(later).await.name, "Biohazard");
    let title = titles::find(&test.app, "biohazard").await.unwrap();
    assert_eq!(title.name, "Resident Evil");
    assert_eq!(
        code(titles::find(&test.app, "nothing").await),
        "title_not_found"
    );
    assert_eq!(code(titles::find(&test.app, "\0").await), "title_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_flattens_chains() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["One", "Two", "Three", "Four"] {
        ann.lists(name).await;
    }
    let database = &test.app.database;
    titles::merge(database, "one", "two").await.unwrap();
    titles::merge(database, "two", "three").await.unwrap();
    // Into a title that means another.
    let merged = titles::merge(database, "four", "one").await.unwrap();
    assert_eq!(merged.into.key, "three");
    follow(&test).await;
    assert_eq!(games_of(&test, "three").await, [1, 2, 3, 4]);
    for key in ["one", "two", "three", "four"] {
        let found = titles::find(&test.app, key).await.unwrap();
        assert_eq!((&*found.key, found.means), ("three", None), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_refuses_what_makes_no_sense() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["One", "Two", "Three"] {
        ann.lists(name).await;
    }
    let database = &test.app.database;
    let refused = async |from, into| {
        titles::merge(database, from, into)
            .await
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("One", "Nothing").await,
        "there is no title \"Nothing\"; write a title that somebody has listed, or its key"
    );
    assert_eq!(
        refused("The One", "one").await,
        "both are the same title, \"One\""
    );
    titles::merge(database, "One", "Two").await.unwrap();
    assert_eq!(
        refused("One", "Three").await,
        "\"One\" has been merged into \"Two\" before; merge \"Two\" instead"
    );
    assert_eq!(
        refused("Two", "One").await,
        "\"One\" has been merged into \"Two\" before; the other way round is impossible"
    );
    let both = tokio::join!(
        titles::merge(database, "Two", "Three"),
        titles::merge(database, "Three", "Two"),
    );
    let (done, refused) = match both {
        (Ok(done), Err(refused)) | (Err(refused), Ok(done)) => (done, refused),
        both => panic!("{both:?}"),
    };
    assert_ne!(done.from.key, done.into.key);
    assert!(matches!(
        refused,
        MergeError::MergedBefore { .. } | MergeError::Cycle { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_moves_games_that_somebody_lists_meanwhile() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Two").await;
    for round in 0..5 {
        let name = format!("One {round}");
        ann.lists(&name).await;
        let (merged, listed) = tokio::join!(
            titles::merge(&test.app.database, &name, "two"),
            ann.lists(&name)
        );
        merged.unwrap();
        follow(&test).await;
        assert_eq!(test.game(listed).await.title_key, "two");
    }
}
