//! Mail servers that send too much.

use std::sync::Arc;

use entity::NotificationState;
use notifier::settings::Tls;

use crate::support::{
    TestNotifier,
    flood::{self, CONNECTED},
    within_a_minute,
};

const NO_LINE_END: &str = "250-x";
const SHORT_LINES: &str = "250-\r\n";

/// The answer that is replaced by a flood, and the encryption of the conversation.
const PLACES: [(&str, Tls); 9] = [
    (CONNECTED, Tls::None),
    ("EHLO", Tls::None),
    ("MAIL", Tls::None),
    ("RCPT", Tls::None),
    ("DATA", Tls::None),
    (".", Tls::None),
    (CONNECTED, Tls::Starttls),
    ("EHLO", Tls::Starttls),
    ("STARTTLS", Tls::Starttls),
];

#[tokio::test]
async fn send_hangs_up_when_a_line_never_ends() {
    hangs_up_on(NO_LINE_END).await;
}

/// A second of such input would take minutes to parse.
#[tokio::test]
async fn send_hangs_up_when_an_answer_never_ends() {
    hangs_up_on(SHORT_LINES).await;
}

#[tokio::test]
async fn send_hangs_up_on_more_clear_text_after_starttls() {
    let test = TestNotifier::new().await;
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let server = flood::start_injecting().await;
    let sender = Arc::new(test.sender_with(server));
    within_a_minute(sender.drain()).await.unwrap();
    let said = test.row().await.smtp_response.unwrap();
    assert!(said.contains("more clear text after its answer"), "{said}");
}

async fn hangs_up_on(text: &'static str) {
    for (command, tls) in PLACES {
        let test = TestNotifier::new().await;
        let ann = test.person(1, "Ann").await;
        test.letters_to(&[ann]).await;
        let server = flood::start(command, text, tls).await;
        let sender = Arc::new(test.sender_with(server));
        within_a_minute(sender.drain()).await.unwrap();
        let row = test.row().await;
        let said = row.smtp_response.unwrap();
        assert!(
            said.contains("sent more than 16384 bytes or 128 lines"),
            "{command:?}, {tls:?}: {said}"
        );
        assert_eq!((row.state, row.attempts), (NotificationState::Waiting, 1));
    }
}
