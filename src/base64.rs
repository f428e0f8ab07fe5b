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
    text.chunks(4).all(|group| {
        let bits = group.iter().try_fold(0u32, |bits, &byte| Some(bits << 6 | value(byte)?));
        let bits = bits.filter(|_| group.len() > 1).map(|bits| bits << (6 * (4 - group.len())));
        bits.is_some_and(|bits| bits.to_be_bytes()[1..group.len()].iter().all(|&byte| take(byte)))
    })
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
    fn both_alphabets_are_read_and_nothing_else() {
        assert_eq!(decode(b"-_8", |_| true), decode(b"+/8", |_| true));
        assert_eq!(decode(b"YWJj*", |_| true), None);
        assert_eq!(decode(b"YWJjZ", |_| true), None);
        assert_eq!(decode(b"YWJj", |byte| byte != b'c'), None);
    }
}
