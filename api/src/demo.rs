//! Demo data: users, games and an offer.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{
    Condition, GameId,
    limits::{Email, Integer, Password, Text},
    user,
};
use exchange::{
    error::Result,
    games::{CreateGame, NewGame},
    offers::{CreateOffer, NewOffer},
    pagination::Window,
    users::{self, NewUser, Register},
};
use rules::Actor;

use crate::{app::App, config::Trust};

/// The data of a game: name, publisher, year, system, condition.
type Listing = (&'static str, &'static str, i32, &'static str, Condition);

const USERS: [(&str, [Listing; 4]); 3] = [
    (
        "Abbey",
        [
            ("Metroid", "Nintendo", 1986, "NES", Condition::Good),
            ("Chrono Trigger", "Square", 1995, "SNES", Condition::Mint),
            ("Ico", "Sony", 2001, "PlayStation 2", Condition::Good),
            ("Hades", "Supergiant Games", 2020, "Switch", Condition::Mint),
        ],
    ),
    (
        "Ben",
        [
            (
                "The Legend of Zelda",
                "Nintendo",
                1986,
                "NES",
                Condition::Fair,
            ),
            ("EarthBound", "Nintendo", 1994, "SNES", Condition::Poor),
            ("Outrun", "Sega", 1991, "Mega Drive", Condition::Good),
            ("Portal 2", "Valve", 2011, "PlayStation 3", Condition::Good),
        ],
    ),
    (
        "Cleo",
        [
            ("Tetris", "Nintendo", 1989, "Game Boy", Condition::Fair),
            ("Shenmue", "Sega", 1999, "Dreamcast", Condition::Mint),
            ("Pikmin", "Nintendo", 2001, "GameCube", Condition::Good),
            ("Journey", "Sony", 2012, "PlayStation 3", Condition::Good),
        ],
    ),
];

/// Fills the database if it is empty. Returns the text to print, with a command for each user.
pub async fn seed(app: &App, base: &str) -> Result<String> {
    if !users::list(app, &Window::first(1)).await?.rows.is_empty() {
        return Ok("The demo leaves the database as it is: it already has users.\n".to_owned());
    }
    // A random password: a demo on a public host must not be open to readers of this file.
    let password = URL_SAFE_NO_PAD.encode(app.random.bytes::<9>());
    let mut people = Vec::new();
    for (name, listings) in USERS {
        people.push(create_user(app, name, listings, &password).await?);
    }
    if let [(abbey, hers), (_, his), ..] = people.as_slice() {
        let new = NewOffer {
            offered: hers[..1].to_vec(),
            requested: his[..1].to_vec(),
            message: Some("A classic for a classic?".into()),
            requester_id: None,
        };
        app.execute(Actor::themself(abbey.id), CreateOffer(new))
            .await?;
    }
    let people: Vec<_> = people.into_iter().map(|(person, _)| person).collect();
    Ok(introduction(app, base, &people, &password))
}

async fn create_user(
    app: &App,
    name: &str,
    listings: [Listing; 4],
    password: &str,
) -> Result<(user::Model, Vec<GameId>)> {
    let new = NewUser {
        name: name.into(),
        email: Email(format!("{}@example.com", name.to_lowercase())),
        password: Password(password.into()),
        street_address: Some(Text(format!("{} Example Street", name.len() * 7))),
    };
    let person = app.execute(Actor::Anonymous, Register::new(new)).await?;
    let mut ids = Vec::new();
    for (name, publisher, year_published, gaming_system, condition) in listings {
        let new = NewGame {
            name: name.into(),
            publisher: publisher.into(),
            year_published: Integer(year_published),
            gaming_system: gaming_system.into(),
            condition,
            previous_owners: Integer(0),
            owner_id: None,
        };
        let game = app.execute(Actor::themself(person.id), CreateGame(new));
        ids.push(game.await?.id);
    }
    Ok((person, ids))
}

fn introduction(app: &App, base: &str, people: &[user::Model], password: &str) -> String {
    let mut text = format!(
        "The database now has three users, twelve games and a pending offer. The password of all three is {password}\n\n"
    );
    for person in people {
        let _ = if app.identity.user_id_header != Trust::Never {
            writeln!(
                text,
                "  {:<6} {:<18} curl -H 'X-User-ID: {}' {base}/offers",
                person.name, person.email, person.id
            )
        } else {
            let body = format!(r#"{{"email":"{}","password":"{password}"}}"#, person.email);
            writeln!(
                text,
                "  {:<6} curl -H 'Content-Type: application/json' -d '{body}' {base}/auth/login",
                person.name
            )
        };
    }
    text
}
