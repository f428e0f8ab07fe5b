//! The hexadecimal layer: text that is written in hexadecimal digits, two for each character, as in dumps and in settings of embedded systems.
//!
//! Only what decodes to printable ASCII is a layer: a digest does not, and is told by its first digits, so that the test costs next to nothing. One level,
//! one run of digits, in whatever case.

use crate::number::byte_of_hex;
use crate::span::Span;

/// The longest run that is decoded.
const LONGEST: usize = 64 * 1024;

/// The run of hexadecimal digits around `token` and what it says, if that is text of at least `shortest` characters. It begins at `floor` or later.
pub fn around(text: &[u8], token: Span, floor: usize, shortest: usize) -> Option<(Span, Vec<u8>)> {
    let start = token.start.max(floor);
    let whole = text.get(start..token.end).filter(|token| !token.is_empty() && token.len() <= LONGEST)?;
    // `0x` may stand before it.
    let n_mark = if whole.starts_with(b"0x") || whole.starts_with(b"0X") { 2 } else { 0 };
    let digits = &whole[n_mark..];
    if digits.len() < 2 * shortest || !digits.len().is_multiple_of(2) {
        return None;
    }
    let decoded: Option<Vec<u8>> = digits.chunks_exact(2).map(|pair| byte_of_hex(pair).filter(|byte| is_text(*byte))).collect();
    Some((Span::new(start + n_mark, token.end), decoded?))
}

fn is_text(byte: u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        around(text.as_bytes(), Span::new(0, text.len()), 0, 8).map(|(_, decoded)| String::from_utf8(decoded).expect("ASCII"))
    }

    #[test]
    fn text_in_digits_is_read() {
        let digits: String = b"pass = hello\n".iter().map(|byte| format!("{byte:02x}")).collect();
        for written in [digits.clone(), digits.to_ascii_uppercase(), format!("0x{digits}")] {
            assert_eq!(read(&written).as_deref(), Some("pass = hello\n"));
        }
    }

    #[test]
    fn digests_and_odd_runs_are_no_text() {
        for other in ["d41d8cd98f00b204e9800998ecf8427e", "68656c6c6f68656c6c6f68656c6c6f6", "68656c6c6f", "68656c6c6f68656c6c6fxx656c6c6f68", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
