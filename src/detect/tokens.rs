//! Tokens: maximal runs of `[A-Za-z0-9_-]` of at least [`TOKEN_MIN`] bytes, found many bytes at a time.
//!
//! Each block of 64 bytes becomes a bitmap of class members. Four and-shifts over a window of 128 bits leave a bit wherever a run of 16 begins,
//! so that only the edges of those bits are looked at: a rising edge is a token's first byte, a falling one lies 15 bytes before its end. How many edges a block has
//! cannot be foreseen, so that they are written down, a fixed number at a time, and the tokens between them are looked at later, some dozens together.
//! The bitmap comes from two nibble look-ups where AVX2 is there, else from a table; both give the same tokens (a test and a fuzz target
//! compare them). Most tokens are identifiers; the first look that drops them is taken here, where the vector instructions are. The idea is that of the "vectorized classification" in Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019).

use crate::look::Look;
use crate::rule::shape::{TOKEN_MIN, class_of};

/// Calls `each` with the bounds of every token of `text`, in order.
pub fn for_each_token(text: &[u8], mut each: impl FnMut(usize, usize)) {
    with_bitmaps(text, portable_bitmap, |tokens| tokens.iter().for_each(|token| each(token[0], end_of(token))));
}

/// Calls `each` with the bounds of every token of `text` for which `wants` holds or that is worth a look, in order, and with what the look saw.
#[inline]
pub fn for_each_candidate(text: &[u8], wants: impl Fn(usize) -> bool, each: impl FnMut(usize, usize, Look)) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the only requirement of a function with target features is that the processor has them, which was just asked.
        return unsafe { avx2::for_each_candidate(text, wants, each) };
    }
    for_each_candidate_portable(text, wants, each);
}

/// What [`for_each_candidate`] does, without vector instructions.
pub fn for_each_candidate_portable(text: &[u8], wants: impl Fn(usize) -> bool, mut each: impl FnMut(usize, usize, Look)) {
    for_each_token(text, |start, end| {
        let look = Look::at(text, start, end);
        if wants(start) || is_candidate(text, start, end, look) {
            each(start, end, look);
        }
    });
}

/// Whether a token that looks so is worth another look though no prefix begins it.
pub fn is_candidate(text: &[u8], start: usize, end: usize, look: Look) -> bool {
    is_worth_it(look) || is_uuid(text, start, end)
}

/// Whether a token that looks so is handed on without a prefix.
#[inline(always)]
const fn is_worth_it(look: Look) -> bool {
    look.may_be_random() || look.is_long_and_small()
}

/// Whether a token has the dashes of a UUID: one in a hundred of these has too few changes to look random.
#[inline(always)]
fn is_uuid(text: &[u8], start: usize, end: usize) -> bool {
    end - start == 36 && [8, 13, 18, 23].iter().all(|at| text[start + at] == b'-')
}

const BLOCK: usize = 64;
/// Edges that are written down before the tokens between them are looked at.
const N_EDGES: usize = 64;
/// Of a block so many are written down whether it has them or not. Few blocks have more; none can have more than the other number, for a token and what ends it
/// are 17 bytes.
const N_USUAL: usize = 4;
const MOST_OF_BLOCK: usize = 8;

/// The two edges of a token: its first byte, and the first one from which on it is shorter than [`TOKEN_MIN`].
type Edges = [usize; 2];

/// Where a token ends.
#[inline(always)]
const fn end_of(token: &Edges) -> usize {
    token[1] + TOKEN_MIN - 1
}

/// Gives all tokens of `text` to `take`, some at a time.
#[inline(always)]
fn with_bitmaps(text: &[u8], bitmap: impl Fn(&[u8; BLOCK]) -> u64, mut take: impl FnMut(&[Edges])) {
    const { assert!(TOKEN_MIN == 16, "the shifts below double a run four times") };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let bitmap_of = |i: usize| match blocks.get(i) {
        Some(block) => bitmap(block),
        None if i == blocks.len() => bitmap(&last),
        None => 0,
    };
    let (mut edges, mut n) = ([0; N_EDGES], 0);
    let (mut current, mut carry) = (bitmap_of(0), 0);
    for i in 0..=blocks.len() {
        let next = bitmap_of(i + 1);
        let mut runs = u128::from(current) | u128::from(next) << 64;
        runs &= runs >> 1;
        runs &= runs >> 2;
        runs &= runs >> 4;
        runs &= runs >> 8;
        let begins = runs as u64;
        let mut left = begins ^ (begins << 1 | carry);
        (current, carry) = (next, begins >> 63);
        let n_left = left.count_ones() as usize;
        let room = edges[n..].first_chunk_mut::<MOST_OF_BLOCK>().expect("what leaves less room was taken");
        let mut write = |slots: &mut [usize]| {
            for slot in slots {
                *slot = i * BLOCK + left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
            }
        };
        write(&mut room[..N_USUAL]);
        if n_left > N_USUAL {
            write(&mut room[N_USUAL..]);
        }
        n += n_left;
        if n > N_EDGES - MOST_OF_BLOCK {
            take(edges[..n].as_chunks().0);
            // The first edge of a token that is open.
            edges[0] = edges[n - 1];
            n %= 2;
        }
    }
    // No token is open here: the last block ends with a zero, so that no run of 16 begins at its last bits.
    take(edges[..n].as_chunks().0);
}

#[inline(always)]
fn portable_bitmap(block: &[u8; BLOCK]) -> u64 {
    block.iter().enumerate().fold(0, |bits, (i, &byte)| bits | u64::from(IS_MEMBER[byte as usize]) << i)
}

static IS_MEMBER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = class_of(byte as u8) != 0;
        byte += 1;
    }
    table
};

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_sub_epi8,
    };

    use super::Look;
    use crate::vector::{load, twice};

    /// As [`super::for_each_candidate`].
    #[target_feature(enable = "avx2,popcnt")]
    pub fn for_each_candidate(text: &[u8], wants: impl Fn(usize) -> bool, mut each: impl FnMut(usize, usize, Look)) {
        // Which tokens are kept cannot be foreseen either, so that all are written down and the next one takes the place of those that are not.
        let mut kept = [(0, 0, Look::default()); super::N_EDGES / 2];
        super::with_bitmaps(
            text,
            |block| bitmap(block),
            |tokens| {
                let mut n = 0;
                for token in tokens {
                    let (start, end) = (token[0], super::end_of(token));
                    let look = look(text, start, end);
                    kept[n] = (start, end, look);
                    n += usize::from(wants(start) | super::is_worth_it(look) | super::is_uuid(text, start, end));
                }
                kept[..n].iter().for_each(|&(start, end, look)| each(start, end, look));
            },
        );
    }

    /// As [`Look::at`].
    #[inline]
    #[target_feature(enable = "avx2,popcnt")]
    fn look(text: &[u8], start: usize, end: usize) -> Look {
        let mut padded = [0; 32];
        let bytes = match text[start..].first_chunk::<32>() {
            Some(whole) => whole,
            None => {
                padded[..end - start].copy_from_slice(&text[start..end]);
                &padded
            }
        };
        let n = (end - start).min(32) as u32;
        let bytes = load(bytes);
        let inside = u32::MAX >> (32 - n);
        let (digits, upper) = (within(bytes, b'0', 10) & inside, within(bytes, b'A', 26) & inside);
        let lower = within(bytes, b'a', 26) & inside;
        let changes = digits & ((upper | lower) >> 1) | upper & ((digits | lower) >> 1) | lower & ((digits | upper) >> 1);
        Look { n, n_digits: digits.count_ones(), n_upper: upper.count_ones(), n_lower: lower.count_ones(), n_changes: changes.count_ones() }
    }

    /// The bytes from `first` on, `n` of the alphabet.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn within(bytes: __m256i, first: u8, n: u8) -> u32 {
        let offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first as i8));
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8(n as i8 - 1)), offset)) as u32
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bitmap(block: &[u8; super::BLOCK]) -> u64 {
        let (halves, _) = block.as_chunks::<32>();
        u64::from(half(&halves[0])) | u64::from(half(&halves[1])) << 32
    }

    /// A byte is a member if the row of its high nibble is set in the entry of its low nibble. Rows: 2 `-`, 3 digits, 4 and 5 upper case and
    /// `_`, 6 and 7 lower case. A shuffle gives 0 for a byte with the high bit set, so that no other byte is a member.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: &[u8; 32]) -> u32 {
        const LOW: [u8; 16] = [42, 62, 62, 62, 62, 62, 62, 62, 62, 62, 60, 20, 20, 21, 20, 28];
        const HIGH: [u8; 16] = [0, 0, 1, 2, 4, 8, 16, 32, 0, 0, 0, 0, 0, 0, 0, 0];
        let bytes = load(bytes);
        let rows = _mm256_shuffle_epi8(twice(&LOW), bytes);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
        let row = _mm256_shuffle_epi8(twice(&HIGH), high);
        let hit = _mm256_cmpgt_epi8(_mm256_and_si256(rows, row), _mm256_setzero_si256());
        _mm256_movemask_epi8(hit) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut start = 0;
        for (i, &byte) in text.iter().chain(b" ").enumerate() {
            if class_of(byte) == 0 {
                if i - start >= TOKEN_MIN {
                    found.push((start, i));
                }
                start = i + 1;
            }
        }
        found
    }

    /// All tokens, by the pass that the machine takes.
    fn fast(text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for_each_candidate(text, |_| true, |start, end, _| found.push((start, end)));
        found
    }

    fn portable(text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for_each_token(text, |start, end| found.push((start, end)));
        found
    }

    fn random_ones(text: &[u8]) -> [Vec<(usize, usize, Look)>; 2] {
        let (mut fast, mut portable) = (Vec::new(), Vec::new());
        for_each_candidate(text, |_| false, |start, end, look| fast.push((start, end, look)));
        for_each_candidate_portable(text, |_| false, |start, end, look| portable.push((start, end, look)));
        [fast, portable]
    }

    #[test]
    fn every_single_byte_is_classified_as_the_definition_says() {
        for byte in 0..=255 {
            let text = [&[byte][..], b"aaaaaaaaaaaaaaa"].concat();
            assert_eq!(fast(&text), naive(&text), "byte {byte:#x}");
            assert_eq!(portable(&text), naive(&text), "byte {byte:#x}");
        }
    }

    #[test]
    fn runs_of_every_length_at_every_offset_are_found() {
        for offset in 0..130 {
            for length in [0, 1, 15, 16, 17, 31, 48, 63, 64, 65, 127, 128, 200] {
                for tail in [0, 1, 70] {
                    let text = [vec![b' '; offset], vec![b'x'; length], vec![b'.'; tail]].concat();
                    assert_eq!(fast(&text), naive(&text), "{offset} {length} {tail}");
                    assert_eq!(portable(&text), naive(&text), "{offset} {length} {tail}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_the_tokens_of_the_definition(text in proptest::collection::vec(proptest::sample::select(b"aZ09_- .=\xff\x00".to_vec()), 0..700)) {
            assert_eq!(fast(&text), naive(&text));
            assert_eq!(portable(&text), naive(&text));
            let [fast, portable] = random_ones(&text);
            assert_eq!(fast, portable);
        }
    }
}
