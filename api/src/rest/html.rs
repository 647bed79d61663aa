//! What a browser gets where a program gets JSON: a page of text, with the same links.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::negotiation::VARY;

/// It loads nothing, runs nothing, sends nothing, and is framed by nobody.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// A page with this heading, which is text, above this body, which is HTML.
pub fn page(heading: &str, body: &str) -> Response {
    let heading = escaped(heading);
    let page = format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · Video Game Exchange</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }}
</style>
</head>
<body>
<h1>{heading}</h1>
{body}
</body>
</html>
"#
    );
    let headers: [(HeaderName, HeaderValue); 4] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, VARY),
    ];
    (headers, page).into_response()
}

/// A text as HTML, also between double quotes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_is_text_wherever_it_stands() {
        let text = r#"<a href="/x?a=1&b=2">"#;
        assert_eq!(escaped(text), "&lt;a href=&quot;/x?a=1&amp;b=2&quot;&gt;");
    }
}
