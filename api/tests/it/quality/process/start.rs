//! Start: settings, listeners, and errors in one line.

use std::{
    ffi::OsString,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::ffi::OsStringExt,
};

use api::config::{self, DEVELOPMENT_SECRET};
use platform::{database::Database, settings::Source};
use sea_orm::ConnectionTrait;

use super::{
    directory,
    server::{Server, Settings, complaint, program, refused, status},
};
use crate::support::TestDatabase;

#[test]
fn start_reports_a_wrong_setting_in_one_line() {
    let directory = directory();
    let short = "a-secret-of-31-bytes-is-too-sho";
    let table: &[(Settings<'_>, &str)] = &[
        (&[("HOST", "localhost")], "HOST"),
        (&[("HOST", "127.0.0.1:8000")], "HOST"),
        (&[("HOST", "0.0.0.256")], "HOST"),
        (&[("PORT", "65536")], "PORT"),
        (&[("PORT", "-1")], "PORT"),
        (&[("PORT", "http")], "PORT"),
        (&[("PORT", "80\n81")], "PORT"),
        (&[("TRUST_X_USER_ID", "yes")], "TRUST_X_USER_ID"),
        (&[("TRUST_X_USER_ID", "1")], "TRUST_X_USER_ID"),
        (&[("JWT_SECRET", short)], "JWT_SECRET"),
        (
            &[("JWT_SECRET", short), ("TRUST_X_USER_ID", "true")],
            "JWT_SECRET",
        ),
        (&[("JWT_SECRET", DEVELOPMENT_SECRET)], "JWT_SECRET"),
        (
            &[
                ("JWT_SECRET", DEVELOPMENT_SECRET),
                ("TRUST_X_USER_ID", "false"),
            ],
            "JWT_SECRET",
        ),
        (&[("INSTANCE_NAME", "api 1")], "INSTANCE_NAME"),
        (&[("INSTANCE_NAME", "api\r\n1")], "INSTANCE_NAME"),
        (&[("INSTANCE_NAME", "äpi")], "INSTANCE_NAME"),
        (&[("CORS_ORIGINS", "*")], "CORS_ORIGINS"),
        (&[("CORS_ORIGINS", "games.example")], "CORS_ORIGINS"),
        (&[("TRUSTED_PROXIES", "nginx")], "TRUSTED_PROXIES"),
        (
            &[("CORS_ORIGINS", "https://games.example/")],
            "CORS_ORIGINS",
        ),
        (
            &[("CORS_ORIGINS", "https://a.example, ftp://b.example")],
            "CORS_ORIGINS",
        ),
        (&[("GRAPHQL_INTROSPECTION", "off")], "GRAPHQL_INTROSPECTION"),
        (&[("SHUTDOWN_GRACE", "1s")], "SHUTDOWN_GRACE"),
        (&[("SHUTDOWN_GRACE", "6")], "SHUTDOWN_GRACE"),
        (&[("LOG_FORMAT", "xml")], "LOG_FORMAT"),
        (&[("LOG_FORMAT", "JSON")], "LOG_FORMAT"),
        (&[("RUST_LOG", "api=loud")], "RUST_LOG"),
        (&[("RUST_LOG", "info,api=[")], "RUST_LOG"),
        (
            &[("DATABASE_URL", "mysql://me:pa55word@localhost/exchange")],
            "DATABASE_URL",
        ),
        (&[("DATABASE_URL", "exchange.db")], "DATABASE_URL"),
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")],
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        ),
    ];
    for (settings, name) in table {
        let said = complaint(&refused(directory.path(), &[], settings), 2);
        assert!(said.starts_with(&format!("error: {name}")), "{said}");
        for secret in [short, DEVELOPMENT_SECRET, "pa55word"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
    let left = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 0, "nothing was begun");
}

#[test]
fn start_refuses_a_setting_that_is_not_utf8() {
    let garbled = |name: &str| (name == "JWT_SECRET").then(|| OsString::from_vec(vec![0xff; 48]));
    let refusal = config::Settings::read(&Source::new(&garbled)).unwrap_err();
    assert_eq!(refusal.to_string(), "JWT_SECRET: is not valid UTF-8");
}

#[test]
fn start_reports_an_unreadable_settings_file_in_one_line() {
    for text in [
        &b"PORT=0\nJWT_SECRET my-very-own-pa55word-of-so-many-bytes\n"[..],
        b"JWT_SECRET='my-very-own-pa55word-of-so-many-bytes\n",
        b"JWT_SECRET=\xff\xfe-pa55word\n",
        b"JWT_SECRET=pa55word\n",
    ] {
        let directory = directory();
        std::fs::write(directory.path().join(".env"), text).unwrap();
        let said = complaint(&refused(directory.path(), &[], &[]), 2);
        assert!(
            said.starts_with("error: .env: ") || said.starts_with("error: JWT_SECRET: "),
            "{said}"
        );
        assert!(!said.contains("pa55word"), "{said}");
    }
}

#[test]
fn start_reports_a_missing_database_in_one_line() {
    let directory = directory();
    for url in [
        "sqlite://no/such/directory/exchange.db?mode=rwc",
        "sqlite://exchange.db?mode=nonsense",
        "postgres://me:pa55word@127.0.0.1:1/exchange",
        "postgres://me:pa55word@127.0.0.1:port/exchange",
        "postgres://me:pa55word@[/exchange",
    ] {
        let output = refused(directory.path(), &[], &[("DATABASE_URL", url)]);
        let said = complaint(&output, 1);
        assert!(
            said.contains("DATABASE_URL") || said.contains("cannot lock"),
            "{said}"
        );
        assert!(!said.contains("pa55word"), "{said}");
    }
}

#[test]
fn start_reports_a_taken_port_in_one_line() {
    let directory = directory();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = complaint(&refused(directory.path(), &[], &[("PORT", &port)]), 1);
    assert!(
        said.contains(&port) && said.contains("set HOST or PORT"),
        "{said}"
    );
}

#[test]
fn start_reports_a_locked_file_in_one_line() {
    let directory = directory();
    let first = Server::start(directory.path(), &[], &[]);
    let said = complaint(&refused(directory.path(), &[], &[]), 1);
    assert!(
        said.contains("exchange.db") && said.contains("DATABASE_URL"),
        "{said}"
    );
    assert_eq!(status(&first.call("GET", "/health", "", "")), "200");
    drop(first);
    let second = Server::start(directory.path(), &[], &[]);
    assert_eq!(
        status(&second.call("GET", "/health", "", "")),
        "200",
        "the resources of the first process are free"
    );
}

#[tokio::test]
async fn start_reports_a_newer_database_in_one_line() {
    let empty = TestDatabase::empty().await;
    let settings = [("DATABASE_URL", empty.url.as_str())];
    let directory = directory();
    drop(Server::start(directory.path(), &[], &settings));
    let database = Database::open_existing(&empty.url).await.unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_flying_cars', 0)";
    database.reader().execute_unprepared(newer).await.unwrap();
    database.close().await;
    let said = complaint(&refused(directory.path(), &[], &settings), 1);
    for part in ["DATABASE_URL", "newer", "m20991231_000001_flying_cars"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn start_listens_on_the_configured_address() {
    let directory = directory();
    let server = Server::start(
        directory.path(),
        &[],
        &[("HOST", "127.0.0.2"), ("INSTANCE_NAME", "api7")],
    );
    assert_eq!(server.address.ip().to_string(), "127.0.0.2");
    assert!(server.call("GET", "/whoami", "", "").contains("\"api7\""));
    let elsewhere = SocketAddr::from(([127, 0, 0, 1], server.address.port()));
    assert!(TcpStream::connect(elsewhere).is_err());
}

#[test]
fn start_logs_letters_without_any_setting() {
    let directory = directory();
    let mut server = Server::start(directory.path(), &["--demo"], &[]);
    let headers = "X-User-ID: 3\r\nContent-Type: application/json\r\n";
    let body =
        r#"{"offered_game_id": 9, "requested_game_id": 3, "message": "I never finished it."}"#;
    let answer = server.call("POST", "/offers", headers, body);
    assert_eq!(status(&answer), "201", "{answer}");
    let mut log = server.log.by_ref().map(Result::unwrap);
    let subject = "Subject: Cleo offers you a trade";
    assert!(log.any(|line| line == subject), "no letter to Abbey");
    let letter: Vec<_> = log.take_while(|line| line != "-- ").collect();
    let letter = letter.join("\n");
    for part in [
        "Hello Abbey,",
        "Tetris",
        "Ico",
        "> I never finished it.",
        &format!("http://{}/offers/2", server.address),
    ] {
        assert!(letter.contains(part), "{part} in {letter}");
    }
}

#[test]
fn description_commands_need_no_settings_or_database() {
    let directory = directory();
    let wrong = [("DATABASE_URL", "mysql://nowhere"), ("HOST", "nowhere")];
    for (command, begins) in [("openapi", "{\n  \"openapi\": \"3.1"), ("schema", "\"\"\"")] {
        let output = program(directory.path(), &[command], &wrong)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(text.starts_with(begins) && text.ends_with('\n'), "{text}");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
