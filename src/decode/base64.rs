//! The base64 layer: text that is wrapped in base64, as in a Kubernetes secret.
//!
//! Only what decodes to printable ASCII is a layer; random strings practically never do (one in 400 passes the first six bytes), so the test
//! costs next to nothing. Padding may be missing, both alphabets are read. One level; a run is taken 64 KiB at a time.

use crate::span::Span;

/// The longest base64 text that is taken at once, a multiple of four.
const LONGEST: usize = 64 * 1024;
/// The shortest text that can hold a key.
const SHORTEST: usize = 20;

/// The run of base64 characters around `token`, padding included; it begins at `floor` or later.
pub fn run_around(text: &[u8], token: Span, floor: usize) -> Span {
    // A token may be the rest of a longer base64 text that `+` or `/` cut.
    let is_member = |byte: &u8| IS_MEMBER[usize::from(*byte)];
    let floor = floor.max(token.start.saturating_sub(LONGEST)).min(token.start);
    let start = token.start - text[floor..token.start].iter().rev().take_while(|byte| is_member(byte)).count();
    let ceiling = text.len().min(start + LONGEST);
    let end = start + text[start..ceiling].iter().take_while(|byte| is_member(byte)).count();
    Span::new(start, end + text[end..ceiling.min(end + 2)].iter().take_while(|&&byte| byte == b'=').count())
}

static IS_MEMBER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = value(byte as u8).is_some();
        byte += 1;
    }
    table
};

/// What a run of base64 characters decodes to, if that is printable ASCII and long enough to hold a key.
pub fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let run = run.strip_suffix(b"==").or(run.strip_suffix(b"=")).unwrap_or(run);
    decodes_to_ascii(&run[..run.len().min(8)])?;
    decodes_to_ascii(run).filter(|decoded| decoded.len() >= SHORTEST)
}

fn decodes_to_ascii(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for group in text.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let bits = group.iter().try_fold(0u32, |bits, &byte| Some(bits << 6 | value(byte)?))? << (6 * (4 - group.len()));
        let bytes = bits.to_be_bytes();
        for &byte in &bytes[1..group.len()] {
            if !(byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
                return None;
            }
            decoded.push(byte);
        }
    }
    Some(decoded)
}

const fn value(byte: u8) -> Option<u32> {
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
    fn wrapped_text_is_read_with_and_without_padding() {
        for text in ["key: aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkIQ==", "key: aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxkIQ\n"] {
            let run = run_around(text.as_bytes(), Span::new(5, 39), 0);
            assert_eq!(run.start, 5);
            assert_eq!(decode(run.of(text.as_bytes())).as_deref(), Some(b"hello world, hello world!".as_slice()));
        }
    }

    #[test]
    fn what_does_not_decode_to_text_is_no_layer() {
        assert!(decode(b"MistralForSequenceClassification").is_none());
        assert!(decode(b"aGVsbG8gd29ybGQ").is_none(), "too short to hold a key");
    }

    #[test]
    fn a_run_is_found_from_a_token_inside_of_it() {
        let text = b"x = ab+cdefghijklmnopqrst/uvw=;";
        assert_eq!(run_around(text, Span::new(7, 25), 0), Span::new(4, 30));
        assert_eq!(run_around(text, Span::new(7, 25), 6), Span::new(6, 30));
    }
}
