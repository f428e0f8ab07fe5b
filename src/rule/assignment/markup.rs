//! Elements of markup that have a name in one attribute, and in another one, or as their text, its value.

use super::Operator;
use crate::span::Span;

/// Attributes that hold the value of what another one names.
const VALUES: [&[u8]; 2] = [b"value", b"val"];
/// Attributes that name the text of their element.
const NAMING: [&[u8]; 2] = [b"name=", b"key="];
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
    let attribute = rest[..n_word].rsplit(|byte| *byte == b':').next().unwrap_or_default();
    if VALUES.iter().any(|value| attribute.eq_ignore_ascii_case(value)) {
        return Some((Operator::Assigned, at + n_word + 1));
    }
    let end = memchr::memchr2(b'<', b'>', rest).filter(|end| rest[*end] == b'>' && rest[*end - 1] != b'/')?;
    names_text(line, name).then_some((Operator::Enclosed, at + end + 1))
}

/// Whether an attribute that is there for it names the text of its element. A field of a form has none.
fn names_text(line: &[u8], name: Span) -> bool {
    let before = &line[name.start.saturating_sub(REACH)..name.start];
    let Some((_, attribute)) = before.split_last() else { return false };
    let opened = memchr::memrchr(b'<', attribute).map_or(&b""[..], |at| &attribute[at + 1..]);
    !opened.is_empty() && !opened.starts_with(b"input") && NAMING.iter().any(|naming| attribute.ends_with(naming))
}
