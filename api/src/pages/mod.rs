//! Pages to read and try the two surfaces in a browser: ReDoc, the explorer of links, GraphiQL. (Swagger UI is in
//! [`crate::rest`]; its crate brings its files.) They are no operations of the API, so they are not in openapi.json.
//!
//! A page is a fragment of HTML, a script of its own, and the libraries that these need. The libraries are embedded where
//! `npm --prefix pages ci && npm --prefix pages run build` ran before the build; elsewhere the page loads the same files
//! from a CDN, by their integrity. [`POLICY`] holds it to that.
//!
//! To add a page, add it to [`PAGES`], with `<name>.html` and `<name>.js` beside this file, link to it in
//! `rest/links.rs`, and let `pages/test/pages.test.mjs` open it. `pages/build.mjs` says how to add a library.

#[path = "../../../pages/pinned.rs"]
mod pinned;

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;

/// What a page may load and call: this host and nobody else. Styles may be inline: all the libraries make some.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Files by name.
pub type Files = &'static [(&'static str, &'static [u8])];

/// The libraries that were built when this program was.
pub const EMBEDDED: Files = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A script or a style sheet of a package.
struct Library {
    /// Its name where it is embedded, which changes with its content.
    file: &'static str,
    /// Where the CDN has the file of the package.
    cdn: &'static str,
    /// What the file at the CDN must be, as browsers check it.
    integrity: &'static str,
}

struct Page {
    path: &'static str,
    title: &'static str,
    body: &'static str,
    /// Served at `<path>/start.js`.
    script: &'static str,
    libraries: &'static [Library],
    /// What it needs beyond [`POLICY`].
    also: &'static str,
}

const PAGES: [Page; 3] = [
    Page {
        path: "/redoc",
        title: "ReDoc",
        body: include_str!("redoc.html"),
        script: include_str!("redoc.js"),
        libraries: &[pinned::REDOC],
        // It searches in a worker that it makes of itself.
        also: "; worker-src blob:",
    },
    Page {
        path: "/explorer",
        title: "Explorer",
        body: include_str!("explorer.html"),
        script: include_str!("explorer.js"),
        libraries: &[],
        also: "",
    },
    Page {
        path: "/graphiql",
        title: "GraphiQL",
        body: include_str!("graphiql.html"),
        script: include_str!("graphiql.js"),
        libraries: &[
            pinned::REACT,
            pinned::REACT_DOM,
            pinned::GRAPHQL_SSE,
            pinned::GRAPHIQL,
            pinned::GRAPHIQL_STYLE,
        ],
        also: "",
    },
];

/// The pages, with these libraries at `/pages/<name>`.
pub fn router(embedded: Files) -> Router {
    let library =
        async move |Path(name): Path<String>| match embedded.iter().find(|(file, _)| *file == name)
        {
            Some((_, content)) => {
                // The name changes with the content.
                let forever = "public, max-age=31536000, immutable";
                file(content_type(&name), forever, *content)
            }
            None => StatusCode::NOT_FOUND.into_response(),
        };
    PAGES
        .iter()
        .fold(Router::new(), |router, page| {
            let (html, policy) = (page.html(embedded), page.policy(embedded));
            let open = async move || {
                let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
                (policy, file("text/html; charset=utf-8", "no-cache", html)).into_response()
            };
            let start = async || file(content_type("start.js"), "no-cache", page.script);
            router
                .route(page.path, get(open))
                .route(&format!("{}/start.js", page.path), get(start))
        })
        .route("/pages/{name}", get(library))
}

/// Holds pages that others bring to [`POLICY`].
pub fn strict() -> SetResponseHeaderLayer<HeaderValue> {
    let policy = HeaderValue::from_static(POLICY);
    SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy)
}

impl Page {
    /// Is all that it needs in the program?
    fn is_built(&self, embedded: Files) -> bool {
        let has = |library: &Library| embedded.iter().any(|(name, _)| *name == library.file);
        self.libraries.iter().all(has)
    }

    fn html(&self, embedded: Files) -> String {
        let built = self.is_built(embedded);
        let libraries: String = self
            .libraries
            .iter()
            .map(|library| library.element(built) + "\n")
            .collect();
        let missing = if built {
            ""
        } else {
            include_str!("missing.html")
        };
        let Self {
            path, title, body, ..
        } = self;
        format!(
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Video Game Exchange</title>
<link rel="icon" href="data:,">
{libraries}<script src="{path}/start.js" defer></script>
</head>
<body>
{missing}{body}<noscript><p>This page needs JavaScript.</p></noscript>
</body>
</html>
"#
        )
    }

    /// [`POLICY`], with exactly the addresses at the CDN that it has to load.
    fn policy(&self, embedded: Files) -> String {
        let also = self.also;
        if self.is_built(embedded) {
            return format!("{POLICY}{also}");
        }
        let addresses = |styles: bool| {
            let of_kind = self.libraries.iter().filter(|it| it.is_style() == styles);
            of_kind.fold(String::new(), |list, it| list + " " + it.cdn)
        };
        format!(
            "{POLICY}{also}; script-src-elem 'self'{}; style-src-elem 'self' 'unsafe-inline'{}",
            addresses(false),
            addresses(true)
        )
    }
}

impl Library {
    fn is_style(&self) -> bool {
        self.file.ends_with(".css")
    }

    /// What loads it: from here where it was built, else from the CDN.
    fn element(&self, built: bool) -> String {
        let address = if built {
            format!("\"/pages/{}\"", self.file)
        } else {
            let Self { cdn, integrity, .. } = self;
            format!("\"{cdn}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"")
        };
        if self.is_style() {
            format!("<link rel=\"stylesheet\" href={address}>")
        } else {
            format!("<script src={address} defer></script>")
        }
    }
}

fn content_type(name: &str) -> &'static str {
    if name.ends_with(".css") {
        "text/css; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    }
}

fn file(kind: &'static str, cache: &'static str, content: impl IntoResponse) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    (headers, content).into_response()
}
