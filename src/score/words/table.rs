//! Many words looked for at once, from a table that costs next to nothing to build.
//!
//! A program that runs for a few milliseconds, as a hook does, cannot afford an automaton of thousands of words. Here each place where a word can begin
//! ([`starts`]) is looked up by the hash of its next four bytes: a bit says whether any word begins so, which ends the matter for nearly all places; else
//! the few words of about that hash are compared. Words of two and three bytes have an index of their own, by three bytes; those of two are entered under
//! each third byte that may follow.

use super::starts;

/// Hashes are numbers of so many bits.
const HASH_BITS: u32 = 16;
const N_HASHES: usize = 1 << HASH_BITS;
/// The lists of words are shared by so many hashes, as a power of two: there are few words, and a list for each hash takes long to make.
const SHARED_BITS: u32 = 2;
const N_LISTS: usize = N_HASHES >> SHARED_BITS;
/// Letters are made small, and the other bytes changed, by this bit of each; words and texts alike, so that hashes agree.
const FOLD: u32 = 0x2020_2020;
/// The bytes of a number that short words are found by.
const THREE_BYTES: u32 = 0xFF_FFFF;

/// Words without regard to ASCII case.
#[derive(Debug)]
pub struct Table {
    words: Vec<Box<[u8]>>,
    /// One bit for each hash of three bytes that some word begins with: it ends the matter for most places.
    begin: Bits,
    /// Words of two and three bytes, by three.
    short: Index,
    /// All others, by four.
    long: Index,
}

/// One bit for each hash.
type Bits = Box<[u64; N_HASHES / 64]>;

/// Words by the hash of their beginning.
#[derive(Debug)]
struct Index {
    /// One bit for each hash that a word has.
    bits: Bits,
    /// For each list where it begins in `by_list`, and at last its length.
    starts: Box<[u32]>,
    /// By list, what a word begins with, folded, and its index.
    by_list: Vec<(u32, u32)>,
}

impl Table {
    /// A table of `words`, which are lower-case and have at least two bytes; others are never found.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(|word| word.into_bytes().into_boxed_slice()).collect();
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for (word, i) in words.iter().zip(0..) {
            match **word {
                [a, b, c, d, ..] => long.push((u32::from_le_bytes([a, b, c, d]) | FOLD, i)),
                [a, b, c] => short.push((u32::from_le_bytes([a, b, c, 0]) | FOLD, i)),
                [a, b] => short.extend((0..=u8::MAX).map(|c| (u32::from_le_bytes([a, b, c, 0]) | FOLD, i))),
                _ => {}
            }
        }
        let begin = bits_of(long.iter().chain(&short).map(|&(head, _)| head & THREE_BYTES));
        Self { words, begin, short: Index::new(short), long: Index::new(long) }
    }

    /// Calls `each` with start, end and index of every word that begins where one can in `text`.
    pub fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize, usize)) {
        starts::for_each(text, |at| self.find_at(text, at, &mut each));
    }

    /// The words at `at`.
    #[inline(always)]
    fn find_at(&self, text: &[u8], at: usize, each: &mut impl FnMut(usize, usize, usize)) {
        let next = match text[at..].first_chunk() {
            Some(four) => u32::from_le_bytes(*four),
            None => text[at..].iter().rev().fold(0, |next, &byte| next << 8 | u32::from(byte)),
        };
        if !has(&self.begin, hash(next & THREE_BYTES)) {
            return;
        }
        for (index, bytes) in [(&self.short, next & THREE_BYTES), (&self.long, next)] {
            let hash = hash(bytes);
            if has(&index.bits, hash) {
                for &(_, word) in index.list(hash).iter().filter(|(head, _)| *head == bytes | FOLD) {
                    let bytes = &self.words[word as usize];
                    if text[at..].get(..bytes.len()).is_some_and(|here| here.eq_ignore_ascii_case(bytes)) {
                        each(at, at + bytes.len(), word as usize);
                    }
                }
            }
        }
    }
}

impl Index {
    /// An index of words, each with what it begins with, folded.
    fn new(mut entries: Vec<(u32, u32)>) -> Self {
        let bits = bits_of(entries.iter().map(|&(head, _)| head));
        let list_of = |head: u32| hash(head) >> SHARED_BITS;
        entries.sort_unstable_by_key(|&(head, word)| (list_of(head), word, head));
        entries.dedup();
        let mut starts = vec![0; N_LISTS + 1].into_boxed_slice();
        entries.iter().for_each(|&(head, _)| starts[list_of(head) + 1] += 1);
        for i in 0..N_LISTS {
            starts[i + 1] += starts[i];
        }
        Self { bits, starts, by_list: entries }
    }

    fn list(&self, hash: usize) -> &[(u32, u32)] {
        let list = hash >> SHARED_BITS;
        &self.by_list[self.starts[list] as usize..self.starts[list + 1] as usize]
    }
}

/// The hashes of what words begin with.
fn bits_of(heads: impl Iterator<Item = u32>) -> Bits {
    let mut bits = Box::new([0; N_HASHES / 64]);
    heads.map(hash).for_each(|hash| bits[hash / 64] |= 1 << (hash % 64));
    bits
}

#[inline(always)]
fn has(bits: &Bits, hash: usize) -> bool {
    bits[hash / 64] >> (hash % 64) & 1 == 1
}

/// The hash of some bytes, the same for letters of either case.
#[inline(always)]
const fn hash(bytes: u32) -> usize {
    ((bytes | FOLD).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasickBuilder;

    use super::*;

    proptest::proptest! {
        #[test]
        fn it_finds_what_an_automaton_finds(
            words in proptest::collection::vec("[ab.\u{e9}-]{1,5}|[ab]{5,11}", 1..12),
            text in "[aAbBcC1. \u{e9}-]{0,90}|[aAb]{0,90}",
        ) {
            let words: Vec<String> = words.into_iter().map(|word| word.to_lowercase()).filter(|word| word.len() >= 2).collect();
            let mut found = Vec::new();
            Table::new(words.clone()).find(text.as_bytes(), |start, end, word| found.push((start, end, word)));
            let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&words).expect("a few words are no problem");
            let mut starts = Vec::new();
            starts::for_each(text.as_bytes(), |at| starts.push(at));
            let hits = automaton.find_overlapping_iter(&text).filter(|hit| starts.contains(&hit.start()));
            let mut expected: Vec<_> = hits.map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize())).collect();
            found.sort_unstable();
            expected.sort_unstable();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
