//! The connections of an instance: their number, their timeouts, and how they drain on shutdown.
//!
//! A connection counts from its acceptance until its socket is closed. That includes WebSockets, which are waited for
//! as well.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{Extension, Router, middleware::AddExtension, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep, timeout},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tower::Layer;

use crate::http::Peer;

/// The read buffer of a connection, in bytes. Longer headers are rejected by hyper without an explanation;
/// [`super::limits`] explains the rejection of shorter ones.
const READ_BUFFER: usize = 64 * 1024;

/// The limits on the connections of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// The most open connections. One more is closed as soon as it is accepted, so that a load balancer tries another
    /// instance.
    pub max_open: usize,
    /// The time limit for the headers of a request, counted from the opening of the connection or from the previous
    /// response. It is also the longest idle time, so a load balancer must close idle connections earlier.
    pub header_timeout: Duration,
    /// The time limit for a client to read the buffers of its connection.
    pub write_timeout: Duration,
    /// The time limit for requests in flight on shutdown.
    pub drain_timeout: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            max_open: 4096,
            header_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(9),
        }
    }
}

/// The service of one connection.
type Service = TowerToHyperService<AddExtension<Router, Peer>>;

/// Serves until `stop` resolves. Then closes idle connections, and waits for the requests in flight.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: Connections,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        // The handshake of a WebSocket repeats header names as they were sent.
        .preserve_header_case(true)
        .max_buf_size(READ_BUFFER);
    let permits = Arc::new(Semaphore::new(limits.max_open));
    let (open, stopping) = (TaskTracker::new(), CancellationToken::new());
    let mut stop = pin!(stop);
    let mut is_full = false;
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let permit = permits.clone().try_acquire_owned();
        if permit.is_err() && !is_full {
            tracing::warn!(
                limits.at_once = limits.max_open,
                "closing new connections: the limit is reached"
            );
        }
        is_full = permit.is_err();
        let Ok(permit) = permit else { continue };
        set_user_timeout(&stream, limits.write_timeout);
        let socket = Socket {
            stream,
            write_timeout: limits.write_timeout,
            stalled: None,
            _permit: permit,
            _open: open.token(),
        };
        let service = Extension(Peer(peer.ip())).layer(router.clone());
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection(TokioIo::new(socket), service);
        tokio::spawn(drive(connection.with_upgrades(), stopping.clone()));
    }
    drop(listener);
    tracing::info!("stopping: waiting for requests in flight");
    stopping.cancel();
    open.close();
    if timeout(limits.drain_timeout, open.wait()).await.is_err() {
        let after_s = limits.drain_timeout.as_secs();
        tracing::warn!(after_s, "closing the connections that are still open");
    }
}

/// Serves a connection to its end. On shutdown it ends after the response in flight, or at once if it is idle.
async fn drive(
    connection: http1::UpgradeableConnection<TokioIo<Socket>, Service>,
    stopping: CancellationToken,
) {
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(cause) = ended {
        tracing::debug!(%cause, "connection failed");
    }
}

/// Has the system drop the connection of a client that acknowledges nothing for this time. Works on Linux only.
fn set_user_timeout(stream: &TcpStream, limit: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(cause) = SockRef::from(stream).set_tcp_user_timeout(Some(limit)) {
        tracing::warn!(%cause, "cannot set the time limit for clients that do not read");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, limit);
}

/// The socket of a connection, with the permits that it holds until it is closed.
struct Socket {
    stream: TcpStream,
    write_timeout: Duration,
    /// Runs while the client has not read what was written.
    stalled: Option<Pin<Box<Sleep>>>,
    _permit: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

impl Socket {
    /// Fails a write if the client reads so slowly that it takes too long. The system's own timeout covers a client
    /// that reads nothing, but not one that reads a little now and then.
    fn with_timeout(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
        all: usize,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => {
                let limit = self.write_timeout;
                let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
                ready!(stalled.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Ready(Ok(written)) if written == all => {
                self.stalled = None;
                Poll::Ready(Ok(written))
            }
            ready => ready,
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.with_timeout(context, written, buffer.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        let all = buffers.iter().map(|buffer| buffer.len()).sum();
        self.with_timeout(context, written, all)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
