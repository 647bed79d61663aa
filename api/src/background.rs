//! The background tasks of an instance: the relay of events, the event feed, the deletion of expired rows, the keys of
//! games and the counts of the board, and, where the notifier cannot run as a program of its own, the notifier.

use std::{error::Error, sync::Arc, time::Duration};

use exchange::{
    Exchange,
    error::Error as Failure,
    games::{Folding, Keying},
    idempotency,
    identity::{log_in_rate, throttle},
    users::mailbox,
};
use futures_util::future::BoxFuture;
use notifier::{
    consumer::Consumer, heartbeat::Heartbeat, letters, metrics::Metrics, settings::Letters,
};
use outbox::{
    kafka::Producer, leader::Leader, publisher::Publisher, relay::Relay, retention::Retention,
    settings::Kafka,
};
use tokio::{sync::Notify, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::app::App;

/// The interval at which expired idempotency keys are deleted.
const KEYS_INTERVAL: Duration = Duration::from_secs(3600);
/// The interval at which expired counters are deleted.
const COUNTERS_INTERVAL: Duration = Duration::from_secs(60);
/// The interval at which requested password resets are sent.
const RESETS_INTERVAL: Duration = Duration::from_secs(1);

/// A piece of work that is done again and again.
type Work = fn(&Exchange) -> BoxFuture<'_, Result<(), Failure>>;

/// The running tasks, until [`Background::stop`].
pub struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Starts the tasks that the settings ask for. Without Kafka this instance sends the letters itself, with links to
    /// `base`. With Kafka the notifier does, unless the database is a file that no other process may open.
    pub fn start(
        app: &App,
        kafka: Option<Kafka>,
        letter_settings: &Letters,
        base: String,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (inbox_bell, metrics) = (Arc::new(Notify::new()), Metrics::default());
        if kafka.is_none() || !app.database.is_shared() {
            if letter_settings.smtp.is_none() && !app.identity.trust_email {
                tracing::warn!(
                    "letters, with their tokens, are written to the log instead of sent; set SMTP_HOST"
                );
            }
            let sender = notifier::sender(
                letter_settings,
                base,
                app.database.clone(),
                app.clock.clone(),
                app.random.clone(),
                inbox_bell.clone(),
                metrics.clone(),
            )?;
            tasks.spawn(Arc::new(sender).run(stop.clone()));
        }
        let publisher = match kafka {
            None => Publisher::Inbox {
                addressing: letters::deliveries,
                wake_up: inbox_bell,
            },
            Some(kafka) => {
                let publisher = Publisher::Kafka {
                    producer: Producer::new(&kafka)?,
                    topic: kafka.topic.clone(),
                };
                if !app.database.is_shared() {
                    let consumer = Consumer {
                        settings: kafka,
                        database: app.database.clone(),
                        clock: app.clock.clone(),
                        metrics,
                        wake_up: inbox_bell,
                        heartbeat: Heartbeat::new(app.clock.now()),
                    };
                    tasks.spawn(Arc::new(consumer).run(stop.clone()));
                }
                publisher
            }
        };
        let relay = Relay {
            database: app.database.clone(),
            wake_up: app.bell.clone(),
            feed: app.feed.clone(),
            publisher,
        };
        let retention = Retention {
            database: app.database.clone(),
        };
        let keying = Keying {
            database: app.database.clone(),
        };
        let folding = Folding {
            database: app.database.clone(),
        };
        let leader = Leader::new(app.database.clone(), app.metrics.outbox.clone())
            .with_task(relay)
            .with_task(retention)
            .with_task(keying)
            .with_task(folding);
        tasks.spawn(leader.run(stop.clone()));
        tasks.spawn(app.feed.clone().run(app.database.clone(), stop.clone()));
        let running = Self { tasks, stop };
        running.repeat(app, KEYS_INTERVAL, |exchange| {
            Box::pin(idempotency::delete_expired(exchange))
        });
        running.repeat(app, COUNTERS_INTERVAL, |exchange| {
            Box::pin(throttle::delete_expired(exchange))
        });
        running.repeat(app, COUNTERS_INTERVAL, |exchange| {
            Box::pin(log_in_rate::delete_expired(exchange))
        });
        running.repeat(app, RESETS_INTERVAL, |exchange| {
            Box::pin(mailbox::send_resets(exchange))
        });
        Ok(running)
    }

    /// Runs `work` now and at every interval, and logs its failures.
    fn repeat(&self, app: &App, interval: Duration, work: Work) {
        let (exchange, stop) = (app.exchange.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            while !stop.is_cancelled() {
                if let Err(failure) = work(&exchange).await {
                    failure.log();
                }
                let _ = timeout(interval, stop.cancelled()).await;
            }
        });
    }

    /// Stops the tasks. A letter in flight is finished.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
