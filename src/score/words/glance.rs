//! A glance at a text: whether it can hold any word of a provider. It is vectorized, and settles most tokens whose shape is that of one or two providers.
//!
//! Of each word the three bytes are looked for that other text has least, in either case of their letters. It may say yes where no word is, for boundaries are not
//! looked at; it never says no where one is.

use aho_corasick::packed::{self, Searcher};

use crate::span::Span;

/// Bytes of a word that are looked for. A provider with a shorter word has no glance.
const N_BYTES: usize = 3;
/// Pieces, in either case of their letters, that one vectorized search holds.
const MOST_PIECES: usize = 64;

/// The glance for one provider.
#[derive(Debug)]
pub(super) struct Glance {
    search: Searcher,
    /// For each piece the words that it stands for, and how far behind their beginnings it stands.
    words: Vec<Vec<(usize, Box<[u8]>)>>,
}

impl Glance {
    /// The glance for lower-case `words`, if their pieces fit into one search.
    pub(super) fn new(words: &[impl AsRef<str>]) -> Option<Self> {
        let mut words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        words.sort_unstable_by_key(|word| (word.len(), *word));
        // A text without `mistral` has no `api.mistral.ai`.
        let mut kept: Vec<&str> = Vec::new();
        for word in words {
            if !kept.iter().any(|shorter| word.contains(shorter)) {
                kept.push(word);
            }
        }
        let mut pieces: Vec<[u8; N_BYTES]> = Vec::new();
        let mut meanings: Vec<Vec<(usize, Box<[u8]>)>> = Vec::new();
        for word in kept.into_iter().map(str::as_bytes) {
            let (offset, piece) = least_usual(word, |piece| pieces.contains(piece))?;
            for piece in cases(piece) {
                let at = pieces.iter().position(|known| *known == piece).unwrap_or_else(|| {
                    pieces.push(piece);
                    meanings.push(Vec::new());
                    pieces.len() - 1
                });
                meanings[at].push((offset, word.into()));
            }
        }
        let search = if pieces.len() <= MOST_PIECES { packed::Config::new().builder().extend(&pieces).build()? } else { return None };
        Some(Self { search, words: meanings })
    }

    /// Whether a part of a text can hold one of the words.
    pub(super) fn may_see(&self, text: &[u8], part: Span) -> bool {
        let end = part.end.min(text.len());
        let mut at = part.start.min(end);
        while let Some(found) = self.search.find_in(text, aho_corasick::Span { start: at, end }) {
            let is_there = |(offset, word): &(usize, Box<[u8]>)| {
                let start = found.start().checked_sub(*offset);
                start.and_then(|start| text.get(start..start + word.len())).is_some_and(|here| here.eq_ignore_ascii_case(word))
            };
            if self.words[found.pattern().as_usize()].iter().any(is_there) {
                return true;
            }
            at = found.start() + 1;
        }
        false
    }
}

/// The bytes of `word` that other text has least, and where they stand in it. Those that are looked for anyway are taken before others that are as usual.
fn least_usual(word: &[u8], is_known: impl Fn(&[u8; N_BYTES]) -> bool) -> Option<(usize, [u8; N_BYTES])> {
    let commonness = |byte: u8| -> u32 {
        match byte {
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 8,
            b' ' | b'_' | b'l' | b'd' | b'c' | b'u' | b'p' | b'm' | b'f' => 4,
            b'h' | b'g' | b'y' | b'b' | b'w' | b'v' | b'k' | b'.' | b'-' => 2,
            _ => 1,
        }
    };
    let pieces = word.windows(N_BYTES).map(|piece| [piece[0], piece[1], piece[2]]).enumerate();
    pieces.min_by_key(|(_, piece)| (piece.iter().map(|byte| commonness(*byte)).product::<u32>(), !is_known(piece)))
}

/// A piece with each of its letters in either case.
fn cases(piece: [u8; N_BYTES]) -> impl Iterator<Item = [u8; N_BYTES]> {
    let is_changed = move |which: u8, i: usize| which >> i & 1 == 1;
    let is_possible = move |which: &u8| (0..N_BYTES).all(|i| !is_changed(*which, i) || piece[i].is_ascii_lowercase());
    (0..1 << N_BYTES).filter(is_possible).map(move |which| std::array::from_fn(|i| if is_changed(which, i) { piece[i].to_ascii_uppercase() } else { piece[i] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(words: &[&str]) -> Glance {
        Glance::new(words).expect("a few words are no problem")
    }

    fn sees(glance: &Glance, text: &str) -> bool {
        glance.may_see(text.as_bytes(), Span::new(0, text.len()))
    }

    #[test]
    fn words_are_seen_in_any_case_and_nothing_else_is() {
        let glance = glance(&["linkedin", "www.linkedin.com", "pd-api-key"]);
        for text in ["linkedin", "x LinkedIn y", "MY_LINKEDIN_KEY", "the pd-api-key", "PD-API-KEY"] {
            assert!(sees(&glance, text), "{text}");
        }
        for text in ["", "li", "linked", "inkedin", "pd-api-ke", "update api key"] {
            assert!(!sees(&glance, text), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_into_a_search_has_no_glance() {
        let many: Vec<String> = (b'a'..b'k').map(|letter| format!("{}x{}", letter as char, letter as char)).collect();
        assert!(Glance::new(&many).is_none());
        assert!(Glance::new(&["do", "mistral"]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn a_word_that_is_there_is_seen(words in proptest::collection::vec("[abk.]{3,6}", 1..6), text in "[aAbBkK. ]{0,80}", start in 0..20_usize) {
            let part = Span::new(start.min(text.len()), text.len());
            let lower = text.to_lowercase();
            let is_there = words.iter().any(|word| lower[part.start..].contains(word.as_str()));
            if let Some(glance) = Glance::new(&words) {
                proptest::prop_assert!(!is_there || glance.may_see(text.as_bytes(), part));
            }
        }
    }
}
