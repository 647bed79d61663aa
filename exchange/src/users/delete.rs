//! Deletes an account: closes its offers, delists its games, and erases the user's personal data from every row. Events
//! of the last days still contain the name (docs/adr/0007).

use entity::{ClosedReason, LetterPurpose, OfferStatus, PasswordHash, UserId, game, offer, user};
use outbox::Audience;
use platform::database::Transaction;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use super::{bump_version, lock_own, mailbox};
use crate::{error::Result, offers::closing, operation::Operation, sessions, write::Write};

/// Deletes the actor's own account. The games that were traded and the ledger stay, since others need them.
pub struct DeleteUser {
    pub user: UserId,
}

impl Operation for DeleteUser {
    const NAME: &'static str = "delete_user";
    type Output = ();

    fn input(&self) -> Value {
        json!(self.user)
    }

    async fn run(self, write: Write<'_>) -> Result<()> {
        let (id, transaction) = (self.user, write.transaction);
        let user = lock_own(write, id).await?;
        write.lock_games_of(id).await?;
        let offers = write.lock_offers_of(id).await?;
        close_offers(write, id, offers).await?;
        take_off_the_board(write, id).await?;
        erase_from_offers(transaction, id).await?;
        sessions::end_all(transaction, id).await?;
        for purpose in [LetterPurpose::ConfirmEmail, LetterPurpose::ResetPassword] {
            mailbox::revoke(transaction, id, purpose).await?;
        }
        // Last: a change of the unique e-mail address blocks inserts that reference the row (ADR 0005).
        anonymise(write, user).await
    }
}

/// Closes the pending offers: the user's own as withdrawn, those of others because a game becomes unavailable.
async fn close_offers(write: Write<'_>, id: UserId, offers: Vec<offer::Model>) -> Result<()> {
    let pending = offers
        .into_iter()
        .filter(|offer| offer.status == OfferStatus::Pending);
    let (own, others): (Vec<_>, Vec<_>) = pending.partition(|offer| offer.offerer_id == id);
    for (offers, reason) in [
        (own, ClosedReason::Withdrawn),
        (others, ClosedReason::GameUnavailable),
    ] {
        closing::close(write, offers, reason, None).await?;
    }
    Ok(())
}

async fn take_off_the_board(write: Write<'_>, owner: UserId) -> Result<()> {
    let now = write.now();
    game::Entity::update_many()
        .col_expr(game::Column::DeletedAt, Expr::value(now))
        .col_expr(game::Column::UpdatedAt, Expr::value(now))
        .col_expr(
            game::Column::Version,
            Expr::col(game::Column::Version).add(1),
        )
        .filter(game::Column::OwnerId.eq(owner))
        .filter(game::Column::DeletedAt.is_null())
        .exec(write.transaction)
        .await?;
    Ok(())
}

/// Erases the user's messages and addresses from their offers. Keeps `updated_at`, the time when an offer was closed.
async fn erase_from_offers(transaction: &Transaction, id: UserId) -> Result<()> {
    use offer::Column::{Message, OffererAddress, OffererId, ReceiverAddress, ReceiverId, Version};
    let nothing = || Expr::value(None::<String>);
    let own = offer::Entity::update_many()
        .col_expr(Message, nothing())
        .col_expr(OffererAddress, nothing())
        .filter(OffererId.eq(id))
        .filter(Message.is_not_null().or(OffererAddress.is_not_null()));
    let received = offer::Entity::update_many()
        .col_expr(ReceiverAddress, nothing())
        .filter(ReceiverId.eq(id))
        .filter(ReceiverAddress.is_not_null());
    for update in [own, received] {
        update
            .col_expr(Version, Expr::col(Version).add(1))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

async fn anonymise(write: Write<'_>, user: user::Model) -> Result<()> {
    let (id, now) = (user.id, write.now());
    let (token_version, before) = (user.token_version + 1, user.revisions());
    let mut row = user.into_active_model();
    row.name = Set("Deleted account".to_owned());
    // Not a valid e-mail address, so that no account can have it.
    row.email = Set(format!("deleted-{id}"));
    row.email_confirmed_at = Set(None);
    row.password_hash = Set(PasswordHash(String::new()));
    row.street_address = Set(None);
    row.token_version = Set(token_version);
    bump_version(write, &mut row, before, Audience::Everybody);
    row.deleted_at = Set(Some(now));
    row.update(write.transaction).await?;
    Ok(())
}
