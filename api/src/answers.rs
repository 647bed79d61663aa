//! The size of answers. None has more than [`MAX`] bytes, on either surface: it is given up while it is written.

use std::io::{self, Write};

use exchange::error::{Error, Result};
use serde::Serialize;

/// The largest answer, in bytes.
pub const MAX: usize = 4 * 1024 * 1024;
/// The memory that a text may leave unused, in bytes: it may be kept for a while.
const SLACK: usize = 16 * 1024;

/// The value as JSON.
pub fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut answer = Answer(Vec::with_capacity(128));
    match serde_json::to_writer(&mut answer, value) {
        Ok(()) => Ok(answer.finish()),
        Err(failure) if failure.is_io() => Err(Error::AnswerTooLarge),
        Err(failure) => Err(Error::internal(failure)),
    }
}

/// An answer as far as it is written. Fails where it gets too large.
struct Answer(Vec<u8>);

impl Answer {
    fn finish(mut self) -> Vec<u8> {
        if self.0.capacity() - self.0.len() > SLACK {
            self.0.shrink_to_fit();
        }
        self.0
    }
}

impl Write for Answer {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part).map(|()| part.len())
    }

    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        if self.0.len() + part.len() > MAX {
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
    fn json_is_refused_beyond_four_mebibytes() {
        let longest = "x".repeat(MAX - 2);
        assert_eq!(json(&longest).map(|text| text.len()).ok(), Some(MAX));
        let beyond = json(&vec![longest]);
        assert!(matches!(beyond, Err(Error::AnswerTooLarge)));
    }
}
