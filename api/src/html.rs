//! HTML pages, from the templates in `api/templates`. Texts in them are escaped.

use std::sync::LazyLock;

use exchange::error::Error;
use minijinja::{Environment, Output, State, UndefinedBehavior, Value, escape_formatter};
use serde::Serialize;

static TEMPLATES: LazyLock<Result<Environment<'static>, minijinja::Error>> =
    LazyLock::new(templates);

/// Renders a template with the members of `content`.
pub fn render(template: &str, content: impl Serialize) -> Result<String, Error> {
    let templates = TEMPLATES.as_ref().map_err(Error::internal)?;
    let template = templates.get_template(template).map_err(Error::internal)?;
    template.render(content).map_err(Error::internal)
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_keep_trailing_newline(true);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_formatter(write_escaped);
    macro_rules! add {
        ($($name:literal),*) => {
            $(environment.add_template($name, include_str!(concat!("../templates/", $name)))?;)*
        };
    }
    add!(
        "forms.html",
        "home.html",
        "page.html",
        "problem.html",
        "problems.html",
        "tool.html"
    );
    Ok(environment)
}

/// Escapes texts as [`escape`] does. The default also escapes slashes, which makes addresses hard to read.
fn write_escaped(
    output: &mut Output,
    state: &State,
    value: &Value,
) -> Result<(), minijinja::Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() => Ok(output.write_str(&escape(text))?),
        _ => escape_formatter(output, state, value),
    }
}

/// Escapes a text for HTML, including for attributes in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_covers_text_and_attributes() {
        let text = r#"<a href="/x?a=1&b=2">"#;
        assert_eq!(escape(text), "&lt;a href=&quot;/x?a=1&amp;b=2&quot;&gt;");
    }
}
