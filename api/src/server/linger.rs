//! Discards the rest of a request body after the response. A client reads the response only after it has sent the whole
//! body, and gets a broken pipe if the connection closes before. So an unread body is read to its end, within limits,
//! while the response is sent.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::{runtime::Handle, time::timeout};

/// The most bytes of one body that are discarded.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;
/// The time limit for the next frame of a body.
const FRAME_TIMEOUT: Duration = Duration::from_secs(5);
/// The time limit for the whole rest of a body.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Has what is left of the body discarded once the request has been handled.
pub fn discard_unread(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    request.map(|body| Body::new(Lingering(body)))
}

/// A body that discards its rest when it is dropped.
struct Lingering(Body);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if self.0.is_end_stream() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let rest = std::mem::take(&mut self.0);
            runtime.spawn(timeout(TOTAL_TIMEOUT, discard(rest)));
        }
    }
}

/// Reads a body to its end, within the limits.
async fn discard(mut body: Body) {
    let mut left = MAX_DISCARDED;
    while let Ok(Some(Ok(frame))) = timeout(FRAME_TIMEOUT, body.frame()).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => break,
        }
    }
}
