//! A hook for requests that start to wait.

use std::sync::Arc;

/// A function to call when a request starts to wait for a lock or for a password worker, so that the caller can let
/// another request run meanwhile. Does nothing by default. Clones share it.
#[derive(Clone, Default)]
pub struct WaitHook(Option<Arc<dyn Fn() + Send + Sync>>);

impl WaitHook {
    /// Makes a hook that runs in the task of the request.
    #[must_use]
    pub fn new(hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) fn call(&self) {
        if let Some(hook) = &self.0 {
            hook();
        }
    }
}
