//! The base64 layer: text that is wrapped in base64, as in a Kubernetes secret.
//!
//! Only what decodes to printable ASCII is a layer; random strings practically never do (one in 400 passes the first six bytes), so the test
//! costs next to nothing. Padding may be missing, both alphabets are read. One level; the decoded text is bounded.

use crate::span::Span;

/// The longest base64 text that is decoded.
const LONGEST: usize = 64 * 1024;
/// The shortest text that can hold a key.
const SHORTEST: usize = 20;

/// The base64 text around `token` and what it decodes to, if that is printable ASCII.
pub fn layer(text: &[u8], token: Span) -> Option<(Span, Vec<u8>)> {
    // A token may be the rest of a longer base64 text that `+` or `/` cut.
    let is_member = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let floor = token.start.saturating_sub(LONGEST);
    let start = token.start - text[floor..token.start].iter().rev().take_while(|byte| is_member(byte)).count();
    decodes_to_ascii(&text[start..text.len().min(start + 8)])?;
    let ceiling = text.len().min(start + LONGEST);
    let end = start + text[start..ceiling].iter().take_while(|byte| is_member(byte)).count();
    let padded = end + text[end..ceiling.min(end + 2)].iter().take_while(|&&byte| byte == b'=').count();
    let decoded = decodes_to_ascii(&text[start..end])?;
    (decoded.len() >= SHORTEST).then_some((Span::new(start, padded), decoded))
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
            let (span, decoded) = layer(text.as_bytes(), Span::new(5, 39)).expect("it is base64 of text");
            assert_eq!(decoded, b"hello world, hello world!");
            assert_eq!(span.start, 5);
            assert!(span.end >= 39);
        }
    }

    #[test]
    fn what_does_not_decode_to_text_is_no_layer() {
        assert!(layer(b"MistralForSequenceClassification", Span::new(0, 32)).is_none());
        assert!(layer(b"aGVsbG8gd29ybGQ", Span::new(0, 15)).is_none(), "too short to hold a key");
    }
}
