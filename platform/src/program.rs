//! Runs a program: its settings, its runtime and its exit status.

use std::{error::Error, process::ExitCode};

use tokio::runtime::Builder;

use crate::{
    database::OpenError,
    settings::{self, SettingError, Source},
};

/// Reads settings, runs `work` with them, and prints a failure as one line. The status is 2 for an invalid setting, and 1
/// for any other failure.
pub fn run<S, F>(
    runtime: &mut Builder,
    read: impl FnOnce(&Source<'_>) -> Result<S, SettingError>,
    work: impl FnOnce(S) -> F,
) -> ExitCode
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    match execute(runtime, read, work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            status(&*failure)
        }
    }
}

fn execute<S, F>(
    runtime: &mut Builder,
    read: impl FnOnce(&Source<'_>) -> Result<S, SettingError>,
    work: impl FnOnce(S) -> F,
) -> Result<(), Box<dyn Error>>
where
    F: Future<Output = Result<(), Box<dyn Error>>>,
{
    let settings = settings::from_environment(read)?;
    let runtime = runtime.build()?;
    let outcome = runtime.block_on(work(settings));
    // A DNS lookup of the mail server may hang in one of its threads.
    runtime.shutdown_background();
    outcome
}

fn status(failure: &(dyn Error + 'static)) -> ExitCode {
    let is_setting = failure.is::<SettingError>()
        || matches!(failure.downcast_ref(), Some(OpenError::UnknownScheme));
    if is_setting {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}
