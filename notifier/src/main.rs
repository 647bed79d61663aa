//! The notifier's own program: reads events from Kafka, sends letters, and answers `/health` and `/metrics`. `dead`
//! shows letters that were given up, and has them sent again.

use std::{error::Error, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use notifier::{
    consumer::{Consumer, Pulse},
    dead,
    health::{self, Health},
    metrics::Metrics,
    settings::Settings,
};
use platform::{
    database::Database,
    settings,
    shutdown::told_to_stop,
    system::{Clock, Random},
};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;

/// Turns the events of the exchange into e-mail. Settings come from the environment and from .env.
#[derive(Parser)]
#[command(name = "notifier", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Letters that were given up.
    #[command(subcommand)]
    Dead(Dead),
}

#[derive(Subcommand)]
enum Dead {
    /// Show them: to whom (by user id), which letter, and why.
    List,
    /// Send them again.
    Retry {
        /// The ids that `dead list` shows.
        #[arg(required_unless_present = "all")]
        ids: Vec<i64>,
        /// All of them.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        None => match settings::from_environment(Settings::read) {
            Ok(settings) => run(settings).await,
            Err(wrong) => return refuse(&wrong),
        },
        Some(Command::Dead(command)) => {
            match settings::from_environment(|source| source.database_url()) {
                Ok(url) => see_to_the_dead(url.expose_secret(), command).await,
                Err(wrong) => return refuse(&wrong),
            }
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(wrong: &dyn Error) -> ExitCode {
    eprintln!("error: {wrong}");
    ExitCode::from(2)
}

async fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let address = settings.address;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| format!("cannot listen on {address}: {cause}; set NOTIFIER_ADDRESS"))?;
    let database = Database::open(settings.database_url.expose_secret()).await?;
    settings.log.start();
    let (clock, bell, metrics) = (Clock::system(), Arc::new(Notify::new()), Metrics::default());
    let pulse = Pulse::new(clock.now());
    let sender = notifier::sender(
        &settings.letters,
        database.clone(),
        clock.clone(),
        Random::system(),
        bell.clone(),
        metrics.clone(),
    )
    .map_err(|cause| cause.to_string())?;
    let consumer = Consumer {
        settings: settings.kafka,
        database: database.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        bell,
        pulse: pulse.clone(),
    };
    let stop = CancellationToken::new();
    let sending = tokio::spawn(Arc::new(sender).run(stop.clone()));
    let consuming = tokio::spawn(Arc::new(consumer).run(stop.clone()));
    let pages = health::router(Health {
        database,
        clock,
        metrics,
        pulse,
    });
    tracing::info!(address = %listener.local_addr()?, "the notifier is at work");
    let told = told_to_stop()?;
    tokio::select! {
        served = axum::serve(listener, pages) => served?,
        () = told => tracing::info!("stopping: finishing the letters under way"),
    }
    stop.cancel();
    consuming.await??;
    sending.await?;
    Ok(())
}

async fn see_to_the_dead(url: &str, command: Dead) -> Result<(), Box<dyn Error>> {
    let database = Database::open(url).await?;
    match command {
        Dead::List => {
            let rows = dead::list(&database).await?;
            if rows.is_empty() {
                println!("No letter was given up.");
            } else {
                print!("{}", dead::table(&rows));
            }
        }
        Dead::Retry { ids, .. } => {
            let again = dead::retry(&database, ids.clone(), Clock::system().now()).await?;
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
