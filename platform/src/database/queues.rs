//! Limits the transactions that wait for a locked row. A waiting transaction holds a connection and its request a permit of
//! the admission gate, so a single row that is locked for long could exhaust both.
//!
//! A wait is long after [`LONG_WAIT`]; then the request may release its permit, as long as fewer than [`MAX_LONG_WAITS`]
//! have done so. While a wait for a row is long, at most [`MAX_AT_A_ROW`] transactions may wait for it; the next one fails
//! at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{sync::Notify, time::sleep};

/// The time after which a wait is long. Locks are normally held for milliseconds, so not even a crowd waits that long.
const LONG_WAIT: Duration = Duration::from_secs(1);
/// The maximum number of transactions that wait for a row while one of them waits long.
const MAX_AT_A_ROW: usize = 3;
/// The maximum number of requests that release their permit. Together with those that keep theirs they leave connections
/// for others.
const MAX_LONG_WAITS: usize = 8;
/// The error of a transaction that may not wait.
pub(super) const CROWDED: &str = "too many transactions wait for the same row";

/// A row, by its table and id.
pub type Row = (&'static str, i64);

/// The waiting transactions of this process.
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

/// A transaction that waits for rows, until this is dropped.
struct Wait<'q> {
    queues: &'q LockQueues,
    rows: &'q [Row],
    is_long: bool,
}

impl LockQueues {
    /// Runs a statement that locks these rows. Signals `waiting_long` when it takes long and the request may release its
    /// permit.
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
    /// Marks this wait as long. Returns true when the request may release its permit.
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
