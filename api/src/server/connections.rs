//! The connections of an instance: how many are open at once, how long a client may take over its headers, and how they end
//! when the instance is to stop.
//!
//! A connection counts from when it is accepted until its socket is closed, whatever it became meanwhile: a WebSocket holds
//! its place as well, and is waited for.

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

/// What a connection keeps of what came and was not looked at yet, in bytes. A head of more is refused before anybody can
/// say why; [`super::limits`] has more to say of one that fits.
const BUFFER: usize = 64 * 1024;

/// What the connections of an instance may take.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many are open at once. One more is closed as soon as it is accepted, so that a load balancer tries elsewhere.
    pub at_once: usize,
    /// How long the headers of a request may take to come: from the opening of the connection, or from the answer before.
    /// So it is also how long a connection may be idle, and a load balancer has to give it up earlier.
    pub headers: Duration,
    /// The longest time that a client may take to read the buffers of its connection.
    pub reading: Duration,
    /// How long requests that are under way may take when the instance is to stop.
    pub drain: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            at_once: 4096,
            headers: Duration::from_secs(10),
            reading: Duration::from_secs(30),
            drain: Duration::from_secs(9),
        }
    }
}

/// The router, as it serves one connection.
type Service = TowerToHyperService<AddExtension<Router, Peer>>;

/// Serves until `stop` resolves, then waits for the requests that are under way, and for nothing idle.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: Connections,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        // For the handshake of a WebSocket, which repeats them.
        .preserve_header_case(true)
        .max_buf_size(BUFFER);
    let places = Arc::new(Semaphore::new(limits.at_once));
    let (open, stopping) = (TaskTracker::new(), CancellationToken::new());
    let mut stop = pin!(stop);
    let mut is_full = false;
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let place = places.clone().try_acquire_owned();
        if place.is_err() && !is_full {
            tracing::warn!(limits.at_once, "no more connections are taken");
        }
        is_full = place.is_err();
        let Ok(place) = place else { continue };
        impatient(&stream, limits.reading);
        let socket = Socket {
            stream,
            patience: limits.reading,
            stalled: None,
            _place: place,
            _open: open.token(),
        };
        let service = Extension(Peer(peer.ip())).layer(router.clone());
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection(TokioIo::new(socket), service);
        tokio::spawn(carry(connection.with_upgrades(), stopping.clone()));
    }
    drop(listener);
    tracing::info!("stopping: waiting for the requests under way");
    stopping.cancel();
    open.close();
    if timeout(limits.drain, open.wait()).await.is_err() {
        let after_s = limits.drain.as_secs();
        tracing::warn!(after_s, "connections are still open: closing them");
    }
}

/// Carries a connection to its end. When the instance stops, that is the answer under way, or at once.
async fn carry(
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
        tracing::debug!(%cause, "a connection was given up");
    }
}

/// Gives a connection up whose client does not take what it is sent, so that nothing waits for it. Linux can.
fn impatient(stream: &TcpStream, patience: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(cause) = SockRef::from(stream).set_tcp_user_timeout(Some(patience)) {
        tracing::warn!(%cause, "a client that does not read may hold its connection");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (stream, patience);
}

/// The socket of a connection, with what it holds until it is closed.
struct Socket {
    stream: TcpStream,
    patience: Duration,
    /// Runs while the client has not read what is to be written.
    stalled: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
    _open: TaskTrackerToken,
}

impl Socket {
    /// Fails where the client reads so slowly that what is to be written does not leave in time. The system sees to a client
    /// that reads nothing at all, and not to one that reads a little now and then.
    fn in_time(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
        all: usize,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => {
                let patience = self.patience;
                let stalled = self
                    .stalled
                    .get_or_insert_with(|| Box::pin(sleep(patience)));
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
        self.in_time(context, written, buffer.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        let all = buffers.iter().map(|buffer| buffer.len()).sum();
        self.in_time(context, written, all)
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
