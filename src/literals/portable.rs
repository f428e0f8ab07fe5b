//! The search where there are no vector instructions of our own: the packed one of `aho-corasick`, which has some of other processors, and where that is not to
//! be had its automaton, or one search for each literal.

use std::ops::ControlFlow::{self, Continue};

use aho_corasick::packed::{self, Searcher};
use aho_corasick::{AhoCorasick, Span as Range};
use memchr::memmem::Finder;

use super::buckets::N_BUCKETS;

/// Bytes of a word by which it is looked for in either case of their letters.
const N_HEAD: usize = 3;
/// In so many spellings the beginnings of words are looked for at once.
const MOST_HEADS: usize = 64;

#[derive(Debug)]
pub(super) enum Portable {
    /// There are too few literals, or more than the packed search can hold; then each is looked for by itself.
    Each(Vec<Finder<'static>>),
    /// The packed search, and the place of each of its literals in the list.
    Packed(Searcher, Vec<usize>),
    /// For few words in either case: the packed search for their beginnings, and for each of these its words with their places in the list.
    Heads(Searcher, Vec<Vec<(usize, Box<[u8]>)>>),
    /// For many.
    AnyCase(AhoCorasick),
}

impl Portable {
    /// The search for `literals`, of which those of a bucket are put together.
    pub(super) fn new(literals: &[Box<[u8]>], buckets: &[Vec<usize>; N_BUCKETS]) -> Self {
        // It puts literals into buckets by turns.
        let n_rows = buckets.iter().map(Vec::len).max().unwrap_or(0);
        let order: Vec<usize> = (0..n_rows).flat_map(|row| buckets.iter().filter_map(move |bucket| bucket.get(row).copied())).collect();
        let packed = if literals.len() > 1 { packed::Config::new().builder().extend(order.iter().map(|&at| &literals[at])).build() } else { None };
        match packed {
            Some(search) => Self::Packed(search, order),
            None => Self::Each(literals.iter().map(|literal| Finder::new(literal).into_owned()).collect()),
        }
    }

    /// The same for literals without capitals, in either case.
    pub(super) fn in_any_case(literals: &[Box<[u8]>]) -> Self {
        let by_heads = || {
            let mut heads: Vec<[u8; N_HEAD]> = Vec::new();
            let mut words: Vec<Vec<(usize, Box<[u8]>)>> = Vec::new();
            for (at, literal) in literals.iter().enumerate() {
                for head in cases(*literal.first_chunk()?) {
                    let place = heads.iter().position(|known| *known == head).unwrap_or_else(|| {
                        heads.push(head);
                        words.push(Vec::new());
                        heads.len() - 1
                    });
                    words[place].push((at, literal.clone()));
                }
            }
            if heads.len() > MOST_HEADS { None } else { Some(Self::Heads(packed::Config::new().builder().extend(&heads).build()?, words)) }
        };
        let automaton = || AhoCorasick::builder().ascii_case_insensitive(true).build(literals).expect("a few short words are within its limits");
        by_heads().unwrap_or_else(|| Self::AnyCase(automaton()))
    }

    /// As [`super::Literals::search`].
    pub(super) fn search(&self, text: &[u8], each: &mut impl FnMut(usize, usize) -> ControlFlow<()>) -> ControlFlow<()> {
        match self {
            Self::Packed(search, order) => each_place(search, text, |at, pattern| each(at, order[pattern])),
            Self::Heads(search, words) => each_place(search, text, |at, pattern| {
                let stands = |word: &[u8]| text[at..].get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word));
                words[pattern].iter().find(|(_, word)| stands(word)).map_or(Continue(()), |(literal, _)| each(at, *literal))
            }),
            Self::Each(finders) => {
                let found = finders.iter().enumerate().flat_map(|(literal, finder)| overlapping(text, finder).map(move |at| (at, literal)));
                let mut found: Vec<(usize, usize)> = found.collect();
                found.sort_unstable();
                found.into_iter().try_for_each(|(at, literal)| each(at, literal))
            }
            Self::AnyCase(search) => search.find_overlapping_iter(text).try_for_each(|found| each(found.start(), found.pattern().as_usize())),
        }
    }
}

/// Calls `each` with the places of a packed search and its patterns there, also with those that overlap, until it breaks off.
fn each_place(search: &Searcher, text: &[u8], mut each: impl FnMut(usize, usize) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut from = 0;
    while let Some(found) = search.find_in(text, Range { start: from, end: text.len() }) {
        each(found.start(), found.pattern().as_usize())?;
        from = found.start() + 1;
    }
    Continue(())
}

/// All places of one literal.
fn overlapping<'a>(text: &'a [u8], finder: &'a Finder<'_>) -> impl Iterator<Item = usize> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(text.get(from..)?)?;
        from = at + 1;
        Some(at)
    })
}

/// The beginning of a word with each of its letters in either case.
fn cases(head: [u8; N_HEAD]) -> impl Iterator<Item = [u8; N_HEAD]> {
    let is_changed = |which: u8, i: usize| which >> i & 1 == 1;
    let is_possible = move |which: &u8| (0..N_HEAD).all(|i| !is_changed(*which, i) || head[i].is_ascii_lowercase());
    (0..1 << N_HEAD).filter(is_possible).map(move |which| std::array::from_fn(|i| if is_changed(which, i) { head[i].to_ascii_uppercase() } else { head[i] }))
}
