//! What a failed field leaves in the data: null, or where it may not be null, null for the nearest object around it
//! that may be. The executor of async-graphql 7.2 leaves failed fields out instead, which clients cannot type.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::{
    Response, ServerError, ServerResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo,
    },
};

/// Makes a [`Failed`] for each request.
pub struct Propagation;

/// What failed in one request.
#[derive(Default)]
struct Failed(Mutex<State>);

#[derive(Default)]
struct State {
    errors: Vec<ServerError>,
    /// The objects and lists that miss a part which may not be null.
    broken: HashSet<Vec<String>>,
}

impl ExtensionFactory for Propagation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Failed::default())
    }
}

impl Failed {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves nothing half-done in here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Failed {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let mut response = next.run(context, operation_name).await;
        let mut state = self.state();
        response.errors.append(&mut mem::take(&mut state.errors));
        if state.broken.contains([].as_slice()) {
            response.data = Value::Null;
        }
        // The next event of a subscription begins anew.
        state.broken.clear();
        response
    }

    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (node, nullable) = (info.path_node, !info.return_type.ends_with('!'));
        let outcome = next.run(context, info).await;
        let mut state = self.state();
        if outcome.is_ok() && state.broken.is_empty() {
            return outcome;
        }
        let mut path = node.to_string_vec();
        match outcome {
            Ok(value) if !state.broken.contains(&path) => return Ok(value),
            Ok(_) => {}
            Err(error) => state.errors.push(error),
        }
        if !nullable {
            path.pop();
            state.broken.insert(path);
        }
        Ok(Some(Value::Null))
    }
}
