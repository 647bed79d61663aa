//! Listens to what one thread traces, while other tests run on other threads.

use tracing::{
    Dispatch, Subscriber,
    subscriber::{DefaultGuard, NoSubscriber},
};

/// Listens until it is dropped.
pub struct Listening {
    _guard: DefaultGuard,
    _company: Dispatch,
}

/// Has the subscriber hear what this thread traces from now on. The runtime of the test must have one thread, too.
pub fn listen(subscriber: impl Subscriber + Send + Sync) -> Listening {
    Listening {
        _guard: tracing::subscriber::set_default(subscriber),
        // With a single subscriber in the process, tracing asks the thread that first comes by a callsite whether
        // anybody listens there, and believes it for all threads. With two it asks the subscribers.
        _company: Dispatch::new(NoSubscriber::new()),
    }
}
