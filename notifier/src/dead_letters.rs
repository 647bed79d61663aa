//! Dead letters: an operator lists them, removes the cause, and sends them again.

use chrono::{DateTime, Utc};
use entity::{NotificationState, notification};
use platform::database::{Database, eq_literal, is_one_of};
use sea_orm::{DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

/// Lists the dead letters, oldest first.
pub async fn list(database: &Database) -> Result<Vec<notification::Model>, DbErr> {
    notification::Entity::find()
        .filter(eq_literal(
            notification::Column::State,
            NotificationState::Dead,
        ))
        .order_by_asc(notification::Column::Id)
        .all(database.reader())
        .await
}

/// Requeues dead letters from the first attempt on: those with these ids, or all when `ids` is empty. Returns how many; a
/// letter that is not dead stays as it is.
pub async fn retry(database: &Database, ids: Vec<i64>) -> Result<u64, DbErr> {
    use notification::Column;
    database
        .write(move |transaction| {
            Box::pin(async move {
                let mut update = notification::Entity::update_many()
                    .col_expr(Column::State, Expr::value(NotificationState::Waiting))
                    .col_expr(Column::Attempts, Expr::value(0))
                    .col_expr(Column::NextAttemptAt, Expr::value(transaction.now()))
                    .col_expr(Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
                    .filter(eq_literal(Column::State, NotificationState::Dead));
                if !ids.is_empty() {
                    update = update.filter(is_one_of(transaction, Column::Id, &ids));
                }
                Ok(update.exec(transaction).await?.rows_affected)
            })
        })
        .await
}

/// Formats dead letters as a table. It shows the id of the recipient, not the address.
#[must_use]
pub fn table(rows: &[notification::Model]) -> String {
    let mut text = format!(
        "{:>8}  {:<24}  {:>9}  {:>8}  {:<20}  why\n",
        "id", "letter", "recipient", "attempts", "given up"
    );
    for row in rows {
        let finished = row.finished_at.map(|at| at.format("%F %T").to_string());
        text.push_str(&format!(
            "{:>8}  {:<24}  {:>9}  {:>8}  {:<20}  {}\n",
            row.id,
            row.template,
            row.recipient_id.to_string(),
            row.attempts,
            finished.unwrap_or_default(),
            row.smtp_response.as_deref().unwrap_or_default()
        ));
    }
    text
}
