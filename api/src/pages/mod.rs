//! Pages for reading about and trying the two surfaces in a browser: ReDoc, the link explorer, GraphiQL. (Swagger UI is
//! in [`crate::rest`]; its crate brings its files.) They are not operations of the API, so openapi.json does not list
//! them.
//!
//! A page consists of an HTML fragment, a script, and libraries. The libraries are embedded if `npm --prefix pages ci
//! && npm --prefix pages run build` ran before the build; otherwise the page loads the same files from a CDN, checked
//! by their integrity. [`POLICY`] allows nothing else.
//!
//! To add a page, add it to [`PAGES`], with `<name>.html` and `<name>.js` beside this file, link to it in
//! `rest/hal/links.rs`, and let `pages/test/pages.test.mjs` open it. `pages/build.mjs` says how to add a library.

#[path = "../../../pages/pinned.rs"]
mod pinned;

use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::error::Error;
use minijinja::context;
use serde::Serialize;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{html, http::problem::Problem};

/// The content security policy of pages: load from and call this host only. Inline styles are allowed, since all the
/// libraries create some.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Files by name.
pub type Files = &'static [(&'static str, &'static [u8])];

/// The libraries that were embedded when this program was built.
pub const EMBEDDED: Files = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A script or a style sheet of a package.
#[derive(Serialize)]
struct Library {
    /// The name of the embedded file, which changes with its content.
    file: &'static str,
    /// The URL of the same file at the CDN.
    cdn: &'static str,
    /// The hash by which browsers check the file from the CDN.
    integrity: &'static str,
}

struct Page {
    path: &'static str,
    title: &'static str,
    body: &'static str,
    /// The script, served at `<path>/start.js`.
    script: &'static str,
    libraries: &'static [Library],
    /// Directives in addition to [`POLICY`].
    extra_policy: &'static str,
}

const PAGES: [Page; 3] = [
    Page {
        path: "/redoc",
        title: "ReDoc",
        body: include_str!("redoc.html"),
        script: include_str!("redoc.js"),
        libraries: &[pinned::REDOC],
        // Its search runs in a worker that it creates from a blob.
        extra_policy: "; worker-src blob:",
    },
    Page {
        path: "/explorer",
        title: "Explorer",
        body: include_str!("explorer.html"),
        script: include_str!("explorer.js"),
        libraries: &[],
        extra_policy: "",
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
        extra_policy: "",
    },
];

/// Serves the pages, and the embedded libraries at `/pages/<name>`.
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
            let policy = page.policy(embedded);
            let html = page.html(embedded).map_err(|cause| cause.to_string());
            let open = async move || {
                let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
                let html = html.map_err(Error::internal)?;
                Ok::<_, Problem>((policy, file("text/html; charset=utf-8", "no-cache", html)))
            };
            let start = async || file(content_type("start.js"), "no-cache", page.script);
            router
                .route(page.path, get(open))
                .route(&format!("{}/start.js", page.path), get(start))
        })
        .route("/pages/{name}", get(library))
}

/// Applies [`POLICY`] to pages of other crates.
pub fn policy_layer() -> SetResponseHeaderLayer<HeaderValue> {
    let policy = HeaderValue::from_static(POLICY);
    SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy)
}

impl Page {
    /// Returns true if all libraries of the page are embedded.
    fn is_embedded(&self, embedded: Files) -> bool {
        let has = |library: &Library| embedded.iter().any(|(name, _)| *name == library.file);
        self.libraries.iter().all(has)
    }

    fn html(&self, embedded: Files) -> Result<String, Error> {
        let Self {
            path,
            title,
            body,
            libraries,
            ..
        } = self;
        let is_embedded = self.is_embedded(embedded);
        let content = context! { path, title, body, libraries, is_embedded };
        html::render("tool.html", content)
    }

    /// Returns [`POLICY`], extended by the URLs at the CDN that the page loads.
    fn policy(&self, embedded: Files) -> String {
        let extra = self.extra_policy;
        if self.is_embedded(embedded) {
            return format!("{POLICY}{extra}");
        }
        let addresses = |styles: bool| {
            let of_kind = self.libraries.iter().filter(|it| it.is_style() == styles);
            of_kind.fold(String::new(), |list, it| list + " " + it.cdn)
        };
        format!(
            "{POLICY}{extra}; script-src-elem 'self'{}; style-src-elem 'self' 'unsafe-inline'{}",
            addresses(false),
            addresses(true)
        )
    }
}

impl Library {
    fn is_style(&self) -> bool {
        self.file.ends_with(".css")
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
