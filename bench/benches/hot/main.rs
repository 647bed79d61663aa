//! The pure parts of every request: GraphQL limits, links, cursors, and answers as JSON. `cargo bench -p bench`
//! measures them, `cargo bench -p bench -- --test` runs each once.

#![expect(clippy::unwrap_used, reason = "a failed unwrap stops the benchmark")]

mod rows;
#[path = "../../../api/tests/it/protocol/graphql/screens/documents.rs"]
mod screens;

use std::hint::black_box;

use api::{
    graphql,
    http::hypermedia::Links,
    rest::{
        hal::links,
        resources::games::{GameBody, GameCollection},
    },
};
use async_graphql::Variables;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use entity::{UserId, game};
use exchange::{
    pagination::{Order, SortKey, Window},
    validation::Faults,
};
use rules::{Actor, Proof};

/// The viewer: the owner of the games, and the receiver of the offer.
const VIEWER: Actor = Actor::Person {
    id: UserId(1),
    proof: Proof::Token,
};

/// Measures the limits on front-end documents, which pass, and on a hostile one, which is refused.
fn limits(criterion: &mut Criterion) {
    let limits = graphql::limits(false);
    let mut group = criterion.benchmark_group("guard");
    for (query, variables, field) in screens::screens() {
        let variables = Variables::from_json(variables);
        assert!(limits.check(&query, None, &variables).is_ok(), "{field}");
        group.bench_function(format!("{field}, for the first time"), |bencher| {
            bencher.iter_batched_ref(
                || graphql::limits(false),
                |limits| limits.check(black_box(&query), None, &variables).is_ok(),
                BatchSize::SmallInput,
            );
        });
        group.bench_function(format!("{field}, again"), |bencher| {
            bencher.iter(|| limits.check(black_box(&query), None, &variables).is_ok());
        });
    }
    let (hostile, none) = (hostile(), Variables::default());
    assert!(limits.check(&hostile, None, &none).is_err());
    group.bench_function("fragments that double: refused", |bencher| {
        bencher.iter(|| limits.check(black_box(&hostile), None, &none).is_err());
    });
}

/// Writes twenty fragments that each spread the next one twice: a million fields in 700 bytes.
fn hostile() -> String {
    let spreading = (0..20).map(|level| {
        let next = level + 1;
        format!("fragment F{level} on Game {{ ...F{next} ...F{next} }}")
    });
    let fragments: Vec<_> = spreading.collect();
    format!(
        "{{ games {{ nodes {{ ...F0 }} }} }} {} fragment F20 on Game {{ name }}",
        fragments.join(" ")
    )
}

fn links(criterion: &mut Criterion) {
    let (game, offer) = (rows::game(1), rows::offer());
    let party = Links::default().to("self", "/users/1");
    let mut group = criterion.benchmark_group("links");
    group.bench_function("of a game", |bencher| {
        bencher.iter(|| links::game(black_box(&game), &VIEWER));
    });
    group.bench_function("of an offer", |bencher| {
        bencher.iter(|| links::offer(black_box(&offer), [&party, &party], &VIEWER));
    });
}

fn cursor(criterion: &mut Criterion) {
    let order = Order {
        name: "name",
        by: SortKey::Text(game::Column::Name),
        descending: false,
    };
    let game = rows::game(1);
    let window = Window {
        after: Some(order.cursor_for(&game, game::Column::Id).encode()),
        ..Window::first(20)
    };
    let mut group = criterion.benchmark_group("cursor");
    group.bench_function("made", |bencher| {
        bencher.iter(|| {
            order
                .cursor_for(black_box(&game), game::Column::Id)
                .encode()
        });
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let mut faults = Faults::default();
            black_box(&window).check(&mut faults);
            faults.into_result().unwrap();
        });
    });
}

fn json(criterion: &mut Criterion) {
    let game = rows::game(1);
    let body = |id| GameBody::new(rows::game(id), &VIEWER);
    let (one, offer) = (body(1), rows::offer_body(&VIEWER));
    let page = GameCollection::from(((1..=20).map(body).collect::<Vec<_>>(), Links::default()));
    let mut group = criterion.benchmark_group("json");
    group.bench_function("a game, from its row", |bencher| {
        bencher
            .iter(|| serde_json::to_vec(&GameBody::new(black_box(game.clone()), &VIEWER)).unwrap());
    });
    group.bench_function("a game", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&one)).unwrap());
    });
    group.bench_function("an offer", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&offer)).unwrap());
    });
    group.bench_function("a page of 20 games", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&page)).unwrap());
    });
}

criterion_group!(hot, limits, links, cursor, json);
criterion_main!(hot);
