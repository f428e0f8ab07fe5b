//! Many words looked for at once, from a table that costs next to nothing to build.
//!
//! A program that runs for a few milliseconds, as a hook does, cannot afford an automaton of thousands of words. Here each place where a word can begin
//! ([`starts`]) is looked up by the hash of its next four bytes: a bit says whether any word begins so, which ends the matter for nearly all places; else
//! the few words of about that hash are compared, eight bytes of each at once, for hundreds of hosts begin with `api.`. Words of two and three bytes have an
//! index of their own, by three bytes; those of two are entered under each third byte that may follow.

use super::starts;
use crate::number::next_eight;

/// Hashes are numbers of so many bits.
const HASH_BITS: u32 = 16;
const N_HASHES: usize = 1 << HASH_BITS;
/// The lists of words are shared by so many hashes, as a power of two: there are few words, and a list for each hash takes long to make.
const SHARED_BITS: u32 = 2;
const N_LISTS: usize = N_HASHES >> SHARED_BITS;
/// Letters are made small, and the other bytes changed, by this bit of each; words and texts alike, so that hashes agree.
const FOLD: u64 = 0x2020_2020_2020_2020;
/// The bytes of a number that short words are found by.
const THREE_BYTES: u64 = 0xFF_FFFF;
/// Those of one that longer words are found by, and all of it.
const FOUR_BYTES: u64 = 0xFFFF_FFFF;
const EIGHT_BYTES: u64 = u64::MAX;

/// Words without regard to ASCII case.
#[derive(Debug)]
pub struct Table {
    words: Vec<Box<[u8]>>,
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
    /// The words by list.
    by_list: Vec<Entry>,
}

/// What a word begins with.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its first bytes, folded.
    bytes: u64,
    /// Which bytes of a number these are.
    mask: u64,
    /// Its index.
    word: u32,
}

impl Entry {
    fn new(bytes: &[u8], word: u32) -> Self {
        let mask = EIGHT_BYTES >> (64 - 8 * bytes.len().min(8));
        Self { bytes: folded(bytes) & mask, mask, word }
    }
}

/// The first eight bytes of a text, folded.
#[inline(always)]
fn folded(text: &[u8]) -> u64 {
    next_eight(text) | FOLD
}

impl Table {
    /// A table of `words`, which are lower-case and have at least two bytes; others are never found.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(|word| word.into_bytes().into_boxed_slice()).collect();
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for (word, i) in words.iter().zip(0..) {
            match **word {
                [_, _, _, _, ..] => long.push(Entry::new(word, i)),
                [_, _, _] => short.push(Entry::new(word, i)),
                [a, b] => short.extend((0..=u8::MAX).filter(|c| u64::from(*c) & FOLD != 0).map(|c| Entry::new(&[a, b, c], i))),
                _ => {}
            }
        }
        Self { words, short: Index::new(short, THREE_BYTES), long: Index::new(long, FOUR_BYTES) }
    }

    /// Calls `each` with start, end and index of every word that begins where one can in `text`.
    pub fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize, usize)) {
        starts::for_each(text, |at| self.find_at(text, at, &mut each));
    }

    /// The words at `at`.
    #[inline(always)]
    fn find_at(&self, text: &[u8], at: usize, each: &mut impl FnMut(usize, usize, usize)) {
        let next = folded(&text[at..]);
        let (short, long) = (hash(next & THREE_BYTES), hash(next & FOUR_BYTES));
        let (is_short, is_long) = (has(&self.short.bits, short), has(&self.long.bits, long));
        // Asked at once, for what ends the matter at most places is hard to foresee.
        if !(is_short | is_long) {
            return;
        }
        for (index, hash, is_here) in [(&self.short, short, is_short), (&self.long, long, is_long)] {
            if is_here {
                for &Entry { word, .. } in index.list(hash).iter().filter(|entry| next & entry.mask == entry.bytes) {
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
    /// An index of words by the `head` of what they begin with.
    fn new(entries: Vec<Entry>, head: u64) -> Self {
        let bits = bits_of(entries.iter().map(|entry| entry.bytes & head));
        let list_of = |entry: &Entry| hash(entry.bytes & head) >> SHARED_BITS;
        let mut starts = vec![0; N_LISTS + 1].into_boxed_slice();
        entries.iter().for_each(|entry| starts[list_of(entry) + 1] += 1);
        for i in 0..N_LISTS {
            starts[i + 1] += starts[i];
        }
        // Each entry goes to the next place of its list.
        let (mut next, mut by_list) = (starts.clone(), entries.clone());
        for entry in entries {
            let place = &mut next[list_of(&entry)];
            by_list[*place as usize] = entry;
            *place += 1;
        }
        Self { bits, starts, by_list }
    }

    fn list(&self, hash: usize) -> &[Entry] {
        let list = hash >> SHARED_BITS;
        &self.by_list[self.starts[list] as usize..self.starts[list + 1] as usize]
    }
}

/// The hashes of what words begin with.
fn bits_of(heads: impl Iterator<Item = u64>) -> Bits {
    let mut bits = Box::new([0; N_HASHES / 64]);
    heads.map(hash).for_each(|hash| bits[hash / 64] |= 1 << (hash % 64));
    bits
}

#[inline(always)]
fn has(bits: &Bits, hash: usize) -> bool {
    bits[hash / 64] >> (hash % 64) & 1 == 1
}

/// The hash of at most four bytes, the same for letters of either case.
#[inline(always)]
const fn hash(bytes: u64) -> usize {
    (((bytes | FOLD) as u32).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
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
