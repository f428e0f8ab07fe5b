//! The words of a text as far as they were looked for, handed on to texts that consist of parts of it: a word is looked for once, however many versions of
//! a file have it.

use super::{Hit, Words};
use crate::span::Span;

/// The words of some parts of a text.
#[derive(Clone, Debug, Default)]
pub struct WordList {
    /// In order of their starts.
    hits: Vec<Hit>,
    /// The parts: all words that begin in them are known. In order, without overlap.
    parts: Vec<Span>,
}

/// How many bytes on each side of a word decide whether it is one: the longest head and tail, with room to spare.
const CONTEXT: usize = 16;

impl WordList {
    /// How many words are known.
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// The words of `text` that begin in `range`, in the order in which [`Words::find`] gives them. What is not known yet is looked up.
    pub fn beginning_in(&mut self, words: &Words, text: &[u8], range: Span) -> Vec<Hit> {
        self.look_up(words, text, Span::new(range.start, range.end.min(text.len())));
        let mut hits = self.slice(range).to_vec();
        hits.sort_by_key(|hit| (hit.span.end, hit.span.start));
        hits
    }

    /// What is known of a text that has these parts of this one, each with where this one has it. The longest word has `longest` bytes.
    pub fn handed_on(&self, longest: usize, copies: impl Iterator<Item = (Span, usize)>) -> Self {
        let mut list = Self::default();
        for (copy, from) in copies {
            // Of the words that begin here all that decides is copied, too.
            let here = Span::new(copy.start + CONTEXT, copy.end.saturating_sub(longest + CONTEXT));
            let there = here.back(copy.start).shifted(from);
            let first = self.parts.partition_point(|part| part.end <= there.start);
            for part in self.parts[first..].iter().take_while(|part| part.start < there.end && !here.is_empty()) {
                let part = Span::new(part.start.max(there.start), part.end.min(there.end));
                let moved = |span: Span| span.shifted(here.start).back(there.start);
                list.hits.extend(self.slice(part).iter().map(|hit| Hit { span: moved(hit.span), ..*hit }));
                list.parts.push(moved(part));
            }
        }
        list
    }

    /// Looks up what is not known of `range`.
    fn look_up(&mut self, words: &Words, text: &[u8], range: Span) {
        let first = self.parts.partition_point(|part| part.end < range.start);
        let n = self.parts[first..].partition_point(|part| part.start <= range.end);
        let n_known = self.hits.len();
        let (mut whole, mut known_to) = (range, range.start);
        for part in &self.parts[first..first + n] {
            self.hits.extend(words.beginning_in(text, Span::new(known_to, part.start)));
            known_to = known_to.max(part.end);
            whole = Span::new(whole.start.min(part.start), whole.end.max(part.end));
        }
        self.hits.extend(words.beginning_in(text, Span::new(known_to, range.end)));
        self.parts.splice(first..first + n, (!whole.is_empty()).then_some(whole));
        if self.hits.len() > n_known {
            self.hits.sort_by_key(|hit| hit.span.start);
        }
    }

    fn slice(&self, range: Span) -> &[Hit] {
        let first = self.hits.partition_point(|hit| hit.span.start < range.start);
        let n = self.hits[first..].partition_point(|hit| hit.span.start < range.end);
        &self.hits[first..first + n]
    }
}

impl Words {
    /// The words that begin in `range` of `text`, in order of their ends.
    pub fn beginning_in(&self, text: &[u8], range: Span) -> Vec<Hit> {
        if range.is_empty() {
            return Vec::new();
        }
        let mut hits = self.find(text, Span::new(range.start, text.len().min(range.end + self.longest)));
        hits.retain(|hit| hit.span.start < range.end);
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    /// The facts of words that can be compared.
    fn facts(hits: &[Hit]) -> Vec<(Span, usize, super::super::Kind)> {
        hits.iter().map(|hit| (hit.span, hit.provider, hit.kind)).collect()
    }

    proptest::proptest! {
        #[test]
        fn words_that_are_handed_on_are_those_that_are_there(
            pieces in proptest::collection::vec("(mistral|Mistral\\(|my|ai|\\.ai/|api\\.mistral\\.ai|cohere|/|openai/|key|cf|exa|-| |deepgram|x{40}|y{70})", 1..60),
            asked in proptest::collection::vec((0..400_usize, 0..200_usize), 0..6),
            cuts in proptest::collection::vec((0..400_usize, 0..300_usize, "[a-z./]{0,8}"), 0..5),
        ) {
            let words = Words::new(&RuleSet::built_in().providers);
            let base = pieces.concat().into_bytes();
            let mut known = WordList::default();
            for (start, len) in asked {
                let range = Span::new(start, start + len);
                let expected = words.beginning_in(&base, Span::new(start.min(base.len()), range.end.min(base.len())));
                proptest::prop_assert_eq!(facts(&known.beginning_in(&words, &base, range)), facts(&expected));
            }
            let (mut text, mut copies) = (Vec::new(), Vec::new());
            for (from, len, inserted) in cuts {
                let from = from.min(base.len());
                let part = &base[from..base.len().min(from + len)];
                copies.push((Span::new(text.len(), text.len() + part.len()), from));
                text.extend_from_slice(part);
                text.extend_from_slice(inserted.as_bytes());
            }
            let whole = Span::new(0, text.len());
            let found = known.handed_on(words.longest, copies.into_iter()).beginning_in(&words, &text, whole);
            proptest::prop_assert_eq!(facts(&found), facts(&words.beginning_in(&text, whole)));
        }
    }
}
