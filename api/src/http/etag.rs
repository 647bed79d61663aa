//! ETags, and the lists of them in `If-Match` and `If-None-Match` (RFC 9110, section 8.8.3).

use std::fmt;

use exchange::{
    context::RevisionSet,
    error::{Error, Result},
};

/// The ETags of a precondition, without their quotes.
pub enum ETags {
    Any,
    These(Vec<String>),
}

impl ETags {
    /// Parses the values of a header or an argument named `source`. Returns none if there are none. A weak ETag counts
    /// as strong, because proxies weaken the ETag of a body that they compress.
    pub fn parse<'t>(source: &str, values: impl Iterator<Item = &'t str>) -> Result<Option<Self>> {
        let mut found = None;
        for value in values.map(str::trim) {
            if value == "*" {
                return Ok(Some(Self::Any));
            }
            let tags = parse_list(value).ok_or_else(|| {
                Error::Malformed(format!(
                    "{source} must be `*`, or ETags in double quotes, separated by commas"
                ))
            })?;
            found.get_or_insert_with(Vec::new).extend(tags);
        }
        Ok(found.map(Self::These))
    }

    /// Returns the revisions that the ETags name: the part of each before the full stop.
    pub fn revisions(self) -> RevisionSet {
        let revision = |tag: &String| tag.split('.').next().unwrap_or_default().to_owned();
        match self {
            Self::Any => RevisionSet::Any,
            Self::These(tags) => RevisionSet::These(tags.iter().map(revision).collect()),
        }
    }
}

/// Formats the ETag with this opaque text.
pub fn etag(text: impl fmt::Display) -> String {
    format!("\"{text}\"")
}

/// Parses a list of ETags, ignoring empty elements (RFC 9110, section 5.6.1). Returns none if it is not one.
fn parse_list(list: &str) -> Option<Vec<String>> {
    const SEPARATORS: [char; 3] = [',', ' ', '\t'];
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches(SEPARATORS);
    while !rest.is_empty() {
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, tail) = tag.strip_prefix('"')?.split_once('"')?;
        tags.push(tag.to_owned());
        let tail = tail.trim_start_matches([' ', '\t']);
        if !tail.is_empty() && !tail.starts_with(',') {
            return None;
        }
        rest = tail.trim_start_matches(SEPARATORS);
    }
    Some(tags)
}
