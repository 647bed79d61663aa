//! The templates, compiled into the program. A letter is a file of blocks: `subject`, `happened`, `next` (the purpose of
//! the link at the end) and `closing`. The layouts render the rest, once as text and once as HTML, in which everything is
//! escaped.

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, context};

macro_rules! letters {
    ($($name:literal),* $(,)?) => {
        /// The source of each letter by its name.
        pub const LETTERS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name, ".j2")))),*];
    };
}

letters![
    "user.registered",
    "user.email_confirmation_requested",
    "user.password_reset_requested",
    "user.password_changed",
    "offer.created.offerer",
    "offer.created.receiver",
    "offer.updated.offerer",
    "offer.updated.receiver",
    "offer.accepted.offerer",
    "offer.accepted.receiver",
    "offer.rejected.offerer",
    "offer.rejected.receiver",
    "offer.cancelled.offerer",
    "offer.cancelled.receiver",
    "offers.changed",
];

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
        environment.add_template("layout.txt", include_str!("../../templates/layout.txt.j2"))?;
        environment.add_template(
            "layout.html",
            include_str!("../../templates/layout.html.j2"),
        )?;
        for (name, source) in LETTERS {
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
