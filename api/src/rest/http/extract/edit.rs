//! The body of a change. Clients may send back the whole resource that they read, with some fields changed, so
//! read-only fields are accepted if their values are unchanged.

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

use super::{
    body::read_object,
    dto::Dto,
    read::{is_readable, read_body},
};
use crate::{app::App, http::problem::Problem};

/// The fields of HAL. They are not part of the thing itself, so they are ignored.
const HAL: [&str; 3] = ["_embedded", "_links", "_templates"];

/// A change to a resource.
pub trait Editable: Dto + ToSchema {
    /// The body that shows the resource.
    type Body: ToSchema;
}

/// A change, and the read-only fields that were sent with it.
pub struct Edit<T> {
    pub change: T,
    read_only: Map<String, Value>,
}

impl<T: Editable> FromRequest<App> for Edit<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut fields, duplicates) = read_object(request, app).await?;
        let read_only = if is_readable::<T>(&fields) {
            Map::new()
        } else {
            take_read_only::<T>(&mut fields)
        };
        let change = read_body(&fields, &duplicates).map_err(Problem::invalid)?;
        Ok(Self { change, read_only })
    }
}

impl<T> Edit<T> {
    /// Compares the read-only fields with the current resource. If that cannot be read, the use case reports why.
    pub async fn compare<R: Serialize>(
        &self,
        current: impl Future<Output = Result<R>>,
    ) -> ReadOnlyFaults {
        let mut faults = Faults::default();
        if !self.read_only.is_empty()
            && let Ok(current) = current.await
        {
            let current = serde_json::to_value(current).unwrap_or_default();
            for (name, value) in &self.read_only {
                if !is_same(value, &current[name]) {
                    let message = "cannot be changed; send it as it was read, or leave it out";
                    faults.add(name, "read_only", message);
                }
            }
        }
        faults.into()
    }
}

/// Removes the read-only fields and those of HAL. Returns the read-only ones.
fn take_read_only<T: Editable>(fields: &mut Map<String, Value>) -> Map<String, Value> {
    let (shown, changed) = (properties::<T::Body>(), properties::<T>());
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

/// Compares two values. Times are equal however they are written.
fn is_same(sent: &Value, current: &Value) -> bool {
    let time = |value: &Value| DateTime::parse_from_rfc3339(value.as_str()?).ok();
    sent == current || time(sent).is_some_and(|sent| Some(sent) == time(current))
}
