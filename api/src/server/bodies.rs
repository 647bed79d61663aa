//! Request and response bodies. A request body is read before admission, so that a slow sender holds no permit. A
//! response body is counted until its client has read it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use crate::http::{
    clients::{Client, unread::Unread},
    problem::{Problem, catalogue},
    size::MAX_BODY,
};

/// The largest body that is read here, in bytes. A longer one is left for the extractors to reject.
const MAX: u64 = MAX_BODY as u64;
/// The largest response that is not counted, in bytes: it fits in the buffers of a connection anyway.
const SMALL: u64 = 16 * 1024;

/// Reads the body of a request into memory.
pub async fn buffer(request: Request) -> Request {
    let size = request.body().size_hint();
    if request.body().is_end_stream() || size.lower() > MAX {
        return request;
    }
    let (parts, body) = request.into_parts();
    Request::from_parts(parts, read(body).await)
}

/// Reads a body to its end. A failure, and the rest of a body that is too long, are passed on to the next reader.
async fn read(mut body: Body) -> Body {
    let mut bytes = Vec::new();
    let rest = loop {
        match body.frame().await {
            None => return bytes.into(),
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
            Some(Err(failure)) => {
                break StreamExt::boxed(stream::once(async { Err(failure) }));
            }
        }
        if bytes.len() as u64 > MAX {
            break StreamExt::boxed(body.into_data_stream());
        }
    };
    let read = stream::once(async { Ok(Bytes::from(bytes)) });
    Body::from_stream(read.chain(rest))
}

/// Responds to a request whose body did not arrive in time, and closes the connection: otherwise the rest of the body
/// would be read as another request.
pub fn timed_out(limit: Duration) -> Response {
    let detail = format!(
        "The body did not arrive within {} s, so nothing was done. Send it again, faster.",
        limit.as_secs()
    );
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, Problem::new(&catalogue::REQUEST_TIMEOUT, detail)).into_response()
}

/// Counts the body of a response as unread by the client. Streams count their own chunks.
pub async fn count_unread(response: Response, client: Client, unread: &Unread) -> Response {
    let size = response.body().size_hint().exact();
    if size.is_none_or(|size| size <= SMALL) {
        return response;
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => {
            let held = unread.hold(client, body.to_bytes());
            Response::from_parts(parts, Body::new(held))
        }
        // A body of known size is in memory, and cannot fail.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
