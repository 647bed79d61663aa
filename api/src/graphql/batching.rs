//! Runs the loads that the resolvers of a request ask for.
//!
//! A load begins when every resolver that can run has said what it needs, not when a time has passed: [`Loads::during`]
//! polls the resolvers until none of them can go on, and the loads after them, in one task. So the number of statements
//! follows from the query, not from the number of rows.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, Wake, Waker},
};

use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
    task::AtomicWaker,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// The loads that the resolvers of a request asked for.
pub struct Loads(pub UnboundedReceiver<BoxFuture<'static, ()>>);

impl Loads {
    /// Runs `resolvers` to their end, and what they ask to be loaded meanwhile.
    pub async fn during<T>(&mut self, resolvers: impl Future<Output = T>) -> T {
        let mut resolvers = pin!(resolvers);
        let mut running = FuturesUnordered::new();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        poll_fn(|context| {
            woken.task.register(context.waker());
            loop {
                if let Poll::Ready(done) = resolvers
                    .as_mut()
                    .poll(&mut task::Context::from_waker(&waker))
                {
                    return Poll::Ready(done);
                }
                // The executor polls a few dozen fields at a time, then yields. The rest of them come first.
                if woken.again.swap(false, Ordering::AcqRel) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                while let Ok(load) = self.0.try_recv() {
                    running.push(load);
                }
                if !matches!(running.poll_next_unpin(context), Poll::Ready(Some(()))) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// Wakes the task, and notes that it was for the resolvers.
#[derive(Default)]
struct Woken {
    again: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.again.store(true, Ordering::Release);
        self.task.wake();
    }
}
