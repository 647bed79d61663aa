//! The notifier program: reads events from Kafka, sends letters, and serves `/health` and `/metrics`. `dead` lists dead
//! letters and sends them again.
//!
//! On SIGTERM or SIGINT the consumer and the sender stop together: the consumer leaves its group, for at most 10 s, and the
//! sender finishes its letters, for at most 17 s (15 s for the mail server, 2 s for the database). Then the program exits,
//! even if something hangs. A worker that ends unexpectedly ends the program with status 1, so that a supervisor restarts
//! it.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::Router;
use clap::{Parser, Subcommand};
use notifier::{
    consumer::Consumer,
    dead_letters,
    health::{self, Health},
    heartbeat::Heartbeat,
    metrics::Metrics,
    sender::Sender,
    settings::{Letters, Settings},
};
use outbox::settings::Kafka;
use platform::{
    database::{ACQUIRE_TIMEOUT, Database, OpenError},
    program,
    shutdown::shutdown_signal,
    system::{Clock, Random},
    trace::export::Collector,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpListener, runtime::Builder, sync::Notify};
use tokio_util::sync::CancellationToken;

/// Turns the events of the exchange into e-mail. Settings come from the environment and from .env. Ends within 17 s of
/// SIGTERM.
#[derive(Parser)]
#[command(name = "notifier", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Letters that were given up. With SQLite, stop the API first: it locks the database file.
    #[command(subcommand)]
    Dead(Dead),
}

#[derive(Subcommand)]
enum Dead {
    /// List them: recipient (user id), letter and reason.
    List,
    /// Send them again.
    Retry {
        /// The ids that `dead list` shows.
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// Send all of them again.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

fn main() -> ExitCode {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.enable_all();
    match Cli::parse().command {
        None => program::run(runtime, Settings::read, run),
        Some(Command::Dead(command)) => program::run(
            runtime,
            |source| source.database_url(),
            |url| manage_dead_letters(url, command),
        ),
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let address = settings.address;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| format!("cannot listen on {address}: {cause}; set NOTIFIER_ADDRESS"))?;
    let database = Database::open(settings.database_url.expose_secret(), ACQUIRE_TIMEOUT).await?;
    let collect = |to: Collector| to.connect("exchange-notifier", address.to_string());
    let exporter = settings.collector.map(collect).transpose()?;
    settings.log.start(exporter.as_ref());
    if settings.letters.smtp.is_none() {
        tracing::warn!(
            "letters are written to the log, including their tokens; set SMTP_HOST to send them"
        );
    }
    let (consumer, sender, pages) = workers(
        settings.kafka,
        &settings.letters,
        settings.base_url,
        database,
    )?;
    let outcome = work(listener, pages, consumer, sender).await;
    if let Some(exporter) = exporter {
        exporter.finish().await;
    }
    outcome
}

/// Creates the workers, and the pages that show their state.
fn workers(
    kafka: Kafka,
    letters: &Letters,
    base_url: String,
    database: Database,
) -> Result<(Consumer, Sender, Router), Box<dyn Error>> {
    let (clock, wake_up, metrics) = (Clock::system(), Arc::new(Notify::new()), Metrics::default());
    let sender = notifier::sender(
        letters,
        base_url,
        database.clone(),
        clock.clone(),
        Random::system(),
        wake_up.clone(),
        metrics.clone(),
    )
    .map_err(|cause| cause.to_string())?;
    let consumer = Consumer {
        settings: kafka,
        database: database.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        wake_up,
        heartbeat: Heartbeat::new(clock.now()),
    };
    let pages = health::router(Health {
        database,
        clock,
        metrics,
        consumer: consumer.heartbeat.clone(),
        sender: sender.heartbeat.clone(),
    });
    Ok((consumer, sender, pages))
}

/// Runs the workers and serves the pages until a signal, or until one of them ends.
async fn work(
    listener: TcpListener,
    pages: Router,
    consumer: Consumer,
    sender: Sender,
) -> Result<(), Box<dyn Error>> {
    let signal = shutdown_signal()?;
    let stop = CancellationToken::new();
    let mut sending = tokio::spawn(Arc::new(sender).run(stop.clone()));
    let mut consuming = tokio::spawn(Arc::new(consumer).run(stop.clone()));
    tracing::info!(address = %listener.local_addr()?, "the notifier is running");
    tokio::select! {
        served = axum::serve(listener, pages) => served?,
        () = signal => tracing::info!("stopping: finishing the letters that are being sent"),
        ended = &mut consuming => {
            ended??;
            return Err("the consumer ended unexpectedly".into());
        }
        ended = &mut sending => {
            ended?;
            return Err("the sender ended unexpectedly".into());
        }
    }
    stop.cancel();
    let (consumed, sent) = tokio::join!(consuming, sending);
    consumed??;
    sent?;
    Ok(())
}

async fn manage_dead_letters(url: SecretString, command: Dead) -> Result<(), Box<dyn Error>> {
    let database = match Database::open_existing(url.expose_secret()).await {
        Ok(database) => database,
        Err(OpenError::InUse(path)) => {
            let path = path.display();
            return Err(format!(
                "the API has {path} open, and locks it with SQLite: stop the API first"
            )
            .into());
        }
        Err(failure) => return Err(failure.into()),
    };
    match command {
        Dead::List => {
            let rows = dead_letters::list(&database).await?;
            if rows.is_empty() {
                println!("No letter was given up.");
            } else {
                print!("{}", dead_letters::table(&rows));
            }
        }
        Dead::Retry { ids, .. } => {
            let again = dead_letters::retry(&database, ids.clone()).await?;
            println!("{again} to be sent again.");
            if again < ids.len() as u64 {
                return Err(format!(
                    "{} of the ids are not of dead letters; see: notifier dead list",
                    ids.len() as u64 - again
                )
                .into());
            }
        }
    }
    Ok(())
}
