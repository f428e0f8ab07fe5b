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
    each_piece::<N_GROUPS>(text, keeps, |piece| decoded.extend_from_slice(piece)).then_some(decoded)
}

/// Whether [`decode`] has an answer.
pub fn decodes(text: &[u8], keeps: impl Fn(u8) -> bool) -> bool {
    each_piece::<1>(text, keeps, |_| ())
}

/// Groups of four characters that are decoded together. What is only asked about is read one by one, for mostly the first one shows that it says nothing.
const N_GROUPS: usize = 8;

/// Gives what `text` says to `take`, so many groups at a time, as long as `keeps` wants every byte; whether that was all.
#[inline]
fn each_piece<const N: usize>(text: &[u8], keeps: impl Fn(u8) -> bool, mut take: impl FnMut(&[u8])) -> bool {
    let (groups, rest) = text.as_chunks::<4>();
    let mut last = *b"AAAA";
    last[..rest.len()].copy_from_slice(rest);
    let mut give = |is_read: bool, piece: &[u8]| {
        let is_wanted = is_read && piece.iter().all(|&byte| keeps(byte));
        if is_wanted {
            take(piece);
        }
        is_wanted
    };
    let is_whole = groups.chunks(N).all(|groups| {
        let mut piece = [[0; 3]; N];
        // Without a branch for each of them.
        let is_read = groups.iter().zip(&mut piece).fold(true, |is_read, (group, bytes)| read(*group, bytes) & is_read);
        give(is_read, piece[..groups.len()].as_flattened())
    });
    let mut bytes = [0; 3];
    match rest.len() {
        0 => is_whole,
        // Six bits are no byte.
        1 => false,
        n => is_whole && give(read(last, &mut bytes), &bytes[..n - 1]),
    }
}

/// Puts the three bytes there that four characters stand for; whether they stand for some.
fn read(group: [u8; 4], bytes: &mut [u8; 3]) -> bool {
    let [first, second, third, last] = group.map(|byte| u32::from(VALUES[usize::from(byte)]));
    [_, bytes[0], bytes[1], bytes[2]] = (first << 18 | second << 12 | third << 6 | last).to_be_bytes();
    (first | second | third | last) < u32::from(NO_VALUE)
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
