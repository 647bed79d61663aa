//! The signals that end a program.

use tokio::signal::unix::{SignalKind, signal};

/// Resolves at SIGINT (Ctrl-C) or SIGTERM (a supervisor).
pub fn shutdown_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
