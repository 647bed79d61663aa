//! Titles: the names that games have, whoever lists a copy.

use async_graphql::{Object, SimpleObject};
use entity::title;
use exchange::titles::Suggestions;

use super::text::Text;

/// A title.
#[derive(Clone)]
pub struct Title(title::Model);

impl From<title::Model> for Title {
    fn from(row: title::Model) -> Self {
        Self(row)
    }
}

/// A title: the name of a game, whoever lists a copy of it. The filter `titleKey` finds the copies on the board.
#[Object]
impl Title {
    /// The key: the letters and digits of the name, in one form for all its spellings.
    async fn key(&self) -> Text<&str> {
        Text(&self.0.key)
    }

    /// The name as it was first written.
    async fn name(&self) -> Text<&str> {
        Text(&self.0.name)
    }
}

/// Suggested titles.
#[derive(SimpleObject)]
pub struct TitleSuggestions {
    /// The titles, the best first.
    nodes: Vec<Title>,
    /// The text that was searched for instead of `q`, because too little matches `q`. Null if it was not corrected.
    searched_for: Option<Text<String>>,
}

impl From<Suggestions> for TitleSuggestions {
    fn from(suggested: Suggestions) -> Self {
        Self {
            nodes: suggested.titles.into_iter().map(Title::from).collect(),
            searched_for: suggested.searched_for.map(Text),
        }
    }
}
