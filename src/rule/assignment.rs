//! Assignments: a name, an operator and a value on one line, in any language.
//!
//! It knows no grammar but what all of them share: a value stands in quotes behind `=`, `:`, `=>`, a comma or an opening bracket; in settings it may stand
//! there without quotes, and in markup between two tags. Nothing is read that lies beyond the line, and nothing is judged: whether the name is that of a
//! secret and the value one is for the scoring stage.

use crate::span::Span;

/// How a value is given to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `name = value`, `name: value`, `'name' => value`, `name || value`, `name="password" value="…"`.
    Assigned,
    /// `name == value`, `name != value`.
    Compared,
    /// `put("name", "value")`.
    Passed,
    /// `name("value")`.
    Called,
    /// `<name>value</name>`, `<entry key="name">value</entry>`.
    Enclosed,
    /// `--name value`, `PASSWORD 'value'`.
    Following,
}

/// A value that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name, with the dots and dashes inside it.
    pub name: Span,
    /// The value, without its quotes.
    pub value: Span,
    /// What stands between them.
    pub operator: Operator,
    /// Whether the value stands in quotes.
    pub is_quoted: bool,
    /// Whether a value without quotes ends its line, as in settings; others are parts of a command or of a list of parameters.
    pub is_whole: bool,
}

/// The longest name, and the longest value.
const LONGEST_NAME: usize = 96;
const LONGEST_VALUE: usize = 200;
/// The most spaces around an operator: some settings are aligned.
const MOST_SPACES: usize = 40;
/// Functions that give their argument back as another type.
const WRAPPERS: [&[u8]; 16] = [
    b"string",
    b"str",
    b"byte",
    b"bytes",
    b"some",
    b"secretstr",
    b"secret",
    b"newsecret",
    b"just",
    b"quote",
    b"tochararray",
    b"nsstring",
    b"sensitive",
    b"b64",
    b"text",
    b"securestring",
];
/// Methods that a literal is given over through.
const CONVERSIONS: [&[u8]; 10] =
    [b".getbytes", b".tochararray", b".to_string", b".to_owned", b".into", b".encode", b".freeze", b".to_s", b".utf8", b".as_bytes"];

/// The name around `at`: letters, digits, `_`, `-` and `.`.
pub fn name_around(text: &[u8], at: usize) -> Option<Span> {
    let before = &text[at.saturating_sub(LONGEST_NAME)..at];
    let n_before = before.iter().rev().take_while(|byte| is_name(**byte)).count();
    let n_after = text[at..].iter().take(LONGEST_NAME).take_while(|byte| is_name(**byte)).count();
    if n_before + n_after >= LONGEST_NAME {
        return None;
    }
    let (mut start, mut end) = (at - n_before, at + n_after);
    if start > 0 && text[start - 1] == b'\\' {
        // What an escape sequence ends with is no part of the name: `\n`, `\u0026`.
        start += if text[start] == b'u' { 5 } else { 1 };
    }
    while start < at && !text[start].is_ascii_alphanumeric() && text[start] != b'_' {
        start += 1;
    }
    while end > at && matches!(text[end - 1], b'.' | b'-') {
        end -= 1;
    }
    (start < end).then(|| Span::new(start, end))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The assignment to the name that stands at `name`.
pub fn read(text: &[u8], name: Span) -> Option<Assignment> {
    let reach = text.len().min(name.end + LONGEST_VALUE + 3 * MOST_SPACES);
    let line = &text[..memchr::memchr2(b'\n', b'\r', &text[name.end..reach]).map_or(reach, |i| name.end + i)];
    let mut at = name.end;
    let is_named_in_quotes = match closing_quote(line, name) {
        Some(end) => {
            at = end;
            true
        }
        None if opening(line, at).is_some() => return None,
        None => false,
    };
    let is_looked_up = is_named_in_quotes && matches!(line.get(at), Some(b']' | b')'));
    if is_looked_up {
        at += 1;
    } else if !is_named_in_quotes && line.get(at) == Some(&b'[') {
        at += line[at..].iter().take(24).position(|byte| *byte == b']')? + 1;
    }
    let spaced = skip_spaces(line, at);
    let (operator, behind) = operator(line, name, at, spaced, is_named_in_quotes)?;
    if is_looked_up && operator == Operator::Passed {
        return None;
    }
    let start = skip_spaces(line, behind);
    let made = Made { line, name, operator };
    if operator == Operator::Enclosed {
        return made.enclosed(behind);
    }
    let opened = skip_wrappers(line, start);
    if let Some((n_escapes, quote, inside)) = opening(line, opened) {
        return made.quoted(n_escapes, quote, inside);
    }
    match operator {
        Operator::Assigned if !is_named_in_quotes => made.plain(spaced, behind, start),
        Operator::Following => made.plain(spaced, behind, start),
        _ => None,
    }
}

/// Where the quotes around the name end, if it stands in some.
fn closing_quote(line: &[u8], name: Span) -> Option<usize> {
    let (_, quote, end) = opening(line, name.end)?;
    let before = line[..name.start].strip_suffix(b":").unwrap_or(&line[..name.start]);
    (before.last() == Some(&quote)).then_some(end)
}

/// The quote that opens at `at`: how many backslashes stand before it, itself, and where what it quotes begins. A letter may stand before it.
fn opening(line: &[u8], at: usize) -> Option<(usize, u8, usize)> {
    let rest = line.get(at..)?;
    let n_escapes = rest.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = *rest.get(n_escapes)?;
    matches!(quote, b'"' | b'\'' | b'`').then_some((n_escapes, quote, at + n_escapes + 1))
}

fn skip_spaces(line: &[u8], at: usize) -> usize {
    at + line.get(at..).unwrap_or_default().iter().take(MOST_SPACES).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What stands between name and value, and where it ends. `at` is where the name ends, `spaced` where the spaces behind it do.
fn operator(line: &[u8], name: Span, at: usize, spaced: usize, is_named_in_quotes: bool) -> Option<(Operator, usize)> {
    let rest = line.get(spaced..)?;
    let is_any = |operators: &[&[u8]]| operators.iter().find(|operator| rest.starts_with(operator)).map(|operator| spaced + operator.len());
    if let Some(end) = is_any(&[b"===", b"!==", b"==", b"!="]) {
        return Some((Operator::Compared, end));
    }
    // Behind a name in quotes the next attribute of an element follows, and no type.
    let typed = if is_named_in_quotes { None } else { typed(line, spaced) };
    if let Some(end) = typed.or_else(|| is_any(&[b"=>", b":=", b"?=", b"||", b"??", b"?:", b":-", b"="])) {
        return Some((Operator::Assigned, end));
    }
    let first = *rest.first()?;
    let before = name.start.checked_sub(1).map_or(b' ', |at| line[at]);
    match first {
        b':' if rest.get(1) != Some(&b':') => Some((Operator::Assigned, spaced + 1)),
        b',' if is_named_in_quotes || is_copied_to(line, name) => Some((Operator::Passed, spaced + 1)),
        b'(' if !is_named_in_quotes && spaced == at => Some((Operator::Called, spaced + 1)),
        b'>' if is_named_in_quotes || before == b'<' || before == b':' => Some((Operator::Enclosed, spaced + 1)),
        b'"' | b'\'' | b'`' if spaced > at && !is_named_in_quotes => Some((Operator::Following, spaced)),
        b'v' | b'V' if is_named_in_quotes => {
            let n_word = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let is_value = [b"value".as_slice(), b"val"].iter().any(|word| rest[..n_word].eq_ignore_ascii_case(word));
            (is_value && rest.get(n_word) == Some(&b'=')).then_some((Operator::Assigned, spaced + n_word + 1))
        }
        _ if spaced > at && line[..name.start].ends_with(b"--") => Some((Operator::Following, spaced)),
        _ => None,
    }
}

/// Whether the name is that of the buffer that a function of C copies to: `strcpy(name, "…")`.
fn is_copied_to(line: &[u8], name: Span) -> bool {
    let before = &line[name.start.saturating_sub(24)..name.start];
    memchr::memmem::rfind(before, b"cpy(").is_some_and(|at| !before[at..].iter().any(|byte| matches!(byte, b',' | b'\n')))
}

/// Where the `=` of a declaration ends whose name has a type behind it: `name: &str = "…"`, `name string = "…"`.
fn typed(line: &[u8], at: usize) -> Option<usize> {
    let at = if line.get(at) == Some(&b':') { skip_spaces(line, at + 1) } else { at };
    let is_type = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'&' | b'<' | b'>' | b'?' | b'[' | b']' | b'.' | b'*' | b'!');
    let n_type = line.get(at..)?.iter().take(32).take_while(is_type).count();
    let equals = skip_spaces(line, at + n_type);
    let value = skip_spaces(line, equals + 1);
    (n_type > 0 && line.get(equals) == Some(&b'=') && opening(line, value).is_some()).then_some(equals + 1)
}

/// Skips the letters that mark a kind of string, brackets, and calls of what only changes its type.
fn skip_wrappers(line: &[u8], mut at: usize) -> usize {
    for _ in 0..3 {
        let rest = &line[at..];
        let rest = if rest.starts_with(b"new ") { &rest[4..] } else { rest };
        let start = line.len() - rest.len();
        let n_word = rest.iter().take(40).take_while(|byte| is_name(**byte) || matches!(byte, b':' | b'[' | b']' | b'@')).count();
        let word = &rest[..n_word];
        match rest.get(n_word) {
            Some(b'"' | b'\'' | b'`') if n_word <= 2 && word.iter().all(|byte| b"@brulnLNRBU".contains(byte)) => return start + n_word,
            Some(b'(') => {
                let last = word.rsplit(|byte| matches!(byte, b'.' | b':' | b']')).next().unwrap_or_default().to_ascii_lowercase();
                if !word.is_empty() && !WRAPPERS.contains(&last.as_slice()) {
                    return at;
                }
                at = skip_spaces(line, start + n_word + 1);
            }
            _ => return at,
        }
    }
    at
}

/// An assignment whose value is being read.
struct Made<'a> {
    line: &'a [u8],
    name: Span,
    operator: Operator,
}

impl Made<'_> {
    fn of(&self, value: Span, is_quoted: bool, is_whole: bool) -> Option<Assignment> {
        let Self { name, operator, .. } = *self;
        (!value.is_empty() && value.len() <= LONGEST_VALUE).then_some(Assignment { name, value, operator, is_quoted, is_whole })
    }

    /// The value up to the quote that closes it, if nothing is done to it behind.
    fn quoted(&self, n_escapes: usize, quote: u8, start: usize) -> Option<Assignment> {
        let inside = &self.line[start..];
        let end = memchr::memchr_iter(quote, inside).find(|end| {
            let n_before = inside[..*end].iter().rev().take_while(|byte| **byte == b'\\').count();
            if n_escapes == 0 { n_before % 2 == 0 } else { n_before == n_escapes }
        })?;
        let value = Span::new(start, start + end - n_escapes);
        let behind = &self.line[start + end + 1..];
        let next = behind.trim_ascii_start();
        let is_converted = |conversion: &&[u8]| next.len() >= conversion.len() && next[..conversion.len()].eq_ignore_ascii_case(conversion);
        let goes_on = match next.first() {
            Some(b'+' | b'%' | b'=' | b'[') => true,
            Some(b'.') => !CONVERSIONS.iter().any(is_converted) && next.get(1).is_some_and(u8::is_ascii_alphabetic),
            Some(b':') => self.operator != Operator::Assigned && self.operator != Operator::Compared,
            _ => behind.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == quote),
        };
        if goes_on { None } else { self.of(value, true, true) }
    }

    /// What stands between two tags.
    fn enclosed(&self, start: usize) -> Option<Assignment> {
        let rest = &self.line[start..];
        let end = memchr::memchr(b'<', rest)?;
        let value = rest[..end].trim_ascii();
        let at = start + rest[..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if rest.get(end + 1) == Some(&b'/') { self.of(Span::new(at, at + value.len()), false, true) } else { None }
    }

    /// A value without quotes: to the end of its line, or right behind its `=` as a part of one.
    fn plain(&self, spaced: usize, behind: usize, start: usize) -> Option<Assignment> {
        let rest = &self.line[start..];
        if rest.first().is_none_or(|byte| matches!(byte, b'$' | b'{' | b'[' | b'(' | b'<' | b'>' | b'|' | b'&' | b'*' | b'=' | b'\\')) {
            return None;
        }
        let n_word = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let after = rest[n_word..].trim_ascii_start();
        let is_last = after.is_empty() || matches!(after.first(), Some(b'#')) || after == b"\\";
        let before = &self.line[..self.name.start];
        let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
        let is_lead = |byte: &u8| matches!(byte, b' ' | b'\t' | b'-' | b'#' | b';' | b'/' | b'*');
        let lead = before.iter().position(|byte| !is_lead(byte)).map_or(&b""[..], |at| &before[at..]);
        let is_first = matches!(lead.trim_ascii_end(), b"" | b"export" | b"ENV" | b"ARG" | b"set" | b"declare -x" | b"setx" | b"env" | b"-e");
        if is_first && is_last {
            let word = &rest[..n_word];
            if word.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'(' | b')')) {
                return None;
            }
            let n_word = n_word - word.iter().rev().take_while(|byte| matches!(byte, b';' | b',')).count();
            return self.of(Span::new(start, start + n_word), false, true);
        }
        let is_tight = spaced == self.name.end && behind == start && matches!(self.line[behind - 1], b'=' | b'-') || self.operator == Operator::Following;
        let ends =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'&' | b'"' | b'\'' | b'`' | b';' | b',' | b')' | b'<' | b'>' | b'\\' | b'}' | b']');
        let n_word = rest.iter().position(ends).unwrap_or(rest.len());
        if is_tight { self.of(Span::new(start, start + n_word), false, false) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the value of the name `password`, in any case, in `text`.
    fn value(text: &str) -> Option<&str> {
        let at = text.to_ascii_lowercase().find("password").expect("the text has the name");
        let assignment = read(text.as_bytes(), name_around(text.as_bytes(), at)?)?;
        Some(&text[assignment.value.start..assignment.value.end])
    }

    #[test]
    fn values_are_read_in_every_syntax() {
        for text in [
            "password = \"v4lue\"",
            "DB_PASSWORD=v4lue",
            "  - DB_PASSWORD=v4lue\n",
            "password: v4lue # why",
            "\"password\": \"v4lue\",",
            "{\\\"password\\\": \\\"v4lue\\\"}",
            "'password' => 'v4lue',",
            "$cfg['password'] = 'v4lue';",
            "password := `v4lue`",
            "let password: &str = \"v4lue\";",
            "var password string = \"v4lue\"",
            "const char password[] = \"v4lue\";",
            "user.setPassword(\"v4lue\");",
            ".put(\"password\", \"v4lue\")",
            "define('DB_PASSWORD', 'v4lue');",
            "<password>v4lue</password>",
            "<entry key=\"password\">v4lue</entry>",
            "<property name=\"password\" value=\"v4lue\"/>",
            "mysql --password v4lue -u x",
            "mysql --password=v4lue -u x",
            "?user=a&password=v4lue&x=y",
            "string password = @\"v4lue\";",
            "if (password == \"v4lue\") {",
            "CREATE USER a WITH PASSWORD 'v4lue'",
            "password = new String(\"v4lue\")",
            "password = \"v4lue\".getBytes()",
            "process.env.PASSWORD || 'v4lue'",
            "strcpy((char *)password, \"v4lue\");",
            "a\\npassword=v4lue",
            "${PASSWORD:-v4lue}",
            "PASSWORD    =    v4lue",
        ] {
            assert_eq!(value(text), Some("v4lue"), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_none() {
        for text in [
            "password = \"a\" + b",
            "password = \"%s\" % b",
            "password = get(\"v4lue\")",
            "hash('password'), 'v4lue'",
            "(\"password\", \"user\": 1)",
            "the password is \"v4lue\"",
            "'enter password': 'v4lue'",
            "password = $VALUE",
            "password = a b c",
            "<password>v4lue",
            "password\n= 'v4lue'",
            "password = \"",
            "password",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "=", "\\", "(", "<", ">", " ", ":", "'", "[", "\u{e9}", "\n", "--"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    let text = format!("{left}password{middle}{right}");
                    value(&text);
                }
            }
        }
    }
}
