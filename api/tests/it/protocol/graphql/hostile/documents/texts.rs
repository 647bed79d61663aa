//! Texts that are not documents, and invalid names.

use super::{COMPLEX, FAILED, Hostile, UNREADABLE, each, hostile};

pub fn texts() -> Vec<Hostile> {
    vec![
        hostile(
            "commas without end",
            UNREADABLE,
            None,
            format!("{{ {}", ",".repeat(15_000)),
        ),
        hostile(
            "blanks and marks of the byte order",
            UNREADABLE,
            None,
            format!("\u{feff}{{ {}", "\u{feff} \t".repeat(2_000)),
        ),
        hostile(
            "comments without end",
            UNREADABLE,
            None,
            format!("{{ {}", "# { a }\n".repeat(1_500)),
        ),
        hostile(
            "comments that end as no line does",
            UNREADABLE,
            None,
            format!("{{ a {}", "#\r".repeat(5_000)),
        ),
        hostile(
            "quotation marks",
            UNREADABLE,
            None,
            format!("{{ a(b: {}", "\"".repeat(7_001)),
        ),
        hostile(
            "texts in blocks that never end",
            UNREADABLE,
            None,
            format!("{{ a(b: {}", "\"\"\" \\\"\"\" ".repeat(901)),
        ),
        hostile(
            "a text in a block of blank lines",
            FAILED,
            None,
            format!(
                "{{ games(condition: \"\"\"{}\"\"\") {{ nodes {{ name }} }} }}",
                " \n\t".repeat(2_000)
            ),
        ),
        hostile(
            "letters that no name has",
            COMPLEX,
            "tokens",
            "ß".repeat(7_000),
        ),
        hostile(
            "points",
            UNREADABLE,
            None,
            format!("{{ {} }}", ".".repeat(14_000)),
        ),
        hostile(
            "minus signs",
            COMPLEX,
            "tokens",
            format!("{{ a(b: {}", "-".repeat(14_000)),
        ),
        hostile("a null character", UNREADABLE, None, "{ a\u{0} }"),
        hostile(
            "a text where a choice should be",
            FAILED,
            None,
            format!(
                "{{ games(condition: \"{}\") {{ nodes {{ name }} }} }}",
                "a".repeat(15_000)
            ),
        ),
    ]
}

pub fn unknowns() -> Vec<Hostile> {
    vec![
        hostile(
            "fields that are none",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(480, |n| format!("nameOfIt{n}"))
            ),
        ),
        hostile(
            "a field with a name of a page",
            FAILED,
            None,
            format!("{{ {} }}", "gamesOfOffers".repeat(1_100)),
        ),
        hostile(
            "fields with long names that are none",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(90, |n| format!("{}{n}", "previousOwners".repeat(11)))
            ),
        ),
        hostile(
            "arguments that are none",
            FAILED,
            None,
            format!(
                "{{ games({}) {{ nodes {{ name }} }} }}",
                each(400, |n| format!("gamingSystem{n}: 1"))
            ),
        ),
        hostile(
            "mutation that is none, with a long name",
            FAILED,
            None,
            format!("mutation {{ {} }}", "requestEmailConfirmation".repeat(600)),
        ),
        hostile(
            "types that are none",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(150, |n| format!("... on Games{n} {{ name }}"))
            ),
        ),
        hostile(
            "directives that are none",
            FAILED,
            None,
            format!(
                "{{ viewer {} {{ id }} }}",
                each(50, |n| format!("@include{n}"))
            ),
        ),
        hostile(
            "fragments that are none",
            FAILED,
            None,
            format!("{{ {} }}", each(150, |n| format!("...Board{n}"))),
        ),
    ]
}
