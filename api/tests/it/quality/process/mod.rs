//! The program: settings, output, exit status and signals.

mod demo;
mod log;
mod server;
mod spans;
mod start;
mod stop;
mod titles;

use tempfile::{TempDir, tempdir};

fn directory() -> TempDir {
    tempdir().unwrap()
}
