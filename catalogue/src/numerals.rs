//! Roman numerals of titles and their digits.

/// Returns the digits of a folded word that is a Roman numeral from II to XXXIX, in canonical form.
pub(crate) fn digits(word: &str) -> Option<String> {
    if !(2..=7).contains(&word.len()) || word.bytes().any(|c| !matches!(c, b'i' | b'v' | b'x')) {
        return None;
    }
    (2..40)
        .find(|&number| roman(number) == word)
        .map(|number| number.to_string())
}

/// Returns the digits of a single I, V or X, which is a numeral only in some places.
pub(crate) fn digits_of_letter(word: &str) -> Option<&'static str> {
    match word {
        "i" => Some("1"),
        "v" => Some("5"),
        "x" => Some("10"),
        _ => None,
    }
}

/// Returns the single I, V or X that digits stand for.
pub(crate) fn letter_of_digits(word: &str) -> Option<&'static str> {
    match word {
        "1" => Some("i"),
        "5" => Some("v"),
        "10" => Some("x"),
        _ => None,
    }
}

/// Returns a number below 40 in Roman numerals.
fn roman(number: usize) -> String {
    const UNITS: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    format!("{}{}", "x".repeat(number / 10), UNITS[number % 10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_takes_canonical_numerals_of_two_letters_and_more() {
        for (word, number) in [
            ("ii", "2"),
            ("iv", "4"),
            ("viii", "8"),
            ("xi", "11"),
            ("xvi", "16"),
            ("xxxix", "39"),
            ("xxxviii", "38"),
        ] {
            assert_eq!(digits(word).as_deref(), Some(number), "{word}");
        }
        for word in [
            "", "i", "v", "x", "iiii", "vv", "iix", "xl", "ci", "mix", "xxxx", "2", "vi2",
        ] {
            assert_eq!(digits(word), None, "{word}");
        }
    }
}
