//! Elements of markup that have a name in one attribute, and in another one, or as their text, its value.

use super::Operator;
use crate::span::Span;

/// Attributes that hold the value of what another one names.
const VALUES: [&[u8]; 2] = [b"value", b"val"];
/// What stands before their names in a template, where the value is an expression.
const BINDS: [&[u8]; 4] = [b"", b"bind", b"v-bind", b"x-bind"];
/// Attributes that name the text of their element, and the elements whose text is a value then: others show theirs.
const NAMING: [&[u8]; 2] = [b"name=", b"key="];
const ELEMENTS: [&[u8]; 12] =
    [b"string", b"entry", b"property", b"setting", b"data", b"param", b"parameter", b"variable", b"item", b"const", b"define", b"arg"];
/// How far behind a name its element is read, and how far before it.
const REACH: usize = 120;

/// What gives a value to the `name` that an attribute holds, and where it ends; at `at` the next attribute begins: `name="password" value="…"`,
/// `android:name="password" android:value="…"`, `<string name="password" translatable="false">…</string>`.
pub(super) fn behind_attribute(line: &[u8], name: Span, at: usize) -> Option<(Operator, usize)> {
    let rest = line.get(at..)?;
    let rest = &rest[..rest.len().min(REACH)];
    let n_word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-')).count();
    if n_word == 0 || rest.get(n_word) != Some(&b'=') {
        return None;
    }
    let word = &rest[..n_word];
    let (space, attribute) = memchr::memrchr(b':', word).map_or((None, word), |colon| (Some(&word[..colon]), &word[colon + 1..]));
    if VALUES.iter().any(|value| attribute.eq_ignore_ascii_case(value)) {
        let is_bound = space.is_some_and(|space| BINDS.contains(&space));
        return (!is_bound).then_some((Operator::Assigned, at + n_word + 1));
    }
    let end = end_of_tag(rest).filter(|end| rest[*end - 1] != b'/')?;
    names_text(line, name).then_some((Operator::Enclosed, at + end + 1))
}

/// Where the tag ends whose attributes these are: at the first `>` outside of their values.
fn end_of_tag(attributes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, &byte) in attributes.iter().enumerate() {
        match (quote, byte) {
            (Some(opened), _) if opened == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at),
            (None, b'<') => return None,
            _ => {}
        }
    }
    None
}

/// Whether an attribute that is there for it names the text of its element.
fn names_text(line: &[u8], name: Span) -> bool {
    let before = &line[name.start.saturating_sub(REACH)..name.start];
    let Some((_, attribute)) = before.split_last() else { return false };
    let opened = memchr::memrchr(b'<', attribute).map_or(&b""[..], |at| &attribute[at + 1..]);
    let n_element = opened.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    ELEMENTS.contains(&&opened[..n_element]) && NAMING.iter().any(|naming| attribute.ends_with(naming))
}
