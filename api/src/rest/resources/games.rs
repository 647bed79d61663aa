//! `/games`: the board.

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::{Condition, GameId, UserId, game};
use exchange::{
    games::{self, GameChange, GameFilter, NewGame},
    global_id,
    pagination::Window,
    revision::RevisionTag,
    validation::{Faults, Validate},
};
use rules::Actor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    conditional::Shown,
    forms::Resource,
    input::{By, Edit, Edits, Json, Path, Query, Sent, Who},
    links::{self, Links},
    page::{self, PageQuery},
    problem::Problem,
};
use crate::app::App;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_games, create_game))
        .routes(routes!(get_game, update_game, delete_game))
        .routes(routes!(get_user_games))
}

/// A game on the board.
#[derive(Serialize, ToSchema)]
#[schema(as = Game)]
pub struct GameBody {
    id: GameId,
    /// Names it among all things: its `id` in GraphQL.
    #[schema(example = "R2FtZTox")]
    node_id: String,
    owner_id: UserId,
    #[schema(example = "Metroid")]
    name: String,
    #[schema(example = "Nintendo")]
    publisher: String,
    #[schema(example = 1986)]
    year_published: i32,
    #[schema(example = "NES")]
    gaming_system: String,
    condition: Condition,
    /// How many people owned it before its owner.
    previous_owners: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(rename = "_links")]
    links: Links,
}

page::collection! {
    /// Games of the board.
    GameCollection, EmbeddedGames { games: GameBody }
}

impl Resource for GameBody {
    fn links(&self) -> &Links {
        &self.links
    }
}

impl GameBody {
    pub fn new(game: game::Model, viewer: &Actor) -> Self {
        Self {
            links: links::game(&game, viewer),
            id: game.id,
            node_id: global_id::encode(game.id),
            owner_id: game.owner_id,
            name: game.name,
            publisher: game.publisher,
            year_published: game.year_published,
            gaming_system: game.gaming_system,
            condition: game.condition,
            previous_owners: game.previous_owners,
            created_at: game.created_at,
            updated_at: game.updated_at,
        }
    }
}

/// A game to be listed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GameCreate {
    #[schema(min_length = 1, max_length = 200, example = "Metroid")]
    name: String,
    #[schema(min_length = 1, max_length = 200, example = "Nintendo")]
    publisher: String,
    #[schema(minimum = 1950, maximum = 2100, example = 1986)]
    year_published: i32,
    #[schema(min_length = 1, max_length = 100, example = "NES")]
    gaming_system: String,
    #[serde(deserialize_with = "super::input::word")]
    condition: Condition,
    /// How many people owned it before you; 0 where it is left out. Counts on with each trade.
    #[schema(minimum = 0, maximum = 1000)]
    previous_owners: Option<i32>,
    /// Must be you. Better left out.
    owner_id: Option<UserId>,
}

/// A change to a game; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GameUpdate {
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, example = "Super Metroid")]
    name: Option<String>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, example = "Nintendo")]
    publisher: Option<String>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = i32, required = false, minimum = 1950, maximum = 2100, example = 1994)]
    year_published: Option<i32>,
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "SNES")]
    gaming_system: Option<String>,
    #[serde(default, deserialize_with = "super::input::given_word")]
    #[schema(value_type = Condition, required = false)]
    condition: Option<Condition>,
}

/// Where older clients name the owner of a new game.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OwnerQuery {
    /// Must be you. Better left out.
    #[param(value_type = Option<i64>)]
    owner_id: Option<UserId>,
}

/// Which games to show, and in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GameQuery {
    /// Part of the name or of the publisher, in either case (of the letters A to Z), as it stands. With fewer than three
    /// letters or digits in a row, the beginning of a word; without any, the beginning of a name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Exactly this system.
    #[param(max_length = 100)]
    gaming_system: Option<String>,
    #[param(inline)]
    condition: Option<Condition>,
    /// The first year of publication.
    year_from: Option<i32>,
    /// The last year of publication.
    year_to: Option<i32>,
    #[param(value_type = Option<i64>)]
    owner_id: Option<UserId>,
    /// Only games of others than this person.
    #[param(value_type = Option<i64>)]
    not_owner_id: Option<UserId>,
    /// The order; a minus turns it round. By `id`, the oldest listing first, where it is left out. By `relevance`: names
    /// that begin with `q`, in their order; then what contains it, the oldest listing first; last, on PostgreSQL, what
    /// contains it once mistyped words of it are corrected, which no other order shows.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: GameSort,
    /// The most rows on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A cursor: only what comes after it.
    after: Option<String>,
    /// A cursor: only what comes before it.
    before: Option<String>,
}

/// The order of the board. A minus turns it round.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GameSort {
    #[default]
    Id,
    #[serde(rename = "-id")]
    IdDescending,
    Name,
    #[serde(rename = "-name")]
    NameDescending,
    YearPublished,
    #[serde(rename = "-year_published")]
    YearPublishedDescending,
    Relevance,
    #[serde(rename = "-relevance")]
    RelevanceDescending,
}

impl From<GameSort> for games::GameSort {
    fn from(sort: GameSort) -> Self {
        match sort {
            GameSort::Id => Self::Id,
            GameSort::IdDescending => Self::IdDescending,
            GameSort::Name => Self::Name,
            GameSort::NameDescending => Self::NameDescending,
            GameSort::YearPublished => Self::YearPublished,
            GameSort::YearPublishedDescending => Self::YearPublishedDescending,
            GameSort::Relevance => Self::Relevance,
            GameSort::RelevanceDescending => Self::RelevanceDescending,
        }
    }
}

impl From<GameCreate> for NewGame {
    fn from(body: GameCreate) -> Self {
        Self {
            name: body.name,
            publisher: body.publisher,
            year_published: body.year_published,
            gaming_system: body.gaming_system,
            condition: body.condition,
            previous_owners: body.previous_owners.unwrap_or_default(),
            owner_id: body.owner_id,
        }
    }
}

impl Sent for GameCreate {
    fn check(self, faults: &mut Faults) {
        NewGame::from(self).check(faults);
    }
}

impl From<GameUpdate> for GameChange {
    fn from(body: GameUpdate) -> Self {
        Self {
            name: body.name,
            publisher: body.publisher,
            year_published: body.year_published,
            gaming_system: body.gaming_system,
            condition: body.condition,
            ..Self::default()
        }
    }
}

impl Sent for GameUpdate {
    fn check(self, faults: &mut Faults) {
        GameChange::from(self).check(faults);
    }
}

impl Edits for GameUpdate {
    type Shown = GameBody;
}

impl Sent for OwnerQuery {}

impl From<GameQuery> for (GameFilter, Window) {
    fn from(query: GameQuery) -> Self {
        let filter = GameFilter {
            q: query.q,
            gaming_system: query.gaming_system,
            condition: query.condition,
            year_from: query.year_from,
            year_to: query.year_to,
            owner_id: query.owner_id,
            not_owner_id: query.not_owner_id,
            sort: query.sort.into(),
        };
        (filter, page::window(query.limit, query.after, query.before))
    }
}

impl Sent for GameQuery {
    fn check(self, faults: &mut Faults) {
        let (filter, window) = self.into();
        filter.check(faults);
        window.check(faults);
    }
}

fn show(game: game::Model, viewer: &Actor) -> Shown<GameBody> {
    Shown {
        state: RevisionTag::from(&game),
        body: GameBody::new(game, viewer),
    }
}

/// List games
///
/// The whole board, a page at a time; the filters narrow it down.
#[utoipa::path(get, path = "/games", tag = "games", params(GameQuery), responses((status = OK, body = GameCollection)))]
async fn get_games(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Query(query): Query<GameQuery>,
) -> Result<Response, Problem> {
    let (filter, window) = query.into();
    let page = games::list(&app, &filter, &window).await?;
    Ok(page::render::<_, _, GameCollection>(&uri, page, |game| {
        GameBody::new(game, &actor)
    }))
}

/// List the games of a person
///
/// What they own now, a page at a time.
#[utoipa::path(
    get, path = "/users/{user_id}/games", tag = "games", params(("user_id" = UserId, Path), PageQuery),
    responses((status = OK, body = GameCollection))
)]
async fn get_user_games(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Path(owner): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let window = page::window(query.limit, query.after, query.before);
    let page = games::list_by_owner(&app, owner, &window).await?;
    Ok(page::render::<_, _, GameCollection>(&uri, page, |game| {
        GameBody::new(game, &actor)
    }))
}

/// List a game of yours
///
/// It goes on the board with you as its owner.
#[utoipa::path(
    post, path = "/games", tag = "games", params(OwnerQuery), request_body = GameCreate,
    responses(
        (status = CREATED, body = GameBody, headers(("Location" = String, description = "The new game"))),
        (status = FORBIDDEN, description = "`owner_id` names somebody else"),
    )
)]
async fn create_game(
    State(app): State<App>,
    By(call): By,
    Query(query): Query<OwnerQuery>,
    Json(body): Json<GameCreate>,
) -> Result<Response, Problem> {
    let actor = call.actor;
    let mut new = NewGame::from(body);
    // Whichever of the two is not the actor is refused.
    if query.owner_id.is_some_and(|id| Some(id) != actor.user_id()) {
        new.owner_id = query.owner_id;
    }
    let game = games::create(&app, call, new).await?;
    let location = links::game_path(&game);
    let shown = show(game, &actor);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show a game
///
/// Anybody may read it. Its owner also gets links to edit and delete it.
#[utoipa::path(
    get, path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)),
    responses((status = OK, body = GameBody))
)]
async fn get_game(
    State(app): State<App>,
    Who(actor): Who,
    Path(id): Path<GameId>,
) -> Result<Shown<GameBody>, Problem> {
    Ok(show(games::find(&app, id).await?, &actor))
}

/// Edit a game of yours
///
/// What is left out stays. Offers that name it stay pending. The game may be sent back as it was read: what cannot be
/// changed must be as it is.
#[utoipa::path(
    method(put, patch), path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)), request_body = GameUpdate,
    responses((status = OK, body = GameBody), (status = FORBIDDEN, description = "It is somebody else's"))
)]
async fn update_game(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<GameId>,
    edit: Edit<GameUpdate>,
) -> Result<Shown<GameBody>, Problem> {
    let actor = call.actor;
    let shown = async { Ok(GameBody::new(games::find(&app, id).await?, &actor)) };
    let change = GameChange {
        fixed: edit.compare(shown).await,
        ..edit.change.into()
    };
    let game = games::update(&app, call, id, change).await?;
    Ok(show(game, &actor))
}

/// Take a game of yours off the board
///
/// Pending offers that name it are closed.
#[utoipa::path(
    delete, path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, description = "It is somebody else's"))
)]
async fn delete_game(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<GameId>,
) -> Result<StatusCode, Problem> {
    games::delete(&app, call, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
