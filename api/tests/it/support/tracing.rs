//! Listens to the traces of one thread, while other tests run on other threads.

use tracing::{
    Dispatch, Subscriber,
    subscriber::{DefaultGuard, NoSubscriber},
};

/// A listener, which is active until it is dropped.
pub struct Listening {
    _guard: DefaultGuard,
    _company: Dispatch,
}

/// Sends this thread's traces to the subscriber. The runtime of the test must have one thread, too.
pub fn listen(subscriber: impl Subscriber + Send + Sync) -> Listening {
    Listening {
        _guard: tracing::subscriber::set_default(subscriber),
        // With a single subscriber in the process, tracing caches the interest of the first thread that reaches a
        // callsite for all threads. With two it asks each subscriber.
        _company: Dispatch::new(NoSubscriber::new()),
    }
}
