//! The orders of the board. By relevance it has several segments, one after the other, each in an order of its own.

use std::ops::RangeInclusive;

use entity::game::Column;

use super::{
    super::pagination::{Order, SortKey},
    criteria::Question,
    list::GameSort,
};

/// The orders of one listing, in which its segments follow each other.
pub struct Listing {
    pub orders: Vec<Order<Column>>,
    /// The segments that a search reads release by release. Empty where the games of the board are read in their order.
    pub groups: RangeInclusive<usize>,
    /// The ranks of the segments, if they are ranked.
    pub ranks: Vec<Rank>,
}

/// The rank of a game in a search, the best match first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The title is what was searched for; the newest listing first. The others are in the order of their names.
    Exact,
    /// The title begins with it.
    Begins,
    /// All words are words of the title, next to each other.
    Phrase,
    /// All words are words of the title.
    Words,
    /// The words are next to each other in the title, the last one as the beginning of a word.
    Adjacent,
    /// All words are beginnings of words of the title.
    Title,
    /// All words are in the title, the publisher and the names of the system together.
    Anywhere,
    /// All words are there after spelling correction.
    Corrected,
}

impl Rank {
    const ALL: [Self; 8] = [
        Self::Exact,
        Self::Begins,
        Self::Phrase,
        Self::Words,
        Self::Adjacent,
        Self::Title,
        Self::Anywhere,
        Self::Corrected,
    ];

    fn order(self, descending: bool) -> Order<Column> {
        let names = match self {
            Self::Exact => ["exact", "-exact"],
            Self::Begins => ["begins", "-begins"],
            Self::Phrase => ["phrase", "-phrase"],
            Self::Words => ["words", "-words"],
            Self::Adjacent => ["adjacent", "-adjacent"],
            Self::Title => ["title", "-title"],
            Self::Anywhere => ["anywhere", "-anywhere"],
            Self::Corrected => ["corrected", "-corrected"],
        };
        let (by, newest_first) = match self {
            Self::Exact => (SortKey::Id, true),
            _ => (SortKey::Text(Column::SortKey), false),
        };
        Order {
            name: names[usize::from(descending)],
            by,
            descending: descending != newest_first,
        }
    }
}

impl Listing {
    /// Makes the listing of the answers to a question.
    pub fn new(sort: GameSort, question: &Question) -> Self {
        let searches = matches!(question, Question::Words(_));
        let (name, by, descending) = match sort {
            GameSort::Relevance if searches => return Self::by_relevance(false),
            GameSort::RelevanceDescending if searches => return Self::by_relevance(true),
            GameSort::Id | GameSort::Relevance => ("id", SortKey::Id, false),
            GameSort::IdDescending | GameSort::RelevanceDescending => ("-id", SortKey::Id, true),
            GameSort::Name => ("name", SortKey::Text(Column::SortKey), false),
            GameSort::NameDescending => ("-name", SortKey::Text(Column::SortKey), true),
            GameSort::YearPublished => (
                "year_published",
                SortKey::Number(Column::YearPublished),
                false,
            ),
            GameSort::YearPublishedDescending => (
                "-year_published",
                SortKey::Number(Column::YearPublished),
                true,
            ),
        };
        let order = Order {
            name,
            by,
            descending,
        };
        let groups = match by {
            SortKey::Text(_) if searches => 0..=0,
            _ => NONE,
        };
        Self {
            orders: vec![order],
            groups,
            ranks: Vec::new(),
        }
    }

    /// Returns true for the order of the names.
    pub fn is_by_name(&self) -> bool {
        let by = self.orders.first().map(|order| order.by);
        self.ranks.is_empty() && matches!(by, Some(SortKey::Text(_)))
    }

    /// Makes one segment for each rank, the best match first, or last.
    fn by_relevance(descending: bool) -> Self {
        let mut ranks = Rank::ALL.to_vec();
        if descending {
            ranks.reverse();
        }
        let worst = ranks.len() - 1;
        Self {
            orders: ranks.iter().map(|rank| rank.order(descending)).collect(),
            groups: if descending { 0..=worst - 1 } else { 1..=worst },
            ranks,
        }
    }
}

/// A range without a number.
#[expect(clippy::reversed_empty_ranges, reason = "it is meant to be empty")]
const NONE: RangeInclusive<usize> = 1..=0;
