//! Settings: a wrong one is reported in one line.

use std::{collections::HashMap, ffi::OsString};

use notifier::settings::{Settings, Tls};
use platform::settings::Source;
use secrecy::ExposeSecret;

/// Reads these settings and Kafka's address.
fn read(given: &[(&str, &str)]) -> Result<Settings, String> {
    let mut values = HashMap::from([("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")]);
    values.extend(given.iter().copied());
    let lookup = |name: &str| values.get(name).map(OsString::from);
    Settings::read(&Source::new(&lookup)).map_err(|wrong| wrong.to_string())
}

#[test]
fn settings_have_defaults_that_work() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.kafka.topic, "email-notifications");
    assert_eq!(settings.kafka.group, "email-notification-group");
    assert_eq!(settings.kafka.dead_topic(), "email-notifications.dead");
    assert_eq!(settings.address.to_string(), "127.0.0.1:8001");
    assert_eq!(
        settings.letters.from.email.to_string(),
        "noreply@videogametrading.com"
    );
    assert_eq!(settings.letters.public_base_url, None);
    assert_eq!(settings.base_url, "http://127.0.0.1:8000");
    assert!(settings.letters.smtp.is_none(), "letters are logged");
    assert_eq!(
        settings.database_url.expose_secret(),
        "sqlite://exchange.db?mode=rwc"
    );
}

#[test]
fn empty_settings_count_as_absent() {
    let settings = read(&[("SMTP_HOST", ""), ("KAFKA_TOPIC", " "), ("FROM_EMAIL", "")]).unwrap();
    assert!(settings.letters.smtp.is_none());
    assert_eq!(settings.kafka.topic, "email-notifications");
}

#[test]
fn secret_can_be_read_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let password = file("password", " pa55word with blanks \n");
    let url = file("url", "postgres://me:pa55word@db/exchange\r\n");
    let account = [("SMTP_HOST", "mail.example"), ("SMTP_USERNAME", "me")];
    let with = |more: &[(&str, &str)]| read(&[&account, more].concat());

    let settings = with(&[
        ("SMTP_PASSWORD_FILE", &password),
        ("DATABASE_URL_FILE", &url),
    ])
    .unwrap();
    let (_, secret) = settings.letters.smtp.unwrap().credentials.unwrap();
    assert_eq!(secret.expose_secret(), " pa55word with blanks ");
    assert_eq!(
        settings.database_url.expose_secret(),
        "postgres://me:pa55word@db/exchange"
    );

    for (given, said) in [
        (
            &[("SMTP_PASSWORD_FILE", "/no/such/file")][..],
            "SMTP_PASSWORD: cannot be read from /no/such/file: ",
        ),
        (
            &[
                ("SMTP_PASSWORD_FILE", &password),
                ("SMTP_PASSWORD", "pa55word"),
            ],
            "SMTP_PASSWORD: is set, and so is SMTP_PASSWORD_FILE: set only one of them",
        ),
        (
            &[("SMTP_PASSWORD_FILE", &file("empty", "\n"))],
            "SMTP_PASSWORD: is required with SMTP_USERNAME",
        ),
        (&[("SMTP_PASSWORD_FILE", "")], "SMTP_PASSWORD: is required"),
    ] {
        let refusal = with(given).unwrap_err();
        assert!(refusal.starts_with(said), "{refusal}");
        assert!(!refusal.contains("pa55word"), "{refusal}");
    }
}

#[test]
fn smtp_is_encrypted_by_default() {
    let smtp = |given: &[(&str, &str)]| {
        let mut all = vec![("SMTP_HOST", "mail.example")];
        all.extend(given);
        read(&all).unwrap().letters.smtp.unwrap()
    };
    assert_eq!((smtp(&[]).port, smtp(&[]).tls), (587, Tls::Starttls));
    assert_eq!(smtp(&[("SMTP_PORT", "25")]).tls, Tls::Starttls);
    assert_eq!(smtp(&[("SMTP_PORT", "465")]).tls, Tls::Implicit);
    for (word, tls) in [
        ("implicit", Tls::Implicit),
        ("starttls", Tls::Starttls),
        ("none", Tls::None),
    ] {
        assert_eq!(smtp(&[("SMTP_PORT", "465"), ("SMTP_TLS", word)]).tls, tls);
    }
    let both = smtp(&[("SMTP_USERNAME", "ann"), ("SMTP_PASSWORD", "s3cret!")]);
    let (username, password) = both.credentials.as_ref().unwrap();
    assert_eq!(
        (username.as_str(), password.expose_secret()),
        ("ann", "s3cret!")
    );
    assert!(!format!("{both:?}").contains("s3cret!"));
}

#[test]
fn wrong_settings_are_reported_in_one_line_each() {
    let topic = "t".repeat(245);
    for (given, line) in [
        (
            &[("KAFKA_BOOTSTRAP_SERVERS", "kafka")][..],
            r#"KAFKA_BOOTSTRAP_SERVERS: must list hosts with ports such as kafka:9092, but is "kafka""#,
        ),
        (
            &[("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:99999")],
            r#"KAFKA_BOOTSTRAP_SERVERS: must list hosts with ports such as kafka:9092, but is "a:1,b:99999""#,
        ),
        (
            &[("KAFKA_BOOTSTRAP_SERVERS", "")],
            "KAFKA_BOOTSTRAP_SERVERS: is not set; without Kafka the API sends the letters itself, and this program has nothing to do",
        ),
        (
            &[("KAFKA_TOPIC", "e mail")],
            r#"KAFKA_TOPIC: may have up to 244 letters, digits, '.', '_' and '-', but is "e mail""#,
        ),
        (
            &[("KAFKA_TOPIC", &topic)],
            &format!(
                "KAFKA_TOPIC: may have up to 244 letters, digits, '.', '_' and '-', but is {topic:?}"
            ),
        ),
        (
            &[("SMTP_PORT", "smtp")],
            r#"SMTP_PORT: must be a port from 1 to 65535, but is "smtp""#,
        ),
        (
            &[("SMTP_HOST", "mail"), ("SMTP_PORT", "0")],
            r#"SMTP_PORT: must be a port from 1 to 65535, but is "0""#,
        ),
        (
            &[("SMTP_HOST", "mail:587")],
            r#"SMTP_HOST: must be a host such as smtp.example.com, without a port, but is "mail:587""#,
        ),
        (
            &[("SMTP_HOST", "mail example")],
            r#"SMTP_HOST: must be a host such as smtp.example.com, without a port, but is "mail example""#,
        ),
        (
            &[("SMTP_PORT", "25")],
            "SMTP_PORT: is set, but SMTP_HOST is not: without it letters are written to the log",
        ),
        (
            &[("SMTP_TLS", "none")],
            "SMTP_TLS: is set, but SMTP_HOST is not: without it letters are written to the log",
        ),
        (
            &[("SMTP_USERNAME", "ann"), ("SMTP_PASSWORD", "s3cret!")],
            "SMTP_USERNAME: is set, but SMTP_HOST is not: without it letters are written to the log",
        ),
        (
            &[("SMTP_PASSWORD", "s3cret!")],
            "SMTP_PASSWORD: is set, but SMTP_HOST is not: without it letters are written to the log",
        ),
        (
            &[("KAFKA_TOPIC", ".")],
            r#"KAFKA_TOPIC: may have up to 244 letters, digits, '.', '_' and '-', but is ".""#,
        ),
        (
            &[("KAFKA_TOPIC", "..")],
            r#"KAFKA_TOPIC: may have up to 244 letters, digits, '.', '_' and '-', but is "..""#,
        ),
        (
            &[("PUBLIC_BASE_URL", "https:///x")],
            r#"PUBLIC_BASE_URL: must be an address such as https://games.example, but is "https:///x""#,
        ),
        (
            &[("PUBLIC_BASE_URL", "https://:8000")],
            r#"PUBLIC_BASE_URL: must be an address such as https://games.example, but is "https://:8000""#,
        ),
        (
            &[("SMTP_HOST", "mail"), ("SMTP_TLS", "yes")],
            r#"SMTP_TLS: must be implicit, starttls or none, but is "yes""#,
        ),
        (
            &[("SMTP_HOST", "mail"), ("SMTP_USERNAME", "ann")],
            "SMTP_PASSWORD: is required with SMTP_USERNAME",
        ),
        (
            &[("SMTP_HOST", "mail"), ("SMTP_PASSWORD", "s3cret!")],
            "SMTP_USERNAME: is required with SMTP_PASSWORD",
        ),
        (
            &[("FROM_EMAIL", "nobody")],
            r#"FROM_EMAIL: must be an e-mail address such as noreply@games.example, but is "nobody""#,
        ),
        (
            &[("PUBLIC_BASE_URL", "games.example")],
            r#"PUBLIC_BASE_URL: must be an address such as https://games.example, but is "games.example""#,
        ),
        (
            &[("PUBLIC_BASE_URL", "https://games.example/?a=\"")],
            r#"PUBLIC_BASE_URL: must be an address such as https://games.example, but is "https://games.example/?a=\"""#,
        ),
        (
            &[("NOTIFIER_ADDRESS", "8001")],
            r#"NOTIFIER_ADDRESS: must be an IP address and a port such as 127.0.0.1:8001, but is "8001""#,
        ),
        (
            &[("LOG_FORMAT", "xml")],
            r#"LOG_FORMAT: must be text or json, but is "xml""#,
        ),
    ] {
        assert_eq!(read(given).unwrap_err(), line);
    }
}

#[test]
fn public_base_url_drops_its_trailing_slash() {
    let settings = read(&[("PUBLIC_BASE_URL", "https://games.example/exchange/")]).unwrap();
    assert_eq!(settings.base_url, "https://games.example/exchange");
    assert_eq!(settings.letters.public_base_url, Some(settings.base_url));
}

#[test]
fn smtp_host_is_trimmed() {
    for (given, host) in [
        (" mail.example ", "mail.example"),
        ("10.0.0.7", "10.0.0.7"),
        ("::1", "::1"),
        ("mail_1", "mail_1"),
    ] {
        let smtp = read(&[("SMTP_HOST", given)]).unwrap().letters.smtp;
        assert_eq!(smtp.unwrap().host, host);
    }
}
