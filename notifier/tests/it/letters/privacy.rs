//! Recipients who get no letter, and data that is in letters only.

use chrono::{SubsecRound, TimeDelta};
use entity::{
    LetterPurpose,
    event::{Event, OfferEvent},
    letter_token,
};
use notifier::letters::Composed;
use platform::system::sha256;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement};

use super::{ANN, BOB, row_of, with_ann_and_bob};
use crate::support::{
    TestNotifier,
    golden::{golden, recipients},
};

#[tokio::test]
async fn unconfirmed_address_gets_requested_letters_only() {
    let test = with_ann_and_bob().await;
    test.execute("UPDATE users SET email_confirmed_at = NULL WHERE id = 2")
        .await;
    for kind in OfferEvent::ALL.iter().map(|kind| kind.as_str()) {
        let event = golden(kind);
        row_of(&test, &event.event, None).await;
        assert_eq!(
            test.compose(&event, BOB).await,
            Composed::Skip("the e-mail address is not confirmed"),
            "{kind}"
        );
        if recipients(kind).iter().any(|(id, _)| *id == ANN) {
            test.letter(&event, ANN).await;
        }
    }
    let changed = test.compose(&golden("user.password_changed"), BOB).await;
    let why = "the e-mail address is not confirmed";
    assert_eq!(changed, Composed::Skip(why));
    test.letter(&golden("user.password_reset_requested"), BOB)
        .await;
}

#[tokio::test]
async fn deleted_account_gets_no_letters() {
    let test = with_ann_and_bob().await;
    test.execute("UPDATE users SET deleted_at = created_at WHERE id = 2")
        .await;
    for kind in Event::types() {
        let composed = test.compose(&golden(kind), BOB).await;
        assert_eq!(composed, Composed::Skip("the account is deleted"), "{kind}");
    }
}

#[tokio::test]
async fn unknown_account_gets_no_letters() {
    let test = TestNotifier::new().await;
    let composed = test.compose(&golden("user.registered"), BOB).await;
    assert_eq!(composed, Composed::Skip("the account is deleted"));
}

#[tokio::test]
async fn confirmed_address_is_not_asked_to_confirm() {
    let test = with_ann_and_bob().await;
    let composed = test
        .compose(&golden("user.email_confirmation_requested"), BOB)
        .await;
    assert_eq!(
        composed,
        Composed::Skip("the e-mail address is already confirmed")
    );
    test.letter(&golden("user.registered"), BOB).await;
    assert!(tokens(&test).await.is_empty());
}

#[tokio::test]
async fn letter_has_only_the_partners_street_address() {
    let test = with_ann_and_bob().await;
    let event = golden("offer.accepted");
    row_of(&test, &event.event, None).await;
    for (reader, theirs, own) in [
        (ANN, &["Calle Mayor 2"][..], "1 Pine Street"),
        (BOB, &["1 Pine Street", "Springfield"], "Calle Mayor"),
    ] {
        let letter = test.letter(&event, reader).await;
        for form in [&letter.text, &letter.html] {
            assert!(theirs.iter().all(|line| form.contains(line)), "{form}");
            assert!(!form.contains(own), "{form}");
        }
    }
}

#[tokio::test]
async fn private_offer_data_goes_to_its_parties_only() {
    let test = with_ann_and_bob().await;
    let eve = test.person(3, "Eve").await;
    let mut event = golden("offer.accepted");
    row_of(&test, &event.event, Some("Secret wish")).await;
    let Event::Offer(_, facts) = &mut event.event else {
        panic!("{event:?}")
    };
    facts.receiver.user_id = eve;
    let letter = test.letter(&event, eve).await;
    for private in ["Secret wish", "Pine Street", "Calle Mayor"] {
        assert!(!letter.text.contains(private), "{}", letter.text);
        assert!(!letter.html.contains(private), "{}", letter.html);
    }
}

#[tokio::test]
async fn letter_token_is_stored_as_a_hash_only() {
    for (kind, purpose, lifetime) in [
        (
            "user.registered",
            LetterPurpose::ConfirmEmail,
            TimeDelta::days(3),
        ),
        (
            "user.email_confirmation_requested",
            LetterPurpose::ConfirmEmail,
            TimeDelta::days(3),
        ),
        (
            "user.password_reset_requested",
            LetterPurpose::ResetPassword,
            TimeDelta::hours(1),
        ),
    ] {
        let test = with_ann_and_bob().await;
        test.execute("UPDATE users SET email_confirmed_at = NULL")
            .await;
        let event = golden(kind);
        let letter = test.letter(&event, BOB).await;
        let token = letter
            .text
            .split_once('#')
            .unwrap()
            .1
            .lines()
            .next()
            .unwrap();
        assert!(letter.html.contains(token), "{kind}");
        assert!(!letter.subject.contains(token) && !letter.message_id.contains(token));

        let [row] = &tokens(&test).await[..] else {
            panic!("{kind}: one token")
        };
        assert_eq!(row.token_hash.0, sha256(token), "{kind}");
        assert_eq!((row.user_id, row.purpose), (BOB, purpose), "{kind}");
        let asked_at = event.time.trunc_subsecs(3);
        assert_eq!(row.expires_at, asked_at + lifetime, "{kind}");
        for table in ["users", "notifications", "letter_tokens", "outbox"] {
            let rows = dump(&test, table).await;
            assert!(!rows.contains(token), "{kind}: {table} has the token");
        }
    }
}

#[tokio::test]
async fn compose_issues_a_new_token_each_time() {
    let test = with_ann_and_bob().await;
    let event = golden("user.password_reset_requested");
    let first = test.letter(&event, BOB).await;
    let second = test.letter(&event, BOB).await;
    assert_ne!(first.text, second.text);
    assert_eq!(first.message_id, second.message_id);
    assert_eq!(tokens(&test).await.len(), 2, "whichever arrives is good");
    test.forward(TimeDelta::minutes(60));
    let mut later = test.event_of(BOB);
    later.event = event.event;
    test.letter(&later, BOB).await;
    assert_eq!(tokens(&test).await.len(), 1, "old ones are cleared away");
}

pub(super) async fn tokens(test: &TestNotifier) -> Vec<letter_token::Model> {
    letter_token::Entity::find()
        .all(test.database.reader())
        .await
        .unwrap()
}

/// Returns all rows of a table as text.
async fn dump(test: &TestNotifier, table: &str) -> String {
    let reader = test.database.reader();
    let statement = Statement::from_string(
        reader.get_database_backend(),
        format!("SELECT * FROM {table}"),
    );
    let rows = reader.query_all_raw(statement).await.unwrap();
    let rows = rows.iter().map(|row| {
        sea_orm::JsonValue::from_query_result(row, "")
            .unwrap()
            .to_string()
    });
    rows.collect()
}
