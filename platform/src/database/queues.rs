//! Who waits for whose row. A transaction that waits for a lock holds a connection, and the request behind it a place, so
//! that one row that is locked for long could take all of both.
//!
//! A wait is long after [`LONG_WAIT`]; the request may then give its place to another, while less than [`MAX_LONG_WAITS`] do so. Where
//! somebody waits long for a row, [`MAX_AT_A_ROW`] may wait for it in all; the next one fails at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{sync::Notify, time::sleep};

/// After how long a wait is long. A lock that is held without trouble is held for some milliseconds, so that not even a crowd waits
/// for this long.
const LONG_WAIT: Duration = Duration::from_secs(1);
/// How many may wait for a row for which somebody waits long.
const MAX_AT_A_ROW: usize = 3;
/// How many requests may give up their places to wait long. With those that keep them they leave connections for the others.
const MAX_LONG_WAITS: usize = 8;
/// Says that too many wait already.
pub(super) const CROWDED: &str = "others have waited for the same row for long";

/// A row: its table and its id.
pub type Row = (&'static str, i64);

/// The waits of this process.
#[derive(Default)]
pub(super) struct LockQueues(Mutex<State>);

#[derive(Default)]
struct State {
    rows: HashMap<Row, Queue>,
    long: usize,
}

#[derive(Default)]
struct Queue {
    waiting: usize,
    long: usize,
}

/// A wait for some rows, until it is dropped.
struct Wait<'q> {
    queues: &'q LockQueues,
    rows: &'q [Row],
    is_long: bool,
}

impl LockQueues {
    /// Runs what locks these rows. `waiting_long` is told when that takes long and the place of the request may go to another.
    pub(super) async fn wait<T>(
        &self,
        rows: &[Row],
        waiting_long: Option<&Arc<Notify>>,
        locking: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let mut wait = self.enter(rows)?;
        tokio::pin!(locking);
        tokio::select! {
            locked = &mut locking => return locked,
            () = sleep(LONG_WAIT) => {}
        }
        if wait.mark_long()
            && let Some(waiting_long) = waiting_long
        {
            waiting_long.notify_one();
        }
        locking.await
    }

    fn enter<'q>(&'q self, rows: &'q [Row]) -> Result<Wait<'q>, DbErr> {
        let mut state = self.state();
        let is_crowded = |row| {
            let queue: Option<&Queue> = state.rows.get(row);
            queue.is_some_and(|queue| queue.long > 0 && queue.waiting >= MAX_AT_A_ROW)
        };
        if rows.iter().any(is_crowded) {
            return Err(DbErr::Custom(CROWDED.to_owned()));
        }
        for row in rows {
            state.rows.entry(*row).or_default().waiting += 1;
        }
        Ok(Wait {
            queues: self,
            rows,
            is_long: false,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wait<'_> {
    /// Counts this as long. Gives whether the request may leave its place.
    fn mark_long(&mut self) -> bool {
        let mut state = self.queues.state();
        self.is_long = true;
        state.long += 1;
        for row in self.rows {
            state.rows.entry(*row).or_default().long += 1;
        }
        state.long <= MAX_LONG_WAITS
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut state = self.queues.state();
        let long = usize::from(self.is_long);
        state.long -= long;
        for row in self.rows {
            if let Some(queue) = state.rows.get_mut(row) {
                queue.waiting -= 1;
                queue.long -= long;
                if queue.waiting == 0 {
                    state.rows.remove(row);
                }
            }
        }
    }
}
