//! Committed generated files match the code.

use std::{collections::BTreeSet, fs, path::Path};

fn committed(name: &str) -> String {
    fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .join(name),
    )
    .unwrap_or_default()
}

#[test]
fn openapi_json_is_fresh() {
    let fresh = committed("openapi.json") == api::rest::openapi::json();
    assert!(fresh, "openapi.json is stale; run: scripts/generate");
}

#[test]
fn schema_graphql_is_fresh() {
    let fresh = committed("schema.graphql") == api::graphql::sdl();
    assert!(fresh, "schema.graphql is stale; run: scripts/generate");
}

#[test]
fn asyncapi_yaml_is_fresh() {
    let fresh = committed("asyncapi.yaml") == entity::event::asyncapi::yaml();
    assert!(fresh, "asyncapi.yaml is stale; run: scripts/generate");
}

/// Every type, field, argument and value has a description.
#[test]
fn schema_describes_every_element() {
    let mut described = true;
    let mut inside = false;
    for line in api::graphql::sdl().lines().map(str::trim) {
        if line == "\"\"\"" {
            inside = !inside;
            described = true;
        } else if !inside && !line.is_empty() && !line.starts_with([')', '}', '{']) {
            let own = line.starts_with("schema")
                || line.starts_with("query:")
                || line.starts_with("mutation:")
                || line.starts_with("subscription:");
            assert!(
                described || own || line.starts_with("directive"),
                "{line} has no description"
            );
            described = false;
        }
    }
}

#[test]
fn openapi_has_unique_operation_ids() {
    let api: serde_json::Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(api["info"]["title"], "Video Game Exchange API");
    let operations = api["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = operations
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let unique: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for id in [
        "get_users",
        "create_offer",
        "update_offer",
        "get_offers",
        "create_trade_offer",
    ] {
        assert!(unique.contains(id), "{id}");
    }
}

/// Client generators do not support `oneOf` in responses.
#[test]
fn openapi_responses_have_no_one_of() {
    let api: serde_json::Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    let sent = ["Create", "Update", "Login", "RefreshToken"];
    for (name, schema) in schemas
        .iter()
        .filter(|(name, _)| !sent.iter().any(|end| name.ends_with(end)))
    {
        assert!(!schema.to_string().contains("oneOf"), "{name}: {schema}");
    }
}
