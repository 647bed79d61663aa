//! Judges query plans. PostgreSQL runs the statement and reports the rows that each node read. SQLite reports only its
//! strategy, which suffices: it does not depend on the rows.

use platform::database::Database;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, JsonValue, Statement};
use serde_json::Value;

use crate::support::postgres_server;

/// The maximum number of rows that a plan node may read: twice the scan limit of a search, and a fifth of a table.
const MOST: f64 = 4_000.0;
/// The tables that grow.
const TABLES: [&str; 5] = ["users", "games", "offers", "offer_games", "outbox"];

/// The tables that stay short, and the parameters of a statement.
const SHORT: [&str; 2] = ["board_counts", "json_each"];

/// Returns the statement that removes dead rows and updates the planner's statistics, as autovacuum does a minute later.
/// SQLite has none.
pub fn analyze() -> &'static str {
    if postgres_server().is_some() {
        "VACUUM ANALYZE"
    } else {
        ""
    }
}

/// The place where a statement starts to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// At an end of an index, for a page.
    FromAnEnd,
    /// At a value in an index.
    FromAPlace,
}

/// Returns an SQL expression for a UUID made of the number in a column.
pub fn uuid_of(number: &str) -> String {
    if postgres_server().is_some() {
        format!("lpad(to_hex({number}), 32, '0')::uuid")
    } else {
        format!("unhex(printf('%032x', {number}))")
    }
}

/// Returns the reason why the statement's plan is refused, if there is one.
pub async fn refused(database: &Database, statement: &Statement, reads: Reads) -> Option<String> {
    if statement.sql.starts_with("INSERT") && !statement.sql.contains("SELECT") {
        return None; // What only writes.
    }
    match statement.db_backend {
        DbBackend::Postgres => refused_by_postgres(database, statement).await,
        _ => refused_by_sqlite(database, statement, reads).await,
    }
}

async fn explain(
    connection: &impl ConnectionTrait,
    how: &str,
    statement: &Statement,
) -> Vec<JsonValue> {
    let explain = Statement {
        sql: format!("{how} {}", statement.sql),
        ..statement.clone()
    };
    JsonValue::find_by_statement(explain)
        .all(connection)
        .await
        .unwrap()
}

async fn refused_by_postgres(database: &Database, statement: &Statement) -> Option<String> {
    // A write is not executed a second time.
    let how = if statement.sql.starts_with("SELECT") || statement.sql.starts_with("WITH") {
        "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)"
    } else {
        "EXPLAIN (FORMAT JSON)"
    };
    let rows = explain(database.reader(), how, statement).await;
    let plan = &rows[0]["QUERY PLAN"][0]["Plan"];
    let why = too_much(plan)?;
    Some(format!("{why}\n{plan:#}"))
}

/// Returns the first plan node that scans a table or read too many rows.
fn too_much(plan: &Value) -> Option<String> {
    let kind = plan["Node Type"].as_str().unwrap();
    let relation = plan["Relation Name"].as_str().unwrap_or_default();
    if kind == "Seq Scan" && TABLES.contains(&relation) {
        return Some(format!("scans {relation}"));
    }
    let number = |name: &str| plan[name].as_f64().unwrap_or_default();
    let looked_at = [
        "Actual Rows",
        "Rows Removed by Filter",
        "Rows Removed by Index Recheck",
    ]
    .map(number)
    .iter()
    .sum::<f64>()
        * number("Actual Loops");
    if looked_at > MOST {
        return Some(format!("looks at {looked_at} rows in a {kind}"));
    }
    let parts = plan["Plans"].as_array().into_iter().flatten();
    parts.filter_map(too_much).next()
}

async fn refused_by_sqlite(
    database: &Database,
    statement: &Statement,
    reads: Reads,
) -> Option<String> {
    if statement.to_string().contains("WHERE 1 = 2") {
        return None; // Of no ids: reads nothing.
    }
    // A connection notices a schema change when it runs a statement; EXPLAIN runs none.
    let connection = database.begin().await.unwrap();
    let look = "SELECT name FROM sqlite_schema LIMIT 1";
    connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, look))
        .await
        .unwrap();
    let rows = explain(&connection, "EXPLAIN QUERY PLAN", statement).await;
    connection.rollback().await.unwrap();
    let steps: Vec<_> = rows
        .iter()
        .map(|row| row["detail"].as_str().unwrap())
        .collect();
    // Materialised parts were judged where they were read, and are short. So are the rows of one user, one offer or one
    // title, and the releases that a search finds.
    let is_aside = |step: &&&str| {
        ["CO-ROUTINE", "MATERIALIZE"]
            .iter()
            .any(|how| step.starts_with(how))
    };
    let aside = steps.iter().filter(is_aside).count();
    let is_named = |table: &str| {
        let mut names = steps.iter().filter(is_aside);
        names.any(|step| step.split_once(' ').is_some_and(|(_, name)| name == table))
    };
    let few = [
        "(owner_id=?",
        "(offer_id=?",
        "(title_key=?",
        "SEARCH releases USING INTEGER PRIMARY KEY",
    ];
    let is_short = aside > 0
        || steps
            .iter()
            .any(|step| few.iter().any(|few| step.contains(few)));
    let mut aside_left = aside;
    let limited = statement.sql.contains("LIMIT");
    let filtered = statement.sql.replace("WHERE TRUE", "").contains("WHERE");
    let why = steps.iter().find_map(|step| {
        if *step == "USE TEMP B-TREE FOR ORDER BY" {
            return (!is_short).then_some("sorts a table");
        }
        let scanned = step.strip_prefix("SCAN ")?;
        let (table, how) = scanned.split_once(' ').unwrap_or((scanned, ""));
        if SHORT.contains(&table)
            || how.contains("titles_merged")
            || how.is_empty() && is_named(table)
        {
            return None;
        }
        // In the order of an index, or of the ids when every row matches.
        let in_order = how.starts_with("USING") || how.is_empty() && !filtered;
        if in_order && limited && reads == Reads::FromAnEnd {
            return None;
        }
        if how.is_empty() && aside_left > 0 {
            aside_left -= 1;
            return None;
        }
        let is_match = how.starts_with("VIRTUAL TABLE INDEX") && how.contains(":M");
        let is_value = how.contains("ROW") || how.starts_with("VALUES");
        (!is_match && !is_value).then_some("scans a table")
    })?;
    Some(format!("{why}\n{}", steps.join("\n")))
}
