//! What an instance does beside answering: it relays events, and where no notifier of its own program can run, it hosts
//! the notifier.

use std::{error::Error, sync::Arc, time::Duration};

use exchange::{
    idempotency,
    identity::{log_in_rate, throttle},
    users::mailbox,
};
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

/// How often old idempotency keys are looked for.
const SWEEP: Duration = Duration::from_secs(3600);
/// The time between two sweeps of counters.
const SWEEP_COUNTERS: Duration = Duration::from_secs(60);
/// The time between two looks for resets of passwords that somebody asked for.
const SEND_RESETS: Duration = Duration::from_secs(1);

/// The tasks under way, until [`Background::stop`].
pub struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Starts what these settings ask for. Without Kafka this instance sends the letters, with links to `base`; with Kafka
    /// the notifier does, unless the database is a file that no other process may open.
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
                    "letters are written to the log, with the tokens that they carry; set SMTP_HOST"
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
        let leader = Leader::new(app.database.clone(), app.metrics.outbox.clone())
            .with_task(relay)
            .with_task(retention);
        tasks.spawn(leader.run(stop.clone()));
        tasks.spawn(app.feed.clone().run(app.database.clone(), stop.clone()));
        tasks.spawn(sweep(app.clone(), stop.clone()));
        tasks.spawn(sweep_counters(app.clone(), stop.clone()));
        tasks.spawn(send_resets(app.clone(), stop.clone()));
        Ok(Self { tasks, stop })
    }

    /// Ends the tasks; a letter that is under way is finished.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Deletes idempotency keys that nobody will ask for any more, now and each hour.
async fn sweep(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(failure) = idempotency::delete_expired(&app).await {
            failure.log();
        }
        let _ = timeout(SWEEP, stop.cancelled()).await;
    }
}

/// Deletes counters of log-ins, wrong passwords and letters whose time is over.
async fn sweep_counters(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for swept in [
            throttle::delete_expired(&app).await,
            log_in_rate::delete_expired(&app).await,
        ] {
            if let Err(failure) = swept {
                failure.log();
            }
        }
        let _ = timeout(SWEEP_COUNTERS, stop.cancelled()).await;
    }
}

/// Sends the letters of resets that were asked for.
async fn send_resets(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(failure) = mailbox::send_resets(&app).await {
            failure.log();
        }
        let _ = timeout(SEND_RESETS, stop.cancelled()).await;
    }
}
