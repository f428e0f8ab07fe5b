//! What people paste when they mean a key: blanks, quotes, the assignment or the header around it. It is taken off, and said.

use zeroize::Zeroizing;

/// A key as it was meant.
pub struct Pasted {
    /// The key.
    pub key: Zeroizing<Vec<u8>>,
    /// The name it was assigned to, if an assignment was pasted. It is not shown: it might be a part of a key.
    pub name: Option<String>,
    /// What was taken off, as sentence fragments.
    pub notes: Vec<String>,
}

const BLANKS: &str = "white space around it was taken off: a client that sends it along gets a 401";
const QUOTES: &str = "the quotes around it were taken off: they are no part of a key";
const ASSIGNMENT: &str = "the assignment in front of it was taken off: the key begins behind it";
const HEADER: &str = "the header or scheme in front of it was taken off: clients add it themselves";
const PUNCTUATION: &str = "the comma or semicolon behind it was taken off";
const LINES: &str = "only the first line counts; there are more";

/// Layers that are taken off at most.
const N_LAYERS: usize = 8;

/// The key in what was pasted.
pub fn clean(text: &[u8]) -> Pasted {
    let mut pasted = Pasted { key: Zeroizing::new(Vec::new()), name: None, notes: Vec::new() };
    let all = trimmed(text);
    let mut lines = all.split(|&byte| byte == b'\n' || byte == b'\r').filter(|line| !trimmed(line).is_empty());
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() {
        pasted.note(LINES);
    }
    // The line break that ends a line is no mistake.
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    if line.strip_suffix(b"\r").unwrap_or(line).len() != all.len() || trimmed(first).len() != first.len() {
        pasted.note(BLANKS);
    }
    let mut rest = trimmed(first);
    for _ in 0..N_LAYERS {
        let (inner, note) = match layer(rest, &mut pasted.name) {
            Some(found) => found,
            None => break,
        };
        pasted.note(note);
        let inner_trimmed = trimmed(inner);
        // Blanks between a layer and the key belong to the layer, but within quotes they would be sent.
        if note == QUOTES && inner_trimmed.len() != inner.len() {
            pasted.note(BLANKS);
        }
        rest = inner_trimmed;
    }
    pasted.key.extend_from_slice(rest);
    pasted
}

impl Pasted {
    fn note(&mut self, note: &str) {
        if self.notes.iter().all(|known| known != note) {
            self.notes.push(note.to_owned());
        }
    }
}

/// What is inside of the outermost layer of `text`, and the note about the layer.
fn layer<'t>(text: &'t [u8], name: &mut Option<String>) -> Option<(&'t [u8], &'static str)> {
    if let [open @ (b'"' | b'\'' | b'`'), inner @ .., close] = text
        && open == close
        && !inner.contains(open)
    {
        return Some((inner, QUOTES));
    }
    if let [inner @ .., b',' | b';'] = text {
        return Some((inner, PUNCTUATION));
    }
    for word in ["export ", "set ", "setx ", "$env:", "ENV "] {
        if let Some(inner) = without_word(text, word) {
            return Some((inner, ASSIGNMENT));
        }
    }
    for word in ["authorization:", "x-api-key:", "x-goog-api-key:", "api-key:", "bearer ", "basic ", "token "] {
        if let Some(inner) = without_word(text, word) {
            return Some((inner, HEADER));
        }
    }
    let (left, value) = assignment(text)?;
    *name = Some(String::from_utf8_lossy(left).into_owned());
    Some((value, ASSIGNMENT))
}

fn without_word<'t>(text: &'t [u8], word: &str) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(word.len())?;
    (head.eq_ignore_ascii_case(word.as_bytes()) && !trimmed(rest).is_empty()).then_some(rest)
}

/// Name and value of `NAME=value` or `NAME: value`. What stands behind the sign must be long enough for a key: `=` also pads base64.
fn assignment(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const SHORTEST_VALUE: usize = 8;
    let at = text.iter().position(|byte| matches!(byte, b'=' | b':'))?;
    let (name, value) = (trimmed(&text[..at]), &text[at + 1..]);
    let name = trimmed(name).strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
    let is_name = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    (is_name && trimmed(value).len() >= SHORTEST_VALUE && !value.starts_with(b"=")).then_some((name, value))
}

/// The text without white space and invisible characters around it.
fn trimmed(mut text: &[u8]) -> &[u8] {
    // Byte order mark, no-break space, zero-width space and joiners, word joiner.
    const INVISIBLE: [&str; 6] = ["\u{feff}", "\u{a0}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}"];
    loop {
        let before = text.len();
        text = text.trim_ascii();
        for invisible in INVISIBLE {
            text = text.strip_prefix(invisible.as_bytes()).unwrap_or(text);
            text = text.strip_suffix(invisible.as_bytes()).unwrap_or(text);
        }
        if text.len() == before {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdEFGH12345678";

    fn notes(text: &str) -> Vec<String> {
        let pasted = clean(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&pasted.key), KEY, "{text:?}");
        pasted.notes
    }

    #[test]
    fn a_key_alone_is_left_alone() {
        for text in [KEY.to_owned(), format!("{KEY}\n"), format!("{KEY}\r\n")] {
            assert_eq!(notes(&text), Vec::<String>::new(), "{text:?}");
        }
    }

    #[test]
    fn what_was_pasted_along_is_taken_off_and_said() {
        for (text, expected) in [
            (format!(" {KEY}"), &[BLANKS][..]),
            (format!("{KEY}\u{a0}\n"), &[BLANKS]),
            (format!("\u{feff}{KEY}\t\n"), &[BLANKS]),
            (format!("{KEY}\n\n"), &[BLANKS]),
            (format!("\"{KEY}\""), &[QUOTES]),
            (format!("' {KEY}'"), &[QUOTES, BLANKS]),
            (format!("export MISTRAL_API_KEY={KEY}"), &[ASSIGNMENT]),
            (format!("export MISTRAL_API_KEY=\"{KEY}\"\n"), &[ASSIGNMENT, QUOTES]),
            (format!("$env:MISTRAL_API_KEY = \"{KEY}\""), &[ASSIGNMENT, QUOTES]),
            (format!("  \"apiKey\": \"{KEY}\","), &[BLANKS, PUNCTUATION, ASSIGNMENT, QUOTES]),
            (format!("Bearer {KEY}"), &[HEADER]),
            (format!("Authorization: Bearer {KEY}"), &[HEADER]),
            (format!("{KEY}\nother\n"), &[LINES]),
        ] {
            assert_eq!(notes(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_name_of_an_assignment_is_known() {
        assert_eq!(clean(format!("export MISTRAL_API_KEY={KEY}").as_bytes()).name.as_deref(), Some("MISTRAL_API_KEY"));
        assert_eq!(clean(KEY.as_bytes()).name, None);
    }

    #[test]
    fn keys_that_look_like_assignments_are_kept() {
        for key in ["c2VjcmV0c2VjcmV0c2VjcmV0==", "key:short", "12345678:abcdefghijkl"] {
            assert_eq!(String::from_utf8_lossy(&clean(key.as_bytes()).key), key);
        }
    }

    #[test]
    fn any_bytes_are_read() {
        for text in [&b""[..], b"\n", b"\"", b"''", b"=", b"Bearer ", b"\xff\xfe", b"export ", b"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""] {
            drop(clean(text));
        }
    }
}
