//! Headers of requests, and what makes one: `Authorization: Basic …` and `Bearer …`, cookies, the option of curl for a user, and docker's settings, which hold
//! the same as `Basic`.
//!
//! What a random token is a secret of is told by what stands before it (`header_of`); the rest is announced by literals (`structure`). Whether it is a secret is for
//! the scoring stage.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::structure::{LONGEST_USER, Structure};
use crate::base64;
use crate::span::Span;

/// The longest user and password in base64, and the longest header of cookies.
const LONGEST_CREDENTIALS: usize = 4 << 10;
const LONGEST_COOKIES: usize = 4 << 10;
/// The longest name of a scheme of an `Authorization` header, those that have no token behind them, and those that are written in small letters.
const LONGEST_SCHEME_OF_TOKEN: usize = 12;
const NO_TOKENS: [&[u8]; 8] = [b"Basic", b"Digest", b"Negotiate", b"NTLM", b"HMAC", b"Signature", b"Kerberos", b"OAuth1"];
const SMALL_SCHEMES: [&[u8]; 6] = [b"token", b"bearer", b"apikey", b"api-key", b"key", b"oauth"];
/// What servers call the header among the variables that a request makes.
const IN_ENVIRONMENT: &[u8] = b"HTTP_AUTHORIZATION";
/// How far before a token what announces a header is looked for.
const REACH: usize = 80;

/// The header of a request, or the option of curl that makes one, that a random `token` is a secret of, and where what it holds stands. These are told by what
/// stands before a token, for their literals are frequent, and a search for more of them would be slower.
pub fn header_of(text: &[u8], token: Span) -> Option<(Structure, Span)> {
    let left = &text[token.start.saturating_sub(REACH)..token.start];
    let at = |literal: &[u8]| memchr::memmem::rfind(left, literal).map(|at| token.start - left.len() + at);
    let (structure, place) = match left.last()? {
        b' ' if left.ends_with(b"Bearer ") || is_behind_scheme(left) => {
            (Structure::BearerToken, credentials(text, token.start, |byte| base64::value(byte).is_some() || matches!(byte, b'.' | b'~' | b'='), 20)?)
        }
        // Express writes `s:` before what it signs.
        b'=' | b'%' | b'A' if left.ends_with(b"=") || left.ends_with(b"=s%") || left.ends_with(b"=s%3A") => {
            (Structure::SessionCookie, cookie(text, at(b"kie")?)?)
        }
        b':' => (Structure::BasicAuth, option(text, at(b" -u ")? + b" -u ".len())?),
        b'"' | b'\'' if is_private_member(left) => {
            (Structure::JsonWebKey, credentials(text, token.start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'), 22)?)
        }
        b' ' if left.ends_with(b"Basic ") => (Structure::BasicAuth, encoded(text, token.start)?),
        _ => return None,
    };
    place.contains(token).then_some((structure, place))
}

/// Whether the text ends with the name of an `Authorization` header and a scheme that takes a token: `Authorization: Token `, `'Authorization': 'SSWS '`.
fn is_behind_scheme(left: &[u8]) -> bool {
    let Some(before) = left.strip_suffix(b" ") else { return false };
    let n_scheme = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let (before, scheme) = before.split_at(before.len() - n_scheme);
    let takes_other = || NO_TOKENS.iter().any(|other| scheme.eq_ignore_ascii_case(other));
    let is_between = |byte: &u8| matches!(byte, b' ' | b':' | b'=' | b'>' | b',' | b'"' | b'\'' | b'\\' | b'[' | b']');
    let n_between = before.iter().rev().take(8).take_while(|byte| is_between(byte)).count();
    let (before, between) = before.split_at(before.len() - n_between);
    let is_of_header = || {
        if before.ends_with(IN_ENVIRONMENT) {
            return true;
        }
        let name = before.strip_suffix(b"uthorization").and_then(|before| before.split_last()).filter(|(first, _)| matches!(first, b'a' | b'A'));
        name.is_some_and(|(_, outer)| !outer.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')))
    };
    // In sentences it is a word like others.
    let is_given =
        || between.contains(&b':') || between.iter().any(|byte| matches!(byte, b'=' | b',')) && between.iter().any(|byte| matches!(byte, b'"' | b'\''));
    let is_name = || scheme[0].is_ascii_uppercase() || SMALL_SCHEMES.contains(&scheme);
    (2..=LONGEST_SCHEME_OF_TOKEN).contains(&n_scheme) && n_between > 0 && is_of_header() && is_given() && is_name() && !takes_other()
}

/// Whether the name of the private part of a JSON web key ends the text, `d` or `k`, with what stands between it and its value.
fn is_private_member(left: &[u8]) -> bool {
    let unquoted = |text: &[u8]| text.len() - text.iter().rev().take(3).take_while(|byte| matches!(byte, b'"' | b'\'' | b'\\')).count();
    let name = left[..unquoted(left)].trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    let Some(name) = name.map(|name| &name[..unquoted(name)]) else { return false };
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$');
    matches!(name, [.., before, b'd' | b'k'] if !is_inside(before))
}

/// What stands at `start` as far as `is_member` goes, if it is that long and no part of something longer.
fn credentials(text: &[u8], start: usize, is_member: impl Fn(u8) -> bool, least: usize) -> Option<Span> {
    let rest = &text[start..text.len().min(start + LONGEST_CREDENTIALS)];
    let n = rest.iter().position(|byte| !is_member(*byte)).unwrap_or(rest.len());
    // A sentence may end behind it.
    let n = n - usize::from(rest[..n].ends_with(b"."));
    let is_whole = rest
        .get(n)
        .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b')' | b']' | b'}' | b'<' | b'.'));
    (n >= least && is_whole).then_some(Span::new(start, start + n))
}

/// The base64 in `"auth": "…"`; at `at` stands `uth`.
pub(super) fn docker(text: &[u8], at: usize) -> Option<Span> {
    let name_at = at.checked_sub(2)?;
    let rest = text[name_at..text.len().min(at + LONGEST_CREDENTIALS)].strip_prefix(b"\"auth\"")?;
    let value = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let n = value.iter().position(|byte| !(base64::value(*byte).is_some() || *byte == b'='))?;
    let start = text.len().min(at + LONGEST_CREDENTIALS) - value.len();
    (n >= 8 && value[n] == b'"').then_some(Span::new(start, start + n))
}

/// The base64 behind `Basic` on the rest of a line that names an authorization; at `at` stands the end of its first syllable.
pub(super) fn basic(text: &[u8], at: usize) -> Option<Span> {
    const WORD: &[u8] = b"Basic ";
    let rest = &text[at..text.len().min(at + REACH)];
    let n = memchr::memchr2_iter(WORD[0], b'\n', rest).take_while(|n| rest[*n] != b'\n').find(|n| rest[*n..].starts_with(WORD))?;
    encoded(text, at + n + WORD.len())
}

/// User and password in base64.
fn encoded(text: &[u8], start: usize) -> Option<Span> {
    credentials(text, start, |byte| base64::value(byte).is_some() || byte == b'=', 8)
}

/// User and password behind an option, in quotes or not.
pub(super) fn option(text: &[u8], at: usize) -> Option<Span> {
    let quote = text.get(at).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let start = at + usize::from(quote.is_some());
    let rest = &text[start..text.len().min(start + LONGEST_USER)];
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote || *byte == b'\n',
        None => byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'|' | b';' | b'<' | b'>'),
    };
    let n = rest.iter().position(ends).unwrap_or(rest.len());
    let colon = memchr::memchr(b':', &rest[..n])?;
    (colon > 0 && colon + 1 < n).then_some(Span::new(start, start + n))
}

/// User and password behind curl's long option on the line of the address whose `://` stands at `at`. Other addresses stand in strings of code and in sentences,
/// of which most are told by the byte before them.
pub(super) fn user_beside_address(text: &[u8], at: usize) -> Option<Span> {
    static OPTION: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b" --user"));
    let n_scheme = if text[..at].ends_with(b"https") { 5 } else { 4 };
    let before = &text[..at.checked_sub(n_scheme)?];
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).strip_suffix(b" ")?;
    if !before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b' ')) {
        return None;
    }
    let floor = at.saturating_sub(LONGEST_USER);
    let start = floor + memchr::memrchr(b'\n', &text[floor..at]).map_or(0, |n| n + 1);
    let reach = text.len().min(at + LONGEST_USER);
    let end = at + memchr::memchr(b'\n', &text[at..reach]).unwrap_or(reach - at);
    let behind = start + OPTION.find(&text[start..end])? + OPTION.needle().len();
    matches!(text.get(behind), Some(b' ' | b'=')).then(|| option(text, behind + 1))?
}

/// A header of cookies, from its name to the end of its line; at `at` stands the end of the name.
fn cookie(text: &[u8], at: usize) -> Option<Span> {
    let start = at.checked_sub(b"coo".len())?;
    let rest = &text[at + b"kie".len()..text.len().min(at + LONGEST_COOKIES)];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    if !text[start..at].eq_ignore_ascii_case(b"coo") || !rest.trim_ascii_start().starts_with(b":") {
        return None;
    }
    let n = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let end = text.len().min(at + LONGEST_COOKIES) - rest.len() + n;
    memchr::memchr(b'=', &rest[..n]).map(|_| Span::new(start, end))
}
