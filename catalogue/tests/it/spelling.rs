//! Near words.

use catalogue::spelling::{distance, spellings};

#[test]
fn distance_allows_one_mistake_in_four_letters_and_two_in_eight() {
    for (typed, word, expected) in [
        ("zelda", "zelda", Some(0)),
        ("zelta", "zelda", Some(1)),
        ("zeldda", "zelda", Some(1)),
        ("zlda", "zelda", Some(1)),
        ("zedla", "zelda", Some(1)),
        ("mro", "mroe", Some(1)),
        ("mro", "mor", None),
        ("azxe", "axe", None),
        ("axe", "axe", None),
        ("abcdefg", "abcdexyg", Some(2)),
        ("abcdexyg", "abcdefg", None),
        ("pokemno", "pokemon", Some(1)),
        ("pkemno", "pokemon", None),
        ("nintedno", "nintendo", Some(1)),
        ("nitedno", "nintendo", Some(2)),
        ("nxtedno", "nintendo", None),
        ("ps2", "ps3", None),
        ("ゼルダの", "ゼルタの", None),
        ("젤다의전", "젤다의정", Some(1)),
    ] {
        assert_eq!(distance(typed, word), expected, "{typed} {word}");
    }
}

#[test]
fn spellings_leave_out_letters() {
    assert_eq!(spellings("abc"), ["abc"]);
    assert_eq!(spellings("aabc"), ["aab", "aabc", "aac", "abc"]);
    assert_eq!(spellings("abcdefg").len(), 8);
    assert_eq!(spellings("abcdefgh").len(), 1 + 8 + 28);
    assert_eq!(spellings("abcdefghijklmnop").len(), 1 + 12 + 66);
    assert!(spellings("abcdefghijklmnop").contains(&"abcdefghijkl".to_owned()));
    for word in ["ab", "", "ab2c", "ゼルダの"] {
        assert!(spellings(word).is_empty(), "{word}");
    }
}

#[test]
fn near_words_have_a_spelling_in_common() {
    let words = [
        "zeld",
        "zelda",
        "castle",
        "castlevania",
        "metroid",
        "nintendo",
        "abcdefg",
        "simulation",
        "championship",
        "internationally",
        "counterstriking",
    ];
    let mut pairs = 0;
    for word in words {
        for one in mistakes(word) {
            for other in mistakes(&one).into_iter().chain([one.clone()]) {
                if distance(&other, word).is_none() {
                    continue;
                }
                pairs += 1;
                let (typed, stored) = (spellings(&other), spellings(word));
                let shared = typed.iter().any(|spelling| stored.contains(spelling));
                assert!(shared, "{other} for {word}");
            }
        }
    }
    assert!(pairs > 10_000, "{pairs}");
}

/// Returns a word with one mistake of each kind at each place.
fn mistakes(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut all = Vec::new();
    for at in 0..=letters.len() {
        let mut added = letters.clone();
        added.insert(at, 'q');
        all.push(added);
        if at < letters.len() {
            let mut missing = letters.clone();
            missing.remove(at);
            let mut changed = letters.clone();
            changed[at] = 'w';
            all.extend([missing, changed]);
        }
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            all.push(swapped);
        }
    }
    all.into_iter().map(String::from_iter).collect()
}
