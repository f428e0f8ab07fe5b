//! What stands around a literal and only says of what kind it is: letters before a string, calls that change its type, tags.

use super::{is_name, opening, skip_spaces};

/// Functions that give their argument back as another type.
const WRAPPERS: [&[u8]; 22] = [
    b"string",
    b"str",
    b"byte",
    b"bytes",
    b"some",
    b"secretstr",
    b"secret",
    b"newsecret",
    b"just",
    b"quote",
    b"tochararray",
    b"nsstring",
    b"sensitive",
    b"b64",
    b"text",
    b"securestring",
    b"fromhex",
    b"unhexlify",
    b"b64decode",
    b"decodehex",
    b"decodebase64",
    b"frombase64string",
];
/// The same with what they belong to: others of that name get something by a name.
const OWNED: [&[u8]; 6] = [b"String::from", b"Buffer.from", b"Base64.decode", b"UTF8.GetBytes", b"ASCII.GetBytes", b"Unicode.GetBytes"];
/// The command of PowerShell that makes a string a secret.
pub(super) const TO_SECRET: &[u8] = b"ConvertTo-SecureString";
/// Its option before the string.
const ITS_STRING: &[u8] = b"-string ";

/// Skips the letters that mark a kind of string, brackets, and calls of what only changes its type.
pub(super) fn skip(line: &[u8], mut at: usize) -> usize {
    for _ in 0..3 {
        let rest = &line[at..];
        let rest = if rest.starts_with(b"new ") { &rest[4..] } else { rest };
        // Erlang writes bytes between such brackets.
        let rest = rest.strip_prefix(b"<<").filter(|rest| rest.starts_with(b"\"")).unwrap_or(rest);
        let start = line.len() - rest.len();
        if starts_with(rest, TO_SECRET) && rest.get(TO_SECRET.len()) == Some(&b' ') {
            let value = skip_spaces(line, start + TO_SECRET.len());
            return if starts_with(&line[value..], ITS_STRING) { skip_spaces(line, value + ITS_STRING.len()) } else { value };
        }
        let is_part = |byte: &u8| is_name(*byte) || matches!(byte, b':' | b'[' | b']' | b'@' | b'$');
        let n_word = rest.iter().take(40).position(|byte| !is_part(byte)).unwrap_or(rest.len().min(40));
        let word = &rest[..n_word];
        match rest.get(n_word) {
            Some(b'"' | b'\'' | b'`') if n_word <= 2 && is_kind(word, &rest[n_word..]) => return start + n_word,
            Some(b'(') => {
                let last = word.rsplit(|byte| matches!(byte, b'.' | b':' | b']')).next().unwrap_or_default().to_ascii_lowercase();
                if !word.is_empty() && !WRAPPERS.contains(&last.as_slice()) && !OWNED.iter().any(|wrapper| word.ends_with(wrapper)) {
                    return at;
                }
                at = skip_spaces(line, start + n_word + 1);
            }
            _ => return at,
        }
    }
    at
}

/// Whether letters before a quote say of what kind the string is. One that others are put into (`f"…"`, `$"…"`) must have no place for them.
fn is_kind(letters: &[u8], string: &[u8]) -> bool {
    let is_format = letters.iter().any(|byte| b"fF$".contains(byte));
    let ends = |at: &usize| string[*at] == string[0];
    let inside = || &string[1..(1..string.len()).find(ends).unwrap_or(string.len())];
    letters.iter().all(|byte| b"@brulnLNRBUfF$".contains(byte)) && !(is_format && inside().contains(&b'{'))
}

/// Skips the type and the anchor that YAML may have before a value: `!!str `, `&name `.
pub(super) fn skip_tags(line: &[u8], mut at: usize) -> usize {
    for _ in 0..2 {
        let rest = &line[at..];
        let is_tag = rest.starts_with(b"!") || rest.starts_with(b"&") && rest.get(1).is_some_and(u8::is_ascii_alphabetic);
        let n_word = rest.iter().take(40).take_while(|byte| is_name(**byte) || matches!(byte, b'!' | b'&')).count();
        let next = skip_spaces(line, at + n_word);
        if !is_tag || n_word < 2 || next == at + n_word || opening(line, at).is_some() {
            break;
        }
        at = next;
    }
    at
}

fn starts_with(text: &[u8], lower: &[u8]) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}
