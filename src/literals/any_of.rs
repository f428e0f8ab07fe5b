//! Whether any of some words stands in a text, in either case of their letters (`AnyOf`): what keeps most texts from a slower look, as that at where each of
//! them stands (`EachOf`).

use std::ops::ControlFlow::Break;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Literals, Way};
use crate::span::Span;

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

/// The search for where some words stand, in texts that mostly have none of them.
#[derive(Debug)]
pub struct EachOf {
    words: Vec<&'static str>,
    any: AnyOf,
    /// Made when a text has one.
    automaton: OnceLock<AhoCorasick>,
}

impl EachOf {
    /// The search for `words`, which have no capitals.
    pub fn new(words: &[&'static str]) -> Self {
        Self { words: words.to_vec(), any: AnyOf::new(words), automaton: OnceLock::new() }
    }

    /// Whether one of them stands in `text`.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.any.is_in(text)
    }

    /// Where they stand in `text`, the longest at each place, and none that overlaps with one before it.
    pub fn places(&self, text: &[u8]) -> impl Iterator<Item = Span> {
        let automaton = self.is_in(text).then(|| self.automaton.get_or_init(|| self.automaton()));
        automaton.into_iter().flat_map(move |automaton| automaton.find_iter(text)).map(|found| Span::new(found.start(), found.end()))
    }

    fn automaton(&self) -> AhoCorasick {
        let builder = &mut AhoCorasick::builder();
        builder.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(&self.words).expect("a few short words are within its limits")
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

    #[test]
    fn each_place_is_that_of_the_longest_word() {
        let search = EachOf::new(&["pass", "password", "word", "key"]);
        let places = |text: &str| search.places(text.as_bytes()).map(|place| text[place.start..place.end].to_owned()).collect::<Vec<_>>();
        assert_eq!(places("Password, passKEY, a sWord"), ["Password", "pass", "KEY", "Word"]);
        assert_eq!(places("nothing of them"), Vec::<String>::new());
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
