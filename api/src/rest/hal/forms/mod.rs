//! The forms of actions (HAL-FORMS). A form is made from an action among the links, and from the description of the
//! same operation, so it offers what the viewer may do and asks for what the handler accepts, and neither is stated
//! twice.
//!
//! Source: <https://rwcbook.github.io/hal-forms/>

mod from_openapi;

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{OpenApi, RefOr, schema::Schema},
};

pub use self::from_openapi::load;
use crate::http::hypermedia::{Links, Templates};

/// A resource that has forms when it is shown on its own.
pub trait Resource: Serialize {
    /// True if its forms change its own fields: then they contain the current values.
    const EDITED: bool = true;

    fn links(&self) -> &Links;

    /// Returns the lists of choices for fields: the name of the field, and the path of the list.
    fn choices(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A resource with its forms.
#[derive(Serialize)]
pub struct WithForms<R> {
    #[serde(flatten)]
    resource: R,
    #[serde(rename = "_templates")]
    templates: Templates,
}

impl<R: Resource> From<R> for WithForms<R> {
    fn from(resource: R) -> Self {
        let mut templates = with_choices(resource.links(), &resource.choices());
        if R::EDITED && !templates.is_empty() {
            templates.fill_in(&serde_json::to_value(&resource).unwrap_or_default());
        }
        Self {
            resource,
            templates,
        }
    }
}

/// Returns the forms for the actions among these links.
pub fn for_links(links: &Links) -> Templates {
    with_choices(links, &[])
}

fn with_choices(links: &Links, choices: &[(&'static str, String)]) -> Templates {
    let form = |(relation, method, target)| {
        let mut form = from_openapi::form(method, target)?;
        for property in &mut form.properties {
            property.link_choices(choices);
        }
        Some((relation, form))
    };
    links.actions().filter_map(form).collect()
}

/// Adds the forms to the schemas of the resources that have them.
pub fn describe(api: &mut OpenApi) {
    let mut parts = Vec::new();
    Templates::schemas(&mut parts);
    let schemas = &mut api.components.get_or_insert_default().schemas;
    schemas.extend(parts);
    for name in ["Game", "Offer", "Root", "Session", "User"] {
        if let Some(RefOr::T(Schema::Object(resource))) = schemas.get_mut(name) {
            let forms = Templates::schema();
            resource.properties.insert("_templates".to_owned(), forms);
        }
    }
}
