//! Base64 (RFC 4648): read in either alphabet with or without padding, written in the usual one with it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes`, padded.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]);
            out.push(if i <= group.len() { digit } else { '=' });
        }
    }
    out
}

/// What `text` says, if it is base64 without padding and every byte of it is one that `keeps` wants.
pub fn decode(text: &[u8], keeps: impl Fn(u8) -> bool) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let is_whole = each_byte(text, |byte| {
        decoded.push(byte);
        keeps(byte)
    });
    is_whole.then_some(decoded)
}

/// Whether [`decode`] has an answer.
pub fn decodes(text: &[u8], keeps: impl Fn(u8) -> bool) -> bool {
    each_byte(text, keeps)
}

/// Gives all that `text` says to `take`, while it wants more; whether it has got it all.
fn each_byte(text: &[u8], mut take: impl FnMut(u8) -> bool) -> bool {
    let (groups, rest) = text.as_chunks::<4>();
    let is_whole = groups.iter().all(|group| bits(*group).is_some_and(|bytes| bytes.iter().all(|&byte| take(byte))));
    let mut last = *b"AAAA";
    last[..rest.len()].copy_from_slice(rest);
    is_whole
        && match rest.len() {
            0 => true,
            // Six bits are no byte.
            1 => false,
            n => bits(last).is_some_and(|bytes| bytes[..n - 1].iter().all(|&byte| take(byte))),
        }
}

/// The three bytes that four characters stand for.
fn bits(group: [u8; 4]) -> Option<[u8; 3]> {
    let [first, second, third, last] = group.map(|byte| u32::from(VALUES[usize::from(byte)]));
    let bits = first << 18 | second << 12 | third << 6 | last;
    let [_, bytes @ ..] = bits.to_be_bytes();
    ((first | second | third | last) < u32::from(NO_VALUE)).then_some(bytes)
}

/// What [`value`] says of each byte, or [`NO_VALUE`].
static VALUES: [u8; 256] = {
    let mut values = [NO_VALUE; 256];
    let mut byte = 0;
    while byte < 256 {
        if let Some(value) = value(byte as u8) {
            values[byte] = value as u8;
        }
        byte += 1;
    }
    values
};

/// More than any value.
const NO_VALUE: u8 = 0x80;

/// Whether it is a character of either alphabet.
#[inline]
pub fn is_member(byte: u8) -> bool {
    VALUES[usize::from(byte)] < NO_VALUE
}

/// A text without its padding.
pub fn unpadded(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"==").or(text.strip_suffix(b"=")).unwrap_or(text)
}

/// What a character stands for; `+` and `-`, `/` and `_` are the same.
pub const fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    } as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_the_standard_says() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(unpadded(text.as_bytes()), |_| true).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(encode(b"\xfb\xff"), "+/8=");
    }

    #[test]
    fn texts_of_any_length_are_read_back() {
        for len in 0..20_u8 {
            let plain: Vec<u8> = (0..len).map(|i| i.wrapping_mul(97)).collect();
            let text = encode(&plain).into_bytes();
            let text = unpadded(&text);
            assert_eq!(decode(text, |_| true).as_deref(), Some(plain.as_slice()), "{len}");
            for at in 0..text.len() {
                let mut broken = text.to_vec();
                broken[at] = b'=';
                assert!(!decodes(&broken, |_| true), "{len} {at}");
            }
        }
    }

    #[test]
    fn both_alphabets_are_read_and_nothing_else() {
        assert_eq!(decode(b"-_8", |_| true), decode(b"+/8", |_| true));
        assert_eq!(decode(b"YWJj*", |_| true), None);
        assert_eq!(decode(b"YWJjZ", |_| true), None);
        assert_eq!(decode(b"YWJj", |byte| byte != b'c'), None);
    }
}
