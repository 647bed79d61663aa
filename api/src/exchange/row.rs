//! Rows about to be written.

use sea_orm::ActiveValue;

/// Sets a column of a row that was read.
pub trait SetIf<T> {
    /// Where there is a value to set, and another one than it has: what does not change is not written.
    fn set_if(&mut self, value: Option<T>);
}

impl<T: Into<sea_orm::Value> + PartialEq> SetIf<T> for ActiveValue<T> {
    fn set_if(&mut self, value: Option<T>) {
        if let Some(value) = value {
            self.set_if_not_equals(value);
        }
    }
}
