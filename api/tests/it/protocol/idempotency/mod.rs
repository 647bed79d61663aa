//! Idempotency keys, on both surfaces.

mod ended_actors;
mod keys;
