//! Tokens in letters. One is made when its letter is composed; its hash is stored, and the token is in the letter only.
//!
//! A letter may be composed hours after its event, when the mail server was away. Its token is good for as long from the
//! event on as if it had come at once, and what happened since then counts: the person's row is locked while the token is
//! stored, so whoever changes a password finds the token and ends it, or is found by it here.

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

/// How long after its event the token of a letter is good.
const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::days(3);
const RESET_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Makes tokens.
#[derive(Clone)]
pub(super) struct Tokens {
    pub database: Database,
    pub random: Random,
}

/// The token for a letter, or why there is to be no letter.
pub(super) type Token = Result<String, &'static str>;

impl Tokens {
    /// Makes a token for the person, for what they asked for at `asked_at`.
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
                        // The clock of the instance that asked may be ahead; the token lasts no longer for that.
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

/// The lock of the API's use cases: none of them changes the person before this transaction has ended.
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
            Some("the e-mail address is confirmed already")
        }
        LetterPurpose::ConfirmEmail if is_over => {
            Some("the three days in which its link would have worked are over")
        }
        LetterPurpose::ResetPassword if is_over => {
            Some("the hour in which its link would have worked is over")
        }
        // The event's time is known to the millisecond only.
        LetterPurpose::ResetPassword
            if owner
                .password_changed_at
                .is_some_and(|changed| changed.trunc_subsecs(3) > asked_at.trunc_subsecs(3)) =>
        {
            Some("the password was changed since it was asked for")
        }
        _ => None,
    }
}
