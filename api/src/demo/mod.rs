//! Demo data: users, games and an offer.

mod games;

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{
    GameId, UserId,
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

use self::games::{LISTS, Listing};
use crate::{app::App, config::Trust};

const PEOPLE: [&str; 3] = ["Abbey", "Ben", "Cleo"];

/// Fills the database if it is empty. Returns the text to print, with a command for each user.
pub async fn seed(app: &App, base: &str) -> Result<String> {
    if !users::list(app, &Window::first(1)).await?.rows.is_empty() {
        return Ok("The demo leaves the database as it is: it already has users.\n".to_owned());
    }
    // A random password: a demo on a public host must not be open to readers of this file.
    let password = URL_SAFE_NO_PAD.encode(app.random.bytes::<9>());
    let mut people = Vec::new();
    for name in PEOPLE {
        people.push(create_user(app, name, &password).await?);
    }
    let mut lists = Vec::new();
    for (owner, listings) in LISTS {
        if let Some(owner) = people.iter().find(|person| person.name == owner) {
            lists.push((owner.id, list(app, owner.id, listings).await?));
        }
    }
    if let [(abbey, hers), (_, his), ..] = lists.as_slice() {
        let new = NewOffer {
            offered: hers[..1].to_vec(),
            requested: his[..1].to_vec(),
            message: Some("A classic for a classic?".into()),
            requester_id: None,
        };
        app.execute(Actor::themself(*abbey), CreateOffer(new))
            .await?;
    }
    Ok(introduction(app, base, &people, &password))
}

async fn create_user(app: &App, name: &str, password: &str) -> Result<user::Model> {
    let new = NewUser {
        name: name.into(),
        email: Email(format!("{}@example.com", name.to_lowercase())),
        password: Password(password.into()),
        street_address: Some(Text(format!("{} Example Street", name.len() * 7))),
    };
    app.execute(Actor::Anonymous, Register::new(new)).await
}

async fn list(app: &App, owner: UserId, listings: &[Listing]) -> Result<Vec<GameId>> {
    let mut ids = Vec::new();
    for &(name, publisher, year_published, gaming_system, condition) in listings {
        let new = NewGame {
            name: name.into(),
            publisher: publisher.into(),
            year_published: Integer(year_published),
            gaming_system: gaming_system.into(),
            condition,
            previous_owners: Integer(0),
            owner_id: None,
        };
        let game = app.execute(Actor::themself(owner), CreateGame(new));
        ids.push(game.await?.id);
    }
    Ok(ids)
}

fn introduction(app: &App, base: &str, people: &[user::Model], password: &str) -> String {
    let mut text = format!(
        "The database now has three users, sixty games and a pending offer. The password of all three is {password}\n\n"
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
