//! Draws from other alphabets than keys mostly have: of bytes, which are written with escapes, of all characters that can be printed, the space among them, and
//! of digits alone. What text is likely to be says nothing of the first and the last.

use crate::number::byte_of_hex;
use crate::score::value::n_distinct;
use crate::score::{chance, stand_in};

/// The fewest bytes of a key, the fewest characters of one with spaces in it, and the fewest digits: of 100 bits and more.
const FEWEST_BYTES: usize = 16;
const FEWEST_CHARACTERS: usize = 20;
const FEWEST_DIGITS: usize = 31;

/// Whether a value is drawn bytes, as Python shows what `os.urandom` gives (`'\x9a$\xf1…'`): enough of them, a third or more written by their numbers, hardly
/// any twice or counted, in steps of whatever size, some that are no characters, and no text in UTF-8.
pub(super) fn is_of_bytes(value: &[u8]) -> bool {
    if value.len() < FEWEST_BYTES || memchr::memmem::find(value, b"\\x").is_none() {
        return false;
    }
    let (bytes, n_escaped) = unescaped(value);
    let n_in_order = bytes.windows(3).filter(|three| three[1].wrapping_sub(three[0]) == three[2].wrapping_sub(three[1])).count();
    // Text in other encodings than UTF-8 has none.
    let has_control = bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    bytes.len() >= FEWEST_BYTES
        && n_escaped * 3 >= bytes.len()
        && n_distinct(&bytes) * 4 >= bytes.len().min(48) * 3
        && n_in_order * 6 < bytes.len()
        && has_control
        && std::str::from_utf8(&bytes).is_err()
}

/// The bytes that a value stands for, and how many of them are written by their numbers.
fn unescaped(value: &[u8]) -> (Vec<u8>, usize) {
    let (mut bytes, mut n_escaped, mut at) = (Vec::with_capacity(value.len()), 0, 0);
    while at < value.len() {
        if let Some(byte) = value[at..].strip_prefix(b"\\x").and_then(byte_of_hex) {
            bytes.push(byte);
            (n_escaped, at) = (n_escaped + 1, at + 4);
            continue;
        }
        // What else is escaped stands for one byte, whichever.
        at += usize::from(value[at] == b'\\' && at + 1 < value.len());
        bytes.push(value[at]);
        at += 1;
    }
    (bytes, n_escaped)
}

/// Whether it is drawn, though there are spaces in it: it has all kinds of characters, and no part of it is a word.
pub(super) fn is_of_all_printable(value: &[u8]) -> bool {
    if value.len() < FEWEST_CHARACTERS || memchr::memchr(b' ', value).is_none() {
        return false;
    }
    let parts = || value.split(|byte| *byte == b' ');
    let joined: Vec<u8> = parts().flatten().copied().collect();
    let has = |is_kind: fn(&u8) -> bool| joined.iter().any(is_kind);
    let n_marks = joined.iter().filter(|byte| byte.is_ascii_punctuation()).count();
    let is_word = |part: &[u8]| chance::is_word(&part[..part.len() - part.iter().rev().take_while(|byte| !byte.is_ascii_alphabetic()).count()]);
    (value.len() - joined.len()) * 10 <= value.len()
        && n_marks * 10 >= value.len()
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && joined.iter().all(u8::is_ascii_graphic)
        && parts().all(|part| !part.is_empty() && !is_word(part))
        && chance::is_drawn(&joined)
        && !stand_in::is_reference(&joined, true)
        && stand_in::n_said(&joined) == 0
}

/// Whether it is a number that only a machine draws.
pub(super) fn is_of_digits(value: &[u8]) -> bool {
    let n_steps = value.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    value.len() >= FEWEST_DIGITS && value.iter().all(u8::is_ascii_digit) && n_distinct(value) >= 7 && n_steps * 2 < value.len()
}
