//! Many words looked for at once, from a table that costs next to nothing to build.
//!
//! A program that runs for a few milliseconds, as a hook does, cannot afford an automaton of thousands of words. Here each place of a text is looked up by
//! the hash of its next three bytes: a bit says whether any word begins so, which ends the matter for nearly all places; else the few words of that hash
//! are compared. Words of two bytes are entered under each third byte that may follow.

/// Hashes are numbers of so many bits.
const HASH_BITS: u32 = 14;
const N_HASHES: usize = 1 << HASH_BITS;
/// The fewest bytes of a word.
const SHORTEST: usize = 2;

/// Words without regard to ASCII case.
#[derive(Debug)]
pub struct Table {
    words: Vec<Box<[u8]>>,
    /// One bit for each hash that a word has.
    bits: Box<[u64; N_HASHES / 64]>,
    /// For each hash where its words begin in `by_hash`, and at last its length.
    starts: Box<[u32]>,
    /// Indexes of words, by hash.
    by_hash: Vec<u32>,
}

impl Table {
    /// A table of `words`, which are lower-case and have at least two bytes; others are never found.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<Box<[u8]>> = words.into_iter().map(|word| word.into_bytes().into_boxed_slice()).collect();
        let mut entries: Vec<(usize, u32)> = Vec::new();
        for (word, i) in words.iter().zip(0..) {
            match **word {
                [a, b, c, ..] => entries.push((hash(a, b, c), i)),
                [a, b] => entries.extend((0..=u8::MAX).filter(|c| !c.is_ascii_uppercase()).map(|c| (hash(a, b, c), i))),
                _ => {}
            }
        }
        entries.sort_unstable();
        entries.dedup();
        let mut bits = Box::new([0; N_HASHES / 64]);
        let mut starts = vec![0; N_HASHES + 1].into_boxed_slice();
        for &(hash, _) in &entries {
            bits[hash / 64] |= 1 << (hash % 64);
            starts[hash + 1] += 1;
        }
        for i in 0..N_HASHES {
            starts[i + 1] += starts[i];
        }
        Self { words, bits, starts, by_hash: entries.into_iter().map(|(_, word)| word).collect() }
    }

    /// Calls `each` with start, end and index of every word in `text`, in order of their starts.
    pub fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize, usize)) {
        let lower = |at: usize| text.get(at).map_or(0, u8::to_ascii_lowercase);
        let (mut a, mut b) = (lower(0), lower(1));
        for at in 0..(text.len() + 1).saturating_sub(SHORTEST) {
            let c = lower(at + 2);
            let hash = hash(a, b, c);
            if self.bits[hash / 64] >> (hash % 64) & 1 == 1 {
                for &word in &self.by_hash[self.starts[hash] as usize..self.starts[hash + 1] as usize] {
                    let bytes = &self.words[word as usize];
                    if text[at..].get(..bytes.len()).is_some_and(|here| here.eq_ignore_ascii_case(bytes)) {
                        each(at, at + bytes.len(), word as usize);
                    }
                }
            }
            (a, b) = (b, c);
        }
    }
}

#[inline(always)]
const fn hash(a: u8, b: u8, c: u8) -> usize {
    let value = u32::from_le_bytes([a, b, c, 0]);
    (value.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasickBuilder;

    use super::*;

    proptest::proptest! {
        #[test]
        fn it_finds_what_an_automaton_finds(
            words in proptest::collection::vec("[ab.\u{e9}-]{1,5}", 1..12),
            text in "[aAbBcC.\u{e9}-]{0,60}",
        ) {
            let words: Vec<String> = words.into_iter().map(|word| word.to_lowercase()).filter(|word| word.len() >= SHORTEST).collect();
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
