//! Rows that SQL inserts: `INSERT INTO users (name, password) VALUES ('bob', '…')`. A column is named once, and its values stand in the rows behind.

use super::call::{behind_comma, end_of_argument};
use super::phrase::string_at;
use super::value::names_password;
use super::{Assignment, Operator, skip_white};
use crate::base64;
use crate::span::Span;

/// How far before its name the list of columns begins.
const BEFORE: usize = 800;
/// How far behind the name of a column the first row may stand.
pub const STATEMENT: usize = 1200;
/// How much of the rows is read.
const LONGEST: usize = 32 << 10;
/// The word before the rows; MySQL takes the shorter one, too, and a word before each row.
const VALUES: &[u8] = b"values";
const VALUE: &[u8] = b"value";
const ROW: &[u8] = b"row";
/// What may stand before `INTO`.
const BEFORE_INTO: [&str; 6] = ["insert", "replace", "ignore", "delayed", "low_priority", "high_priority"];
/// The least hexadecimal digits of a digest, and how many characters digests have in base64 that nothing pads.
const LEAST_DIGITS: usize = 16;
const DIGESTS_IN_BASE64: [usize; 3] = [32, 48, 64];

/// Whether a name of a line is that of a column into which a statement inserts.
pub(super) fn is_column(line: &[u8], name: Span) -> bool {
    let next = line[name.end..].iter().find(|byte| !is_quote(**byte) && !byte.is_ascii_whitespace());
    matches!(next, None | Some(b',' | b')')) && nth(line, name).is_some()
}

/// Which column of a statement that inserts rows a name is.
fn nth(text: &[u8], name: Span) -> Option<usize> {
    let before = &text[name.start.saturating_sub(BEFORE)..name.start];
    let open = memchr::memrchr(b'(', before)?;
    let columns = &before[open + 1..];
    let is_of_column =
        |byte: &u8| byte.is_ascii_alphanumeric() || is_quote(*byte) || matches!(byte, b'_' | b'$' | b'[' | b',' | b'.') || byte.is_ascii_whitespace();
    // The name of the table stands between the words and the list.
    let is_insert = || {
        let words = before[..open].trim_ascii_end();
        let (before, table) = words.split_at(start_of_table(words));
        !table.is_empty() && inserts(before, table)
    };
    (columns.iter().all(is_of_column) && is_insert()).then(|| memchr::memchr_iter(b',', columns).count())
}

/// Where the name of a table begins that ends `words`. In brackets and between backticks it may have blanks, and before that of a table for a while stands `#`.
fn start_of_table(words: &[u8]) -> usize {
    let is_of_table = |byte: &u8| byte.is_ascii_alphanumeric() || is_quote(*byte) || matches!(byte, b'_' | b'$' | b'[' | b'.' | b'#');
    let mut start = words.len();
    loop {
        start -= words[..start].iter().rev().take_while(|byte| is_of_table(byte)).count();
        let count = |mark: u8| memchr::memchr_iter(mark, &words[start..]).count();
        let opening = match () {
            () if count(b'[') < count(b']') => b'[',
            () if !count(b'`').is_multiple_of(2) => b'`',
            () => return start,
        };
        match memchr::memrchr2(opening, b'\n', &words[..start]).filter(|at| words[*at] == opening) {
            Some(open) => start = open,
            None => return start,
        }
    }
}

/// Whether the words before the name of a table insert into it: `INSERT INTO`, with a word of MySQL or SQLite between, `REPLACE INTO`, Hive's `INSERT OVERWRITE
/// TABLE`, and `INSERT` and `REPLACE` alone in capitals, or before a name in brackets. In a comment a call may stand on the line behind them.
fn inserts(before: &[u8], table: &[u8]) -> bool {
    let blanks = &before[before.trim_ascii_end().len()..];
    let mut words = before.rsplit(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let is = |word: &[u8], known: &str| word.len() >= known.len() && word[word.len() - known.len()..].eq_ignore_ascii_case(known.as_bytes());
    let (last, before_last) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_said = last.iter().all(u8::is_ascii_uppercase) || !blanks.contains(&b'\n');
    match () {
        () if blanks.is_empty() => false,
        () if last.eq_ignore_ascii_case(b"into") => is_said && BEFORE_INTO.iter().any(|known| is(before_last, known)),
        () if last.eq_ignore_ascii_case(b"table") => is_said && before_last.eq_ignore_ascii_case(b"overwrite"),
        () if table.first() == Some(&b'[') => is(last, "insert"),
        () => !blanks.contains(&b'\n') && (last.ends_with(b"INSERT") || last.ends_with(b"REPLACE")),
    }
}

/// Whether a byte may stand around the name of a column; a string of a program escapes some.
fn is_quote(byte: u8) -> bool {
    matches!(byte, b'`' | b'"' | b'\'' | b']' | b'\\')
}

/// The value of the column `name` in the first row that has one.
pub(super) fn first_row(text: &[u8], name: Span) -> Option<Assignment> {
    values(&text[..text.len().min(name.end + STATEMENT)], name)?.next()
}

/// What the rows behind the one with the value `first` hold in the column `name`, if that is a value of it.
pub fn next_rows(text: &[u8], name: Span, first: Span) -> Vec<Assignment> {
    let is_column = is_column(&text[..text.len().min(name.end + STATEMENT)], name);
    let Some(mut rows) = is_column.then(|| values(&text[..text.len().min(first.end + LONGEST)], name)).flatten() else { return Vec::new() };
    let is_value = rows.find(|row| row.value.start >= first.start).is_some_and(|row| row.value == first);
    if is_value { rows.collect() } else { Vec::new() }
}

/// The values of the column `name`, row by row.
fn values(text: &[u8], name: Span) -> Option<impl Iterator<Item = Assignment>> {
    let values = skip_pieces(text, name.end + memchr::memchr(b')', &text[name.end..])? + 1);
    let behind = behind_word(text, values, VALUES).or_else(|| behind_word(text, values, VALUE))?;
    let nth = nth(text, name)?;
    let first = opening_of_row(text, behind);
    let rows = std::iter::successors(first, |open| next_row(text, *open + 1));
    Some(rows.filter_map(move |open| in_row(text, name, open, nth)))
}

/// The value of the column `name`, the `nth` one, in the row that opens at `open`.
fn in_row(text: &[u8], name: Span, open: usize, nth: usize) -> Option<Assignment> {
    let at = (0..nth).try_fold(open + 1, |at, _| behind_comma(text, at))?;
    let found = string_at(text, name, skip_white(text, at))?;
    let is_sealed = names_password(name.of(text)) && is_digest(found.value.of(text));
    (!is_sealed).then_some(Assignment { operator: Operator::Assigned, is_whole: true, ..found })
}

/// Whether a value is what a table keeps instead of a password: base64 of a usual length, or a long run of hexadecimal digits, whatever says before and behind it
/// how it was made.
pub(super) fn is_digest(value: &[u8]) -> bool {
    let is_base64 = DIGESTS_IN_BASE64.contains(&value.len()) && value.iter().all(|&byte| base64::value(byte).is_some());
    let is_parted = value.iter().filter(|byte| **byte == b'$').count() > 1;
    let has_run = value.chunk_by(|a, b| a.is_ascii_hexdigit() == b.is_ascii_hexdigit()).any(|run| run.len() >= LEAST_DIGITS && run[0].is_ascii_hexdigit());
    value.ends_with(b"=") || is_base64 || is_parted || has_run
}

/// Where the row opens behind the one in which `at` is.
fn next_row(text: &[u8], mut at: usize) -> Option<usize> {
    let close = loop {
        let end = end_of_argument(text, at)?;
        if text[end] != b',' {
            break end;
        }
        at = end + 1;
    };
    // Behind the string of a program stand its arguments.
    let comma = skip(text, close + 1, u8::is_ascii_whitespace);
    (text.get(comma) == Some(&b',')).then(|| opening_of_row(text, comma + 1))?
}

/// Where the row opens that is next behind `at`.
fn opening_of_row(text: &[u8], at: usize) -> Option<usize> {
    let at = skip_pieces(text, at);
    let open = behind_word(text, at, ROW).map_or(at, |behind| skip_pieces(text, behind));
    (text.get(open) == Some(&b'(')).then_some(open)
}

/// What stands behind a `word` at `at`, in either case, if that stands there.
fn behind_word(text: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    text.get(at..at + word.len())?.eq_ignore_ascii_case(word).then_some(at + word.len())
}

/// Skips what stands between the parts of a statement, which a program may hold in pieces.
fn skip_pieces(text: &[u8], at: usize) -> usize {
    skip(text, at, |byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'+' | b'.' | b'\\'))
}

/// Skips bytes, and the comments between them.
fn skip(text: &[u8], mut at: usize, is_between: impl Fn(&u8) -> bool) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let n = rest.iter().take_while(|byte| is_between(byte)).count();
        let n_comment = match &rest[n..] {
            comment @ ([b'-', b'-', ..] | [b'#', ..]) => memchr::memchr(b'\n', comment),
            [b'/', b'*', comment @ ..] => memchr::memmem::find(comment, b"*/").map(|end| b"/*".len() + end + b"*/".len()),
            _ => None,
        };
        at += n + n_comment.unwrap_or(0);
        if n_comment.is_none() {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::{name_around, read};

    #[test]
    fn each_row_has_a_value_of_the_column() {
        let text =
            "INSERT INTO `users` (`id`, `password`, `n`) VALUES\n (1, 'v4lue', f(1, 2)),\n (2, 'se(c,ond', 'x)'),\n (3, NULL, ''), (4, 'f4urth', '');\n('no')";
        let at = text.find("password").expect("it has the name");
        let name = name_around(text.as_bytes(), at).expect("it is a name");
        let first = read(text.as_bytes(), name).expect("it has a value").value;
        assert_eq!(first.of(text.as_bytes()), b"v4lue");
        let others = next_rows(text.as_bytes(), name, first);
        assert_eq!(others.iter().map(|found| found.value.of(text.as_bytes())).collect::<Vec<_>>(), [b"se(c,ond".as_slice(), b"f4urth"]);
    }

    /// The values of the column `password`, or of the one called `secret`, in `text`.
    fn all<'a>(text: &'a str, column: &str) -> Vec<&'a str> {
        let name = name_around(text.as_bytes(), text.find(column).expect("it has the name")).expect("it is a name");
        let Some(first) = read(text.as_bytes(), name) else { return Vec::new() };
        let others = next_rows(text.as_bytes(), name, first.value);
        std::iter::once(first).chain(others).map(|found| &text[found.value.start..found.value.end]).collect()
    }

    #[test]
    fn rows_are_read_in_every_dialect() {
        for text in [
            "INSERT INTO users (id, password) VALUES (1, NULL), (2, 'v4lue');",
            "INSERT INTO users (id, password) VALUES\n  -- the (first) one\n  (1, DEFAULT), /* and\n another, */ (2, 'v4lue');",
            "INSERT INTO users (name, password) VALUES ('it\\'s, (he', 'v4lue')",
            "INSERT INTO users (name, password) VALUES ('it''s, (he', 'v4lue')",
            "execute('INSERT INTO users (name, password) VALUES (\\'bob\\', \\'v4lue\\')')",
            "REPLACE INTO users (password) VALUES ('v4lue')",
            "INSERT IGNORE INTO `users`(`password`) VALUES ('v4lue')",
            "INSERT OR REPLACE INTO users (password) VALUES ('v4lue')",
            "INSERT [dbo].[Users] ([Id], [password]) VALUES (N'1', N'v4lue')",
            "INSERT users (id, password) VALUES (1, 'v4lue')",
            "REPLACE users (id, password) VALUE (1, 'v4lue')",
            "insert delayed into users (password) values ('v4lue')",
            "INSERT LOW_PRIORITY INTO users (password) VALUES ROW('v4lue');",
            "INSERT INTO users (id, password) VALUES ROW(1, NULL), ROW (2, 'v4lue');",
            "INSERT OVERWRITE TABLE users (id, password) VALUES (1, 'v4lue')",
            "INSERT INTO users (\n  id,\n  password\n) VALUES (\n  1,\n  'v4lue'\n);",
            "INSERT INTO\n  users\n  (id, name,\n   password)\nVALUES (1, 'bob', 'v4lue');",
            "INSERT INTO #users (id, password) VALUES (1, 'v4lue')",
            "INSERT INTO `my app`.`all users` (`id`, `password`) VALUES (1, 'v4lue');",
            "INSERT INTO [App Db].[dbo].[All Users] ([id], [password]) VALUES (1, N'v4lue')",
            "INSERT INTO users (id, password) VALUES # the first\n(1, NULL), # and\n(2, 'v4lue');",
        ] {
            assert_eq!(all(text, "password"), ["v4lue"], "{text}");
        }
        let rows = "INSERT INTO users (id, password) VALUES (1, NULL), (2, 'a1\\'b'), -- or\n (3, 'c2'),\n (4, '');";
        assert_eq!(all(rows, "password"), ["a1\\'b", "c2"]);
    }

    #[test]
    fn other_lists_and_statements_are_none() {
        for text in [
            "insert users (password) values ('v4lue')",
            "INSERT\n users (password) values ('v4lue')",
            "create table users (password) values ('v4lue')",
            "upsert into users (password) values ('v4lue')",
            "SELECT * INTO users (password) VALUES ('v4lue')",
            "create(\n  name,\n  password\n) values ('v4lue')",
            "INSERT INTO users (password) -- VALUES ('v4lue')",
            "INSERT INTO users (password) /* VALUES ('v4lue')",
            "INSERT INTO users (password) VALUES (NULL) -- , ('v4lue')",
        ] {
            assert_eq!(all(text, "password"), [""; 0], "{text}");
        }
    }

    #[test]
    fn only_columns_of_passwords_hold_digests() {
        let digits = "0123456789abcdef".repeat(2);
        for column in ["api_secret", "token"] {
            assert_eq!(all(&format!("INSERT INTO users ({column}, id) VALUES ('{digits}', 1)"), column), [digits.as_str()], "{column}");
        }
    }

    #[test]
    fn the_arguments_of_a_statement_are_no_row() {
        let text = "execute(\"INSERT INTO users (password, name) VALUES ('v4lue', %s)\", (\"other\", 1))";
        let name = name_around(text.as_bytes(), text.find("password").expect("it has the name")).expect("it is a name");
        let first = read(text.as_bytes(), name).expect("it has a value").value;
        assert!(next_rows(text.as_bytes(), name, first).is_empty());
    }

    #[test]
    fn digests_and_other_statements_have_no_values() {
        let digest = "0123456789abcdef".repeat(2);
        for text in [
            format!("INSERT INTO users (password) VALUES ('{digest}')"),
            "INSERT INTO users (password) VALUES (?)".to_owned(),
            "SELECT (password) VALUES ('v4lue')".to_owned(),
            "INSERT INTO users (f(x), password) VALUES (1, 'v4lue')".to_owned(),
            "INSERT INTO users (password".to_owned(),
            "INSERT INTO log VALUES (1)\n(password) VALUES ('v4lue')".to_owned(),
            "INSERT INTO users (password) VALUES ('sha1$x7yT2$v4lue')".to_owned(),
            format!("INSERT INTO users (password) VALUES ('md5{digest}')"),
            format!("INSERT INTO users (password) VALUES ('{}:v4lue')", &digest[..16]),
        ] {
            let name = name_around(text.as_bytes(), text.find("password").expect("it has the name"));
            assert_eq!(name.and_then(|name| read(text.as_bytes(), name)), None, "{text}");
        }
    }
}
