//! Streams that run ahead of their reader.

use std::pin::pin;

use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;

use crate::trace;

/// The number of items that a spawned stream may be ahead of its reader.
const READ_AHEAD: usize = 4;

/// Runs a stream in its own task, at most [`READ_AHEAD`] items ahead of its reader, so that a slow reader does not keep the
/// resources that the stream holds while it works, such as a database connection. The task ends with its reader.
pub fn spawn_stream<T: Send + 'static>(
    stream: impl Stream<Item = T> + Send + 'static,
) -> ReceiverStream<T> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    let run = async move {
        let mut stream = pin!(stream);
        loop {
            let next = tokio::select! {
                () = sender.closed() => None,
                next = stream.next() => next,
            };
            let Some(next) = next else { break };
            if sender.send(next).await.is_err() {
                break;
            }
        }
    };
    tokio::spawn(trace::scope(trace::current(), run.in_current_span()));
    ReceiverStream::new(receiver)
}
