//! The parts of HTTP that both surfaces share: headers, media types, ETags, problem documents, event streams, caching,
//! the trace of a request, and the limits that depend on its client or its size.

pub mod caching;
pub mod client_address;
pub mod clients;
pub mod credentials;
pub mod etag;
pub mod head;
pub mod hypermedia;
pub mod idempotency;
pub mod media_type;
pub mod problem;
pub mod request_id;
pub mod size;
pub mod sse;
pub mod trace;

pub use self::{
    client_address::{ClientAddress, Peer, TrustedProxies},
    request_id::RequestId,
};
