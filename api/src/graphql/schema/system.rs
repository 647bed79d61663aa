//! Systems: the consoles and computers that games run on.

use std::sync::LazyLock;

use async_graphql::{Object, SimpleObject};
use catalogue::systems;
use graphql_http::list_size;

use super::text::Text;

/// The largest number of aliases that a system has.
static MAX_ALIASES: LazyLock<usize> = LazyLock::new(|| {
    let aliases = systems::ALL.iter().map(|system| system.aliases.len());
    aliases.max().unwrap_or_default()
});

/// A system, by its key.
pub struct System(pub String);

/// A console or computer that games run on.
#[Object]
impl System {
    /// The key: the same one for all names of the system.
    async fn key(&self) -> Text<&str> {
        Text(&self.0)
    }

    /// The name. Of a system that the exchange does not know, the key.
    async fn name(&self) -> Text<&str> {
        Text(systems::name(&self.0))
    }

    /// The other names. The filter `gamingSystem` finds the games of the system by each of them, in any case.
    #[graphql(directive = list_size::apply(Some(*MAX_ALIASES), None, None, None))]
    async fn aliases(&self) -> &'static [&'static str] {
        let known = systems::by_key(&self.0);
        known.map(|system| system.aliases).unwrap_or_default()
    }
}

/// The number of games of a system.
#[derive(SimpleObject)]
pub struct SystemCount {
    /// The system.
    system: System,
    /// The number of games.
    games: u64,
}

impl SystemCount {
    pub fn new(key: String, games: u64) -> Self {
        Self {
            system: System(key),
            games,
        }
    }
}
