//! Offers: create, update, accept, reject, cancel.

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object};
use entity::{limit, limits::Message};
use exchange::{
    error::{Error, Result},
    offers::{
        self, AcceptOffer, CancelOffer, CreateOffer, MAX_GAMES, NewOffer, OfferChange, OfferFilter,
        RejectOffer, UpdateOffer,
    },
};
use graphql_http::list_size;

use super::{
    characters, payload,
    write_options::{IdempotencyInput, PreconditionInput},
};
use crate::graphql::schema::{
    connection::{Connection, PageSize, Paging, name_limit},
    game::Game,
    ids,
    loaders::{Shared, Viewer},
    offer::Offer,
    total_count::TotalCount,
};

/// A new offer. Its receiver is the owner of the games that you want.
#[derive(InputObject)]
struct CreateOfferInput {
    #[doc = concat!("The games that you give: 1 to ", limit!(games), ", each by the `id` or the `databaseId` of a Game.")]
    offered_game_ids: Vec<ID>,
    #[doc = concat!("The games that you want, all of one other user: 1 to ", limit!(games), ", each by the `id` or the `databaseId` of a Game.")]
    requested_game_ids: Vec<ID>,
    #[doc = concat!("A message to the receiver: ", characters!(message), ".")]
    message: Option<String>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
}

/// A change to a pending offer of yours. Members that are left out stay unchanged, and so does the receiver.
#[derive(InputObject)]
struct UpdateOfferInput {
    /// The `id` or the `databaseId` of the Offer.
    offer_id: ID,
    #[doc = concat!("The games that you give: 1 to ", limit!(games), ", each by the `id` or the `databaseId` of a Game.")]
    offered_game_ids: Option<Vec<ID>>,
    #[doc = concat!("The games that you want: 1 to ", limit!(games), ", each by the `id` or the `databaseId` of a Game.")]
    requested_game_ids: Option<Vec<ID>>,
    #[doc = concat!("A message to the receiver: ", characters!(message), ". Null removes it.")]
    message: MaybeUndefined<String>,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// The offer to accept.
#[derive(InputObject)]
struct AcceptOfferInput {
    /// The `id` or the `databaseId` of the Offer.
    offer_id: ID,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// The offer to reject.
#[derive(InputObject)]
struct RejectOfferInput {
    /// The `id` or the `databaseId` of the Offer.
    offer_id: ID,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

/// The offer to cancel.
#[derive(InputObject)]
struct CancelOfferInput {
    /// The `id` or the `databaseId` of the Offer.
    offer_id: ID,
    #[graphql(flatten)]
    idempotency: IdempotencyInput,
    #[graphql(flatten)]
    precondition: PreconditionInput,
}

payload! {
    /// The result of `createOffer`.
    CreateOfferPayload {
        /// The new offer, which is pending.
        offer: Offer
    }
}
payload! {
    /// The result of `updateOffer`.
    UpdateOfferPayload {
        /// The updated offer.
        offer: Offer
    }
}
payload! {
    /// The result of `acceptOffer`.
    #[graphql(complex)]
    AcceptOfferPayload {
        /// The accepted offer: its games have changed hands.
        offer: Offer
    }
}
payload! {
    /// The result of `rejectOffer`.
    RejectOfferPayload {
        /// The rejected offer.
        offer: Offer
    }
}
payload! {
    /// The result of `cancelOffer`.
    CancelOfferPayload {
        /// The cancelled offer.
        offer: Offer
    }
}

#[ComplexObject]
impl AcceptOfferPayload {
    /// The games that changed hands, with their new owners.
    // Half of its longest length, which is two sides: kept so that costs do not change.
    #[graphql(directive = list_size::apply(Some(MAX_GAMES), None, None, None))]
    async fn games(&self, ctx: &Context<'_>) -> Shared<Option<Vec<Game>>> {
        let Some(offer) = &self.offer else {
            return Ok(None);
        };
        let sides = Viewer::from_context(ctx).sides(offer.key()).await?;
        Ok(Some([&*sides.offered, &*sides.requested].concat()))
    }

    /// The other pending offers with one of these games, which this closed, oldest first.
    #[graphql(directive = PageSize::apply())]
    async fn closed_offers(
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
    ) -> Result<Option<Connection<Offer>>> {
        let window = Paging {
            first,
            after,
            last,
            before,
        }
        .window()?;
        let Some(offer) = &self.offer else {
            return Ok(None);
        };
        let filter = OfferFilter {
            closed_by_offer_id: Some(offer.key()),
            ..OfferFilter::default()
        };
        let page = offers::list(&Viewer::from_context(ctx).app, &filter, &window).await;
        let page = page.map_err(|failure| name_limit(failure, &window))?;
        Ok(Some(Connection::new(page, TotalCount::Offers(filter))))
    }
}

impl TryFrom<CreateOfferInput> for NewOffer {
    type Error = Error;

    fn try_from(input: CreateOfferInput) -> Result<Self> {
        Ok(Self {
            offered: ids::references("offeredGameIds", &input.offered_game_ids)?,
            requested: ids::references("requestedGameIds", &input.requested_game_ids)?,
            message: input.message.map(Into::into),
            ..Self::default()
        })
    }
}

impl TryFrom<UpdateOfferInput> for OfferChange {
    type Error = Error;

    fn try_from(input: UpdateOfferInput) -> Result<Self> {
        let games =
            |field, ids: Option<Vec<ID>>| ids.map(|ids| ids::references(field, &ids)).transpose();
        Ok(Self {
            offered: games("offeredGameIds", input.offered_game_ids)?,
            requested: games("requestedGameIds", input.requested_game_ids)?,
            message: input.message.map_value(Message::from).into(),
            ..Self::default()
        })
    }
}

#[derive(Default)]
pub struct Offers;

#[Object]
impl Offers {
    /// Offers games of yours for games of one other user.
    async fn create_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: CreateOfferInput,
    ) -> Result<Option<CreateOfferPayload>> {
        let viewer = Viewer::from_context(ctx);
        let context = viewer.write_context(&input.idempotency, &PreconditionInput::default())?;
        let create = CreateOffer(input.try_into()?);
        CreateOfferPayload::from_outcome(viewer.app.execute(context, create).await)
    }

    /// Changes a pending offer of yours: its games, or its message.
    async fn update_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change.")] input: UpdateOfferInput,
    ) -> Result<Option<UpdateOfferPayload>> {
        let viewer = Viewer::from_context(ctx);
        let offer = ids::reference("offerId", &input.offer_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let change = input.try_into()?;
        let update = UpdateOffer { offer, change };
        UpdateOfferPayload::from_outcome(viewer.app.execute(context, update).await)
    }

    /// Accepts a pending offer that you received: its games change hands, and other offers with these games are closed.
    async fn accept_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: AcceptOfferInput,
    ) -> Result<Option<AcceptOfferPayload>> {
        let viewer = Viewer::from_context(ctx);
        let offer = ids::reference("offerId", &input.offer_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let accept = AcceptOffer { offer };
        AcceptOfferPayload::from_outcome(viewer.app.execute(context, accept).await)
    }

    /// Rejects a pending offer that you received.
    async fn reject_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: RejectOfferInput,
    ) -> Result<Option<RejectOfferPayload>> {
        let viewer = Viewer::from_context(ctx);
        let offer = ids::reference("offerId", &input.offer_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let reject = RejectOffer { offer };
        RejectOfferPayload::from_outcome(viewer.app.execute(context, reject).await)
    }

    /// Cancels a pending offer of yours.
    async fn cancel_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The offer.")] input: CancelOfferInput,
    ) -> Result<Option<CancelOfferPayload>> {
        let viewer = Viewer::from_context(ctx);
        let offer = ids::reference("offerId", &input.offer_id)?;
        let context = viewer.write_context(&input.idempotency, &input.precondition)?;
        let cancel = CancelOffer::new(offer);
        CancelOfferPayload::from_outcome(viewer.app.execute(context, cancel).await)
    }
}
