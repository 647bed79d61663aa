//! How many rows there are in the whole of a list: `totalCount`. Counted where it is asked for and nowhere else, the
//! lists of several people in one statement.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use entity::UserId;

use super::loaders::{Rows, Shared, alike};
use crate::{
    error::Error,
    exchange::{
        games::{self, GameFilter},
        offers::{self, OfferFilter, Party},
        users,
    },
};

/// The whole of a list, of which a connection shows a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whole {
    Users,
    Games(GameFilter),
    Offers(OfferFilter),
    Of(ListOf, UserId),
}

/// A list that each person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListOf {
    /// The games that they have on the board.
    Games,
    /// The offers that they are this party of.
    Offers(Party),
}

impl Loader<Whole> for Rows {
    type Value = u64;
    type Error = Arc<Error>;

    async fn load(&self, lists: &[Whole]) -> Shared<HashMap<Whole, u64>> {
        let mut counts = HashMap::new();
        for whole in lists {
            let count = match whole {
                Whole::Users => users::count(&self.0).await,
                Whole::Games(filter) => games::count(&self.0, filter).await,
                Whole::Offers(filter) => offers::count(&self.0, filter).await,
                Whole::Of(..) => continue,
            };
            counts.insert(whole.clone(), count.map_err(Arc::new)?);
        }
        let of_people = lists.iter().filter_map(|whole| match whole {
            Whole::Of(list, person) => Some((*list, *person)),
            _ => None,
        });
        for (list, people) in alike(of_people) {
            let of_each = match list {
                ListOf::Games => games::count_per_owner(&self.0, &people).await,
                ListOf::Offers(party) => offers::count_per_user(&self.0, party, &people).await,
            };
            let of_each = of_each.map_err(Arc::new)?.into_iter();
            counts.extend(of_each.map(|(person, count)| (Whole::Of(list, person), count)));
        }
        Ok(counts)
    }
}
