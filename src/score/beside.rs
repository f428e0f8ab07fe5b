//! Names that stand beside a value that only holds: `name: MISTRAL_API_KEY` above `value: …`, `<add key="MistralApiKey" value="…"/>`, the option
//! of an argument parser before its default.

use super::place::{Place, Zone};
use crate::span::Span;

/// Words whose value is a name.
const NAMING: [&[u8]; 6] = [b"name", b"key", b"variable", b"env", b"var", b"parameter"];

/// The name that the siblings of `token` give to it, the nearest one.
pub(super) fn name(text: &[u8], token: Span, place: &Place) -> Option<Span> {
    let siblings = place.zone(Zone::Sibling).filter(|span| span.len() < 400);
    let names = siblings.flat_map(|span| names_in(text, Span::new(span.start, span.end.min(token.start).max(span.start))));
    names.max_by_key(|name| name.end)
}

/// The names in `span`: behind one of the naming words and an operator, or an option in quotes.
fn names_in(text: &[u8], span: Span) -> Vec<Span> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut names = Vec::new();
    let mut at = span.start;
    // Whether a naming word was read, and whether an operator stands behind it.
    let (mut is_naming, mut has_operator) = (false, false);
    while at < span.end {
        let n = text[at..span.end].iter().take_while(|byte| is_name(byte)).count();
        if n == 0 {
            has_operator |= is_naming && matches!(text[at], b'=' | b':');
            is_naming &= matches!(text[at], b'=' | b':' | b'"' | b'\'' | b' ' | b'\t');
            at += 1;
            continue;
        }
        let word = Span::new(at, at + n);
        let bytes = word.of(text);
        let is_option = bytes.starts_with(b"--") && at > span.start && matches!(text[at - 1], b'"' | b'\'');
        if is_naming && has_operator && n >= 3 || is_option {
            names.push(word);
        }
        is_naming = !(is_naming && has_operator) && NAMING.iter().any(|naming| bytes.eq_ignore_ascii_case(naming));
        has_operator = false;
        at += n;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        names_in(text.as_bytes(), Span::new(0, text.len())).iter().map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn names_stand_behind_naming_words_and_as_options() {
        assert_eq!(names("- name: MISTRAL_API_KEY\n  value: "), ["MISTRAL_API_KEY"]);
        assert_eq!(names("<add key=\"MistralApiKey\" value=\""), ["MistralApiKey"]);
        assert_eq!(names("<env name=\"MISTRAL_API_KEY\" value=\""), ["MISTRAL_API_KEY"]);
        assert_eq!(names("{\"name\": \"DEEPGRAM_API_KEY\", \"value\": \""), ["DEEPGRAM_API_KEY"]);
        assert_eq!(names("\"--mistral-key\", default=\""), ["--mistral-key"]);
        assert_eq!(names("type: string, size: 3, value: "), [""; 0]);
    }
}
