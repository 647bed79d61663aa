//! Folding.

use catalogue::fold;

#[test]
fn fold_makes_spellings_equal() {
    for (text, folded) in [
        ("Pokémon", "pokemon"),
        ("Poke\u{301}mon", "pokemon"),
        ("Spider-Man 2", "spider man 2"),
        ("Spider\u{a0}Man\u{202f}2", "spider man 2"),
        ("Marvel's", "marvels"),
        ("Marvel‘s", "marvels"),
        ("R&B", "r and b"),
        ("[Foo] (Bar) {Baz}", "foo bar baz"),
        ("Final Fantasy VII", "final fantasy vii"),
        ("ゼルダ", "ゼ ル ダ"),
        ("セ\u{3099}ルタ\u{3099}", "ゼ ル ダ"),
        ("ｽｰﾊﾟｰ", "ス ー パ ー"),
        ("전설", "전설"),
        ("\u{110c}\u{1165}\u{11ab}\u{1109}\u{1165}\u{11af}", "전설"),
        ("ไทย", "ไ ท ย"),
        ("ก\u{e33}", "ก\u{e4d} า"),
        ("स्ट्रीट फाइटर", "स्ट्रीट फाइटर"),
        ("マリオkart64", "マ リ オ kart64"),
        ("\u{1f3ae} Zelda \u{200b}\u{feff}", "zelda"),
        ("Ze\u{200d}lda", "zelda"),
        ("2\u{fe0f}\u{20e3}", "2"),
        ("", ""),
        (" \u{301} !", ""),
        ("\0", ""),
    ] {
        assert_eq!(fold(text), folded, "{text}");
    }
}

/// Returns a text for each character: behind a letter that loses its marks, and behind one that keeps them.
fn texts() -> impl Iterator<Item = String> {
    ('\0'..='\u{1ffff}').map(|c| format!("a{c}カ{c}b"))
}

#[test]
fn fold_of_a_folded_text_is_the_same() {
    for text in texts() {
        let folded = fold(&text);
        assert_eq!(fold(&folded), folded, "{}", text.escape_unicode());
    }
}

#[test]
fn fold_keeps_nothing_but_words() {
    for text in texts() {
        let folded = fold(&text);
        let sign = |c: char| c != ' ' && c.is_ascii() && !c.is_ascii_alphanumeric();
        let kept =
            folded.contains(|c: char| sign(c) || c.is_control() || !c.to_lowercase().eq([c]));
        assert!(!kept, "{}: {folded}", text.escape_unicode());
        assert!(folded.split(' ').all(|word| !word.is_empty()), "{folded}");
    }
}
