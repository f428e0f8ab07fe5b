//! Many words looked for at once, from a table that costs next to nothing to build.
//!
//! A program that runs for a few milliseconds, as a hook does, cannot afford an automaton of thousands of words. Here each place of a text is looked up by
//! the hash of its next three bytes: a bit says whether any word begins so, which ends the matter for nearly all places. Else the next eight bytes are
//! compared with those of the few words that share more of their beginning: hundreds begin with `api.`, so that for longer words six bytes tell which.
//! Words of two bytes are entered under each third byte that may follow.

/// Hashes are numbers of so many bits.
const HASH_BITS: u32 = 14;
const N_HASHES: usize = 1 << HASH_BITS;
/// Words of so many bytes are found by that many.
const LONG: usize = 6;

/// Words without regard to ASCII case.
#[derive(Debug)]
pub struct Table {
    words: Vec<Box<[u8]>>,
    /// One bit for each hash of three bytes that a word has.
    bits: Box<[u64; N_HASHES / 64]>,
    /// Words of less than [`LONG`] bytes by the hash of three.
    short: Buckets,
    /// The others by the hash of [`LONG`] bytes.
    long: Buckets,
}

/// Beginnings of words by hash.
#[derive(Debug)]
struct Buckets {
    /// For each hash where its entries begin, and at last their number.
    starts: Box<[u32]>,
    entries: Vec<Entry>,
}

/// A word by its first eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The bytes; zeros behind a shorter word.
    head: u64,
    /// All ones where `head` has bytes.
    mask: u64,
    /// The word's index.
    word: u32,
}

impl Buckets {
    fn new(mut entries: Vec<(usize, Entry)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut starts = vec![0; N_HASHES + 1].into_boxed_slice();
        entries.iter().for_each(|&(hash, _)| starts[hash + 1] += 1);
        for i in 0..N_HASHES {
            starts[i + 1] += starts[i];
        }
        Self { starts, entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    #[inline(always)]
    fn get(&self, hash: usize) -> &[Entry] {
        &self.entries[self.starts[hash] as usize..self.starts[hash + 1] as usize]
    }
}

impl Table {
    /// A table of `words`, which are lower-case and have at least two bytes; others are never found.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(|word| word.into_bytes().into_boxed_slice()).collect();
        let mut bits = Box::new([0; N_HASHES / 64]);
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for (word, i) in words.iter().zip(0..) {
            let n = word.len().min(8) as u32;
            let entry = Entry { head: head(word), mask: u64::MAX.checked_shr(64 - 8 * n).unwrap_or(0), word: i };
            let hashes: Vec<usize> = match **word {
                [a, b, c, ..] => vec![hash(a, b, c)],
                [a, b] => (0..=u8::MAX).filter(|c| !c.is_ascii_uppercase()).map(|c| hash(a, b, c)).collect(),
                _ => continue,
            };
            hashes.iter().for_each(|hash| bits[hash / 64] |= 1 << (hash % 64));
            match word.len() {
                LONG.. => long.push((long_hash(entry.head), entry)),
                _ => short.extend(hashes.into_iter().map(|hash| (hash, entry))),
            }
        }
        Self { words, bits, short: Buckets::new(short), long: Buckets::new(long) }
    }

    /// Calls `each` with start, end and index of every word in `text`, in order of their starts.
    pub fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize, usize)) {
        let [first, second, rest @ ..] = text else { return };
        let (mut a, mut b) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
        let mut look = |at: usize, c: u8| {
            let hash = hash(a, b, c);
            if self.bits[hash / 64] >> (hash % 64) & 1 == 1 {
                self.find_at(&text[at..], hash, |len, word| each(at, at + len, word));
            }
            (a, b) = (b, c);
        };
        rest.iter().enumerate().for_each(|(at, c)| look(at, c.to_ascii_lowercase()));
        look(rest.len(), 0);
    }

    /// Calls `each` with length and index of the words that `text` begins with, of those with this hash.
    fn find_at(&self, text: &[u8], hash: usize, mut each: impl FnMut(usize, usize)) {
        let here = head(text);
        for entry in self.short.get(hash).iter().chain(self.long.get(long_hash(here))) {
            if here & entry.mask == entry.head {
                let word = &self.words[entry.word as usize];
                let rest = word.len().min(8);
                if text.get(..word.len()).is_some_and(|text| text[rest..].eq_ignore_ascii_case(&word[rest..])) {
                    each(word.len(), entry.word as usize);
                }
            }
        }
    }
}

#[inline(always)]
const fn hash(a: u8, b: u8, c: u8) -> usize {
    let value = u32::from_le_bytes([a, b, c, 0]);
    (value.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

/// The hash of the first [`LONG`] bytes of a head.
#[inline(always)]
const fn long_hash(head: u64) -> usize {
    let first = head << (64 - 8 * LONG as u32);
    (first.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - HASH_BITS)) as usize
}

/// The first eight bytes of `text` in lower case, zeros behind its end.
#[inline(always)]
fn head(text: &[u8]) -> u64 {
    let mut first = [0; 8];
    match text.first_chunk() {
        Some(eight) => first = *eight,
        None => first[..text.len()].copy_from_slice(text),
    }
    u64::from_le_bytes(first.map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasickBuilder;

    use super::*;

    proptest::proptest! {
        #[test]
        fn it_finds_what_an_automaton_finds(
            words in proptest::collection::vec("[ab.\u{e9}-]{1,5}|[ab]{5,11}", 1..12),
            text in "[aAbBcC.\u{e9}-]{0,60}|[aAb]{0,90}",
        ) {
            let words: Vec<String> = words.into_iter().map(|word| word.to_lowercase()).filter(|word| word.len() >= 2).collect();
            let mut found = Vec::new();
            Table::new(words.clone()).find(text.as_bytes(), |start, end, word| found.push((start, end, word)));
            let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&words).expect("a few words are no problem");
            let mut expected: Vec<_> = automaton.find_overlapping_iter(&text).map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize())).collect();
            found.sort_unstable();
            expected.sort_unstable();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
