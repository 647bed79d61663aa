//! Bodies. That of a request is read before the request is admitted, so that a place is held for work alone and not while a
//! client sends slowly. That of an answer is counted until its client has read it.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use crate::{
    http::clients::{Client, unread::Unread},
    http::size::MAX_BODY,
    rest::problem::{Problem, catalogue},
};

/// The largest body that is read here, in bytes. What is longer goes on as it comes, to be refused.
const MAX: u64 = MAX_BODY as u64;
/// The largest answer that is not counted, in bytes: it is no more than what a connection takes anyway.
const SMALL: u64 = 16 * 1024;

/// The request with its whole body in memory.
pub async fn whole(request: Request) -> Request {
    let size = request.body().size_hint();
    if request.body().is_end_stream() || size.lower() > MAX {
        return request;
    }
    let (parts, body) = request.into_parts();
    Request::from_parts(parts, read(body).await)
}

/// Reads a body to its end. A failure comes again to whoever reads what this gives, and so does the rest of a body that is
/// too long.
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

/// The answer to a request whose body did not come in time. Its connection ends with it: the rest of the body would be taken
/// for another request.
pub fn too_slow(patience: Duration) -> Response {
    let detail = format!(
        "The body did not come within {} s, so nothing was done. Send it again, faster.",
        patience.as_secs()
    );
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, Problem::new(&catalogue::REQUEST_TIMEOUT, detail)).into_response()
}

/// The answer with its body counted as held for the client. A stream counts by itself what it sends.
pub async fn held(response: Response, client: Client, unread: &Unread) -> Response {
    let size = response.body().size_hint().exact();
    if size.is_none_or(|size| size <= SMALL) {
        return response;
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => {
            let parcel = unread.hold(client, body.to_bytes());
            Response::from_parts(parts, Body::new(parcel))
        }
        // Nothing that is whole fails.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
