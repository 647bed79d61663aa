//! Programs for benchmarks: rows to measure on ([`load`]), and the same answers without the exchange ([`ceiling`]).
//! `bench/run` uses both.

mod ceiling;
mod load;

use std::{error::Error, net::SocketAddr, process::ExitCode};

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

/// Helpers of bench/run.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Cli {
    /// sqlite://… or postgres://…
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill an empty database with people, games, and offers in every state. The same numbers give the same rows.
    Load(load::Size),
    /// Serve the answers that are measured by hand-written SQL, from the schema of the peers.
    Ceiling {
        #[arg(long)]
        listen: SocketAddr,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ran = Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(cli)));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn Error>> {
    match cli.command {
        Command::Load(size) => load::fill(&cli.database_url, size).await,
        Command::Ceiling { listen } => ceiling::serve(&cli.database_url, listen).await,
    }
}
