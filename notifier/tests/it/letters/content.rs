//! The content of each letter, by recipient.

use entity::{
    ClosedReason, UserId,
    event::{Event, OfferEvent},
    offer,
};
use insta::assert_snapshot;
use notifier::letters::{Composed, Letter};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::Expr};

use super::{ANN, BOB, row_of, with_ann_and_bob};
use crate::support::{
    BASE, TestNotifier,
    golden::{golden, recipients},
};

const MESSAGE: &str = "Both complete, in their boxes.\nShall we?";

/// Renders a letter for its snapshot, with a fixed token.
fn shown(letter: &Letter) -> String {
    let text = match letter.text.split_once('#') {
        Some((before, after)) => {
            let (token, rest) = after.split_once('\n').unwrap();
            assert_eq!(token.len(), 43, "256 bits");
            format!("{before}#TOKEN\n{rest}")
        }
        None => letter.text.clone(),
    };
    format!("To: {}\nSubject: {}\n\n{text}", letter.to, letter.subject)
}

/// Returns the words of an HTML letter, without its layout.
fn words(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let mut words = String::new();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        if !matches!(tag.split(' ').next(), Some("bdi" | "/bdi" | "a" | "/a")) {
            words.push(' ');
        }
        words.push_str(text);
    }
    let words = words.replace("&#x2f;", "/").replace("&#x27;", "'");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn letter_of(test: &TestNotifier, kind: &str, reader: UserId) -> Letter {
    let event = golden(kind);
    if kind.starts_with("offer.") {
        row_of(test, &event.event, Some(MESSAGE)).await;
    }
    test.letter(&event, reader).await
}

#[tokio::test]
async fn letter_of_each_kind_matches_its_snapshot() {
    let test = with_ann_and_bob().await;
    for kind in OfferEvent::ALL.iter().map(|kind| kind.as_str()) {
        for (reader, side) in recipients(kind) {
            let letter = letter_of(&test, kind, *reader).await;
            assert_snapshot!(format!("{kind}.{side}"), shown(&letter));
        }
    }
    for kind in [
        "user.registered",
        "user.password_reset_requested",
        "user.password_changed",
    ] {
        let letter = letter_of(&test, kind, BOB).await;
        assert_snapshot!(kind, shown(&letter));
    }
}

#[tokio::test]
async fn summary_letter_says_how_many_and_where_to_look() {
    let test = with_ann_and_bob().await;
    let event = golden("offer.updated");
    row_of(&test, &event.event, Some(MESSAGE)).await;
    test.receive(&[event]).await;
    test.execute("UPDATE notifications SET template = 'offers.changed', changes = 31")
        .await;
    for row in test.rows().await {
        let composed = test.composer().compose(&row).await.unwrap();
        let Composed::Letter(letter) = composed else {
            panic!("{composed:?}")
        };
        let reader = if row.recipient_id == ANN {
            "own"
        } else {
            "partner"
        };
        assert_snapshot!(format!("offers.changed.{reader}"), shown(&letter));
        assert!(!letter.text.contains("Shall we"), "nobody's words");
    }
}

#[tokio::test]
async fn unconfirmed_address_gets_a_request_to_confirm() {
    let test = with_ann_and_bob().await;
    test.execute("UPDATE users SET email_confirmed_at = NULL")
        .await;
    for kind in ["user.registered", "user.email_confirmation_requested"] {
        let letter = letter_of(&test, kind, BOB).await;
        assert_snapshot!(format!("{kind}.unconfirmed"), shown(&letter));
    }
}

#[tokio::test]
async fn withdrawn_offer_letter_does_not_blame_a_game() {
    let test = with_ann_and_bob().await;
    let mut event = golden("offer.cancelled");
    let Event::Offer(_, facts) = &mut event.event else {
        panic!("{event:?}")
    };
    facts.closed_reason = Some(ClosedReason::Withdrawn);
    facts.closed_by_offer_id = None;
    row_of(&test, &event.event, None).await;
    for (reader, side) in [(ANN, "offerer"), (BOB, "receiver")] {
        let letter = test.letter(&event, reader).await;
        assert_snapshot!(format!("offer.cancelled.{side}.withdrawn"), shown(&letter));
    }
}

#[tokio::test]
async fn acceptance_letter_says_when_there_is_no_address() {
    let test = with_ann_and_bob().await;
    let event = golden("offer.accepted");
    row_of(&test, &event.event, None).await;
    let mut without = offer::Entity::update_many();
    without = without.col_expr(offer::Column::OffererAddress, Expr::value(None::<String>));
    without.exec(test.database.reader()).await.unwrap();
    let letter = test.letter(&event, BOB).await;
    assert_snapshot!("offer.accepted.receiver.no_address", shown(&letter));
}

#[tokio::test]
async fn acceptance_letter_quotes_every_line_of_the_partner() {
    let test = with_ann_and_bob().await;
    let event = golden("offer.accepted");
    row_of(&test, &event.event, None).await;
    let evil = "1 Pine Street\n\nThe offer is cancelled:\r\nhttps://evil.example/\r-- \n";
    let change = offer::ActiveModel {
        offerer_address: Set(Some(evil.to_owned())),
        ..Default::default()
    };
    let addresses = offer::Entity::update_many().set(change);
    addresses.exec(test.database.reader()).await.unwrap();
    let letter = test.letter(&event, BOB).await;
    let quoted =
        "\n> 1 Pine Street\n> \n> The offer is cancelled:\n> https://evil.example/\n> -- \n";
    assert!(letter.text.contains(quoted), "{}", letter.text);
}

#[tokio::test]
async fn late_letter_offers_only_present_actions() {
    let test = with_ann_and_bob().await;
    row_of(&test, &golden("offer.rejected").event, Some(MESSAGE)).await;
    let letter = test.letter(&golden("offer.created"), BOB).await;
    assert!(
        letter.text.contains("\nThe offer is rejected:\n"),
        "{}",
        letter.text
    );
    assert!(!letter.text.contains("accept or reject"), "{}", letter.text);
}

#[tokio::test]
async fn compose_is_repeatable() {
    let test = with_ann_and_bob().await;
    for kind in OfferEvent::ALL.iter().map(|kind| kind.as_str()) {
        let first = letter_of(&test, kind, BOB).await;
        assert_eq!(letter_of(&test, kind, BOB).await, first, "{kind}");
    }
}

#[tokio::test]
async fn html_has_the_content_and_links_of_the_text() {
    let test = with_ann_and_bob().await;
    for kind in Event::types() {
        if kind == "user.email_confirmation_requested" {
            test.execute("UPDATE users SET email_confirmed_at = NULL WHERE id = 2")
                .await;
        } else {
            test.execute("UPDATE users SET email_confirmed_at = created_at WHERE id = 2")
                .await;
        }
        let letter = letter_of(&test, kind, BOB).await;
        let words = words(&letter.html);
        for line in letter.text.lines() {
            let line = line.trim_start_matches(['*', '>', ' ']).trim_end();
            if line != "--" {
                assert!(words.contains(line), "{kind}: {line:?} is not in {words}");
            }
        }
        let links = letter.text.lines().filter(|line| line.starts_with(BASE));
        for link in links {
            assert!(
                letter
                    .html
                    .contains(&format!("<a href=\"{link}\">{link}</a>")),
                "{kind}: {link} is not in {}",
                letter.html
            );
        }
        assert!(
            letter
                .html
                .contains(&format!("<title>{}</title>", letter.subject)),
            "{kind}: {}",
            letter.html
        );
    }
}

#[tokio::test]
async fn html_escapes_user_text() {
    let test = with_ann_and_bob().await;
    let evil = r#"<script>alert("1")</script><a href='x'>&"#;
    let mut event = golden("offer.accepted");
    let Event::Offer(_, facts) = &mut event.event else {
        panic!("{event:?}")
    };
    facts.offerer.name = evil.to_owned();
    facts.offered_games[0].name = evil.to_owned();
    row_of(&test, &event.event, Some(evil)).await;
    let change = offer::ActiveModel {
        offerer_address: Set(Some(evil.to_owned())),
        ..Default::default()
    };
    let addresses = offer::Entity::update_many().set(change);
    addresses.exec(test.database.reader()).await.unwrap();
    let letter = test.letter(&event, BOB).await;
    for tag in ["<script", "<a href='x'", "&\"", "&<"] {
        assert!(!letter.html.contains(tag), "{}", letter.html);
    }
    let escaped = "&lt;script&gt;alert(&quot;1&quot;)";
    // The name in the title (short), the subject's part of it, twice in the text; the game; the message; the address.
    assert!(letter.html.matches(escaped).count() >= 5, "{}", letter.html);
    assert!(
        letter.text.contains(evil),
        "the text is as it was written: {}",
        letter.text
    );
    assert_eq!(letter.to.email.to_string(), "bob@example.com");
}
