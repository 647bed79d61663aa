//! The ceiling: the same answers from hand-written SQL and serde on axum, without rules, conditional links or an ORM.
//! Not fit for use; an upper bound for this stack.

use std::{collections::HashMap, error::Error, net::SocketAddr};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use sqlx::{
    PgPool, Row,
    postgres::{PgPoolOptions, PgRow},
};
use tokio::net::TcpListener;

/// The size of the pool, as in an instance of the exchange.
const CONNECTIONS: u32 = 20;

#[derive(Serialize)]
struct Href {
    href: String,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    itself: Href,
    owner: Href,
    collection: Href,
}

#[derive(Serialize)]
struct Game {
    id: i64,
    name: String,
    publisher: String,
    year_published: i32,
    gaming_system: String,
    condition: String,
    previous_owners: i32,
    owner_id: i64,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Games {
    items: Vec<Game>,
}

#[derive(Serialize)]
struct Offers {
    items: Vec<Offer>,
}

#[derive(Serialize)]
struct Offer {
    id: i64,
    status: String,
    offered_game: Named,
    requested_game: Named,
}

#[derive(Serialize)]
struct Named {
    name: String,
    owner: Person,
}

#[derive(Serialize)]
struct Person {
    name: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: i64,
    gaming_system: Option<String>,
    q: Option<String>,
}

/// Any failure is a 500 without an explanation.
type Answer<T> = Result<Json<T>, Failed>;

struct Failed;

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

impl From<sqlx::Error> for Failed {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

pub async fn serve(url: &str, listen: SocketAddr) -> Result<(), Box<dyn Error>> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect(url)
        .await?;
    let router = Router::new()
        .route("/games", get(games))
        .route("/games/{id}", get(game))
        .route("/offers", get(offers))
        .with_state(pool);
    axum::serve(TcpListener::bind(listen).await?, router).await?;
    Ok(())
}

async fn game(State(pool): State<PgPool>, Path(id): Path<i64>) -> Answer<Game> {
    let row = sqlx::query(
        "SELECT id, name, publisher, year_published, gaming_system, condition, previous_owners, owner_id FROM peers.games WHERE id = $1",
    )
    .bind(id)
    .fetch_one(&pool)
    .await?;
    Ok(Json(Game::from(&row)))
}

/// Answers a page of 20 games, of all or of those that match a search.
async fn games(State(pool): State<PgPool>, Query(page): Query<Page>) -> Answer<Games> {
    let query = match (&page.gaming_system, &page.q) {
        (Some(system), Some(q)) => sqlx::query(
            "SELECT id, name, publisher, year_published, gaming_system, condition, previous_owners, owner_id FROM peers.games
             WHERE id > $1 AND gaming_system = $2 AND (name ILIKE '%' || $3 || '%' OR publisher ILIKE '%' || $3 || '%')
             ORDER BY id LIMIT 20",
        )
        .bind(page.after)
        .bind(system)
        .bind(q),
        _ => sqlx::query(
            "SELECT id, name, publisher, year_published, gaming_system, condition, previous_owners, owner_id FROM peers.games
             WHERE id > $1 ORDER BY id LIMIT 20",
        )
        .bind(page.after),
    };
    let rows = query.fetch_all(&pool).await?;
    let items = rows.iter().map(Game::from).collect();
    Ok(Json(Games { items }))
}

/// Answers twenty offers with their games and the owners, by three queries. One join would be far slower: with its
/// limit as a parameter, its generic plan scans whole tables.
async fn offers(State(pool): State<PgPool>, Query(page): Query<Page>) -> Answer<Offers> {
    let offers = sqlx::query(
        "SELECT id, status, offered_game_id, requested_game_id FROM peers.offers WHERE id > $1 ORDER BY id LIMIT 20",
    )
    .bind(page.after)
    .fetch_all(&pool)
    .await?;
    let ids: Vec<i64> = offers
        .iter()
        .flat_map(|row| [row.get(2), row.get(3)])
        .collect();
    let games = sqlx::query("SELECT id, name, owner_id FROM peers.games WHERE id = ANY($1)")
        .bind(&ids)
        .fetch_all(&pool)
        .await?;
    let ids: Vec<i64> = games.iter().map(|row| row.get(2)).collect();
    let people = sqlx::query("SELECT id, name FROM peers.users WHERE id = ANY($1)")
        .bind(&ids)
        .fetch_all(&pool)
        .await?;
    let people: HashMap<i64, String> = people.iter().map(|row| (row.get(0), row.get(1))).collect();
    let games: HashMap<i64, (String, i64)> = games
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2))))
        .collect();
    let named = |id: i64| {
        let (name, owner) = games.get(&id).cloned().ok_or(Failed)?;
        let owner = Person {
            name: people.get(&owner).cloned().ok_or(Failed)?,
        };
        Ok::<_, Failed>(Named { name, owner })
    };
    let items = offers.iter().map(|row| {
        Ok(Offer {
            id: row.get(0),
            status: row.get(1),
            offered_game: named(row.get(2))?,
            requested_game: named(row.get(3))?,
        })
    });
    let items = items.collect::<Result<_, Failed>>()?;
    Ok(Json(Offers { items }))
}

impl From<&PgRow> for Game {
    fn from(row: &PgRow) -> Self {
        let (id, owner_id): (i64, i64) = (row.get(0), row.get(7));
        let href = |href: String| Href { href };
        Self {
            id,
            name: row.get(1),
            publisher: row.get(2),
            year_published: row.get(3),
            gaming_system: row.get(4),
            condition: row.get(5),
            previous_owners: row.get(6),
            owner_id,
            links: Links {
                itself: href(format!("/games/{id}")),
                owner: href(format!("/users/{owner_id}")),
                collection: href("/games".to_owned()),
            },
        }
    }
}
