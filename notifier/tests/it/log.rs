//! The log of letters: their whole text in development, and nothing private with a mail server.

use std::{
    io,
    sync::{Arc, Mutex},
};

use entity::{OfferId, OfferStatus, UserId, offer};
use sea_orm::{ActiveValue::Set, EntityTrait};
use tracing::{
    Dispatch,
    level_filters::LevelFilter,
    subscriber::{DefaultGuard, NoSubscriber},
};

use crate::support::{
    BASE, TestNotifier,
    golden::golden,
    smtp::{Act, SmtpServer},
};

/// The log of this thread while the guard lives. The runtime of the test must have one thread, too.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<u8>>>);

impl Listener {
    fn listen(&self) -> (DefaultGuard, Dispatch) {
        let written = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || written.clone())
            .finish();
        // With a single subscriber in the process, tracing caches the interest of the first thread that reaches a
        // callsite for all threads. With two it asks each subscriber.
        let company = Dispatch::new(NoSubscriber::new());
        (tracing::subscriber::set_default(subscriber), company)
    }

    fn lines(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Listener {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Creates Ann (1) and Bob (2), who have traded by offer 7.
async fn traded(test: &TestNotifier) {
    test.person(1, "Ann").await;
    test.person(2, "Bob").await;
    let now = test.clock.now();
    let row = offer::ActiveModel {
        id: Set(OfferId(7)),
        offerer_id: Set(UserId(1)),
        receiver_id: Set(UserId(2)),
        status: Set(OfferStatus::Accepted),
        message: Set(Some("Secret wish".to_owned())),
        offerer_address: Set(Some("1 Pine Street".to_owned())),
        receiver_address: Set(Some("2 Calle Mayor".to_owned())),
        version: Set(3),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let offers = offer::Entity::insert(row);
    let reader = test.database.reader();
    offers.exec_without_returning(reader).await.unwrap();
}

#[tokio::test]
async fn sender_log_has_no_private_data() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    traded(&test).await;
    let [busy, gone] = [
        Act::Answer("421 4.3.2 bob@example.com, later"),
        Act::Answer("550 5.1.1 no <ann@example.com> here"),
    ];
    server.next("bob@example.com", [Act::Take, busy]);
    server.next("ann@example.com", [Act::Drop, gone]);
    let listener = Listener::default();
    let listening = listener.listen();
    test.receive(&[
        golden("offer.accepted"),
        golden("user.password_reset_requested"),
    ])
    .await;
    let sender = Arc::new(test.sender(&server));
    sender.drain().await.unwrap();
    test.forward(chrono::TimeDelta::seconds(7));
    sender.drain().await.unwrap();
    drop(listening);

    let log = listener.lines();
    for outcome in ["sent", "later", "dead"] {
        let said = format!("outcome=\"{outcome}\"");
        assert!(log.contains(&said), "no {said} in:\n{log}");
    }
    for private in ["@example", "Secret wish", "Pine", "Calle", "#"] {
        assert!(!log.contains(private), "{private} is in:\n{log}");
    }
    let rows = format!("{:?}", test.rows().await);
    assert!(!rows.contains('@'), "{rows}");
}

#[tokio::test]
async fn letter_log_names_the_trace_of_its_event() {
    let test = TestNotifier::new().await;
    traded(&test).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let mut traced = golden("offer.accepted");
    traced.traceparent = Some(format!("00-{trace}-b7ad6b7169203331-01"));
    let mut odd = golden("offer.rejected");
    odd.traceparent = Some("no trace at all".to_owned());
    let listener = Listener::default();
    let listening = listener.listen();
    test.receive(&[traced.clone(), odd.clone()]).await;
    Arc::new(test.logging_sender()).drain().await.unwrap();
    drop(listening);
    let log = listener.lines();
    for (event, is_traced) in [(traced, true), (odd, false)] {
        let id = format!("event_id={}", event.id);
        let mut lines = log.lines().filter(|line| line.contains(&id)).peekable();
        assert!(lines.peek().is_some(), "{log}");
        let named = format!("letter{{trace_id=\"{trace}\"}}");
        assert!(
            lines.all(|line| line.contains(&named) == is_traced),
            "{log}"
        );
    }
}

#[tokio::test]
async fn log_has_the_whole_letter_without_a_mail_server() {
    let test = TestNotifier::new().await;
    traded(&test).await;
    let listener = Listener::default();
    let listening = listener.listen();
    test.receive(&[golden("offer.accepted")]).await;
    Arc::new(test.logging_sender()).drain().await.unwrap();
    drop(listening);
    let log = listener.lines();
    for part in [
        "To: Bob <bob@example.com>\nSubject: You accepted the offer of Ann Lee\n\nHello Bob,\n",
        "> Secret wish\n",
        "1 Pine Street\n",
        &format!("{BASE}/offers/7\n"),
    ] {
        assert!(log.contains(part), "no {part:?} in:\n{log}");
    }
    assert_eq!(test.states().await, [0, 2, 0, 0]);
}
