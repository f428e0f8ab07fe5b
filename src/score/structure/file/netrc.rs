//! The file `.netrc`: words, and values behind them, whatever lines they stand on.

use super::{Entry, Form};
use crate::span::Span;

/// What the next word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Name,
    Host,
    User,
    Password,
    /// A value that does not matter.
    Other,
}

pub(super) fn read(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    // Of no machine nothing is said; a text that is no such file has no word of its own before the first one.
    let (mut host, mut user, mut is_inside): (&[u8], &[u8], bool) = (b"", b"", false);
    let (mut next, mut at) = (Next::Name, 0);
    while let Some(word) = word(text, at, next == Next::Name) {
        at = word.end;
        let bytes = word.of(text);
        let was = std::mem::replace(&mut next, Next::Name);
        match was {
            Next::Name => match bytes {
                b"machine" => (next, is_inside) = (Next::Host, true),
                b"default" => (host, user, is_inside) = (b"", b"", true),
                b"login" | b"user" => next = Next::User,
                b"password" | b"passwd" if is_inside => next = Next::Password,
                b"account" | b"macdef" => next = Next::Other,
                _ => {}
            },
            Next::Host => (host, user) = (bytes, b""),
            Next::User => user = bytes,
            Next::Password => {
                let value = super::unquoted(text, word);
                add(Entry { value, form: Form::Password, user, host: Some(host), what: "a password in a file of netrc" });
            }
            Next::Other => {}
        }
    }
}

/// The next word from `at` on; where a name is expected, comments are skipped.
fn word(text: &[u8], mut at: usize, is_name: bool) -> Option<Span> {
    loop {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match text.get(at)? {
            b'#' if is_name => at += memchr::memchr(b'\n', &text[at..]).unwrap_or(text.len() - at),
            b'"' if !is_name => {
                let rest = &text[at + 1..];
                let n = rest.iter().position(|byte| matches!(byte, b'"' | b'\n')).unwrap_or(rest.len());
                return Some(Span::new(at, text.len().min(at + n + 2)));
            }
            _ => {
                let n = text[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
                return Some(Span::new(at, at + n));
            }
        }
    }
}
