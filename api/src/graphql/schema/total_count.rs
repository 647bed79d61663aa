//! `totalCount`: the number of rows in a whole list. Counted only on request, and for the lists of several people in
//! one statement.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use entity::UserId;
use exchange::{
    error::Error,
    games::{self, GameFilter},
    offers::{self, OfferFilter, Party},
    users,
};

use super::loaders::{Rows, Shared, alike};

/// The list whose rows are counted, as the key of the loader.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TotalCount {
    Users,
    Games(GameFilter),
    Offers(OfferFilter),
    OfUser(ListOfUser, UserId),
}

/// A list of each user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListOfUser {
    /// Their games on the board.
    Games,
    /// The offers in which they are this party.
    Offers(Party),
}

impl Loader<TotalCount> for Rows {
    type Value = u64;
    type Error = Arc<Error>;

    async fn load(&self, lists: &[TotalCount]) -> Shared<HashMap<TotalCount, u64>> {
        let mut counts = HashMap::new();
        for total in lists {
            let count = match total {
                TotalCount::Users => users::count(&self.0).await,
                TotalCount::Games(filter) => games::count(&self.0, filter).await,
                TotalCount::Offers(filter) => offers::count(&self.0, filter).await,
                TotalCount::OfUser(..) => continue,
            };
            counts.insert(total.clone(), count.map_err(Arc::new)?);
        }
        let of_people = lists.iter().filter_map(|total| match total {
            TotalCount::OfUser(list, person) => Some((*list, *person)),
            _ => None,
        });
        for (list, people) in alike(of_people) {
            let of_each = match list {
                ListOfUser::Games => games::count_per_owner(&self.0, &people).await,
                ListOfUser::Offers(party) => offers::count_per_user(&self.0, party, &people).await,
            };
            let of_each = of_each.map_err(Arc::new)?.into_iter();
            counts.extend(of_each.map(|(person, count)| (TotalCount::OfUser(list, person), count)));
        }
        Ok(counts)
    }
}
