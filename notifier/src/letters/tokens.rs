//! The tokens in letters. A token is made when its letter is composed; only its hash is stored.
//!
//! A letter may be composed hours after its event, when the mail server was down. Its token still expires by the time of
//! the event, and later changes invalidate it: the row of the user is locked while the token is stored, so a password
//! change either finds the token and deletes it, or is seen here.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{LetterPurpose, TokenHash, UserId, letter_token, user};
use platform::{
    database::{Database, Transaction},
    system::{Random, sha256},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::LockType,
};
use secrecy::ExposeSecret;

/// The lifetime of a token, from its event.
const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::days(3);
const RESET_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Makes tokens.
#[derive(Clone)]
pub(super) struct Tokens {
    pub database: Database,
    pub random: Random,
}

/// The token of a letter, or the reason why there must be no letter.
pub(super) type Token = Result<String, &'static str>;

impl Tokens {
    /// Makes a token for the user, for a request of the time `asked_at`.
    pub async fn make(
        &self,
        person: UserId,
        purpose: LetterPurpose,
        asked_at: DateTime<Utc>,
    ) -> Result<Token, DbErr> {
        let token = self.random.token();
        let token_hash = TokenHash(sha256(token.expose_secret()));
        let refused = self.database.write(move |transaction| {
            Box::pin(async move {
                let owner = lock(transaction, person).await?;
                let now = transaction.now();
                letter_token::Entity::delete_many()
                    .filter(letter_token::Column::ExpiresAt.lte(now))
                    .exec(transaction)
                    .await?;
                let refused = refusal(owner.as_ref(), purpose, asked_at, now);
                if refused.is_none() {
                    let row = letter_token::ActiveModel {
                        token_hash: Set(token_hash),
                        user_id: Set(person),
                        purpose: Set(purpose),
                        // The clock of the instance that recorded the request may be ahead; the token lasts no longer for
                        // that.
                        expires_at: Set(asked_at.min(now) + lifetime(purpose)),
                        ..Default::default()
                    };
                    letter_token::Entity::insert(row).exec(transaction).await?;
                }
                Ok::<_, DbErr>(refused)
            })
        });
        Ok(match refused.await? {
            Some(why) => Err(why),
            None => Ok(token.expose_secret().to_owned()),
        })
    }
}

fn lifetime(purpose: LetterPurpose) -> TimeDelta {
    match purpose {
        LetterPurpose::ConfirmEmail => CONFIRMATION_LIFETIME,
        LetterPurpose::ResetPassword => RESET_LIFETIME,
    }
}

/// Takes the same lock as the use cases of the API: none of them changes the user until this transaction ends.
async fn lock(transaction: &Transaction, person: UserId) -> Result<Option<user::Model>, DbErr> {
    user::Entity::find_by_id(person)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await
}

fn refusal(
    owner: Option<&user::Model>,
    purpose: LetterPurpose,
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let Some(owner) = owner.filter(|owner| owner.deleted_at.is_none()) else {
        return Some("the account is deleted");
    };
    let is_over = asked_at + lifetime(purpose) <= now;
    match purpose {
        LetterPurpose::ConfirmEmail if owner.email_confirmed_at.is_some() => {
            Some("the e-mail address is already confirmed")
        }
        LetterPurpose::ConfirmEmail if is_over => Some("the three days of its link are over"),
        LetterPurpose::ResetPassword if is_over => Some("the hour of its link is over"),
        // The time of the event is known to the millisecond only.
        LetterPurpose::ResetPassword
            if owner
                .password_changed_at
                .is_some_and(|changed| changed.trunc_subsecs(3) > asked_at.trunc_subsecs(3)) =>
        {
            Some("the password has been changed since the request")
        }
        _ => None,
    }
}
