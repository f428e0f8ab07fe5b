//! Tables with a column of passwords beside one of users: rows of Markdown and of Gherkin (`| user | password |`), and separated values. The header is the
//! name of all that stands below it. Whether a name heads a column is decided by its line alone.

use super::insert::is_digest;
use super::{Assignment, LONGEST_VALUE, Operator};
use crate::span::{Span, line_above, line_around};

/// How far below its header a table is read.
const REACH: usize = 8 << 10;
/// Longer lines are no headers.
const LONGEST_HEADER: usize = 400;
/// What may stand around the text of a cell; before the first one the mark of the byte order.
const AROUND: &[u8] = b" \t\r\"'`*\xEF\xBB\xBF";

/// The columns of a table by its header.
struct Columns {
    header: Span,
    separator: u8,
    n: usize,
    /// The one of the name.
    nth: usize,
}

/// Whether `name` heads a column.
pub(super) fn heads(text: &[u8], name: Span) -> bool {
    columns(text, name).is_some()
}

/// The values of the column that `name` heads.
pub(super) fn read(text: &[u8], name: Span) -> Vec<Assignment> {
    let Some(columns) = columns(text, name) else { return Vec::new() };
    let is_row = |line: Span| columns.is_row(line.of(text));
    if line_above(text, columns.header.start).is_some_and(is_row) {
        return Vec::new();
    }
    let end = text.len().min(columns.header.end + REACH);
    let starts = memchr::memchr_iter(b'\n', &text[columns.header.end..end]).map(|n| columns.header.end + n + 1);
    let rows = starts.map(|start| line_around(&text[..end], start.min(end))).take_while(|line| is_row(*line));
    rows.filter_map(|row| columns.value(text, row, name)).collect()
}

/// The columns of the table of whose header `name` is a cell.
fn columns(text: &[u8], name: Span) -> Option<Columns> {
    if !is_cell(text, name) || !heads_passwords(name.of(text)) {
        return None;
    }
    let header = line_around(text, name.start);
    if header.len() > LONGEST_HEADER {
        return None;
    }
    let line = header.of(text).trim_ascii();
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let is_of_title = |byte: &u8| byte.is_ascii_alphanumeric() || b"_- \"'".contains(byte);
    let separator = match line.first()? {
        b'|' => b'|',
        _ => *line.iter().find(|byte| matches!(byte, b',' | b';' | b'\t'))?,
    };
    let is_sound = separator == b'|'
        || line.split(|byte| *byte == separator).all(|cell| !cell.trim_ascii().is_empty() && !cell.starts_with(b" ") && cell.iter().all(is_of_title));
    let nth = memchr::memchr_iter(separator, &text[header.start..name.start]).count();
    let columns = Columns { header, separator, n: memchr::memchr_iter(separator, header.of(text)).count() + 1, nth };
    (is_sound && columns.n > 1 && has_users(line, separator) && columns.cell(text, header)? == name).then_some(columns)
}

/// Whether a header is that of passwords.
fn heads_passwords(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == b"pass" || [b"password".as_slice(), b"passwords", b"passwd", b"passphrase", b"pwd"].iter().any(|end| lower.ends_with(end))
}

/// Whether a column says whose the passwords are: others are of what passes or fails, or of what is said about passwords.
fn has_users(header: &[u8], separator: u8) -> bool {
    const USERS: [&[u8]; 5] = [b"user", b"login", b"email", b"e-mail", b"account"];
    let is_of_users = |cell: &[u8]| {
        let lower = cell.to_ascii_lowercase();
        !lower.windows(4).any(|part| part == b"pass") && USERS.iter().any(|user| memchr::memmem::find(&lower, user).is_some())
    };
    header.split(|byte| *byte == separator).any(is_of_users)
}

/// Whether a name is all of a cell, by what stands beside it: most are not.
fn is_cell(text: &[u8], name: Span) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| b"|,;\t\r\n".contains(byte));
    let is_around = |byte: &&u8| !b" \"'`*\xEF\xBB\xBF".contains(byte);
    ends(text[name.end..].iter().take(LONGEST_HEADER).find(is_around)) && ends(text[..name.start].iter().rev().take(LONGEST_HEADER).find(is_around))
}

impl Columns {
    fn is_row(&self, line: &[u8]) -> bool {
        (self.separator != b'|' || line.trim_ascii_start().starts_with(b"|")) && memchr::memchr_iter(self.separator, line).count() + 1 == self.n
    }

    /// The text of the cell of the column in `row`.
    fn cell(&self, text: &[u8], row: Span) -> Option<Span> {
        let cell = row.of(text).split(|byte| *byte == self.separator).nth(self.nth)?;
        let before: usize = row.of(text).split(|byte| *byte == self.separator).take(self.nth).map(|cell| cell.len() + 1).sum();
        let n_lead = cell.iter().take_while(|byte| AROUND.contains(byte)).count();
        let n_behind = cell[n_lead..].iter().rev().take_while(|byte| AROUND.contains(byte)).count();
        Some(Span::new(row.start + before + n_lead, row.start + before + cell.len() - n_behind))
    }

    fn value(&self, text: &[u8], row: Span, name: Span) -> Option<Assignment> {
        let value = self.cell(text, row)?;
        let inside = value.of(text);
        let is_word =
            !inside.is_empty() && inside.len() <= LONGEST_VALUE && inside.iter().all(u8::is_ascii_graphic) && !inside.iter().all(|byte| b"-:".contains(byte));
        (is_word && !is_digest(inside)).then_some(Assignment { name, value, operator: Operator::Assigned, is_quoted: true, is_whole: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    fn values(text: &str) -> Vec<&str> {
        let at = text.to_ascii_lowercase().find("password").expect("the text has the name");
        let name = name_around(text.as_bytes(), at).expect("it is one");
        read(text.as_bytes(), name).iter().map(|found| &text[found.value.start..found.value.end]).collect()
    }

    #[test]
    fn a_header_names_its_column() {
        for text in [
            "| user | password |\n|---|:--:|\n| bob | v4lue |\n| eve | `w0rd` |\n",
            "  Examples:\n    | user | password |\n    | bob  | v4lue |\n    | eve | w0rd |\n\n",
            "|user|**Password**|\r\n|-|-|\r\n|bob|v4lue|\r\n|eve|w0rd|\r\n",
            "user,password,n\nbob,v4lue,1\neve,\"w0rd\",2\n",
            "user\tpassword\nbob\tv4lue\neve\tw0rd",
            "password;user\nv4lue;bob\nw0rd;eve\nend",
        ] {
            assert_eq!(values(text), ["v4lue", "w0rd"], "{text}");
        }
        for text in [
            "| user | the password |\n|---|---|\n| bob | v4lue |\n",
            "| password | it is asked for |\n",
            "f(user, password)\nbob, v4lue\n",
            "user,password\nbob\n",
            "user, password\nbob, v4lue\n",
            "| a | b |\n| password | v4lue |\n| c | w0rd |\n",
            "password\nv4lue\n",
        ] {
            assert_eq!(values(text), &[] as &[&str], "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "|", ",", "\n", "\"", " ", "\t", "\u{e9}", "x"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    for last in junk {
                        values(&format!("{left}{middle}password{right}{last}{left}{middle}"));
                    }
                }
            }
        }
    }
}
