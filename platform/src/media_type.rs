//! Media types in HTTP headers, and the text encoding of bodies.

/// Parses the values of `Accept`: media ranges in lower case and in the client's order, each with its weight in thousandths.
pub fn accepted<'v>(values: impl Iterator<Item = &'v str>) -> Vec<(String, u16)> {
    values
        .flat_map(|value| value.split(','))
        .map(parse_range)
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

fn parse_range(text: &str) -> (String, u16) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
    (name, (weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// Returns true unless the media type names another charset than UTF-8, or US-ASCII, which is a subset.
#[must_use]
pub fn is_utf8(content_type: &str) -> bool {
    let mut parameters = content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='));
    parameters.all(|(name, value)| {
        let charset = value.trim().trim_matches('"').to_ascii_lowercase();
        !name.trim().eq_ignore_ascii_case("charset")
            || ["utf-8", "utf8", "us-ascii"].contains(&charset.as_str())
    })
}

/// Strips the byte order mark that some editors write in front of UTF-8.
#[must_use]
pub fn strip_bom(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}
