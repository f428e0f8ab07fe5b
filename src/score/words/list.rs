//! The words of a whole text, handed on to texts that consist of parts of it: a word is looked for once, however many versions of a file have it.

use super::{Hit, Words};
use crate::span::Span;

/// The words of one text, in order of their starts.
#[derive(Clone, Debug, Default)]
pub struct WordList(Vec<Hit>);

/// How many bytes on each side of a word decide whether it is one: the longest head and tail, with room to spare.
const CONTEXT: usize = 16;

impl WordList {
    /// The words that begin in `range`, in the order in which [`Words::find`] gives them.
    pub fn beginning_in(&self, range: Span) -> Vec<Hit> {
        let mut hits = self.slice(range).to_vec();
        hits.sort_by_key(|hit| (hit.span.end, hit.span.start));
        hits
    }

    fn slice(&self, range: Span) -> &[Hit] {
        let first = self.0.partition_point(|hit| hit.span.start < range.start);
        let n = self.0[first..].partition_point(|hit| hit.span.start < range.end);
        &self.0[first..first + n]
    }
}

impl Words {
    /// The words that begin in `range` of `text`, in order of their ends.
    pub fn beginning_in(&self, text: &[u8], range: Span) -> Vec<Hit> {
        let mut hits = self.find(text, Span::new(range.start, text.len().min(range.end + self.longest)));
        hits.retain(|hit| hit.span.start < range.end);
        hits
    }

    /// All words of `text`. `copies` are parts of it that another text has too, in order, each with where that one has it; `known` are that one's words.
    pub fn list(&self, text: &[u8], known: &WordList, copies: impl Iterator<Item = (Span, usize)>) -> WordList {
        let (mut hits, mut listed_to) = (Vec::new(), 0);
        let look_up = |from: usize, to: usize, hits: &mut Vec<Hit>| {
            let first = hits.len();
            hits.extend(self.beginning_in(text, Span::new(from, to)));
            hits[first..].sort_by_key(|hit| hit.span.start);
        };
        for (copy, from) in copies {
            // Of the words that begin here all that decides is copied, too.
            let (start, end) = (copy.start + CONTEXT, copy.end.saturating_sub(self.longest + CONTEXT));
            if end <= start {
                continue;
            }
            look_up(listed_to, start, &mut hits);
            let there = Span::new(from + CONTEXT, from + CONTEXT + (end - start));
            hits.extend(known.slice(there).iter().map(|hit| Hit { span: hit.span.shifted(start).back(there.start), ..*hit }));
            listed_to = end;
        }
        look_up(listed_to, text.len(), &mut hits);
        WordList(hits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    /// The facts of a word that can be compared.
    fn facts(list: &WordList) -> Vec<(Span, usize, super::super::Kind)> {
        list.0.iter().map(|hit| (hit.span, hit.provider, hit.kind)).collect()
    }

    proptest::proptest! {
        #[test]
        fn words_that_are_handed_on_are_those_that_are_there(
            pieces in proptest::collection::vec("(mistral|Mistral\\(|my|ai|\\.ai/|api\\.mistral\\.ai|cohere|/|openai/|key|cf|exa|-| |deepgram|x{40}|y{70})", 1..60),
            cuts in proptest::collection::vec((0..400_usize, 0..300_usize, "[a-z./]{0,8}"), 0..5),
        ) {
            let words = Words::new(&RuleSet::built_in().providers);
            let base = pieces.concat().into_bytes();
            let known = words.list(&base, &WordList::default(), std::iter::empty());
            let (mut text, mut copies) = (Vec::new(), Vec::new());
            for (from, len, inserted) in cuts {
                let from = from.min(base.len());
                let part = &base[from..base.len().min(from + len)];
                copies.push((Span::new(text.len(), text.len() + part.len()), from));
                text.extend_from_slice(part);
                text.extend_from_slice(inserted.as_bytes());
            }
            let expected = words.list(&text, &WordList::default(), std::iter::empty());
            let found = words.list(&text, &known, copies.into_iter());
            proptest::prop_assert_eq!(facts(&found), facts(&expected));
        }
    }
}
