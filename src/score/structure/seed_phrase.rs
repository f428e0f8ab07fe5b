//! Seed phrases of wallets: 12 to 24 words of the list of BIP-39 (<https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>), whose last word holds a
//! checksum. So no name has to tell them: of a text that is made of words of this list alone, which hardly any is, one in 16 is a phrase, or one in 256.

use bip39::{Language, Mnemonic};

use crate::score::value;
use crate::span::Span;

/// The letters of its longest and its shortest word, and how many words a phrase may have.
const LONGEST_WORD: usize = 8;
const SHORTEST_WORD: usize = 3;
const N_WORDS: [usize; 5] = [12, 15, 18, 21, 24];
/// Draws have hardly more words twice.
const MOST_DOUBLED: usize = 2;

/// Whether a text is a seed phrase, and none that everybody knows.
pub(super) fn is_one(text: &[u8]) -> bool {
    let may_be = text.len() <= N_WORDS[N_WORDS.len() - 1] * (LONGEST_WORD + 1) && text.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b' ');
    let words = || text.split(|byte| *byte == b' ');
    if !may_be || !N_WORDS.contains(&words().count()) || !words().all(is_word) {
        return false;
    }
    let mut different: Vec<&[u8]> = words().collect();
    different.sort_unstable();
    different.dedup();
    let is_valid = || std::str::from_utf8(text).is_ok_and(|text| Mnemonic::parse_in_normalized(Language::English, text).is_ok());
    different.len() + MOST_DOUBLED >= words().count() && !value::is_published(text) && is_valid()
}

/// The seed phrases in a text, as runs of words with one space between.
pub(super) fn in_text(text: &[u8]) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at;
            at = run(text, start);
            if at == start {
                at += 1;
            } else if is_one(&text[start..at]) {
                return Some(Span::new(start, at));
            }
        }
        None
    })
}

/// Where the run of words ends that begins at `start`.
fn run(text: &[u8], start: usize) -> usize {
    let mut end = start;
    loop {
        let from = if end == start { start } else { end + 1 };
        let n = text[from..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        if n == 0 {
            return end;
        }
        end = from + n;
        if text.get(end) != Some(&b' ') {
            return end;
        }
    }
}

fn is_word(word: &[u8]) -> bool {
    (SHORTEST_WORD..=LONGEST_WORD).contains(&word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrase of an entropy of `n` bytes.
    fn phrase(n: usize, seed: u8) -> String {
        let entropy: Vec<u8> = (0..n).map(|i| (i as u8).wrapping_mul(167).wrapping_add(seed.wrapping_mul(91))).collect();
        let mnemonic = Mnemonic::from_entropy_in(Language::English, &entropy).expect("the entropy has a good length");
        mnemonic.words().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_checksum_tells_phrases_from_other_words() {
        for n in [16, 20, 24, 28, 32] {
            let text = phrase(n, 7);
            assert!(is_one(text.as_bytes()), "{text}");
            let (first, rest) = text.split_once(' ').expect("it has several words");
            assert!(!is_one(rest.as_bytes()) && !is_one(first.as_bytes()), "{text}");
        }
        let n = (0..200).filter(|&seed| is_one(phrase(16, seed).replacen(' ', " zoo ", 1).rsplit_once(' ').expect("words").0.as_bytes())).count();
        assert!(n < 40, "{n} of 200 with a word exchanged");
    }

    #[test]
    fn famous_phrases_and_prose_are_none() {
        for text in [
            "test test test test test test test test test test test junk",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
            "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
            "the quick brown fox jumps over the lazy dog and runs away",
            "",
            "            ",
        ] {
            assert!(!is_one(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn phrases_are_found_in_a_text() {
        let (one, other) = (phrase(16, 3), phrase(32, 5));
        let text = format!("MNEMONIC={one}\nx: '{other}',\nsome words here  {one} and more\n");
        let found: Vec<&str> = in_text(text.as_bytes()).map(|span| &text[span.start..span.end]).collect();
        assert_eq!(found, [one.as_str(), other.as_str()]);
    }
}
