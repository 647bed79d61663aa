//! Classifies database errors by what a caller can do about them.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{error::DatabaseError, sqlite::SqliteError};

use super::queues::CROWDED;

/// A failure of the database rather than of the statement. Nothing was changed, unless COMMIT failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection or the server failed.
    Unreachable,
    /// The disk is full.
    Full,
    /// Storage or memory failed, or the database is read-only.
    Failing,
    /// Another transaction was in the way: deadlock, lock timeout or statement timeout.
    Contended,
}

/// The code of SQLite when the index of its log cannot grow (SQLITE_IOERR_SHMSIZE): in practice, a full disk.
const SHMSIZE: u32 = 4874;

/// Classifies an error. Returns `None` when the statement is at fault.
#[must_use]
pub fn fault(cause: &DbErr) -> Option<Fault> {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(cause)) => {
            Some(from_sqlx(cause).unwrap_or(Fault::Unreachable))
        }
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Some(Fault::Unreachable),
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            from_sqlx(cause)
        }
        DbErr::Custom(why) if why == CROWDED => Some(Fault::Contended),
        _ => None,
    }
}

fn from_sqlx(cause: &sqlx::Error) -> Option<Fault> {
    match cause {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(Fault::Unreachable),
        sqlx::Error::Database(cause) => from_server(&**cause),
        _ => None,
    }
}

fn from_server(cause: &dyn DatabaseError) -> Option<Fault> {
    let code = cause.code()?;
    match cause.try_downcast_ref::<SqliteError>() {
        Some(_) => from_sqlite(code.parse().ok()?),
        None => from_postgres(&code),
    }
}

/// Classifies a result code of SQLite; the lowest byte of an extended code is the primary one.
fn from_sqlite(code: u32) -> Option<Fault> {
    match (code, code & 0xff) {
        (SHMSIZE, _) | (_, 13) => Some(Fault::Full),
        // Busy, locked.
        (_, 5 | 6) => Some(Fault::Contended),
        // No memory, read-only, I/O error, corrupt, cannot be opened, no database.
        (_, 7 | 8 | 10 | 11 | 14 | 26) => Some(Fault::Failing),
        _ => None,
    }
}

/// Classifies a SQLSTATE of PostgreSQL, or of a pooler in front of it.
fn from_postgres(code: &str) -> Option<Fault> {
    match code {
        // The server shuts down, recovers or ends the session; too many sessions.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" | "53300" => {
            Some(Fault::Unreachable)
        }
        "53100" => Some(Fault::Full),
        // Out of memory or another resource, I/O error, damaged data, read-only.
        "53000" | "53200" | "58000" | "58030" | "XX001" | "XX002" | "25006" => Some(Fault::Failing),
        // Serialization failure, deadlock, lock not available, statement cancelled.
        "40001" | "40P01" | "55P03" | "57014" => Some(Fault::Contended),
        code if code.starts_with("08") => Some(Fault::Unreachable),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_sqlite_classifies_by_primary_code() {
        let expected = [
            (13, Some(Fault::Full)),
            (4874, Some(Fault::Full)),
            (778, Some(Fault::Failing)),
            (1034, Some(Fault::Failing)),
            (3082, Some(Fault::Failing)),
            (7, Some(Fault::Failing)),
            (8, Some(Fault::Failing)),
            (5, Some(Fault::Contended)),
            (517, Some(Fault::Contended)),
            (2067, None),
            (1, None),
        ];
        for (code, fault) in expected {
            assert_eq!(from_sqlite(code), fault, "{code}");
        }
    }

    #[test]
    fn from_postgres_classifies_by_sqlstate() {
        let expected = [
            ("53100", Some(Fault::Full)),
            ("58030", Some(Fault::Failing)),
            ("53200", Some(Fault::Failing)),
            ("25006", Some(Fault::Failing)),
            ("40P01", Some(Fault::Contended)),
            ("40001", Some(Fault::Contended)),
            ("55P03", Some(Fault::Contended)),
            ("57014", Some(Fault::Contended)),
            ("57P01", Some(Fault::Unreachable)),
            ("08P01", Some(Fault::Unreachable)),
            ("23505", None),
        ];
        for (code, fault) in expected {
            assert_eq!(from_postgres(code), fault, "{code}");
        }
    }
}
