//! A search for a few short literals at once: for what announces a key that is not sure to hold a token, and what announces structured secrets; and, in either
//! case of their letters, for words that mostly are not there (`AnyOf`).
//!
//! The idea is that of Teddy, the search for literals of Hyperscan, as <https://docs.rs/aho-corasick> (`packed`) tells it. Literals are put into eight buckets,
//! one bit of a byte for each (`buckets`). A look-up of each half of a byte gives the buckets that have a literal with such a half there; what is left of the
//! look-ups of four bytes, for 32 places at a time, are the places worth comparing. Here literals are short and met often: so four bytes are looked at though
//! some literals have three, a place is compared with all literals of its buckets as one number, and nothing begins anew behind what is found.
//!
//! Where the processor has AVX-512, six bits of a byte are looked up at once instead of twice four. Where AVX2 is not there, the packed search of `aho-corasick`
//! does the same (`portable`; a test and a fuzz target compare them).

mod any_of;
mod buckets;
mod portable;

use std::ops::ControlFlow::{self, Continue};
use std::sync::OnceLock;

#[cfg(target_arch = "x86_64")]
use crate::number::bits;
use crate::number::next_eight;
pub use any_of::{AnyOf, EachOf};
use buckets::{N_BUCKETS, N_BYTES};
use portable::Portable;

/// The search for some literals.
#[derive(Debug)]
pub struct Literals {
    literals: Vec<Box<[u8]>>,
    /// Whether letters are looked for in either case.
    is_any_case: bool,
    /// What the places of a bucket are compared with, bucket by bucket.
    entries: Vec<Entry>,
    /// Where the entries of each bucket begin, and at last their number.
    starts: [usize; N_BUCKETS + 1],
    tables: Tables,
    /// Made when it is first needed: most processors have a faster way.
    portable: OnceLock<Portable>,
}

/// The ways to search, the fastest first. All of them find the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With AVX-512.
    Wide,
    /// With AVX2.
    Vector,
    /// With nothing of our own.
    Portable,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Wide, Self::Vector, Self::Portable];
}

/// For each of the first bytes, and each value of a part of it, the buckets with a literal that has it there.
#[derive(Debug)]
struct Tables {
    /// By the lower four bits.
    low: [[u8; 16]; N_BYTES],
    /// By the upper four.
    high: [[u8; 16]; N_BYTES],
    /// By the lower six.
    sixths: [[u8; 64]; N_BYTES],
}

/// A literal of a bucket as a number.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its first bytes, and which bytes of a number these are.
    bytes: u64,
    mask: u64,
    /// What makes capitals of the text small where it has letters.
    fold: u64,
    /// Its place in the list.
    literal: usize,
}

impl Entry {
    fn new(literal: &[u8], at: usize, is_any_case: bool) -> Self {
        let mask = u64::MAX >> (64 - 8 * literal.len().clamp(1, 8));
        let folds: Vec<u8> = literal.iter().map(|byte| if is_any_case && byte.is_ascii_lowercase() { CASE } else { 0 }).collect();
        Self { bytes: next_eight(literal) & mask, mask, fold: next_eight(&folds), literal: at }
    }
}

impl Tables {
    /// Enters a literal of these buckets.
    fn add(&mut self, literal: &[u8], is_any_case: bool, buckets: u8) {
        for (place, ((low, high), sixths)) in self.low.iter_mut().zip(&mut self.high).zip(&mut self.sixths).enumerate() {
            let Some(&byte) = literal.get(place) else {
                // What is shorter than what is looked at is followed by anything.
                low.iter_mut().chain(high).chain(sixths).for_each(|entry| *entry |= buckets);
                continue;
            };
            for byte in [byte, if is_any_case { byte.to_ascii_uppercase() } else { byte }] {
                low[usize::from(byte & 15)] |= buckets;
                high[usize::from(byte >> 4)] |= buckets;
                sixths[usize::from(byte & 63)] |= buckets;
            }
        }
    }
}

impl Literals {
    /// The search for `literals`, each of at least three bytes and none the beginning of another.
    pub fn new(literals: Vec<&[u8]>) -> Self {
        let buckets = buckets::put_together(&literals);
        Self::of(&literals, &buckets, false)
    }

    /// The same for literals without capitals, found in either case.
    fn in_any_case(literals: Vec<&[u8]>) -> Self {
        let buckets = buckets::in_order(&literals);
        Self::of(&literals, &buckets, true)
    }

    fn of(literals: &[&[u8]], buckets: &[Vec<usize>; N_BUCKETS], is_any_case: bool) -> Self {
        let mut starts = [0; N_BUCKETS + 1];
        let mut entries = Vec::new();
        let mut tables = Tables { low: [[0; 16]; N_BYTES], high: [[0; 16]; N_BYTES], sixths: [[0; 64]; N_BYTES] };
        for (number, bucket) in buckets.iter().enumerate() {
            entries.extend(bucket.iter().map(|&at| Entry::new(literals[at], at, is_any_case)));
            starts[number + 1] = entries.len();
            bucket.iter().for_each(|&at| tables.add(literals[at], is_any_case, 1 << number));
        }
        let literals = literals.iter().map(|&literal| literal.into()).collect();
        Self { literals, is_any_case, entries, starts, tables, portable: OnceLock::new() }
    }

    /// Calls `each` with every place of `text` where one of the literals stands, and with its number, in the order of the places.
    pub fn for_each(&self, text: &[u8], mut each: impl FnMut(usize, usize)) {
        let _ = self.search(Way::Wide, text, |at, literal| {
            each(at, literal);
            Continue(())
        });
    }

    /// The same until `each` breaks off, in one way, or the next one that this processor has. What is found in either case may come in another order.
    pub fn search(&self, way: Way, text: &[u8], mut each: impl FnMut(usize, usize) -> ControlFlow<()>) -> ControlFlow<()> {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if way == Way::Wide && has!("avx512f") && has!("avx512bw") && has!("avx512vbmi") {
                // SAFETY: the only requirement of a function with target features is that the processor has them, which was just asked.
                return unsafe { avx512::for_each_place(text, &self.tables, |at, buckets| self.compare(text, at, buckets, &mut each)) };
            }
            if way != Way::Portable && has!("avx2") {
                // SAFETY: as above.
                return unsafe { avx2::for_each_place(text, &self.tables, |at, buckets| self.compare(text, at, buckets, &mut each)) };
            }
        }
        let _ = way;
        self.portable().search(text, &mut each)
    }

    /// Whether one search looks for all of them where there are no vector instructions of our own.
    #[cfg(test)]
    pub fn is_packed(&self) -> bool {
        matches!(self.portable(), Portable::Packed(..))
    }

    fn portable(&self) -> &Portable {
        self.portable.get_or_init(|| match self.is_any_case {
            true => Portable::in_any_case(&self.literals),
            false => Portable::new(&self.literals, &self.by_bucket()),
        })
    }

    /// The places in the list of the literals of each bucket.
    fn by_bucket(&self) -> [Vec<usize>; N_BUCKETS] {
        let in_bucket = |bucket: usize| self.entries[self.starts[bucket]..self.starts[bucket + 1]].iter().map(|entry| entry.literal);
        std::array::from_fn(|bucket| in_bucket(bucket).collect())
    }

    /// Calls `each` if one of the literals of these buckets stands at `at`.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn compare(&self, text: &[u8], at: usize, buckets: u8, each: &mut impl FnMut(usize, usize) -> ControlFlow<()>) -> ControlFlow<()> {
        let Some(rest) = text.get(at..) else { return Continue(()) };
        let next = next_eight(rest);
        for bucket in bits(buckets.into()) {
            let entries = &self.entries[self.starts[bucket]..self.starts[bucket + 1]];
            for entry in entries.iter().filter(|entry| (next | entry.fold) & entry.mask == entry.bytes) {
                // What is longer than a number, and what looks so behind the end of the text.
                if self.begins(rest, &self.literals[entry.literal]) {
                    return each(at, entry.literal);
                }
            }
        }
        Continue(())
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn begins(&self, text: &[u8], literal: &[u8]) -> bool {
        if self.is_any_case { text.get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal)) } else { text.starts_with(literal) }
    }
}

/// The bit in which a small letter and its capital differ.
const CASE: u8 = b'a' ^ b'A';

/// Calls `step` with the steps of `text` until it breaks off, each with the bytes that decide about its places: [`N_BYTES`]` - 1` more than there are places.
/// Behind the text are zeros.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn for_each_step<const N_SEEN: usize>(text: &[u8], mut step: impl FnMut(usize, &[u8; N_SEEN]) -> ControlFlow<()>) -> ControlFlow<()> {
    for at in (0..text.len()).step_by(N_SEEN - (N_BYTES - 1)) {
        let rest = &text[at..];
        let mut last;
        let seen = match rest.first_chunk() {
            Some(seen) => seen,
            None => {
                last = [0; N_SEEN];
                last[..rest.len()].copy_from_slice(rest);
                &last
            }
        };
        step(at, seen)?;
    }
    Continue(())
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{Continue, ControlFlow, N_BYTES, Tables, for_each_step};
    use crate::number::bits;
    use crate::vector::{N, load, store, twice};

    /// Calls `each` with every place of `text` that some bucket may have a literal at, and with the buckets. There may be some behind the text.
    #[target_feature(enable = "avx2")]
    pub fn for_each_place(text: &[u8], tables: &Tables, mut each: impl FnMut(usize, u8) -> ControlFlow<()>) -> ControlFlow<()> {
        let tables: [(__m256i, __m256i); N_BYTES] = std::array::from_fn(|i| (twice(&tables.low[i]), twice(&tables.high[i])));
        let nibble = _mm256_set1_epi8(15);
        for_each_step(text, |at, seen: &[u8; N + N_BYTES - 1]| {
            let mut buckets = _mm256_set1_epi8(-1);
            for (i, (low, high)) in tables.iter().enumerate() {
                let bytes = load(seen[i..].first_chunk().expect("so many are seen"));
                let by_low = _mm256_shuffle_epi8(*low, _mm256_and_si256(bytes, nibble));
                let by_high = _mm256_shuffle_epi8(*high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
                buckets = _mm256_and_si256(buckets, _mm256_and_si256(by_low, by_high));
            }
            let passing = !_mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256())) as u32;
            if passing == 0 {
                return Continue(());
            }
            let buckets = store(buckets);
            bits(passing.into()).try_for_each(|i| each(at + i, buckets[i]))
        })
    }
}

/// The same for processors that look up six bits of 64 bytes at once: one look-up for each byte takes the place of two, and lets less pass.
#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{__m512i, _mm512_and_si512, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_test_epi8_mask};

    use super::{Continue, ControlFlow, N_BYTES, Tables, for_each_step};
    use crate::number::bits;
    use crate::vector::{N_WIDE, load_wide, store_wide};

    /// As [`super::avx2::for_each_place`].
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub fn for_each_place(text: &[u8], tables: &Tables, mut each: impl FnMut(usize, u8) -> ControlFlow<()>) -> ControlFlow<()> {
        let tables: [__m512i; N_BYTES] = std::array::from_fn(|i| load_wide(&tables.sixths[i]));
        for_each_step(text, |at, seen: &[u8; N_WIDE + N_BYTES - 1]| {
            let mut buckets = _mm512_set1_epi8(-1);
            for (i, table) in tables.iter().enumerate() {
                let bytes = load_wide(seen[i..].first_chunk().expect("so many are seen"));
                // It looks at the lower six bits of each byte.
                buckets = _mm512_and_si512(buckets, _mm512_permutexvar_epi8(bytes, *table));
            }
            let passing = _mm512_test_epi8_mask(buckets, buckets);
            if passing == 0 {
                return Continue(());
            }
            let buckets = store_wide(buckets);
            bits(passing).try_for_each(|i| each(at + i, buckets[i]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: [&[u8]; 9] = [b"pass", b"Pass", b"pwd", b"uth", b"://", b" -u", b"E KEY", b"ss:x", b"longer than eight"];

    /// The definition, to the letter.
    fn naive(literals: &[&[u8]], text: &[u8]) -> Vec<(usize, usize)> {
        let at_place = |at: usize| literals.iter().position(|literal| text[at..].starts_with(literal)).map(|literal| (at, literal));
        (0..text.len()).filter_map(at_place).collect()
    }

    /// What all ways of searching find.
    fn found(literals: &[&'static [u8]], text: &[u8]) -> Vec<(usize, usize)> {
        let search = Literals::new(literals.to_vec());
        let [wide, vector, portable] = Way::ALL.map(|way| {
            let mut found = Vec::new();
            let _ = search.search(way, text, |at, literal| {
                found.push((at, literal));
                Continue(())
            });
            found
        });
        assert_eq!(wide, portable, "{}", text.escape_ascii());
        assert_eq!(vector, portable, "{}", text.escape_ascii());
        portable
    }

    #[test]
    fn literals_are_found_at_every_place_of_a_text() {
        for n_before in 0..100 {
            for n_after in [0, 1, 2, 3, 30, 40] {
                for literal in SOME {
                    let text = [&vec![b'.'; n_before], literal, &vec![0xE9; n_after]].concat();
                    assert_eq!(found(&SOME, &text), naive(&SOME, &text));
                    assert_eq!(found(&SOME, &text).len(), 1);
                }
            }
        }
    }

    #[test]
    fn one_literal_or_none_is_searched_for_too() {
        assert_eq!(found(&[], b"password"), []);
        assert_eq!(found(&[b"word"], b"password"), [(4, 0)]);
    }

    #[test]
    fn more_than_a_packed_search_can_hold_are_found() {
        let literals: Vec<&'static [u8]> = (0..200).map(|i| format!("{i:03}x").leak().as_bytes()).collect();
        assert_eq!(found(&literals, b"...000x199x200x..."), [(3, 0), (7, 199)]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_the_literals_of_the_definition(pieces in proptest::collection::vec("(pas|s|Pass|pwd|://|ss:|x|E KE|Y| -|u|th|longer than| eight|\u{e9}|\0|[a-z ]{0,40})", 0..40)) {
            let text = pieces.concat();
            proptest::prop_assert_eq!(found(&SOME, text.as_bytes()), naive(&SOME, text.as_bytes()));
        }
    }
}
