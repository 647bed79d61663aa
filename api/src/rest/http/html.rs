//! HTML pages for browsers, with the same links as the JSON for programs.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::negotiation::{HTML, HasHtml, prefers_html};

/// The content security policy: load nothing, run nothing, send nothing, allow no frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Responds with the page if the client prefers HTML, otherwise with JSON.
pub fn or_json(
    headers: &HeaderMap,
    page: impl FnOnce() -> Response,
    json: impl IntoResponse,
) -> Response {
    let mut response = if prefers_html(headers) {
        page()
    } else {
        json.into_response()
    };
    response.extensions_mut().insert(HasHtml);
    response
}

/// Renders a page. `heading` is text, `body` is HTML.
pub fn page(heading: &str, body: &str) -> Response {
    let heading = escape(heading);
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

/// Escapes a text for HTML, including for attributes in double quotes.
pub fn escape(text: &str) -> String {
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
