//! Values on the line below their name: a block scalar of YAML, the text of an element, the next argument of a command, a string behind a line that was broken.

use super::declaration::{column, lines};
use super::value::Made;
use super::{Assignment, LONGEST_VALUE, Operator, opening, skip_white, wrapper};
use crate::span::Span;

/// The one line of a block scalar whose head is at `at`.
pub(super) fn scalar(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let indent = |line: Span| line.of(text).iter().take_while(|byte| **byte == b' ').count();
    let own = column(text, name.start);
    let own_line = Span::new(name.start - own, name.start);
    let mut lines = lines(text, at).skip(1);
    let line = lines.next()?;
    let is_alone = lines.next().is_none_or(|next| indent(next) <= indent(own_line) || next.of(text).trim_ascii().is_empty());
    let value = line.of(text).trim_ascii();
    let start = line.start + indent(line);
    let is_one = is_alone && indent(line) > indent(own_line) && !value.is_empty() && value.len() <= LONGEST_VALUE;
    let value = Span::new(start, start + value.len());
    is_one.then_some(Assignment { name, value, operator: Operator::Assigned, is_quoted: false, is_whole: true })
}

/// The text of the element of this name whose first tag ends at `at`, if it is one word on a line of its own.
pub(super) fn element(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let mut lines = lines(text, at).skip(1);
    let (line, next) = (lines.next()?, lines.next()?);
    let value = line.of(text).trim_ascii();
    let end = next.of(text).trim_ascii().strip_prefix(b"</")?.strip_suffix(b">")?;
    let start = skip_white(&text[..line.end], line.start);
    let is_word = !value.is_empty() && value.len() <= LONGEST_VALUE && !value.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'<');
    let value = Span::new(start, start + value.len());
    (is_word && end == name.of(text)).then_some(Assignment { name, value, operator: Operator::Enclosed, is_quoted: false, is_whole: true })
}

/// What the line behind `at` holds as the next argument: all of an item of YAML, or a string of a list.
pub(super) fn next_item(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let line = lines(text, at).nth(1)?;
    let inside = line.of(text).trim_ascii();
    let item = inside.strip_prefix(b"- ").map_or(inside, <[u8]>::trim_ascii_start);
    let start = line.start + line.of(text).trim_ascii_end().len() - item.len();
    let item = item.strip_suffix(b",").unwrap_or(item);
    let quoted = [b"\"", b"'"].iter().find_map(|quote| item.strip_prefix(*quote)?.strip_suffix(*quote));
    let is_item = quoted.is_some() || inside.starts_with(b"- ");
    let value = quoted.unwrap_or(item);
    let start = start + usize::from(quoted.is_some());
    let is_value = is_item && !value.is_empty() && value.len() <= LONGEST_VALUE && value[0] != b'-' && !value.contains(&b' ');
    let value = Span::new(start, start + value.len());
    is_value.then_some(Assignment { name, value, operator: Operator::Following, is_quoted: quoted.is_some(), is_whole: true })
}

/// The string that the line behind `at` begins with, if the next one does not go on with it.
pub(super) fn broken(text: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let mut lines = lines(text, at).skip(1);
    let line = lines.next()?;
    let goes_on = |next: Span| matches!(next.of(text).trim_ascii_start().first(), Some(b'"' | b'\'' | b'+' | b'.' | b'%'));
    if lines.next().is_some_and(goes_on) && !line.of(text).trim_ascii_end().ends_with(b";") {
        return None;
    }
    let start = skip_white(&text[..line.end], line.start);
    let line = &text[..line.end];
    let (n_escapes, quote, inside) = opening(line, wrapper::skip(line, start))?;
    Made { line, name, operator: Operator::Assigned }.quoted(n_escapes, quote, inside)
}
