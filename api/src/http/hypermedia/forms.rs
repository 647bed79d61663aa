//! Forms of HAL-FORMS.
//!
//! Source: <https://rwcbook.github.io/hal-forms/>

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The forms of a resource, by the relation of the action that each belongs to.
#[derive(Serialize, ToSchema)]
#[schema(value_type = BTreeMap<String, Template>)]
pub struct Templates(BTreeMap<&'static str, Template>);

/// A form for one action.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    #[schema(example = "Make an offer")]
    pub title: String,
    #[schema(value_type = String, example = "POST")]
    pub method: &'static str,
    /// The path on this host to send it to.
    #[schema(example = "/offers")]
    pub target: String,
    /// The media type of the body, if the action takes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "application/json")]
    pub content_type: Option<&'static str>,
    pub properties: Vec<Property>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateProperty)]
pub struct Property {
    #[schema(example = "year_published")]
    pub name: String,
    /// The label of the field.
    #[schema(example = "Year published")]
    pub prompt: String,
    /// The type of HTML input. Absent if there are `options`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "number")]
    pub r#type: Option<&'static str>,
    pub required: bool,
    /// The current value, in a form that changes an existing thing. Absent if there are `options`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub value: Option<String>,
    /// The smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    pub min: Option<i64>,
    /// The largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    pub max: Option<i64>,
    /// The smallest number of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub min_length: Option<u64>,
    /// The largest number of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub max_length: Option<u64>,
    /// The regular expression that the text must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub regex: Option<String>,
    /// An example.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub placeholder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Options, required = false)]
    pub options: Option<Options>,
}

/// The choices of a field.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TemplateOptions)]
pub struct Options {
    /// The choices, if they are fixed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub inline: Vec<String>,
    /// A link to a list of the choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = OptionsLink, required = false)]
    pub link: Option<OptionsLink>,
    /// The field of a choice to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub value_field: Option<&'static str>,
    /// The field of a choice to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub prompt_field: Option<&'static str>,
    /// The current choices, in a form that changes an existing thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub selected_values: Vec<Value>,
    /// The smallest number of choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub min_items: Option<u64>,
    /// The largest number of choices. One if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub max_items: Option<u64>,
}

/// A link to a list of choices.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TemplateOptionsLink)]
pub struct OptionsLink {
    #[schema(example = "/users/1/games")]
    pub href: String,
}

impl Templates {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fills in the current values of the fields of a resource.
    pub fn fill_in(&mut self, resource: &Value) {
        let properties = self.0.values_mut().flat_map(|form| &mut form.properties);
        for property in properties {
            property.fill_in(&resource[&property.name]);
        }
    }
}

impl FromIterator<(&'static str, Template)> for Templates {
    fn from_iter<I: IntoIterator<Item = (&'static str, Template)>>(forms: I) -> Self {
        Self(forms.into_iter().collect())
    }
}

impl Property {
    /// Links to the list of choices of this field, if `choices` has one.
    pub fn link_choices(&mut self, choices: &[(&'static str, String)]) {
        let list = choices.iter().find(|(name, _)| *name == self.name);
        if let (Some((_, href)), Some(options)) = (list, &mut self.options) {
            // The largest page, so that a user seldom has to turn it.
            let and = if href.contains('?') { '&' } else { '?' };
            let href = format!("{href}{and}limit=100");
            options.link = Some(OptionsLink { href });
            (options.value_field, options.prompt_field) = (Some("id"), Some("name"));
        }
    }

    fn fill_in(&mut self, current: &Value) {
        match (current, &mut self.options) {
            (Value::Null, _) => {}
            (Value::Array(chosen), Some(options)) => options.selected_values.clone_from(chosen),
            (chosen, Some(options)) => options.selected_values = vec![chosen.clone()],
            (Value::String(text), None) => self.value = Some(text.clone()),
            (other, None) => self.value = Some(other.to_string()),
        }
    }
}
