//! Files of JSON: the state of Terraform, the credentials of Composer. Only names and values are read, in order, whatever they are nested in; a file that is
//! cut off is read as far as it goes.

use super::{Entry, Form};
use crate::span::Span;

/// A text behind a name, and the name of the last object that was opened before.
struct Pair<'a> {
    object: &'a [u8],
    name: &'a [u8],
    value: Span,
}

/// Calls `each` with all texts that have a name, in order.
fn pairs<'a>(text: &'a [u8], mut each: impl FnMut(Pair<'a>)) {
    let (mut at, mut object): (usize, &[u8]) = (0, b"");
    while let Some(first) = string(text, at) {
        at = first.end + 1;
        let Some(after) = behind(text, at).filter(|after| text[*after] == b':') else { continue };
        match behind(text, after + 1).map(|start| (start, text[start])) {
            Some((start, b'"')) => {
                let Some(value) = string(text, start) else { break };
                at = value.end + 1;
                each(Pair { object, name: first.of(text), value });
            }
            Some((_, b'{')) => object = first.of(text),
            _ => {}
        }
    }
}

/// The next string from `at` on, without its quotes.
fn string(text: &[u8], at: usize) -> Option<Span> {
    let start = at + memchr::memchr(b'"', text.get(at..)?)? + 1;
    let mut end = start;
    loop {
        end += memchr::memchr2(b'"', b'\\', &text[end..])?;
        if text[end] == b'"' {
            return Some(Span::new(start, end));
        }
        end = (end + 2).min(text.len());
    }
}

/// The place of the next byte that is no white space.
fn behind(text: &[u8], at: usize) -> Option<usize> {
    Some(at + text.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?)
}

/// Ends of the names of secrets, in attributes and outputs.
const SECRET_NAMES: [&str; 9] = ["password", "passwd", "secret", "secret_key", "secret_access_key", "access_key", "private_key", "api_key", "token"];

fn is_secret_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|end| lower.strip_suffix(end.as_bytes()).is_some_and(|rest| rest.last().is_none_or(|byte| matches!(byte, b'_' | b'-'))))
}

/// The state of Terraform: attributes and outputs with the names of secrets, and drawn passwords.
pub(super) fn terraform(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    let mut kind: &[u8] = b"";
    pairs(text, |Pair { object, name, value }| {
        let bytes = value.of(text);
        if name == b"type" {
            kind = bytes;
        }
        let is_drawn = name == b"result" && kind == b"random_password";
        let is_output = name == b"value" && is_secret_name(object);
        // What only names a secret is none.
        let is_name = bytes.starts_with(b"arn:") || bytes.starts_with(b"/") || memchr::memmem::find(bytes, b"://").is_some();
        if (is_secret_name(name) || is_drawn || is_output) && !is_name {
            add(Entry { value, form: Form::Password, user: b"", host: None, what: "a secret in the state of Terraform" });
        }
    });
}

/// The credentials of Composer, each in an object that is called after its host.
pub(super) fn composer(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    const KINDS: [&[u8]; 4] = [b"github-oauth", b"gitlab-token", b"gitlab-oauth", b"bearer"];
    if memchr::memmem::find(text, b"\"http-basic\"").is_none() && !KINDS.iter().any(|kind| memchr::memmem::find(text, kind).is_some()) {
        return;
    }
    pairs(text, |Pair { object, name, value }| {
        if name == b"password" {
            add(Entry { value, form: Form::Password, user: b"", host: Some(object), what: "the password for a repository of Composer" });
        } else if KINDS.contains(&object) {
            add(Entry { value, form: Form::Token, user: b"", host: Some(name), what: "the token for a repository of Composer" });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_read_as_far_as_they_go() {
        let text = br#"{"a": {"b": "c\"d", "e": 5, "f": ["g", {"h" : "i"}]}, "j": "cut off"#;
        let mut found = Vec::new();
        pairs(text, |pair| found.push((pair.object, pair.name, pair.value.of(text))));
        let expected: [(&[u8], &[u8], &[u8]); 2] = [(b"a", b"b", b"c\\\"d"), (b"a", b"h", b"i")];
        assert_eq!(found, expected);
        pairs(b"\"\\", |_| panic!("there is nothing"));
    }

    #[test]
    fn names_of_secrets_are_known_by_their_ends() {
        for name in ["password", "master_password", "secret", "client_secret", "DB-PASSWORD"] {
            assert!(is_secret_name(name.as_bytes()), "{name}");
        }
        for name in ["password_length", "secret_name", "hypersecret", "passwords"] {
            assert!(!is_secret_name(name.as_bytes()), "{name}");
        }
    }
}
