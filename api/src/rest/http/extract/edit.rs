//! The body of a change. It may be the thing as it was read, with some members changed: members that no change can touch may
//! be sent along as they are.

use std::{collections::BTreeSet, mem::take};

use axum::extract::{FromRequest, Request};
use chrono::DateTime;
use exchange::{
    error::Result,
    validation::{Faults, ReadOnlyFaults},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::{Sent, misfit, object};
use crate::{app::App, rest::problem::Problem};

/// Members of HAL, which say what can be done with a thing and nothing of the thing itself.
const HAL: [&str; 3] = ["_embedded", "_links", "_templates"];

/// A change to a thing that is shown as [`Edits::Shown`].
pub trait Edits: Sent + ToSchema {
    type Shown: ToSchema;
}

/// A change, and the members that were sent back with it.
pub struct Edit<T> {
    pub change: T,
    read_only: Map<String, Value>,
}

impl<T: Edits> FromRequest<App> for Edit<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut fields, twice) = object(request, app).await?;
        let read_only = match T::deserialize(Value::from(fields.clone())) {
            Ok(_) => Map::new(),
            Err(_) => take_read_only::<T>(&mut fields),
        };
        let change = misfit::body(fields, twice).map_err(Problem::misfit)?;
        Ok(Self { change, read_only })
    }
}

impl<T> Edit<T> {
    /// Compares what was sent back with the thing as it is shown now. A thing that cannot be shown is for the use case to
    /// refuse.
    pub async fn compare<R: Serialize>(
        &self,
        shown: impl Future<Output = Result<R>>,
    ) -> ReadOnlyFaults {
        let mut faults = Faults::default();
        if !self.read_only.is_empty()
            && let Ok(shown) = shown.await
        {
            let shown = serde_json::to_value(shown).unwrap_or_default();
            for (name, value) in &self.read_only {
                if !is_same(value, &shown[name]) {
                    let message = "cannot be changed; send it as it was read, or leave it out";
                    faults.add(name, "read_only", message);
                }
            }
        }
        faults.into()
    }
}

/// Takes the members out that are shown and cannot be changed. Those of HAL are left out altogether.
fn take_read_only<T: Edits>(fields: &mut Map<String, Value>) -> Map<String, Value> {
    let (shown, changed) = (properties::<T::Shown>(), properties::<T>());
    let is_hal = |name: &str| HAL.contains(&name);
    let is_read_only =
        |name: &str| is_hal(name) || (shown.contains(name) && !changed.contains(name));
    let (read_only, rest): (Map<_, _>, _) = take(fields)
        .into_iter()
        .partition(|(name, _)| is_read_only(name));
    *fields = rest;
    read_only
        .into_iter()
        .filter(|(name, _)| !is_hal(name))
        .collect()
}

fn properties<T: ToSchema>() -> BTreeSet<String> {
    match T::schema() {
        RefOr::T(Schema::Object(body)) => body.properties.into_keys().collect(),
        _ => BTreeSet::new(),
    }
}

/// Are they the same value? Of a time, another way to write it is the same.
fn is_same(sent: &Value, shown: &Value) -> bool {
    let time = |value: &Value| DateTime::parse_from_rfc3339(value.as_str()?).ok();
    sent == shown || time(sent).is_some_and(|sent| Some(sent) == time(shown))
}
