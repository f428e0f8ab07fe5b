//! Whether any of some words stands in a text, in either case of their letters: what keeps most texts from a slower look.

use std::ops::ControlFlow::Break;

use super::{Literals, Way};

/// The search for some words.
#[derive(Debug)]
pub struct AnyOf(Literals);

impl AnyOf {
    /// The search for `words`, which have no capitals.
    pub fn new(words: &[impl AsRef<[u8]>]) -> Self {
        let mut words: Vec<&[u8]> = words.iter().map(AsRef::as_ref).collect();
        words.sort_unstable_by_key(|word| (word.len(), *word));
        // A text without `mistral` has no `api.mistral.ai`.
        let mut kept: Vec<&[u8]> = Vec::new();
        for word in words {
            if !kept.iter().any(|shorter| memchr::memmem::find(word, shorter).is_some()) {
                kept.push(word);
            }
        }
        Self(Literals::in_any_case(kept))
    }

    /// Whether one of the words stands in `text`; what stands around it is not looked at.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.0.search(Way::Wide, text, |_, _| Break(())).is_break()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_seen_in_any_case_and_nothing_else_is() {
        let search = AnyOf::new(&["linkedin", "www.linkedin.com", "pd-api-key", "pw="]);
        for text in ["linkedin", "x LinkedIn y", "MY_LINKEDIN_KEY", "the pd-api-key", "PD-API-KEY", "Pw="] {
            assert!(search.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "li", "linked", "inkedin", "pd-api-ke", "update api key", "PD\rAPI-KEY", "pw}"] {
            assert!(!search.is_in(text.as_bytes()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_word_is_seen_if_and_only_if_it_is_there(words in proptest::collection::vec("[abk.-]{2,11}", 0..40), text in "[aAbBkK. -]{0,200}", way in 0..3_usize) {
            let lower = text.to_ascii_lowercase();
            let is_there = words.iter().any(|word| lower.contains(word.as_str()));
            // Few words and many are not looked for in the same way everywhere.
            let search = AnyOf::new(&words);
            let seen = search.0.search(Way::ALL[way], text.as_bytes(), |_, _| Break(()));
            proptest::prop_assert_eq!((search.is_in(text.as_bytes()), seen.is_break()), (is_there, is_there));
        }
    }
}
