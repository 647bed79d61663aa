//! Bounds of what is stored: an index of PostgreSQL takes no more than 2 704 bytes a row.

/// The most characters of a joined run that are stored and compared.
pub(crate) const RUN: usize = 64;

/// The most words of a query, and the most words of a text at which a lexeme starts.
pub(crate) const WORDS: usize = 200;

/// Returns the first characters of a joined run.
pub(crate) fn cut(run: &str) -> &str {
    match run.char_indices().nth(RUN) {
        Some((end, _)) => &run[..end],
        None => run,
    }
}

/// Returns the text, or its beginning and a checksum of the whole if it is longer than `max` bytes: what differs stays
/// different.
pub(crate) fn bounded(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    let sum = checksum(&text);
    let mut end = max - sum.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{sum}", &text[..end])
}

/// Returns 16 hexadecimal digits that depend on all bytes of a text: FNV-1a, which stays the same in all versions.
pub(crate) fn checksum(text: &str) -> String {
    let sum = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_counts_characters() {
        assert_eq!(cut("zelda"), "zelda");
        assert_eq!(cut(&"ゼ".repeat(70)), "ゼ".repeat(64));
    }

    #[test]
    fn bounded_keeps_long_texts_apart() {
        let (one, other) = ("ゼ".repeat(300) + "1", "ゼ".repeat(300) + "2");
        let (one, other) = (bounded(one, 100), bounded(other, 100));
        assert!(one.len() <= 100 && other.len() <= 100);
        assert_ne!(one, other);
        assert_eq!(bounded("zelda".to_owned(), 100), "zelda");
    }

    #[test]
    fn checksum_is_fnv_1a() {
        assert_eq!(checksum(""), "cbf29ce484222325");
        assert_eq!(checksum("foobar"), "85944171f73967e8");
    }
}
