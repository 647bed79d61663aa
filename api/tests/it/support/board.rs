//! Boards of many games, inserted at once.

use entity::{Condition, game};
use exchange::releases::{ReleaseName, know_all};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{Person, TestApp};

/// The number of rows of one INSERT.
const AT_ONCE: usize = 1_000;

/// The facts of a game.
#[derive(Clone, Debug)]
pub struct Listing {
    pub name: String,
    pub publisher: String,
    pub year: i32,
    pub system: String,
}

impl Listing {
    pub fn new([name, publisher, system]: [&str; 3], year: i32) -> Self {
        Self {
            name: name.to_owned(),
            publisher: publisher.to_owned(),
            year,
            system: system.to_owned(),
        }
    }
}

/// Lists the games of `owner`, with consecutive ids.
pub async fn fill(test: &TestApp, owner: &Person, listings: &[Listing]) {
    let (owner, now, listings) = (owner.id, test.app.clock.now(), listings.to_vec());
    let filling = test.app.database.write(move |transaction| {
        Box::pin(async move {
            let named = listings.iter().map(|listing| ReleaseName {
                name: listing.name.clone(),
                publisher: listing.publisher.clone(),
                gaming_system: listing.system.clone(),
            });
            let keys = know_all(transaction, &named.collect::<Vec<_>>()).await?;
            let rows = listings.iter().zip(keys).map(|(listing, keys)| {
                let mut row = game::ActiveModel {
                    owner_id: Set(owner),
                    name: Set(listing.name.clone()),
                    publisher: Set(listing.publisher.clone()),
                    year_published: Set(listing.year),
                    gaming_system: Set(listing.system.clone()),
                    condition: Set(Condition::Good),
                    created_at: Set(now),
                    updated_at: Set(now),
                    ..Default::default()
                };
                keys.set(&mut row);
                row
            });
            let rows: Vec<_> = rows.collect();
            for some in rows.chunks(AT_ONCE) {
                game::Entity::insert_many(some.to_vec())
                    .exec_without_returning(transaction)
                    .await?;
            }
            Ok::<_, sea_orm::DbErr>(())
        })
    });
    filling.await.unwrap();
}
