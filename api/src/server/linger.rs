//! Discards the rest of a body after its request was answered. A client that sends a large body reads the answer only once all of
//! it is sent, and hears of a broken pipe where the connection is closed before. So what nobody reads is read on and thrown
//! away, as far as that is reasonable, while the answer is on its way.

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

/// The most that is thrown away of one body, in bytes.
const MOST: usize = 16 * 1024 * 1024;
/// The longest time that the next part of it may take to come, and all of them together.
const NEXT: Duration = Duration::from_secs(5);
const ALL: Duration = Duration::from_secs(30);

/// Has the rest of the body read where the request is answered before that.
pub fn read_on(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    request.map(|body| Body::new(Lingering(body)))
}

/// A body whose rest is thrown away when nobody wants it any more.
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
            runtime.spawn(timeout(ALL, throw_away(rest)));
        }
    }
}

/// Reads the body to its end, as long as it keeps coming and is not too long.
async fn throw_away(mut body: Body) {
    let mut left = MOST;
    while let Ok(Some(Ok(frame))) = timeout(NEXT, body.frame()).await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => break,
        }
    }
}
