//! A stream that limits the bytes and lines that can be read.
//!
//! lettre reads a line to its end before it checks its length, and reparses a response from the start with each new line:
//! an endless line exhausts memory, and ten thousand short lines take seconds. So the limits are here, below lettre and
//! above TLS.

use std::{
    fmt::Debug,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most that a server may send for one letter, or before the first: a line has at most 512 octets (RFC 5321), and
/// responses of more than about ten lines are rare.
const LIMIT: Remaining = Remaining {
    bytes: 16 * 1024,
    lines: 128,
};

/// The remaining allowance. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct ReadLimit(Arc<Mutex<Remaining>>);

#[derive(Clone, Copy, Debug)]
struct Remaining {
    bytes: usize,
    lines: usize,
}

impl Default for ReadLimit {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LIMIT)))
    }
}

impl ReadLimit {
    /// Restores the full allowance.
    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = LIMIT;
    }

    fn spend(&self, said: &[u8]) -> io::Result<()> {
        let mut remaining = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = said.iter().filter(|byte| **byte == b'\n').count();
        match (
            remaining.bytes.checked_sub(said.len()),
            remaining.lines.checked_sub(lines),
        ) {
            (Some(bytes), Some(lines)) => {
                *remaining = Remaining { bytes, lines };
                Ok(())
            }
            _ => Err(io::Error::other(format!(
                "the mail server sent more than {} bytes or {} lines; check that SMTP_HOST is a mail server",
                LIMIT.bytes, LIMIT.lines
            ))),
        }
    }
}

/// A stream to `peer`, read within the limit.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    pub stream: S,
    peer: SocketAddr,
    read_limit: ReadLimit,
}

impl<S> Bounded<S> {
    pub fn new(stream: S, peer: SocketAddr, read_limit: &ReadLimit) -> Self {
        Self {
            stream,
            peer,
            read_limit: read_limit.clone(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        Poll::Ready(self.read_limit.spend(&buffer.filled()[before..]))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Debug + Send + Sync + Unpin> AsyncTokioStream for Bounded<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spend_fails_over_the_limit_of_bytes_or_of_lines() {
        let permits = |said: Vec<u8>| ReadLimit::default().spend(&said).is_ok();
        assert!(permits(vec![b'x'; LIMIT.bytes]));
        assert!(!permits(vec![b'x'; LIMIT.bytes + 1]));
        assert!(permits(vec![b'\n'; LIMIT.lines]));
        assert!(!permits(vec![b'\n'; LIMIT.lines + 1]));
    }
}
