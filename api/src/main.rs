//! Reads the settings, builds the App, and serves until a signal. `openapi`, `schema` and `asyncapi` print the
//! descriptions of the two surfaces and of the events without a database.
//!
//! On SIGTERM or SIGINT the instance first reports that it is not ready. Then requests and operations in flight finish,
//! live streams are closed and the relay is handed over, all concurrently; finally the database connections are closed
//! and the last spans are sent. The program ends after [`SHUTDOWN_TIMEOUT`] in any case.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use api::{
    admission,
    app::App,
    background::Background,
    config::{Settings, Trust},
    demo, graphql,
    http::clients::Clients,
    metrics::Metrics,
    rest,
    server::{
        self, Exposure,
        connections::{self, Connections},
        limits::Limits,
    },
};
use clap::{Parser, Subcommand};
use entity::event::asyncapi;
use exchange::{
    Exchange, Parts, WaitHook,
    identity::{Identity, passwords::Passwords, request_digest::RequestDigest, tokens::Tokens},
    titles,
};
use mimalloc::MiMalloc;
use outbox::feed::EventFeed;
use platform::{
    database::Database,
    program,
    shutdown::shutdown_signal,
    system::{Clock, Random},
    trace::export::Collector,
};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    runtime::Builder,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Requests make many small allocations on all threads at once, on which the system's allocator contends.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The timeout for acquiring a database connection. The pool is larger than the admission limit, so a timeout means
/// that the database is unreachable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// The number of task polls between two polls for I/O; tokio's default is 61. A poll may take milliseconds, and a
/// request that is rejected at once should not wait for 61 of them.
const EVENT_INTERVAL: u32 = 5;
/// The time limit of the whole shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// A video game exchange with a REST and a GraphQL API. Settings come from the environment and from .env.
#[derive(Parser)]
#[command(name = "api", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Fill an empty database with users, games and an offer, and print a curl command for each user.
    #[arg(long)]
    demo: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print the description of the REST API (openapi.json).
    Openapi,
    /// Print the description of the events (asyncapi.yaml).
    Asyncapi,
    /// Print the schema of the GraphQL API (schema.graphql).
    Schema,
    /// Titles of games. With SQLite, stop the server first: it locks the database file.
    #[command(subcommand)]
    Titles(Titles),
}

#[derive(Subcommand)]
enum Titles {
    /// Let one title mean another, for two names of one game. The server then moves the games of the first to the second.
    Merge {
        /// The title to give up, as people write it, or its key.
        from: String,
        /// The title to keep.
        into: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Openapi) => print!("{}", rest::openapi::json()),
        Some(Command::Asyncapi) => print!("{}", asyncapi::yaml()),
        Some(Command::Schema) => print!("{}", graphql::sdl()),
        Some(Command::Titles(command)) => return manage_titles(command),
        None => return serve(cli.demo),
    }
    ExitCode::SUCCESS
}

fn serve(with_demo: bool) -> ExitCode {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.enable_all().event_interval(EVENT_INTERVAL);
    program::run(runtime, Settings::read, |settings| run(settings, with_demo))
}

fn manage_titles(command: Titles) -> ExitCode {
    let mut runtime = Builder::new_current_thread();
    program::run(
        runtime.enable_all(),
        |source| source.database_url(),
        |url| async move {
            let Titles::Merge { from, into } = command;
            let database = Database::open_existing(url.expose_secret()).await?;
            let merged = titles::merge(&database, &from, &into).await;
            database.close().await;
            println!("{}", merged?);
            Ok(())
        },
    )
}

async fn run(settings: Settings, with_demo: bool) -> Result<(), Box<dyn Error>> {
    let address = SocketAddr::new(settings.host, settings.port);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| format!("cannot listen on {address}: {cause}; set HOST or PORT"))?;
    let database = Database::open(settings.database_url.expose_secret(), ACQUIRE_TIMEOUT).await?;
    let random = Random::system();
    let trust_email = settings.in_development();
    let secret = settings.jwt_secret.unwrap_or_else(|| random.token());
    let on_wait = WaitHook::new(admission::release_current);
    let identity = Identity {
        tokens: Tokens::new(&secret),
        request_digest: RequestDigest::new(&secret)?,
        passwords: Passwords::for_this_machine(random.clone())?,
        user_id_header: settings.user_id_header,
        trust_email,
    };
    let exchange = Exchange::from(Parts {
        database,
        clock: Clock::system(),
        random,
        identity: Arc::new(identity),
        bell: Arc::default(),
        feed: EventFeed::default(),
        on_wait,
    });
    let app = App {
        exchange,
        metrics: Metrics::default(),
        clients: Clients::default(),
        stopping: CancellationToken::new(),
        instance_name: settings.instance_name.into(),
    };
    let base = format!("http://{}", local_address(listener.local_addr()?));
    if with_demo {
        println!("{}", demo::seed(&app, &base).await?);
    }
    let connect =
        |collector: Collector| collector.connect("exchange-api", app.instance_name.to_string());
    let exporter = settings.collector.map(connect).transpose()?;
    settings.log.start(exporter.as_ref());
    println!("{}", welcome(&base));
    if settings.user_id_header == Trust::InDevelopment {
        tracing::warn!(
            "development mode: X-User-ID is trusted, and sessions end with this process; set JWT_SECRET to change both"
        );
    }
    let exposure = Exposure {
        cors_origins: settings.cors_origins,
        trusted_proxies: settings.trusted_proxies,
        loopback_names_only: settings.user_id_header == Trust::InDevelopment,
        hide_schema: !settings.graphql_introspection,
        limits: Limits::default(),
    };
    let signal = shutdown_signal()?;
    let letters = settings.letters;
    if letters.smtp.is_some() && letters.public_base_url.is_none() {
        tracing::warn!(
            "letters link to {base}; set PUBLIC_BASE_URL to the public address of this service"
        );
    }
    let links = letters.public_base_url.clone().unwrap_or(base);
    let background = Background::start(&app, settings.kafka, &letters, links)
        .map_err(|cause| cause.to_string())?;
    let stop = CancellationToken::new();
    let serving = tokio::spawn(connections::serve(
        listener,
        server::router(app.clone(), exposure),
        Connections::default(),
        stop.clone().cancelled_owned(),
    ));
    signal.await;
    let shutdown = async {
        app.stopping.cancel();
        sleep(settings.shutdown_grace).await;
        stop.cancel();
        app.feed.close();
        let (served, ()) = tokio::join!(serving, background.stop());
        served?;
        app.database.clone().close().await;
        if let Some(exporter) = exporter {
            exporter.finish().await;
        }
        Ok(())
    };
    timeout(SHUTDOWN_TIMEOUT, shutdown)
        .await
        .unwrap_or_else(|_| {
            tracing::warn!(
                "shutdown took more than {} s: ending without waiting for the rest",
                SHUTDOWN_TIMEOUT.as_secs()
            );
            Ok(())
        })
}

/// Replaces the wildcard address of a listener by a loopback address.
fn local_address(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

fn welcome(base: &str) -> String {
    format!(
        "The exchange is open at {base}\n\n  \
         Swagger UI  {base}/docs\n  \
         ReDoc       {base}/redoc\n  \
         explorer    {base}/explorer\n  \
         GraphiQL    {base}/graphiql\n  \
         from here   curl {base}/\n"
    )
}
