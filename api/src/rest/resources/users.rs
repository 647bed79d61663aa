//! `/users`: people and their accounts.

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::{UserId, user};
use exchange::{
    global_id, privacy,
    revision::RevisionTag,
    users::{self, NewUser, PasswordChange, UserChange},
    validation::{Faults, Validate},
};
use rules::Actor;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
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
        .routes(routes!(get_users, create_user))
        .routes(routes!(get_user, update_user, delete_user))
        .routes(routes!(change_password))
}

/// A person. E-mail and street address are there for the person themself only.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserBody {
    id: UserId,
    /// Names it among all things: its `id` in GraphQL.
    #[schema(example = "VXNlcjox")]
    node_id: String,
    #[schema(example = "Abbey")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "abbey@example.com")]
    email: Option<String>,
    /// Since when letters about offers go there; null while the address is not confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>, required = false)]
    email_confirmed_at: Option<Option<DateTime<Utc>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "123 Street")]
    street_address: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(rename = "_links")]
    links: Links,
}

page::collection! {
    /// People, in the order of their registration.
    UserCollection, EmbeddedUsers { users: UserBody }
}

impl Resource for UserBody {
    fn links(&self) -> &Links {
        &self.links
    }
}

impl UserBody {
    pub fn new(user: user::Model, viewer: &Actor) -> Self {
        let own = privacy::user(&user, viewer);
        let revision = privacy::revision(user.revisions(), own.is_some());
        Self {
            id: user.id,
            node_id: global_id::encode(user.id),
            links: links::user(&user, viewer),
            name: user.name,
            email: own.as_ref().map(|own| own.email.clone()),
            email_confirmed_at: own.as_ref().map(|own| own.email_confirmed_at),
            street_address: own.and_then(|own| own.street_address),
            created_at: user.created_at,
            updated_at: revision.updated_at,
        }
    }
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserCreate {
    #[schema(min_length = 1, max_length = 200, example = "Abbey")]
    name: String,
    /// Where letters can be sent to. Unique without regard to case, and to how its domain is spelled; cannot be changed later.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "abbey@example.com")]
    email: String,
    /// 6 to 256 characters.
    #[schema(value_type = String, min_length = 6, max_length = 256, format = Password, example = "pass123")]
    password: SecretString,
    /// Where games are sent to. Shown to the other party of an accepted offer, and to nobody else. `address` will do, too.
    #[serde(alias = "address")]
    #[schema(min_length = 1, max_length = 500, example = "123 Street")]
    street_address: Option<String>,
}

/// A change to an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserUpdate {
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, example = "Abigail")]
    name: Option<String>,
    /// Cannot be changed: the one on record, or nothing.
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, format = Email, example = "abbey@example.com")]
    email: Option<String>,
    /// `null` takes it away. `address` will do, too.
    #[serde(alias = "address", default, deserialize_with = "super::input::given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "124 Street")]
    street_address: Option<Option<String>>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordUpdate {
    /// The present password. Asked for unless X-User-ID says who you are.
    #[serde(default, deserialize_with = "super::input::given")]
    #[schema(value_type = String, required = false, format = Password)]
    current_password: Option<SecretString>,
    /// 6 to 256 characters.
    #[schema(value_type = String, min_length = 6, max_length = 256, format = Password, example = "newpassword123")]
    new_password: SecretString,
}

impl From<UserCreate> for NewUser {
    fn from(body: UserCreate) -> Self {
        Self {
            name: body.name,
            email: body.email,
            password: body.password,
            street_address: body.street_address,
        }
    }
}

impl Sent for UserCreate {
    fn check(self, faults: &mut Faults) {
        NewUser::from(self).check(faults);
    }
}

impl From<UserUpdate> for UserChange {
    fn from(body: UserUpdate) -> Self {
        Self {
            name: body.name,
            street_address: body.street_address,
            email: body.email,
            ..Self::default()
        }
    }
}

impl Sent for UserUpdate {
    fn check(self, faults: &mut Faults) {
        UserChange::from(self).check(faults);
    }
}

impl Edits for UserUpdate {
    type Shown = UserBody;
}

impl From<PasswordUpdate> for PasswordChange {
    fn from(body: PasswordUpdate) -> Self {
        Self {
            current: body.current_password,
            new: body.new_password,
        }
    }
}

impl Sent for PasswordUpdate {
    fn check(self, faults: &mut Faults) {
        PasswordChange::from(self).check(faults);
    }
}

fn show(user: user::Model, viewer: &Actor) -> Shown<UserBody> {
    Shown {
        state: RevisionTag::from(&user).seen_by(privacy::sees_user(user.id, viewer)),
        body: UserBody::new(user, viewer),
    }
}

/// List people
///
/// Everybody with an account, a page at a time.
#[utoipa::path(get, path = "/users", tag = "users", params(PageQuery), responses((status = OK, body = UserCollection)))]
async fn get_users(
    State(app): State<App>,
    Who(actor): Who,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let page = users::list(&app, &page::window(query.limit, query.after, query.before)).await?;
    Ok(page::render::<_, _, UserCollection>(&uri, page, |user| {
        UserBody::new(user, &actor)
    }))
}

/// Register
///
/// A letter with a link that confirms the e-mail address goes to it. Until then no letter about offers does.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = UserCreate, security(()),
    responses(
        (status = CREATED, body = UserBody, headers(("Location" = String, description = "The new account"))),
        (status = CONFLICT, description = "The e-mail address has an account"),
    )
)]
async fn create_user(
    State(app): State<App>,
    By(call): By,
    Json(body): Json<UserCreate>,
) -> Result<Response, Problem> {
    let actor = call.actor;
    let user = users::register(&app, call, body.into()).await?;
    let location = links::user_path(user.id);
    let viewer = privacy::registration_viewer(&user, &actor);
    let shown = show(user, &viewer);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show a person
///
/// Your own account has your e-mail and street address; of others there is the name.
#[utoipa::path(
    get, path = "/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    responses((status = OK, body = UserBody))
)]
async fn get_user(
    State(app): State<App>,
    Who(actor): Who,
    Path(id): Path<UserId>,
) -> Result<Shown<UserBody>, Problem> {
    Ok(show(users::find(&app, id).await?, &actor))
}

/// Edit your account
///
/// What is left out stays. The e-mail address cannot be changed. The account may be sent back as it was read: what cannot
/// be changed must be as it is.
#[utoipa::path(
    method(put, patch), path = "/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)), request_body = UserUpdate,
    responses(
        (status = OK, body = UserBody),
        (status = FORBIDDEN, description = "It is somebody else's"),
        (status = CONFLICT, description = "The e-mail address is not the one on record"),
    )
)]
async fn update_user(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<UserId>,
    edit: Edit<UserUpdate>,
) -> Result<Shown<UserBody>, Problem> {
    let actor = call.actor;
    let shown = async { Ok(UserBody::new(users::find(&app, id).await?, &actor)) };
    let change = UserChange {
        fixed: edit.compare(shown).await,
        ..edit.change.into()
    };
    let user = users::update(&app, call, id, change).await?;
    Ok(show(user, &actor))
}

/// Change your password
///
/// Ends all sessions of the account.
#[utoipa::path(
    put, path = "/users/{user_id}/password", tag = "users", params(("user_id" = UserId, Path)),
    request_body = PasswordUpdate,
    responses(
        (status = OK, body = UserBody),
        (status = FORBIDDEN, description = "It is somebody else's, or `current_password` is missing or wrong"),
        (status = TOO_MANY_REQUESTS, description = "Ten wrong passwords within a quarter of an hour"),
    )
)]
async fn change_password(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<UserId>,
    Json(body): Json<PasswordUpdate>,
) -> Result<Shown<UserBody>, Problem> {
    let user = users::change_password(&app, call, id, body.into()).await?;
    // Nobody else can, and the session that did it has ended.
    let themself = Actor::themself(user.id);
    Ok(show(user, &themself))
}

/// Delete your account
///
/// Closes its offers, takes its games off the board and forgets who it was.
#[utoipa::path(
    delete, path = "/users/{user_id}", tag = "users", params(("user_id" = UserId, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, description = "It is somebody else's"))
)]
async fn delete_user(
    State(app): State<App>,
    By(call): By,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    users::delete(&app, call, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
