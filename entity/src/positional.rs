//! Rows read by the place of each column. By name, as SeaORM reads them, every column of every row is looked up in a hash
//! map, which costs more than the value itself.

use sea_orm::{DbErr, QueryResult, TryGetable};

/// A row whose columns were selected in the order of its fields, as `Entity::find` selects those of a model.
pub trait PositionalRow: Sized {
    /// Its columns.
    const COLUMNS: &[&str];

    /// Reads it from the next ones.
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbErr>;
}

/// The columns of a row of a result, one after the other.
pub struct Columns<'r> {
    row: &'r QueryResult,
    next: usize,
}

impl<'r> Columns<'r> {
    pub fn new(row: &'r QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The value of the next one.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_by_index(index)
    }
}

/// Says of a type that it can be read in order, by naming its fields in order.
macro_rules! positional_row {
    ($row:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::positional::PositionalRow for $row {
            const COLUMNS: &[&str] = &[$(stringify!($field)),+];

            fn read(columns: &mut $crate::positional::Columns<'_>) -> Result<Self, sea_orm::DbErr> {
                Ok(Self { $($field: columns.take()?),+ })
            }
        }
    };
}
pub(crate) use positional_row;

#[cfg(test)]
mod tests {
    use sea_orm::{EntityTrait, IdenStatic, Iterable};

    use super::PositionalRow;
    use crate::{game, offer, user};

    fn names<C: IdenStatic>(columns: impl IntoIterator<Item = C>) -> Vec<&'static str> {
        columns.into_iter().map(|column| column.as_str()).collect()
    }

    fn columns_of<E: EntityTrait>() -> Vec<&'static str> {
        names(E::Column::iter())
    }

    #[test]
    fn the_order_is_that_of_the_entity() {
        assert_eq!(user::Model::COLUMNS, columns_of::<user::Entity>());
        assert_eq!(user::Profile::COLUMNS, names(user::Profile::SELECTED));
        assert_eq!(game::Model::COLUMNS, columns_of::<game::Entity>());
        assert_eq!(offer::Model::COLUMNS, columns_of::<offer::Entity>());
    }
}
