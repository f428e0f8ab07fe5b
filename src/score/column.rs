//! Columns of tables and of separated values: the header of a value's column is its name.

use super::name;
use super::place::Place;
use crate::span::{Span, line_above, line_around};

/// Bytes of separated values in which the header on the first line is the name of a value.
pub(super) const REACH: usize = 64 * 1024;
/// Longer lines are no rows.
const LONGEST_ROW: usize = 8 * 1024;

/// So many cells of a row are looked at beside one.
const MOST_CELLS: usize = 64;

/// Cells that are longer, or shorter, hold no secret that nothing but a header tells.
const CELL: std::ops::RangeInclusive<usize> = 16..=160;

/// The name that the header of its column gives to a token that no operator assigns to another one. The values of a table in a text are told by less ([`header`]).
pub(super) fn name(text: &[u8], token: Span, place: &Place) -> Option<Span> {
    if place.is_assigned || place.callee.is_some() {
        return None;
    }
    named(text, token).or_else(|| name_beside(text, token))
}

/// The header of a token's column, if it names a credential and the token is all of its cell.
pub(super) fn named(text: &[u8], token: Span) -> Option<Span> {
    let is_border = |at: Option<&u8>| matches!(at, None | Some(b',' | b';' | b'\t' | b'"' | b'|' | b' ' | b'`' | b'\n' | b'\r'));
    if token.start > REACH || !is_border(token.start.checked_sub(1).map(|at| &text[at])) || !is_border(text.get(token.end)) {
        return None;
    }
    let header = header(text, token)?;
    let lead = header.of(text).iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let inside = header.of(text)[lead..].trim_ascii_end();
    let inside = inside.strip_suffix(b"\"").unwrap_or(inside);
    let header = Span::new(header.start + lead, header.start + lead + inside.len());
    (header.len() < 60 && name::is_credential(header.of(text))).then_some(header)
}

/// The cells beside a token in its row whose headers name credentials, too.
pub fn credentials_beside(text: &[u8], token: Span) -> Vec<Span> {
    if !is_cell(text, token) || header(text, token).is_none() {
        return Vec::new();
    }
    let line = line_around(text, token.start);
    let Some(separator) = separator(line.of(text)) else { return Vec::new() };
    let cells = cells(text, line, separator).take(MOST_CELLS);
    let is_filler = |byte: &u8| matches!(byte, b'"' | b' ' | b'\r');
    let inside = cells.map(|cell| {
        let lead = cell.of(text).iter().take_while(|byte| is_filler(byte)).count();
        let n = cell.len() - lead;
        Span::new(cell.start + lead, cell.end - cell.of(text).iter().rev().take(n).take_while(|byte| is_filler(byte)).count())
    });
    let is_secret = |cell: &Span| header(text, *cell).is_some_and(|header| name::is_credential(header.of(text)));
    inside.filter(|cell| !cell.is_empty() && !cell.overlaps(token)).filter(is_secret).collect()
}

/// Whether a token may be all of a cell of separated values, by what stands right around it.
pub(super) fn is_cell(text: &[u8], token: Span) -> bool {
    let is_quoted = token.start > 0 && text[token.start - 1] == b'"' && text.get(token.end) == Some(&b'"');
    let (start, end) = if is_quoted { (token.start - 1, token.end + 1) } else { (token.start, token.end) };
    let before = start.checked_sub(1).map_or(b'\n', |at| text[at]);
    let after = text.get(end).copied().unwrap_or(b'\n');
    let is_separator = |byte: u8| matches!(byte, b',' | b';' | b'\t');
    let is_row = is_separator(before) && (is_separator(after) || matches!(after, b'\n' | b'\r')) || before == b'\n' && is_separator(after);
    is_row && token.start <= REACH && CELL.contains(&token.len())
}

/// The header of the column of a Markdown table or of separated values in which the token stands.
pub(super) fn header(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    if line.len() > LONGEST_ROW {
        return None;
    }
    let left = &text[line.start..token.start];
    let is_table = left.trim_ascii_start().starts_with(b"|");
    // Hardly any text begins with a row.
    let first = line_around(text, 0);
    if !is_table && (first.start == line.start || memchr::memchr3(b',', b'\t', b';', first.of(text)).is_none()) {
        return None;
    }
    let separator = if is_table { b'|' } else { separator(line.of(text))? };
    let header = if is_table { top_of_table(text, line) } else { first };
    let is_code = header.of(text).iter().any(|byte| matches!(byte, b'(' | b'{' | b'='));
    if header.start == line.start || is_code || cells(text, header, separator).count() != cells(text, line, separator).count() {
        return None;
    }
    let column = cells(text, line, separator).position(|cell| cell.end >= token.start)?;
    cells(text, header, separator).nth(column)
}

/// The first row of the Markdown table that `row` belongs to.
fn top_of_table(text: &[u8], row: Span) -> Span {
    const MOST_ROWS: usize = 200;
    let mut top = row;
    for _ in 0..MOST_ROWS {
        let Some(above) = line_above(text, top.start) else { break };
        if !above.of(text).trim_ascii_start().starts_with(b"|") {
            break;
        }
        top = above;
    }
    top
}

/// The cells of a token's row before its own, without what stands around their text, if they have headers.
pub(super) fn cells_before(text: &[u8], token: Span) -> impl Iterator<Item = Span> {
    let line = line_around(text, token.start);
    let before = Span::new(line.start, token.start);
    let separator = || if before.of(text).trim_ascii_start().starts_with(b"|") { Some(b'|') } else { separator(line.of(text)) };
    let separator = header(text, token).and_then(|_| separator());
    let cells = separator.into_iter().flat_map(move |separator| cells(text, before, separator)).filter(move |cell| cell.end < token.start);
    cells
        .take(MOST_CELLS)
        .map(|cell| inside(text, cell, |byte| byte.is_ascii_alphanumeric() || byte >= 0x80))
        .filter(|cell| !cell.is_empty() && cell.len() < LONGEST_SUBJECT)
}

/// Longer cells say more than whose a token is.
const LONGEST_SUBJECT: usize = 60;

/// The name of a token in the row of a table: the cell right before it, if it is one word that names a credential (`| MISTRAL_API_KEY | … |`).
pub(super) fn name_beside(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    if !text[line.start..token.start].trim_ascii_start().starts_with(b"|") {
        return None;
    }
    let cell = cells_before(text, token).last()?;
    let is_name = cell.of(text).iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    (is_name && name::is_credential(cell.of(text))).then_some(cell)
}

/// The part of a cell from the first byte that is text to the last.
fn inside(text: &[u8], cell: Span, is_text: impl Fn(u8) -> bool) -> Span {
    let first = cell.of(text).iter().position(|byte| is_text(*byte)).unwrap_or(cell.len());
    let n = cell.of(text).iter().rposition(|byte| is_text(*byte)).map_or(0, |last| last + 1 - first);
    Span::new(cell.start + first, cell.start + first + n)
}

/// What separates the values of a row.
fn separator(row: &[u8]) -> Option<u8> {
    [b',', b'\t', b';'].into_iter().find(|separator| row.contains(separator))
}

/// The cells of a row, with all that stands between its separators.
pub(super) fn cells(text: &[u8], row: Span, separator: u8) -> impl Iterator<Item = Span> {
    let mut start = row.start;
    let ends = memchr::memchr_iter(separator, row.of(text)).map(move |i| row.start + i).chain([row.end]);
    ends.map(move |end| {
        let cell = Span::new(start, end);
        start = end + 1;
        cell
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_credentials_of_a_row_are_known() {
        let text = b"user,api_token,password\nu,0123456789abcdef,\"Wq7!pz\"\n";
        let beside = credentials_beside(text, Span::new(26, 42));
        assert_eq!(beside.iter().map(|span| span.of(text)).collect::<Vec<_>>(), [b"Wq7!pz"]);
        assert!(credentials_beside(b"0123456789abcdef,x", Span::new(0, 16)).is_empty());
    }

    #[test]
    fn the_header_of_a_column_is_the_name_of_its_values() {
        let named = |text: &str| {
            let at = text.find("KEY").expect("it is there");
            named(text.as_bytes(), Span::new(at, at + 3)).map(|name| text[name.start..name.end].to_owned())
        };
        for text in ["user,api_token\na,b\nc,KEY\n", "\"user\",\"api_token\"\n\"a\",\"KEY\"\n", "api_token;user\nKEY;a\n", "user\tapi_token\r\na\tKEY\r\n"] {
            assert_eq!(named(text).as_deref(), Some("api_token"), "{text}");
        }
        for text in ["user,api_token\na,b,KEY\n", "user,digest\na,KEY\n", "f(user, api_token)\na,KEY\n", "user,api_token\na,xKEY\n", "user,api_token,KEY\n"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_cell_is_told_by_what_stands_around_it() {
        let key = "k7Q".repeat(8);
        for (before, after, expected) in
            [(",", "\n", true), (",\"", "\",", true), ("\n", "\t", true), (" ", ",", false), (",", " ", false), ("\n", "\n", false)]
        {
            let text = format!("{before}{key}{after}");
            assert_eq!(is_cell(text.as_bytes(), Span::new(before.len(), before.len() + key.len())), expected, "{text:?}");
        }
    }
}
