//! Decodes rows by column position. SeaORM decodes by name: it looks up every column of every row in a hash map, which
//! costs more than decoding the value.

use sea_orm::{DbErr, QueryResult, TryGetable};

/// A row whose columns are selected in the order of its fields, as `Entity::find` selects those of a model.
pub trait PositionalRow: Sized {
    /// The names of the columns, in order.
    const COLUMNS: &[&str];

    /// Decodes the row from the next columns.
    fn read(columns: &mut Columns<'_>) -> Result<Self, DbErr>;
}

/// A cursor over the columns of a result row.
pub struct Columns<'r> {
    row: &'r QueryResult,
    next: usize,
}

impl<'r> Columns<'r> {
    pub fn new(row: &'r QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// Decodes the next column.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_by_index(index)
    }
}

/// Implements [`PositionalRow`] for a struct, from the list of its fields in order.
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
    use crate::{game, offer, title, user};

    fn names<C: IdenStatic>(columns: impl IntoIterator<Item = C>) -> Vec<&'static str> {
        columns.into_iter().map(|column| column.as_str()).collect()
    }

    fn columns_of<E: EntityTrait>() -> Vec<&'static str> {
        names(E::Column::iter())
    }

    #[test]
    fn columns_are_in_the_order_of_the_entity() {
        assert_eq!(user::Model::COLUMNS, columns_of::<user::Entity>());
        assert_eq!(user::Profile::COLUMNS, names(user::Profile::SELECTED));
        assert_eq!(game::Model::COLUMNS, columns_of::<game::Entity>());
        assert_eq!(offer::Model::COLUMNS, columns_of::<offer::Entity>());
        assert_eq!(title::Model::COLUMNS, columns_of::<title::Entity>());
    }
}
