//! JSON responses of at most [`MAX_BYTES`], on either surface. Serialization stops where a response gets larger.

use std::io::{self, Write};

use exchange::error::{Error, Result};
use serde::Serialize;

/// The largest response, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The spare capacity that a finished response may keep, in bytes: it may wait for its reader for a while.
const MAX_SPARE: usize = 16 * 1024;

/// Serializes a value as JSON. Fails if it takes more than [`MAX_BYTES`].
pub fn to_vec(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut body = BoundedBody(Vec::with_capacity(128));
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => Ok(body.finish()),
        Err(failure) if failure.is_io() => Err(Error::AnswerTooLarge),
        Err(failure) => Err(Error::internal(failure)),
    }
}

/// A body under construction. A write beyond [`MAX_BYTES`] fails.
struct BoundedBody(Vec<u8>);

impl BoundedBody {
    fn finish(mut self) -> Vec<u8> {
        if self.0.capacity() - self.0.len() > MAX_SPARE {
            self.0.shrink_to_fit();
        }
        self.0
    }
}

impl Write for BoundedBody {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part).map(|()| part.len())
    }

    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        if self.0.len() + part.len() > MAX_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(part);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_vec_fails_beyond_four_mebibytes() {
        let longest = "x".repeat(MAX_BYTES - 2);
        assert_eq!(
            to_vec(&longest).map(|text| text.len()).ok(),
            Some(MAX_BYTES)
        );
        let beyond = to_vec(&vec![longest]);
        assert!(matches!(beyond, Err(Error::AnswerTooLarge)));
    }
}
