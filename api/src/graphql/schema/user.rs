//! Users.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::{
    Revision,
    user::{self, Profile},
};
use exchange::{
    offers::Party,
    privacy::{self, PrivateUser},
    revision::RevisionTag,
};
use rules::Actor;

use super::{
    board::GameConnection,
    connection::{Connection, PageSize, Paging},
    ids,
    loaders::{Shared, Viewer},
    offer::Offer,
    text::Text,
    time::Time,
};
use crate::http::etag::etag;

#[derive(Clone)]
pub struct User {
    profile: Profile,
    /// The whole account, if it was loaded.
    account: Option<Arc<user::Model>>,
    /// The viewer, if that is not the sender of the request.
    seen_by: Option<Actor>,
}

impl From<Profile> for User {
    fn from(profile: Profile) -> Self {
        Self {
            profile,
            account: None,
            seen_by: None,
        }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            profile: Profile::from(&row),
            account: Some(Arc::new(row)),
            seen_by: None,
        }
    }
}

impl User {
    /// Shows the user to themself: the request proved that with their password.
    pub fn seen_by_themself(self) -> Self {
        let themself = Actor::themself(self.profile.id);
        self.seen_by(themself)
    }

    /// Shows the user to another viewer than the sender of the request.
    pub fn seen_by(self, viewer: Actor) -> Self {
        Self {
            seen_by: Some(viewer),
            ..self
        }
    }

    /// Returns true if the viewer is this user.
    fn is_own(&self, context: &Context<'_>) -> bool {
        let viewer = self.seen_by.unwrap_or(Viewer::from_context(context).actor);
        self.profile.deleted_at.is_none() && privacy::sees_user(self.profile.id, &viewer)
    }

    fn revision(&self, context: &Context<'_>) -> Revision {
        privacy::revision(self.profile.revisions(), self.is_own(context))
    }

    /// Loads the private fields. Returns `None` to viewers who may not see them.
    async fn private(&self, context: &Context<'_>) -> Shared<Option<PrivateUser>> {
        let request = Viewer::from_context(context);
        if !self.is_own(context) {
            return Ok(None);
        }
        let viewer = self.seen_by.unwrap_or(request.actor);
        let account = match &self.account {
            Some(account) => account.clone(),
            None => request.account(self.profile.id).await?,
        };
        Ok(privacy::user(&account, &viewer))
    }
}

/// A user who has an account. Of a deleted account only the name `Deleted account` is left.
#[Object]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.profile.id)
    }

    /// The `id` of this user in REST. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.profile.id.0
    }

    /// The name that the user has chosen.
    async fn name(&self) -> Text<&str> {
        Text(&self.profile.name)
    }

    /// The e-mail address. Only the user themself sees it; null for others.
    async fn email(&self, ctx: &Context<'_>) -> Shared<Option<Text<String>>> {
        Ok(self.private(ctx).await?.map(|parts| Text(parts.email)))
    }

    /// The time when the e-mail address was confirmed. Since then it receives letters about offers. Null before that, and
    /// for everybody but the user themself.
    async fn email_confirmed_at(&self, ctx: &Context<'_>) -> Shared<Option<Time>> {
        let parts = self.private(ctx).await?;
        Ok(parts.and_then(|parts| parts.email_confirmed_at.map(Time::from)))
    }

    /// The address to which games are sent. Only the user themself sees it; null for others.
    async fn street_address(&self, ctx: &Context<'_>) -> Shared<Option<Text<String>>> {
        let parts = self.private(ctx).await?;
        Ok(parts.and_then(|parts| parts.street_address).map(Text))
    }

    /// The user's games on the board, oldest listing first.
    #[graphql(directive = PageSize::apply())]
    async fn games(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Shared<GameConnection> {
        let paging = Paging {
            first,
            after,
            last,
            before,
        };
        Viewer::from_context(ctx)
            .games_of(self.profile.id, paging)
            .await
    }

    /// The offers that the user made, oldest first.
    #[graphql(directive = PageSize::apply())]
    async fn offers_sent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Shared<Connection<Offer>> {
        let paging = Paging {
            first,
            after,
            last,
            before,
        };
        Viewer::from_context(ctx)
            .offers_of(self.profile.id, Party::Offerer, paging)
            .await
    }

    /// The offers that the user received, oldest first.
    #[graphql(directive = PageSize::apply())]
    async fn offers_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of objects from the start: 1 to 100. The default is 20.")]
        first: Option<i64>,
        #[graphql(desc = "Only objects after this cursor.")] after: Option<String>,
        #[graphql(
            desc = "The number of objects from the end: 1 to 100. Not together with `first`."
        )]
        last: Option<i64>,
        #[graphql(desc = "Only objects before this cursor.")] before: Option<String>,
    ) -> Shared<Connection<Offer>> {
        let paging = Paging {
            first,
            after,
            last,
            before,
        };
        Viewer::from_context(ctx)
            .offers_of(self.profile.id, Party::Receiver, paging)
            .await
    }

    /// The time of registration.
    async fn created_at(&self) -> Time {
        self.profile.created_at.into()
    }

    /// The time of the last change to the fields that you can see.
    async fn updated_at(&self, ctx: &Context<'_>) -> Time {
        self.revision(ctx).updated_at.into()
    }

    /// The entity tag of the current state, for `ifMatch` of a mutation. REST has the same tag as ETag, for If-Match.
    async fn etag(&self, ctx: &Context<'_>) -> String {
        etag(RevisionTag::from(&self.profile).seen_by(self.is_own(ctx)))
    }

    /// The number of changes that you can see, counted from 1.
    async fn version(&self, ctx: &Context<'_>) -> i64 {
        self.revision(ctx).version
    }
}
