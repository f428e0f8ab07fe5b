//! Files of tags and calls: the settings of Maven, NuGet, FileZilla and WordPress.

use super::{Entry, Form, trimmed};
use crate::span::Span;

/// How far a tag, or a call, is read.
const REACH: usize = 1024;

/// The settings of Maven: what stands in the elements of passwords. What is encrypted stands in braces.
pub(super) fn maven(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for at in memchr::memmem::find_iter(text, b"<pass") {
        let rest = &text[at..text.len().min(at + REACH)];
        let Some(n_tag) = ["<password>", "<passphrase>"].into_iter().find(|tag| rest.starts_with(tag.as_bytes())).map(str::len) else { continue };
        let Some(n) = memchr::memchr(b'<', &rest[n_tag..]) else { continue };
        let value = trimmed(text, Span::new(at + n_tag, at + n_tag + n));
        add(Entry { value, form: Form::Password, user: b"", host: None, what: "a password in the settings of Maven" });
    }
}

/// The sites of FileZilla: `<Pass>`, mostly in base64. What a main password encrypts says so (`encoding="crypt"`).
pub(super) fn filezilla(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for at in memchr::memmem::find_iter(text, b"<Pass") {
        let rest = &text[at..text.len().min(at + REACH)];
        let forms = [("<Pass>", Form::Password), ("<Pass encoding=\"base64\">", Form::Encoded)];
        let Some((tag, form)) = forms.into_iter().find(|(tag, _)| rest.starts_with(tag.as_bytes())) else { continue };
        let Some(n) = memchr::memchr(b'<', &rest[tag.len()..]) else { continue };
        let value = trimmed(text, Span::new(at + tag.len(), at + tag.len() + n));
        let host = element(&text[at.saturating_sub(REACH)..at], b"<Host>");
        add(Entry { value, form, user: b"", host: Some(host), what: "the password of a site in FileZilla" });
    }
}

/// What stands in the last element that `tag` opens.
fn element<'a>(text: &'a [u8], tag: &[u8]) -> &'a [u8] {
    let inside = memchr::memmem::rfind(text, tag).map_or(&[][..], |at| &text[at + tag.len()..]);
    inside[..memchr::memchr(b'<', inside).unwrap_or(0)].trim_ascii()
}

/// The settings of NuGet: `<add key="ClearTextPassword" value="…" />`.
pub(super) fn nuget(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for at in memchr::memmem::find_iter(text, b"\"ClearTextPassword\"") {
        let before = &text[at.saturating_sub(REACH)..at];
        let Some(start) = memchr::memrchr(b'<', before).map(|n| at - before.len() + n) else { continue };
        let tag = &text[start..text.len().min(start + REACH)];
        let tag = &tag[..memchr::memchr(b'>', tag).unwrap_or(tag.len())];
        let Some(n_before) = memchr::memmem::find(tag, b"value=\"").map(|n| n + b"value=\"".len()) else { continue };
        let Some(n) = memchr::memchr(b'"', &tag[n_before..]) else { continue };
        let value = Span::new(start + n_before, start + n_before + n);
        add(Entry { value, form: Form::Password, user: b"", host: None, what: "a password in the settings of NuGet" });
    }
}

/// The settings of WordPress: `define('NAME', 'value')`.
pub(super) fn wordpress(text: &[u8], add: &mut impl FnMut(Entry<'_>)) {
    for at in memchr::memmem::find_iter(text, b"define") {
        let end = text.len().min(at + REACH);
        let Some((name, value)) = arguments(&text[..end], at + b"define".len()) else { continue };
        let (form, what) = match name.of(text) {
            b"DB_PASSWORD" => (Form::Password, "the password of the database of WordPress"),
            b"FTP_PASS" => (Form::Password, "the password by which WordPress updates itself"),
            b"AUTH_KEY" | b"SECURE_AUTH_KEY" | b"LOGGED_IN_KEY" | b"NONCE_KEY" | b"AUTH_SALT" | b"SECURE_AUTH_SALT" | b"LOGGED_IN_SALT" | b"NONCE_SALT" => {
                (Form::Phrase, "a key by which WordPress signs its cookies")
            }
            _ => continue,
        };
        add(Entry { value, form, user: b"", host: None, what });
    }
}

/// The two texts in parentheses that stand at `at`.
fn arguments(text: &[u8], at: usize) -> Option<(Span, Span)> {
    let open = skip(text, at, b'(')?;
    let name = quoted(text, open)?;
    let comma = skip(text, name.end + 1, b',')?;
    Some((name, quoted(text, comma)?))
}

/// The place behind `byte`, if it is the next one that is no white space.
fn skip(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    let next = at + text.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
    (text[next] == byte).then_some(next + 1)
}

/// The text in quotes that is next, without them.
fn quoted(text: &[u8], at: usize) -> Option<Span> {
    let open = at + text.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let quote = text[open];
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let mut end = open + 1;
    loop {
        end += memchr::memchr2(quote, b'\\', text.get(end..)?)?;
        if text[end] == quote {
            return Some(Span::new(open + 1, end));
        }
        end += 2;
    }
}
