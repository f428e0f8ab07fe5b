//! Where a word can begin in a text: behind what is no letter or digit, at a hump, and behind the few words that are glued to names.
//!
//! Most bytes of a text are the inside of some word. That a provider's name stands there (`coherent` at its third letter) never counts, so that looking only
//! at beginnings saves four of five looks. They are found for many bytes at a time.

use crate::number::next_eight;

/// What may stand before a name in one piece, at the beginning of a word: `mymistralkey`.
const HEADS: [&[u8]; 8] = [b"my", b"use", b"chat", b"get", b"set", b"the", b"our", b"via"];
/// The bits of a letter that are not its case.
const LETTER: u8 = 0x1F;
/// For each first letter of a head a bit for each second one. Other bytes may pass, too.
const SECONDS: [u32; 32] = {
    let (mut seconds, mut i) = ([0; 32], 0);
    while i < HEADS.len() {
        seconds[(HEADS[i][0] & LETTER) as usize] |= 1 << (HEADS[i][1] & LETTER);
        i += 1;
    }
    seconds
};
/// The heads as numbers, first byte lowest, each with the mask of its bytes.
const NUMBERS: [(u32, u32); HEADS.len()] = {
    let (mut numbers, mut i) = ([(0, 0); HEADS.len()], 0);
    while i < HEADS.len() {
        let mut at = 0;
        while at < HEADS[i].len() {
            numbers[i].0 |= (HEADS[i][at] as u32) << (8 * at);
            numbers[i].1 |= 0xFF << (8 * at);
            at += 1;
        }
        i += 1;
    }
    numbers
};
/// The bit of each byte by which small letters differ from large ones.
const SMALL: u32 = 0x2020_2020;
/// The bytes of the longest head.
pub const LONGEST_HEAD: usize = 4;
/// Places that are looked at together.
const N_BLOCK: usize = 32;

/// Calls `each` with the places of `text` where a word can begin. Its first byte is one, for what stands before it is not known.
#[inline(always)]
pub fn for_each(text: &[u8], mut each: impl FnMut(usize)) {
    for block in (0..text.len()).step_by(N_BLOCK) {
        let mut left = starts_of_block(text, block);
        while left != 0 {
            let at = block + left.trailing_zeros() as usize;
            left &= left - 1;
            each(at);
            if let Some(at) = behind_head(text, at) {
                each(at);
            }
        }
    }
}

/// Where the word goes on whose head stands at `at`, if there is one and that is no beginning anyway.
#[inline(always)]
fn behind_head(text: &[u8], at: usize) -> Option<usize> {
    let &[first, second, ..] = &text[at..] else { return None };
    // The heads begin with few pairs of letters.
    if SECONDS[usize::from(first & LETTER)] >> (second & LETTER) & 1 == 0 {
        return None;
    }
    let here = next_eight(&text[at..]) as u32 | SMALL;
    let end = at + HEADS[NUMBERS.iter().position(|(head, mask)| here & mask == *head)?].len();
    let &next = text.get(end)?;
    let is_inside = next.is_ascii_lowercase() || next.is_ascii_digit();
    is_inside.then_some(end)
}

/// Whether a head that begins a word ends at `at`.
pub fn is_behind_head(text: &[u8], at: usize) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    HEADS.iter().filter(|head| at >= head.len() && text[at - head.len()..at].eq_ignore_ascii_case(head)).any(|head| {
        let start = at - head.len();
        start == 0 || begins(byte(start.checked_sub(1)), text[start], byte(Some(start + 1)))
    })
}

/// Which of the places from `block` on are beginnings.
#[inline(always)]
fn starts_of_block(text: &[u8], block: usize) -> u32 {
    let shown = |from: usize| -> [u8; N_BLOCK] {
        let mut bytes = [b' '; N_BLOCK];
        match text.get(from..).and_then(|rest| rest.first_chunk()) {
            Some(chunk) => bytes = *chunk,
            None => {
                let rest = text.get(from..).unwrap_or_default();
                bytes[..rest.len()].copy_from_slice(rest);
            }
        }
        bytes
    };
    let here = shown(block);
    let after = shown(block + 1);
    let before = match block.checked_sub(1) {
        Some(from) => shown(from),
        None => {
            let mut before = [b' '; N_BLOCK];
            before[1..].copy_from_slice(&here[..N_BLOCK - 1]);
            before
        }
    };
    let mut flags = [0u8; N_BLOCK];
    for i in 0..N_BLOCK {
        flags[i] = u8::from(begins(before[i], here[i], after[i]));
    }
    let mut starts = 0;
    for (i, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Each flag is moved to a bit of its own in the highest byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        starts |= (bits as u32) << (8 * i);
    }
    starts | u32::from(block == 0 && !text.is_empty())
}

/// Whether a word can begin with `here`. Without branches, so that it is done for many bytes at once.
#[inline(always)]
const fn begins(before: u8, here: u8, after: u8) -> bool {
    let is_behind_none = !is_alphanumeric(before);
    let is_upper = here.wrapping_sub(b'A') < 26;
    let is_hump = is_upper & ((before.wrapping_sub(b'A') >= 26) | (after.wrapping_sub(b'a') < 26));
    let is_mark = !is_alphanumeric(here) & (here > b' ');
    (is_alphanumeric(here) & is_behind_none) | is_hump | is_mark
}

#[inline(always)]
const fn is_alphanumeric(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &[u8]) -> Vec<usize> {
        let mut places = Vec::new();
        for_each(text, |at| places.push(at));
        places
    }

    /// The places, each with what stands there up to the next three bytes.
    fn starts(text: &str) -> Vec<String> {
        places(text.as_bytes()).iter().map(|&at| text[at..].chars().take(3).collect()).collect()
    }

    #[test]
    fn words_begin_behind_what_is_none_and_at_humps() {
        assert_eq!(starts("one two"), ["one", "two"]);
        assert_eq!(starts("oneTwo"), ["one", "Two"]);
        assert_eq!(starts("ONE_TWO"), ["ONE", "_TW", "TWO"]);
        assert_eq!(starts("HTTPServer2"), ["HTT", "Ser"]);
        assert_eq!(starts("a.b"), ["a.b", ".b", "b"]);
        assert_eq!(starts("x1Y"), ["x1Y", "Y"]);
        assert!(starts("").is_empty());
    }

    #[test]
    fn names_are_glued_to_heads() {
        assert_eq!(starts("mymistral"), ["mym", "mis"]);
        assert_eq!(starts("chatMistral"), ["cha", "Mis"]);
        assert_eq!(starts("dummymistral"), ["dum"]);
        assert_eq!(starts("themy"), ["the", "my"]);
        assert_eq!(starts("my"), ["my"]);
    }

    proptest::proptest! {
        #[test]
        fn blocks_make_no_difference(text in "[a-c A-C1.\u{e9}]{0,150}") {
            let bytes = text.as_bytes();
            let at = |i: Option<usize>| i.and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
            let expected: Vec<usize> = (0..bytes.len()).filter(|&i| i == 0 || begins(at(i.checked_sub(1)), bytes[i], at(Some(i + 1)))).collect();
            proptest::prop_assert_eq!(places(bytes), expected);
        }
    }
}
