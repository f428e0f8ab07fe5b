//! Calls and tuples that hold a user and a password: `auth=("user", "password")`, `new NetworkCredential("user", "password")`, `basic_auth "user", "password"`.

use super::super::{Assignment, LONGEST_NAME, is_name, opening, skip_spaces};
use super::{line, string_at};
use crate::span::Span;

/// Functions and types that take a user and a password, by how their names end.
const TAKE_BOTH: [&[u8]; 13] = [
    b"passwordcredentials",
    b"passwordcredential",
    b"passwordauthentication",
    b"passwordauthenticationtoken",
    b"networkcredential",
    b"basicauth",
    b"digestauth",
    b"basic_auth",
    b"digest_auth",
    b"http_auth",
    b"basic_authorize",
    b"basicauthorization",
    b"basicauthentication",
];
/// The same, where the name that tells goes on behind itself.
const GO_ON: [&[u8]; 4] = [b"().basic", b"().preemptive().basic", b"().digest", ENCODE];
const ENCODE: &[u8] = b"::Basic.encode_credentials";

/// Whether the name that has `uth` at `at` may be that of what takes a user and a password: it ends so, or is called. Every `author` is asked.
pub(in crate::rule::assignment) fn may_take_both(text: &[u8], at: usize) -> bool {
    let rest = &text[at..];
    let n = rest.iter().take(LONGEST_NAME).take_while(|byte| is_name(**byte)).count();
    let n_trimmed = rest[..n].iter().rev().take_while(|byte| matches!(byte, b'.' | b'-')).count();
    let is_called = || match rest.get(n) {
        Some(b'(') => true,
        Some(b' ') => &rest[..n] == b"uthorize",
        Some(b':') => rest[n..].starts_with(ENCODE),
        _ => false,
    };
    if n - n_trimmed == b"uth".len() { may_hold_both(text, at, &rest[b"uth".len()..]) } else { n_trimmed == 0 && is_called() }
}

/// Whether a user and a password may follow the name that `uth` at `at` ends: `auth=(`, `HTTPBasicAuth(`, `HttpAuth::`, `basic_auth "`; or, where it is an
/// instruction of Redis, the password alone.
fn may_hold_both(text: &[u8], at: usize, behind: &[u8]) -> bool {
    let mut next = skip_spaces(behind, 0);
    if behind.get(next) == Some(&b'=') {
        next = skip_spaces(behind, next + 1);
    }
    match behind.get(next) {
        Some(b'(') => true,
        _ if text[..at].ends_with(b"mastera") => true,
        Some(b':') => behind.starts_with(b"::"),
        Some(b'"' | b'\'' | b'`' | b'\\') => text[..at].ends_with(b"_a"),
        _ => false,
    }
}

/// The second string of a call or a tuple that holds a user and a password: `auth=("user", "password")`, `basic_auth "user", "password"`.
pub(super) fn read(text: &[u8], name: Span) -> Option<Assignment> {
    let called = name.of(text);
    let last = called.rsplit(|byte| *byte == b'.').next().unwrap_or(called);
    let ends_with = |known: &&[u8]| last.len() >= known.len() && last[last.len() - known.len()..].eq_ignore_ascii_case(known);
    let goes_on = matches!(text[name.end..], [b'(', b')', ..] | [b':', b':', ..]);
    let n_behind = GO_ON.iter().find(|behind| goes_on && text[name.end..].starts_with(behind)).map_or(0, |behind| behind.len());
    if n_behind == 0 && !last.eq_ignore_ascii_case(b"auth") && !TAKE_BOTH.iter().any(ends_with) {
        return None;
    }
    let line = line(text, name.end);
    let mut at = skip_spaces(line, name.end + n_behind);
    if line.get(at) == Some(&b'=') {
        at = skip_spaces(line, at + 1);
    }
    // Ruby's calls need no brackets.
    let is_bare = last.starts_with(b"basic_auth") && at > name.end && opening(line, at).is_some();
    if line.get(at) != Some(&b'(') && !is_bare {
        return None;
    }
    at = if is_bare { at } else { skip_spaces(line, at + 1) };
    let user_end = match opening(line, at) {
        Some((_, quote, inside)) => inside + memchr::memchr(quote, &line[inside..])? + 1,
        None => at + line[at..].iter().take_while(|byte| is_name(**byte)).count(),
    };
    let comma = skip_spaces(line, user_end);
    (user_end > at && line.get(comma) == Some(&b',')).then(|| string_at(text, name, comma + 1)).flatten()
}
