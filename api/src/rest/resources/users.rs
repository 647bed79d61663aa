//! `/users`: users and their accounts.

use axum::{
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use entity::{
    UserId,
    limits::{Address, Email, Name, Password},
    user,
};
use exchange::{
    global_id, privacy,
    revision::RevisionTag,
    users::{
        self, ChangePassword, DeleteUser, NewUser, PasswordChange, Register, UpdateUser, UserChange,
    },
    validation::{Faults, Validate},
};
use rules::Actor;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
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
        http::extract::{Caller, Dto, Edit, Editable, Json, Patch, Path, Query, Viewer},
    },
};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_users, create_user))
        .routes(routes!(get_user, update_user, delete_user))
        .routes(routes!(change_password))
}

/// A user. Only users themselves see their e-mail and street address.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserBody {
    id: UserId,
    /// The global id: the `id` in GraphQL.
    #[schema(example = "VXNlcjox")]
    node_id: String,
    #[schema(example = "Abbey")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "abbey@example.com")]
    email: Option<String>,
    /// The time when the e-mail address was confirmed; letters about offers are sent to it since then. Null while it is
    /// unconfirmed.
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

collection::collection! {
    /// Users, in the order of their registration.
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

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Abbey", "email": "abbey@example.com", "password": "pass123", "street_address": "123 Street"}))]
struct UserCreate {
    name: Name,
    /// The address for letters. Unique, ignoring case and the spelling of its domain. It cannot be changed later.
    email: Email,
    password: Password,
    /// The address for games. Only the other party of an accepted offer sees it. `address` is an alternative name.
    #[serde(alias = "address")]
    street_address: Option<Address>,
}

/// A change to an account. Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Abigail", "street_address": "124 Street"}))]
struct UserUpdate {
    #[serde(default)]
    #[schema(value_type = Name)]
    name: Patch<Name>,
    /// Read-only: send the current address, or leave it out.
    #[serde(default)]
    #[schema(value_type = String, format = Email, example = "abbey@example.com")]
    email: Patch<String>,
    /// `null` removes it. `address` is an alternative name.
    #[serde(alias = "address", default)]
    #[schema(value_type = Option<Address>)]
    street_address: Patch<Option<Address>>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"new_password": "newpassword123"}))]
struct PasswordUpdate {
    /// The current password. Required unless X-User-ID identifies you.
    #[serde(default)]
    #[schema(value_type = String, format = Password)]
    current_password: Patch<SecretString>,
    new_password: Password,
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

impl Dto for UserCreate {
    fn check(self, faults: &mut Faults) {
        NewUser::from(self).check(faults);
    }
}

impl From<UserUpdate> for UserChange {
    fn from(body: UserUpdate) -> Self {
        Self {
            name: body.name.0,
            street_address: body.street_address.0,
            email: body.email.0,
            ..Self::default()
        }
    }
}

impl Dto for UserUpdate {
    fn check(self, faults: &mut Faults) {
        UserChange::from(self).check(faults);
    }
}

impl Editable for UserUpdate {
    type Body = UserBody;
}

impl From<PasswordUpdate> for PasswordChange {
    fn from(body: PasswordUpdate) -> Self {
        Self {
            current: body.current_password.0,
            new: body.new_password,
        }
    }
}

impl Dto for PasswordUpdate {
    fn check(self, faults: &mut Faults) {
        PasswordChange::from(self).check(faults);
    }
}

fn show(user: user::Model, viewer: &Actor) -> Representation<UserBody> {
    Representation {
        revision: RevisionTag::from(&user).seen_by(privacy::sees_user(user.id, viewer)),
        body: UserBody::new(user, viewer),
    }
}

/// List users
///
/// All users with an account, one page at a time.
#[utoipa::path(get, path = operations::GET_USERS.path, tag = "users", params(PageQuery), responses((status = OK, body = UserCollection)))]
async fn get_users(
    State(app): State<App>,
    Viewer(actor): Viewer,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let page = users::list(
        &app,
        &collection::window(query.limit, query.after, query.before),
    )
    .await?;
    Ok(collection::respond::<_, _, UserCollection>(
        &uri,
        page,
        |user| UserBody::new(user, &actor),
    ))
}

/// Register
///
/// A letter with a confirmation link is sent to the e-mail address. No letters about offers are sent there until it is
/// confirmed.
#[utoipa::path(
    post, path = operations::CREATE_USER.path, tag = "users", request_body = UserCreate,
    responses(
        (status = CREATED, body = UserBody, headers(("Location" = String, description = "The new account"))),
        (status = CONFLICT, description = "The e-mail address already has an account"),
    )
)]
async fn create_user(
    State(app): State<App>,
    Caller(context): Caller,
    Json(body): Json<UserCreate>,
) -> Result<Response, Problem> {
    let actor = context.actor;
    let user = app.execute(context, Register::new(body.into())).await?;
    let location = paths::user(user.id);
    let viewer = privacy::registration_viewer(&user, &actor);
    let shown = show(user, &viewer);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], shown).into_response())
}

/// Show a user
///
/// Your own account has your e-mail and street address. Other users show only their name.
#[utoipa::path(
    get, path = operations::GET_USER.path, tag = "users", params(("user_id" = UserId, Path)),
    responses((status = OK, body = UserBody))
)]
async fn get_user(
    State(app): State<App>,
    Viewer(actor): Viewer,
    Path(id): Path<UserId>,
) -> Result<Representation<UserBody>, Problem> {
    Ok(show(users::find(&app, id).await?, &actor))
}

/// Edit your account
///
/// Absent fields stay as they are. The e-mail address cannot be changed. You may send back the account as you read it:
/// read-only fields must have their current values.
#[utoipa::path(
    method(put, patch), path = operations::UPDATE_USER.path, tag = "users", params(("user_id" = UserId, Path)), request_body = UserUpdate,
    responses(
        (status = OK, body = UserBody),
        (status = FORBIDDEN, description = "It belongs to another user"),
        (status = CONFLICT, description = "The e-mail address is not the current one"),
    )
)]
async fn update_user(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<UserId>,
    edit: Edit<UserUpdate>,
) -> Result<Representation<UserBody>, Problem> {
    let actor = context.actor;
    let shown = async { Ok(UserBody::new(users::find(&app, id).await?, &actor)) };
    let change = UserChange {
        read_only_faults: edit.compare(shown).await,
        ..edit.change.into()
    };
    let user = app
        .execute(context, UpdateUser { user: id, change })
        .await?;
    Ok(show(user, &actor))
}

/// Change your password
///
/// Ends all sessions of the account.
#[utoipa::path(
    put, path = operations::CHANGE_PASSWORD.path, tag = "users", params(("user_id" = UserId, Path)),
    request_body = PasswordUpdate,
    responses(
        (status = OK, body = UserBody),
        (status = FORBIDDEN, description = "It belongs to another user, or `current_password` is missing or wrong"),
        (status = TOO_MANY_REQUESTS, description = "The limit of ten wrong passwords in 15 minutes is reached"),
    )
)]
async fn change_password(
    State(app): State<App>,
    Caller(context): Caller,
    Path(id): Path<UserId>,
    Json(body): Json<PasswordUpdate>,
) -> Result<Representation<UserBody>, Problem> {
    let change = ChangePassword::new(id, body.into());
    let user = app.execute(context, change).await?;
    // Nobody else can change it, and the session that did so has ended.
    let themself = Actor::themself(user.id);
    Ok(show(user, &themself))
}

/// Delete your account
///
/// Closes its offers, takes its games off the board and erases its personal data.
#[utoipa::path(
    delete, path = operations::DELETE_USER.path, tag = "users", params(("user_id" = UserId, Path)),
    responses((status = NO_CONTENT), (status = FORBIDDEN, description = "It belongs to another user"))
)]
async fn delete_user(
    State(app): State<App>,
    Caller(context): Caller,
    Path(user): Path<UserId>,
) -> Result<StatusCode, Problem> {
    app.execute(context, DeleteUser { user }).await?;
    Ok(StatusCode::NO_CONTENT)
}
