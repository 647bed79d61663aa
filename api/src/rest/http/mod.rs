//! HTTP as the REST surface uses it: reads requests, negotiates media types, and answers conditional requests.

pub mod conditional;
pub mod extract;
pub mod html;
pub mod json;
pub mod negotiation;
