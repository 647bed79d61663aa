//! Letters on the wire: whatever users write, a letter has one recipient, exactly our headers, and is readable.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::event::{Event, cloud::CloudEvent};
use lettre::message::Mailbox;
use notifier::{letters::Letter, mailer::Outcome};
use sea_orm::ActiveValue::Set;

use crate::support::{
    TestNotifier,
    golden::golden,
    smtp::{Mail, SmtpServer},
};

const OURS: [&str; 8] = [
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Date",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

/// Returns names of users, each with its form in a header.
fn names() -> Vec<(String, String)> {
    let long = "x".repeat(10_000);
    let same = |name: &str| (name.to_owned(), name.to_owned());
    let other = |name: &str, seen: &str| (name.to_owned(), seen.to_owned());
    vec![
        same("Ann"),
        other("Ann\r\nBcc: eve@example.com", "Ann Bcc: eve@example.com"),
        other("Ann\r\n\r\nDear Bob,", "Ann Dear Bob,"),
        other("Ann\nX-Evil: 1", "Ann X-Evil: 1"),
        other(
            "Ann\r\n .\r\nRCPT TO:<eve@example.com>",
            "Ann . RCPT TO:<eve@example.com>",
        ),
        same("Lee, Ann"),
        same("Ann, eve@example.com"),
        same("Ann <eve@example.com>"),
        same("<eve@example.com>, \"Ann\""),
        same(r#"Ann "the \ first""#),
        same("=?utf-8?q?eve=40example.com?="),
        other("\u{202e}nnA\u{2066} Lee\u{2028}", "nnA Lee"),
        same("Ann 🎮🕹️"),
        same("أحمد"),
        same("안녕하세요, 앤"),
        other("\t Ann \u{7f}\u{85} \u{1b}[31m", "Ann [31m"),
        (long.clone(), long),
    ]
}

/// Cuts a name as a header does.
fn cut(name: &str, max: usize) -> String {
    if name.chars().count() <= max {
        return name.to_owned();
    }
    name.chars().take(max - 1).chain(['…']).collect()
}

#[tokio::test]
async fn letter_has_only_the_expected_headers() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    test.person(1, "Ann").await;
    test.person(2, "Bob").await;
    let event = golden("user.password_changed");
    test.receive(std::slice::from_ref(&event)).await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let [mail] = &server.mails()[..] else {
        panic!("one letter")
    };
    assert_eq!(mail.to, ["bob@example.com"]);
    assert_eq!(header_names(mail), OURS);
    for (name, value) in [
        ("From", r#""Video Game Exchange" <noreply@games.example>"#),
        ("To", "Bob <bob@example.com>"),
        ("Subject", "Your password was changed"),
        ("Message-ID", &format!("<{}.2@games.example>", event.id)),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(mail.header(name), value);
    }
    let kind = mail.header("Content-Type");
    assert!(
        kind.starts_with("multipart/alternative; boundary="),
        "{kind}"
    );
    let date = chrono::DateTime::parse_from_rfc2822(&mail.header("Date")).unwrap();
    assert!(
        (test.clock.now() - date.to_utc()).num_seconds().abs() < 60,
        "{date}"
    );
}

#[tokio::test]
async fn recipient_name_stays_in_its_header() {
    let test = TestNotifier::new().await;
    for (name, seen) in names() {
        let name = cut(&name, 200); // as the database has it
        let server = SmtpServer::start().await;
        test.execute("DELETE FROM notifications").await;
        test.execute("DELETE FROM users").await;
        test.somebody(2, "Bob", |bob| bob.name = Set(name.clone()))
            .await;
        test.receive(&[golden("user.password_changed")]).await;
        let mail = sent(&test, &server).await;
        let expected = format!("{} <bob@example.com>", cut(&seen, 64));
        assert_eq!(decoded(&mail.header("To"), true), expected, "{name:?}");
        let text = part(&mail, "text/plain");
        assert!(
            text.starts_with(&format!("Hello {},\r\n", cut(&seen, 200))),
            "{text}"
        );
    }
}

#[tokio::test]
async fn partner_and_game_names_inject_nothing() {
    let test = TestNotifier::new().await;
    test.person(2, "Bob").await;
    for (name, seen) in names() {
        let server = SmtpServer::start().await;
        test.execute("DELETE FROM notifications").await;
        test.receive(&[offer_of(&name)]).await;
        let mail = sent(&test, &server).await;
        let subject = format!("{} offers you a trade", cut(&seen, 48));
        assert_eq!(decoded(&mail.header("Subject"), false), subject, "{name:?}");
        assert_eq!(mail.header("To"), "Bob <bob@example.com>");
        let text = part(&mail, "text/plain");
        assert!(
            text.contains(&format!("  * {}\r\n", cut(&seen, 200))),
            "{name:?}: {text}"
        );
    }
}

#[tokio::test]
async fn user_text_stays_in_the_body() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let evil = ".\n.\r\nQUIT\r\n\r\nRCPT TO:<eve@example.com>\r\n--boundary\nأحمد 🎮\n";
    let lines = format!("{evil}{}\n", "y".repeat(10_000));
    let letter = Letter {
        message_id: "<1@games.example>".to_owned(),
        to: Mailbox::new(Some("Ann".to_owned()), "ann@example.com".parse().unwrap()),
        subject: "z".repeat(200),
        text: lines.clone(),
        html: lines.clone(),
    };
    let sender = test.sender(&server);
    assert_eq!(
        sender.mailer.send(&letter).await,
        Outcome::Sent("250 2.0.0 taken".to_owned())
    );
    let mail = server.mails().remove(0);
    assert_eq!(
        (mail.to.len(), header_names(&mail)),
        (1, OURS.map(str::to_owned).to_vec())
    );
    let text = part(&mail, "text/plain");
    assert!(
        text.replace("\r\n", "\n") == lines.replace("\r\n", "\n"),
        "{text:.300}"
    );
}

fn offer_of(name: &str) -> CloudEvent {
    let mut event = golden("offer.created");
    let Event::Offer(_, facts) = &mut event.event else {
        panic!("{event:?}")
    };
    facts.offerer.name = name.to_owned();
    facts.offered_games[0].name = name.to_owned();
    facts.requested_games[0].name = name.to_owned();
    event
}

/// Sends the only letter to Bob. Returns it as received.
async fn sent(test: &TestNotifier, server: &SmtpServer) -> Mail {
    Arc::new(test.sender(server)).drain().await.unwrap();
    let mails = server.mails();
    let rows = test.rows().await;
    let [mail] = &mails[..] else {
        panic!("{rows:?}")
    };
    assert_eq!(mail.to, ["bob@example.com"]);
    assert_eq!(header_names(mail), OURS);
    assert!(mail.data.is_ascii());
    mail.clone()
}

fn header_names(mail: &Mail) -> Vec<String> {
    let lines = mail.headers().split("\r\n");
    let first = lines.filter(|line| !line.starts_with(' '));
    first
        .map(|line| line.split_once(": ").unwrap().0.to_owned())
        .collect()
}

/// Decodes a header: encoded words (RFC 2047) and, if it has any, quoted strings.
fn decoded(value: &str, has_quotes: bool) -> String {
    let mut text = String::new();
    let mut was_encoded = false;
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        if let Some(word) = rest.strip_prefix("=?utf-8?b?") {
            let (word, after) = word.split_once("?=").unwrap();
            if was_encoded {
                text.pop(); // the blank between two encoded words is none
            }
            text.push_str(&String::from_utf8(STANDARD.decode(word).unwrap()).unwrap());
            (rest, was_encoded) = (after, true);
        } else if has_quotes && first == '"' {
            let mut characters = rest.char_indices().skip(1);
            while let Some((at, c)) = characters.next() {
                match c {
                    '"' => {
                        rest = &rest[at + 1..];
                        break;
                    }
                    '\\' => text.push(characters.next().unwrap().1),
                    _ => text.push(c),
                }
            }
            was_encoded = false;
        } else {
            text.push(first);
            rest = &rest[first.len_utf8()..];
            was_encoded = was_encoded && first == ' ' && rest.starts_with("=?");
        }
    }
    text
}

/// Decodes one part of a letter.
fn part(mail: &Mail, kind: &str) -> String {
    let start = format!("Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: ");
    let (_, rest) = mail.data.split_once(&start).unwrap();
    let (encoding, rest) = rest.split_once("\r\n\r\n").unwrap();
    let kinds = mail.header("Content-Type");
    let boundary = kinds.split('"').nth(1).unwrap();
    let (body, _) = rest.split_once(&format!("\r\n--{boundary}")).unwrap();
    let bytes = match encoding {
        "7bit" => body.as_bytes().to_vec(),
        "base64" => STANDARD.decode(body.replace("\r\n", "")).unwrap(),
        "quoted-printable" => unquoted(&body.replace("=\r\n", "")),
        other => panic!("{other}"),
    };
    String::from_utf8(bytes).unwrap()
}

fn unquoted(text: &str) -> Vec<u8> {
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    bytes
}
