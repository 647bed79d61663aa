//! Expressions in the dialects of both databases.

use catalogue::{Expression, Query};

fn prefix(text: &str) -> Expression {
    Expression::Prefix(text.to_owned())
}

#[test]
fn one_prefix_stands_alone() {
    for expression in [
        prefix("tzelda"),
        Expression::All(vec![prefix("tzelda")]),
        Expression::Any(vec![Expression::All(vec![prefix("tzelda")])]),
        Expression::Any(vec![Expression::All(vec![]), prefix("tzelda")]),
    ] {
        assert_eq!(expression.to_tsquery(), "'tzelda':*");
        assert_eq!(expression.to_fts5(), "\"tzelda\"*");
    }
}

#[test]
fn a_whole_lexeme_has_no_star() {
    let expression = Expression::Whole("wzelda".to_owned());
    assert_eq!(expression.to_tsquery(), "'wzelda'");
    assert_eq!(expression.to_fts5(), "\"wzelda\"");
    assert!(expression.matches(&["wzelda"]));
    assert!(!expression.matches(&["wzelda2"]));
}

#[test]
fn nested_expressions_stand_in_parentheses() {
    let expression = Expression::All(vec![
        prefix("ta"),
        Expression::Any(vec![prefix("tb"), prefix("ob")]),
    ]);
    assert_eq!(expression.to_tsquery(), "('ta':* & ('tb':* | 'ob':*))");
    assert_eq!(expression.to_fts5(), r#"("ta"* AND ("tb"* OR "ob"*))"#);
}

#[test]
fn signs_of_the_dialects_stand_for_themselves() {
    assert_eq!(prefix(r"a'b\c").to_tsquery(), r"'a''b\\c':*");
    assert_eq!(prefix("a\"b").to_fts5(), "\"a\"\"b\"*");
}

#[test]
fn nothing_finds_nothing() {
    let nothing = Expression::All(vec![Expression::Any(vec![])]);
    assert_eq!(nothing.to_tsquery(), "");
    assert_eq!(nothing.to_fts5(), "\"\"");
    assert!(!nothing.matches(&["tzelda"]));
}

#[test]
fn matches_compares_prefixes() {
    let (zelda, link) = (prefix("tzelda"), prefix("tlink"));
    let lexemes = ["bzelda2", "tzelda2", "t2"];
    assert!(zelda.matches(&lexemes));
    assert!(!link.matches(&lexemes));
    assert!(Expression::Any(vec![zelda.clone(), link.clone()]).matches(&lexemes));
    assert!(!Expression::All(vec![zelda, link]).matches(&lexemes));
}

#[test]
fn a_query_is_rendered_in_both_dialects() {
    let query = Query::parse("Spider-Man").unwrap();
    assert_eq!(query.begins().to_tsquery(), "'bspiderman':*");
    assert_eq!(query.adjacent().to_tsquery(), "'tspiderman':*");
    assert_eq!(
        query.in_title().to_tsquery(),
        "('tspider':* & ('tman':* | 'tspiderman':*))"
    );
    assert_eq!(
        query.anywhere().to_fts5(),
        r#"(("ospider"* OR "tspider"*) AND ("oman"* OR "ospiderman"* OR "tman"* OR "tspiderman"*))"#
    );
    let query = Query::parse("mega man x").unwrap();
    assert_eq!(
        query.begins().to_tsquery(),
        "('bmegaman10':* | 'bmegamanx':*)"
    );
}

#[test]
fn expressions_of_the_longest_query_stay_small_and_flat() {
    for q in [
        "i ".repeat(100),
        "i.".repeat(100),
        "ab ".repeat(66),
        "x".repeat(200),
        "ゼ".repeat(200),
        "ゼa".repeat(100),
        "\u{fdfa}".repeat(200),
        "& x".repeat(66),
    ] {
        let query = Query::parse(&q).unwrap();
        let expression = Expression::Any(vec![query.anywhere(), query.begins()]);
        for text in [expression.to_tsquery(), expression.to_fts5()] {
            assert!(text.len() < 300_000, "{q}: {}", text.len());
            let mut depth = 0;
            for c in text.chars() {
                depth += match c {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                assert!((0..6).contains(&depth));
            }
            assert_eq!(depth, 0);
        }
    }
}
