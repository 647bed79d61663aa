//! Batches the loads of one execution, for the [`DataLoader`](async_graphql::dataloader::DataLoader)s of its resolvers.
//!
//! A batch is loaded when every resolver that can run has asked for what it needs, not after a delay: [`Loads::run`]
//! polls the resolvers until all of them wait, and then the loads, in one task. So the number of statements follows
//! from the query, not from the number of rows.

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
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

type Load = BoxFuture<'static, ()>;

/// The loads that the resolvers of one execution have asked for.
pub struct Loads(UnboundedReceiver<Load>);

impl Loads {
    /// Creates an empty batch and the spawner for its data loaders, which must have no delay.
    pub fn channel() -> (impl Fn(Load) + Send + Sync + 'static, Self) {
        let (sender, receiver) = unbounded_channel();
        // A load that is asked for after the end of the execution has nobody waiting for it.
        let spawn = move |load| drop(sender.send(load));
        (spawn, Self(receiver))
    }

    /// Runs `resolvers` to completion, together with the loads that they ask for.
    pub async fn run<T>(&mut self, resolvers: impl Future<Output = T>) -> T {
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
                // The executor polls a few dozen fields at a time, then yields. The others come before any load.
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

/// Wakes the task, and records that the resolvers can continue.
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
