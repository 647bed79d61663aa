//! Idempotency keys, on both surfaces.

mod digests;
mod ended_actors;
mod keys;
