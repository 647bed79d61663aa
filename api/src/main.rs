//! Settings, then the App, then listen until told to stop. `openapi`, `schema` and `asyncapi` print the descriptions of
//! the two surfaces and of the events, without a database.
//!
//! At SIGTERM or SIGINT readiness goes off first. Then, beside each other, requests and operations under way are finished,
//! live streams are told to go, and the relay is handed over; last, the connections to the database are closed, and the last
//! spans sent. After [`STOP`] the program ends, whatever hangs.

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

/// Requests allocate little and often, on all threads at once, for which the system's allocator makes them wait.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long a connection to the database may take to come. There are more than requests that run at once, so one that does
/// not come by then is not to be had: the database is away.
const AWAY: Duration = Duration::from_secs(3);
/// After how many steps of requests a busy thread looks whether something came. A step may take milliseconds, and with the 61
/// of tokio a request that is to be refused at once would wait for all of them.
const STEPS: u32 = 5;
/// How long stopping may take, in all.
const STOP: Duration = Duration::from_secs(10);

/// A video game exchange, by REST and by GraphQL. Settings come from the environment and from .env.
#[derive(Parser)]
#[command(name = "api", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Fill an empty database with people, games and an offer, and print a curl for each person.
    #[arg(long)]
    demo: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print the description of the REST surface (openapi.json).
    Openapi,
    /// Print the description of the events (asyncapi.yaml).
    Asyncapi,
    /// Print the schema of the GraphQL surface (schema.graphql).
    Schema,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Openapi) => print!("{}", rest::openapi::json()),
        Some(Command::Asyncapi) => print!("{}", asyncapi::yaml()),
        Some(Command::Schema) => print!("{}", graphql::sdl()),
        None => return serve(cli.demo),
    }
    ExitCode::SUCCESS
}

fn serve(with_demo: bool) -> ExitCode {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.enable_all().event_interval(STEPS);
    program::run(runtime, Settings::read, |settings| run(settings, with_demo))
}

async fn run(settings: Settings, with_demo: bool) -> Result<(), Box<dyn Error>> {
    let address = SocketAddr::new(settings.host, settings.port);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| format!("cannot listen on {address}: {cause}; set HOST or PORT"))?;
    let database = Database::open(settings.database_url.expose_secret(), AWAY).await?;
    let random = Random::system();
    let trust_email = settings.in_development();
    let secret = settings.jwt_secret.unwrap_or_else(|| random.token());
    let on_wait = WaitHook::new(admission::release_current);
    let identity = Identity {
        tokens: Tokens::new(&secret),
        request_digest: RequestDigest::new(&secret)?,
        passwords: Passwords::for_this_machine(random.clone())?.with_wait_hook(on_wait.clone()),
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
    let base = format!("http://{}", reachable(listener.local_addr()?));
    if with_demo {
        println!("{}", demo::fill(&app, &base).await?);
    }
    let collect = |to: Collector| to.connect("exchange-api", app.instance_name.to_string());
    let exporter = settings.collector.map(collect).transpose()?;
    settings.log.start(exporter.as_ref());
    println!("{}", welcome(&base));
    if settings.user_id_header == Trust::InDevelopment {
        tracing::warn!(
            "development: X-User-ID is trusted, and log-ins end with this process; set JWT_SECRET to change both"
        );
    }
    let exposure = Exposure {
        cors_origins: settings.cors_origins,
        trusted_proxies: settings.trusted_proxies,
        loopback_names_only: settings.user_id_header == Trust::InDevelopment,
        hide_schema: !settings.graphql_introspection,
        limits: Limits::default(),
    };
    let told = shutdown_signal()?;
    let letters = settings.letters;
    if letters.smtp.is_some() && letters.public_base_url.is_none() {
        tracing::warn!("letters link to {base}; set PUBLIC_BASE_URL to where people reach this");
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
    told.await;
    let in_order = async {
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
    timeout(STOP, in_order).await.unwrap_or_else(|_| {
        tracing::warn!(
            "not everything has ended in {} s: leaving it behind",
            STOP.as_secs()
        );
        Ok(())
    })
}

/// An address of this machine at which a listener on all of them answers.
fn reachable(mut address: SocketAddr) -> SocketAddr {
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
