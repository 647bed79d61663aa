//! `/games`: the board.

mod facets;
mod input;

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::{Condition, GameId, UserId, game};
use exchange::{
    games::{self, CreateGame, DeleteGame, GameChange, NewGame, UpdateGame},
    global_id,
    revision::RevisionTag,
};
use rules::Actor;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    facets::FacetsBody,
    input::{FacetQuery, GameCreate, GameQuery, GameUpdate, OwnerQuery},
};
use crate::{
    app::App,
    game_keys,
    http::{
        hypermedia::{Links, paths},
        problem::Problem,
    },
    operations,
    rest::{
        hal::{
            Representation,
            collection::{self, PageQuery},
            forms::Resource,
            links,
        },
        http::{
            extract::{Caller, Edit, Json, Path, Query, Viewer},
            json,
        },
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_games, create_game))
        .routes(routes!(get_game_facets))
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
    /// The key of the title. Copies of a game have the same one, however they spell its name.
    #[schema(example = "metroid")]
    title_key: String,
    /// The key of the system: the same one for all names of it.
    #[schema(example = "nes")]
    system_key: String,
    condition: Condition,
    /// The number of owners before the current one.
    previous_owners: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(rename = "_links")]
    links: Links,
}

collection::collection! {
    /// Games on the board. The link `facets` leads to their numbers by system, condition and decade.
    GameCollection, EmbeddedGames { games: GameBody }, {
        /// The text that was searched for instead of `q`, because too little matches `q`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = String, required = false, example = "metroid")]
        searched_for: String,
        /// False while older games are being indexed: then a search may miss some. Otherwise absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = bool, required = false, example = false)]
        complete: bool,
    }
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
            title_key: game_keys::title(&game).into_owned(),
            system_key: game_keys::system(&game).into_owned(),
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

fn show(game: game::Model, viewer: &Actor) -> Representation<GameBody> {
    Representation {
        revision: RevisionTag::from(&game),
        body: GameBody::new(game, viewer),
    }
}

/// List games
///
/// The whole board, one page at a time. Filters restrict it, and `q` searches it.
#[utoipa::path(get, path = operations::GET_GAMES.path, tag = "games", params(GameQuery), responses((status = OK, body = GameCollection)))]
async fn get_games(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Query(query): Query<GameQuery>,
) -> Result<Response, Problem> {
    let (filter, window) = query.into();
    let board = games::list(&app, &filter, &window).await?;
    let render = |game| GameBody::new(game, &actor);
    let collect = |rows, links: Links| GameCollection {
        searched_for: board.searched_for,
        complete: (!board.complete).then_some(false),
        ..GameCollection::from((rows, links.to("facets", facets::path(&uri))))
    };
    Ok(collection::respond_with(&uri, board.page, render, collect))
}

/// Count games by system, condition and decade
///
/// Counts the games that these filters and `q` match: all of them, and those of each system, condition and decade of
/// publication. Each number has a link to its games.
#[utoipa::path(
    get, path = operations::GET_GAME_FACETS.path, tag = "games", params(FacetQuery), responses((status = OK, body = FacetsBody))
)]
async fn get_game_facets(
    State(app): State<App>,
    Viewer(_): Viewer,
    uri: Uri,
    Query(query): Query<FacetQuery>,
) -> Result<Response, Problem> {
    let filter = query.into();
    let counted = games::facets(&app, &filter).await?;
    Ok(json::respond(&FacetsBody::new(counted, &filter, &uri)))
}

/// List the games of a user
///
/// The games that the user owns now, one page at a time.
#[utoipa::path(
    get, path = operations::GET_USER_GAMES.path, tag = "games", params(("user_id" = UserId, Path), PageQuery),
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
    post, path = operations::CREATE_GAME.path, tag = "games", params(OwnerQuery), request_body = GameCreate,
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
    // The use case rejects an owner other than the sender, in either place.
    let sender = context.identified().ok();
    if query.owner_id.is_some_and(|id| Some(id) != sender) {
        new.owner_id = query.owner_id;
    }
    let game = app.execute(context, CreateGame(new)).await?;
    let location = paths::game(game.id);
    let shown = show(game, &actor);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show a game
///
/// Anybody may read it. Its owner also gets links to edit and to delete it.
#[utoipa::path(
    get, path = operations::GET_GAME.path, tag = "games", params(("game_id" = GameId, Path)),
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
    method(put, patch), path = operations::UPDATE_GAME.path, tag = "games", params(("game_id" = GameId, Path)), request_body = GameUpdate,
    responses((status = OK, body = GameBody), (status = FORBIDDEN, description = "It belongs to another user"))
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
        read_only_faults: edit.compare(shown).await,
        ..edit.change.into()
    };
    let game = app
        .execute(context, UpdateGame { game: id, change })
        .await?;
    Ok(show(game, &actor))
}

/// Take a game of yours off the board
///
/// Closes the pending offers that include it.
#[utoipa::path(
    delete, path = operations::DELETE_GAME.path, tag = "games", params(("game_id" = GameId, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, description = "It belongs to another user"))
)]
async fn delete_game(
    State(app): State<App>,
    Caller(context): Caller,
    Path(game): Path<GameId>,
) -> Result<StatusCode, Problem> {
    app.execute(context, DeleteGame { game }).await?;
    Ok(StatusCode::NO_CONTENT)
}
