//! People.

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
    connection::{Connection, Paging},
    game::Game,
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
    /// All of the account, where it was read.
    account: Option<Arc<user::Model>>,
    /// Who looks at it, where that is not who sent the request.
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
    /// The person as they see themself: their password came with the request.
    pub fn seen_by_themself(self) -> Self {
        let themself = Actor::themself(self.profile.id);
        self.seen_by(themself)
    }

    /// The person as somebody else sees them than who sent the request.
    pub fn seen_by(self, viewer: Actor) -> Self {
        Self {
            seen_by: Some(viewer),
            ..self
        }
    }

    /// Whether it is the person themself who looks at it.
    fn is_own(&self, context: &Context<'_>) -> bool {
        let viewer = self.seen_by.unwrap_or(Viewer::from_context(context).actor);
        self.profile.deleted_at.is_none() && privacy::sees_person(self.profile.id, &viewer)
    }

    fn revision(&self, context: &Context<'_>) -> Revision {
        privacy::revision(self.profile.revisions(), self.is_own(context))
    }

    /// The private parts, read only for who may see them.
    async fn private(&self, context: &Context<'_>) -> Shared<Option<PersonParts>> {
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

/// A person who has an account, or had one: then only the name `Deleted account` is left.
#[Object]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        ids::global(self.profile.id)
    }

    /// The number that REST knows this person by. May exceed 32 bits.
    async fn database_id(&self) -> i64 {
        self.profile.id.0
    }

    /// What the person calls themself.
    async fn name(&self) -> Text<&str> {
        Text(&self.profile.name)
    }

    /// The e-mail address. Null for everybody but the person themself.
    async fn email(&self, ctx: &Context<'_>) -> Shared<Option<Text<String>>> {
        Ok(self.private(ctx).await?.map(|parts| Text(parts.email)))
    }

    /// Since when letters about offers go to the e-mail address; null while it is not confirmed, and for everybody but
    /// the person themself.
    async fn email_confirmed_at(&self, ctx: &Context<'_>) -> Shared<Option<Time>> {
        let parts = self.private(ctx).await?;
        Ok(parts.and_then(|parts| parts.email_confirmed_at.map(Time::from)))
    }

    /// Where the person wants games to be sent. Null for everybody but the person themself.
    async fn street_address(&self, ctx: &Context<'_>) -> Shared<Option<Text<String>>> {
        let parts = self.private(ctx).await?;
        Ok(parts.and_then(|parts| parts.street_address).map(Text))
    }

    /// The games that the person has on the board, the oldest listing first.
    async fn games(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Shared<Connection<Game>> {
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

    /// The offers that the person made, the oldest first.
    async fn offers_sent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
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

    /// The offers that the person received, the oldest first.
    async fn offers_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start: 1 to 100, 20 where neither is given.")]
        first: Option<i64>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end: 1 to 100. Not together with `first`.")]
        last: Option<i64>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
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

    /// When the account was made.
    async fn created_at(&self) -> Time {
        self.profile.created_at.into()
    }

    /// When the account last changed, in what you see of it.
    async fn updated_at(&self, ctx: &Context<'_>) -> Time {
        self.revision(ctx).updated_at.into()
    }

    /// Names the state that it is in, for `ifMatch` of a mutation. In REST it is good for If-Match, and the ETag there is
    /// good here.
    async fn etag(&self, ctx: &Context<'_>) -> String {
        etag(RevisionTag::from(&self.profile).seen_by(self.is_own(ctx)))
    }

    /// Counts the changes of the account that you can see, from 1.
    async fn version(&self, ctx: &Context<'_>) -> i64 {
        self.revision(ctx).version
    }
}
