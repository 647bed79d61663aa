//! What a browser gets where a program gets JSON: a page of text, with the same links.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::negotiation::{HTML, prefers_html};

/// It loads nothing, runs nothing, sends nothing, and is framed by nobody.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Marks the answers of an address that has a page as well as JSON.
#[derive(Clone, Copy)]
pub struct Paged;

/// The page where the client prefers one, else what a program gets.
pub fn or(
    headers: &HeaderMap,
    page: impl FnOnce() -> Response,
    json: impl IntoResponse,
) -> Response {
    let mut response = if prefers_html(headers) {
        page()
    } else {
        json.into_response()
    };
    response.extensions_mut().insert(Paged);
    response
}

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
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
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
