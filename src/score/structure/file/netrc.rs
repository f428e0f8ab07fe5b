//! The file `.netrc`, and the settings of clients of mail: words, and values behind them, whatever lines they stand on.

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

/// The words of a program.
pub(super) struct Words {
    hosts: &'static [&'static [u8]],
    /// Behind this one stands an entry for all other hosts.
    default: &'static [u8],
    users: &'static [&'static [u8]],
    passwords: &'static [&'static [u8]],
    /// Words whose values do not matter.
    others: &'static [&'static [u8]],
    what: &'static str,
}

/// Those of `.netrc`.
pub(super) const NETRC: Words = Words {
    hosts: &[b"machine"],
    default: b"default",
    users: &[b"login", b"user"],
    passwords: &[b"password", b"passwd"],
    others: &[b"account", b"macdef"],
    what: "a password in a file of netrc",
};

/// Those of msmtp, esmtp, fetchmail and getmail.
pub(super) const MAIL: Words = Words {
    hosts: &[b"host", b"hostname", b"server", b"poll", b"skip"],
    default: b"defaults",
    users: &[b"user", b"username", b"login"],
    passwords: &[b"password", b"pass"],
    others: &[b"account", b"passwordeval"],
    what: "a password in the settings of a client of mail",
};

pub(super) fn read(text: &[u8], words: &Words, add: &mut impl FnMut(Entry<'_>)) {
    // Of no machine nothing is said; a text that is no such file has no word of its own before the first one.
    let (mut host, mut user, mut is_inside): (&[u8], &[u8], bool) = (b"", b"", false);
    let (mut next, mut at) = (Next::Name, 0);
    while let Some(word) = word(text, at, next == Next::Name) {
        at = word.end;
        let bytes = word.of(text);
        let was = std::mem::replace(&mut next, Next::Name);
        match was {
            Next::Name if words.hosts.contains(&bytes) => (next, is_inside) = (Next::Host, true),
            Next::Name if bytes == words.default => (host, user, is_inside) = (b"", b"", true),
            Next::Name if words.users.contains(&bytes) => next = Next::User,
            Next::Name if words.passwords.contains(&bytes) && is_inside => next = Next::Password,
            Next::Name if words.others.contains(&bytes) => next = Next::Other,
            Next::Name | Next::Other => {}
            Next::Host => (host, user) = (bytes, b""),
            Next::User => user = super::unquoted(text, word).of(text),
            Next::Password => {
                let value = super::unquoted(text, word);
                add(Entry { value, form: Form::Password, user, host: Some(host), what: words.what });
            }
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
