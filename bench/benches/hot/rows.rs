//! Rows as the database returns them.

use std::sync::Arc;

use api::{
    app::App,
    config::Trust,
    demo,
    http::clients::Clients,
    metrics::Metrics,
    rest::resources::offers::{self, OfferBody},
};
use chrono::{DateTime, Utc};
use entity::{Condition, GameId, OfferId, OfferStatus, UserId, game, offer};
use exchange::{
    Exchange, Parts, WaitHook,
    identity::{Identity, passwords::Passwords, request_digest::RequestDigest, tokens::Tokens},
};
use outbox::feed::EventFeed;
use platform::{
    database::{ACQUIRE_TIMEOUT, Database},
    system::{Clock, Random},
};
use rules::Actor;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub fn game(id: i64) -> game::Model {
    game::Model {
        id: GameId(id),
        owner_id: UserId(1),
        owner_seq: 2,
        name: "The Legend of Zelda".to_owned(),
        publisher: "Nintendo".to_owned(),
        year_published: 1986,
        gaming_system: "NES".to_owned(),
        condition: Condition::Good,
        previous_owners: 3,
        deleted_at: None,
        version: 4,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
        title_key: "legendofzelda".to_owned(),
        system_key: "nes".to_owned(),
        sort_key: "legend of zelda\tnes\tnintendo".to_owned(),
        key_rule: 1,
    }
}

/// Returns an offer that waits for user 1.
pub fn offer() -> offer::Model {
    offer::Model {
        id: OfferId(1),
        offerer_id: UserId(2),
        receiver_id: UserId(1),
        status: OfferStatus::Pending,
        closed_reason: None,
        closed_by_offer_id: None,
        message: Some("A classic for a classic?".to_owned()),
        offerer_address: None,
        receiver_address: None,
        version: 1,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
        public_version: 1,
        public_updated_at: None,
    }
}

/// Returns the representation of the demo's offer.
pub fn offer_body(viewer: &Actor) -> OfferBody {
    let directory = tempfile::tempdir().unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        directory.path().join("demo.db").display()
    );
    let shown = async {
        let random = Random::system();
        let secret = random.token();
        let exchange = Exchange::from(Parts {
            database: Database::open(&url, ACQUIRE_TIMEOUT).await.unwrap(),
            clock: Clock::system(),
            identity: Arc::new(Identity {
                tokens: Tokens::new(&secret),
                request_digest: RequestDigest::new(&secret).unwrap(),
                passwords: Passwords::for_this_machine(random.clone()).unwrap(),
                user_id_header: Trust::InDevelopment,
                trust_email: true,
            }),
            random,
            bell: Arc::default(),
            feed: EventFeed::default(),
            on_wait: WaitHook::default(),
        });
        let app = App {
            exchange,
            metrics: Metrics::default(),
            clients: Clients::default(),
            stopping: CancellationToken::new(),
            instance_name: "bench".into(),
        };
        demo::seed(&app, "").await.unwrap();
        offers::load_body(&app, viewer, OfferId(1)).await.unwrap()
    };
    Runtime::new().unwrap().block_on(shown)
}
