//! The templates, compiled into the program. A letter is a file of blocks: `subject`, `happened`, `next` (the purpose of
//! the link at the end) and `closing`. The layouts render the rest, once as text and once as HTML, in which everything is
//! escaped.

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, context};

/// The source of each file of `templates` by its name, without `.j2`.
const TEMPLATES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// The digest of several events about offers.
pub const DIGEST: &str = "offers.changed";

/// The three parts of a letter.
pub struct Parts {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Renders letters.
#[derive(Clone)]
pub struct Templates(Environment<'static>);

impl Templates {
    pub fn new() -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        for (name, source) in TEMPLATES {
            if name.starts_with("layout.") {
                environment.add_template(name, source)?;
                continue;
            }
            for form in ["txt", "html"] {
                environment.add_template_owned(format!("{name}.{form}"), *source)?;
            }
        }
        Ok(Self(environment))
    }

    pub fn render(&self, name: &str, content: &Value) -> Result<Parts, Error> {
        let render = |form: &str| {
            let template = self.0.get_template(&format!("{name}.{form}"))?;
            template.render_captured(context! { form, ..content.clone() })
        };
        let mut text = render("txt")?;
        Ok(Parts {
            subject: text.with_state_mut(|state| state.render_block("subject"))?,
            text: paragraphs(text.output()),
            html: render("html")?.into_output(),
        })
    }
}

/// Collapses consecutive empty lines.
fn paragraphs(text: &str) -> String {
    let mut paragraphs = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines() {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        paragraphs.push_str(line);
        paragraphs.push('\n');
    }
    paragraphs
}
