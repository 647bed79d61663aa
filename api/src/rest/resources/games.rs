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

use crate::{
    app::App,
    http::{
        hypermedia::{Links, paths},
        problem::Problem,
    },
    rest::{
        hal::{
            Representation,
            collection::{self, PageQuery},
            forms::Resource,
            links,
        },
        http::extract::{Caller, Dto, Edit, Editable, Json, Path, Query, Viewer},
    },
};

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
    /// The global id: the `id` in GraphQL.
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
    /// The number of owners before the current one.
    previous_owners: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// Games on the board.
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

/// A new game.
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
    #[serde(deserialize_with = "crate::rest::http::extract::word")]
    condition: Condition,
    /// The number of owners before you. Default: 0. Each trade adds one.
    #[schema(minimum = 0, maximum = 1000)]
    previous_owners: Option<i32>,
    /// Must be you. Prefer to leave it out.
    owner_id: Option<UserId>,
}

/// A change to a game. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GameUpdate {
    #[serde(default, deserialize_with = "crate::rest::http::extract::non_null")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, example = "Super Metroid")]
    name: Option<String>,
    #[serde(default, deserialize_with = "crate::rest::http::extract::non_null")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, example = "Nintendo")]
    publisher: Option<String>,
    #[serde(default, deserialize_with = "crate::rest::http::extract::non_null")]
    #[schema(value_type = i32, required = false, minimum = 1950, maximum = 2100, example = 1994)]
    year_published: Option<i32>,
    #[serde(default, deserialize_with = "crate::rest::http::extract::non_null")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "SNES")]
    gaming_system: Option<String>,
    #[serde(
        default,
        deserialize_with = "crate::rest::http::extract::non_null_word"
    )]
    #[schema(value_type = Condition, required = false)]
    condition: Option<Condition>,
}

/// The parameter in which older clients name the owner of a new game.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OwnerQuery {
    /// Must be you. Prefer to leave it out.
    #[param(value_type = Option<i64>)]
    owner_id: Option<UserId>,
}

/// The filters and the order of a list of games.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GameQuery {
    /// A part of the name or of the publisher, ignoring the case of the letters A to Z. A text with fewer than three
    /// consecutive letters or digits matches only the beginning of a word; one without any matches only the beginning
    /// of a name.
    #[param(max_length = 200)]
    q: Option<String>,
    /// The exact name of the system.
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
    /// Excludes the games of this user.
    #[param(value_type = Option<i64>)]
    not_owner_id: Option<UserId>,
    /// The order. A minus reverses it. The default is `id`, the oldest listing first. `relevance` shows first the names
    /// that begin with `q`, in alphabetical order; then the other matches, the oldest listing first; finally, on
    /// PostgreSQL only, matches after typing errors in `q` are corrected, which no other order shows.
    #[serde(default)]
    #[param(inline, required = false)]
    sort: GameSort,
    /// The largest number of rows on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A cursor: show the rows after it.
    after: Option<String>,
    /// A cursor: show the rows before it.
    before: Option<String>,
}

/// The order of the board. A minus reverses it.
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

impl Dto for GameCreate {
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

impl Dto for GameUpdate {
    fn check(self, faults: &mut Faults) {
        GameChange::from(self).check(faults);
    }
}

impl Editable for GameUpdate {
    type Body = GameBody;
}

impl Dto for OwnerQuery {}

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
        (
            filter,
            collection::window(query.limit, query.after, query.before),
        )
    }
}

impl Dto for GameQuery {
    fn check(self, faults: &mut Faults) {
        let (filter, window) = self.into();
        filter.check(faults);
        window.check(faults);
    }
}

fn show(game: game::Model, viewer: &Actor) -> Representation<GameBody> {
    Representation {
        revision: RevisionTag::from(&game),
        body: GameBody::new(game, viewer),
    }
}

/// List games
///
/// The whole board, one page at a time. Filters narrow it down.
#[utoipa::path(get, path = "/games", tag = "games", params(GameQuery), responses((status = OK, body = GameCollection)))]
async fn get_games(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Query(query): Query<GameQuery>,
) -> Result<Response, Problem> {
    let (filter, window) = query.into();
    let page = games::list(&app, &filter, &window).await?;
    Ok(collection::respond::<_, _, GameCollection>(
        &uri,
        page,
        |game| GameBody::new(game, &actor),
    ))
}

/// List the games of a user
///
/// The games that the user owns now, one page at a time.
#[utoipa::path(
    get, path = "/users/{user_id}/games", tag = "games", params(("user_id" = UserId, Path), PageQuery),
    responses((status = OK, body = GameCollection))
)]
async fn get_user_games(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Path(owner): Path<UserId>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let window = collection::window(query.limit, query.after, query.before);
    let page = games::list_by_owner(&app, owner, &window).await?;
    Ok(collection::respond::<_, _, GameCollection>(
        &uri,
        page,
        |game| GameBody::new(game, &actor),
    ))
}

/// List a game of yours
///
/// The game appears on the board with you as its owner.
#[utoipa::path(
    post, path = "/games", tag = "games", params(OwnerQuery), request_body = GameCreate,
    responses(
        (status = CREATED, body = GameBody, headers(("Location" = String, description = "The new game"))),
        (status = FORBIDDEN, description = "`owner_id` is another user"),
    )
)]
async fn create_game(
    State(app): State<App>,
    Caller(context): Caller,
    Query(query): Query<OwnerQuery>,
    Json(body): Json<GameCreate>,
) -> Result<Response, Problem> {
    let actor = context.actor;
    let mut new = NewGame::from(body);
    // The use case rejects an owner other than the actor, in either place.
    if query.owner_id.is_some_and(|id| Some(id) != actor.user_id()) {
        new.owner_id = query.owner_id;
    }
    let game = games::create(&app, context, new).await?;
    let location = paths::game(game.id);
    let shown = show(game, &actor);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show a game
///
/// Anybody may read it. Its owner also gets links to edit and to delete it.
#[utoipa::path(
    get, path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)),
    responses((status = OK, body = GameBody))
)]
async fn get_game(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(id): Path<GameId>,
) -> Result<Representation<GameBody>, Problem> {
    Ok(show(games::find(&app, id).await?, &actor))
}

/// Edit a game of yours
///
/// Absent fields stay as they are. Offers that include the game stay pending. You may send back the game as you read
/// it: read-only fields must have their current values.
#[utoipa::path(
    method(put, patch), path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)), request_body = GameUpdate,
    responses((status = OK, body = GameBody), (status = FORBIDDEN, description = "It belongs to somebody else"))
)]
async fn update_game(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<GameId>,
    edit: Edit<GameUpdate>,
) -> Result<Representation<GameBody>, Problem> {
    let actor = context.actor;
    let shown = async { Ok(GameBody::new(games::find(&app, id).await?, &actor)) };
    let change = GameChange {
        fixed: edit.compare(shown).await,
        ..edit.change.into()
    };
    let game = games::update(&app, context, id, change).await?;
    Ok(show(game, &actor))
}

/// Take a game of yours off the board
///
/// Closes the pending offers that include it.
#[utoipa::path(
    delete, path = "/games/{game_id}", tag = "games", params(("game_id" = GameId, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, description = "It belongs to somebody else"))
)]
async fn delete_game(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<GameId>,
) -> Result<StatusCode, Problem> {
    games::delete(&app, context, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
