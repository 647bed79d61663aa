//! Forms: for each link that acts, what to send along (HAL-FORMS). Made from [`Links`] and the description of the same
//! operation, so a form offers what the viewer may do and asks for what the handler takes, and neither is said twice.
//!
//! Source: <https://rwcbook.github.io/hal-forms/>

mod described;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{OpenApi, RefOr, schema::Schema},
};

use super::links::Links;

/// The forms of a resource, by the relation of the link that each belongs to.
#[derive(Serialize, ToSchema)]
#[schema(value_type = BTreeMap<String, Template>)]
pub struct Templates(BTreeMap<&'static str, Template>);

/// A form.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    #[schema(example = "Make an offer")]
    pub title: String,
    #[schema(value_type = String, example = "POST")]
    pub method: &'static str,
    /// Where to send it: a path of this host.
    #[schema(example = "/offers")]
    pub target: String,
    /// How to send it, where there is something to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "application/json")]
    content_type: Option<&'static str>,
    properties: Vec<Property>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateProperty)]
pub struct Property {
    #[schema(example = "year_published")]
    name: String,
    /// The name in words.
    #[schema(example = "Year published")]
    prompt: String,
    /// A type of input of HTML, where there is nothing to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "number")]
    r#type: Option<&'static str>,
    required: bool,
    /// What it is now, where the form changes something and there is nothing to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    value: Option<String>,
    /// The least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    min: Option<i64>,
    /// The greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    max: Option<i64>,
    /// The least number of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    min_length: Option<u64>,
    /// The greatest number of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    max_length: Option<u64>,
    /// Which texts are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    regex: Option<String>,
    /// For example.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    placeholder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Options, required = false)]
    options: Option<Options>,
}

/// What to choose from.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateOptions)]
pub struct Options {
    /// The choices themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    inline: Vec<String>,
    /// A list of the choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OptionsLink, required = false)]
    link: Option<OptionsLink>,
    /// Which field of a choice to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    value_field: Option<&'static str>,
    /// Which field of a choice to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    prompt_field: Option<&'static str>,
    /// What is chosen now, where the form changes something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    selected_values: Vec<Value>,
    /// The fewest to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    min_items: Option<u64>,
    /// The most to choose; one, where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    max_items: Option<u64>,
}

/// Where to find the choices.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TemplateOptionsLink)]
pub struct OptionsLink {
    #[schema(example = "/users/1/games")]
    href: String,
}

/// A resource that has forms where it is shown on its own.
pub trait Resource: Serialize {
    /// Do its forms change its own fields? Then they show what these are now.
    const EDITED: bool = true;

    fn links(&self) -> &Links;

    /// Where to choose the values of fields from: the name of the field, and a list.
    fn choices(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A resource on its own, with its forms.
#[derive(Serialize)]
pub struct Alone<R> {
    #[serde(flatten)]
    resource: R,
    #[serde(rename = "_templates")]
    templates: Templates,
}

impl<R: Resource> From<R> for Alone<R> {
    fn from(resource: R) -> Self {
        let mut templates = Templates::of(resource.links(), &resource.choices());
        if R::EDITED && !templates.is_empty() {
            templates.fill_in(&serde_json::to_value(&resource).unwrap_or_default());
        }
        Self {
            resource,
            templates,
        }
    }
}

impl<R> Alone<R> {
    pub fn resource(&self) -> &R {
        &self.resource
    }

    pub fn forms(&self) -> impl Iterator<Item = &Template> {
        self.templates.0.values()
    }
}

impl Templates {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(links: &Links, choices: &[(&'static str, String)]) -> Self {
        let form = |(relation, method, target)| {
            let mut form = described::form(method, target)?;
            for property in &mut form.properties {
                property.choose_from(choices);
            }
            Some((relation, form))
        };
        Self(links.actions().filter_map(form).collect())
    }

    /// Fills in what the fields of the resource are now.
    fn fill_in(&mut self, resource: &Value) {
        let properties = self.0.values_mut().flat_map(|form| &mut form.properties);
        for property in properties {
            property.fill_in(&resource[&property.name]);
        }
    }
}

impl Property {
    fn choose_from(&mut self, choices: &[(&'static str, String)]) {
        let list = choices.iter().find(|(name, _)| *name == self.name);
        if let (Some((_, href)), Some(options)) = (list, &mut self.options) {
            // As many as a page has: who chooses should not have to turn it.
            let and = if href.contains('?') { '&' } else { '?' };
            let href = format!("{href}{and}limit=100");
            options.link = Some(OptionsLink { href });
            (options.value_field, options.prompt_field) = (Some("id"), Some("name"));
        }
    }

    fn fill_in(&mut self, now: &Value) {
        match (now, &mut self.options) {
            (Value::Null, _) => {}
            (Value::Array(chosen), Some(options)) => options.selected_values.clone_from(chosen),
            (chosen, Some(options)) => options.selected_values = vec![chosen.clone()],
            (Value::String(text), None) => self.value = Some(text.clone()),
            (other, None) => self.value = Some(other.to_string()),
        }
    }
}

/// Adds the forms to the resources that have them.
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
