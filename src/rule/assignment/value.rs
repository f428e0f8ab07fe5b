//! The value of an assignment: where it ends, and whether it is all that is assigned.

use super::before::{INSECURE, KEYTOOL, lead};
use super::{Assignment, LONGEST_NAME, LONGEST_VALUE, Operator, two_words};
use crate::span::Span;

/// Methods that a literal is given over through.
const CONVERSIONS: [&[u8]; 10] =
    [b".getbytes", b".tochararray", b".to_string", b".to_owned", b".into", b".encode", b".freeze", b".to_s", b".utf8", b".as_bytes"];

/// What Spring writes before a password of which there is no digest.
const IN_PLAIN: &[u8] = b"{noop}";

/// An assignment whose value is being read.
pub(super) struct Made<'a> {
    /// The text up to the end of its line.
    pub line: &'a [u8],
    pub name: Span,
    pub operator: Operator,
}

impl Made<'_> {
    fn of(&self, value: Span, is_quoted: bool, is_whole: bool) -> Option<Assignment> {
        let Self { name, operator, .. } = *self;
        (!value.is_empty() && value.len() <= LONGEST_VALUE).then_some(Assignment { name, value, operator, is_quoted, is_whole })
    }

    /// The value up to the quote that closes it, if nothing is done to it behind.
    pub fn quoted(&self, n_escapes: usize, quote: u8, start: usize) -> Option<Assignment> {
        let inside = &self.line[start..];
        if n_escapes == 0 && inside.starts_with(&[quote, quote]) {
            let n = memchr::memmem::find(&inside[2..], &[quote; 3])?;
            return self.of(Span::new(start + 2, start + 2 + n), true, true);
        }
        let end = memchr::memchr_iter(quote, inside).find(|end| {
            let n_before = inside[..*end].iter().rev().take_while(|byte| **byte == b'\\').count();
            if n_escapes == 0 { n_before % 2 == 0 } else { n_before == n_escapes }
        })?;
        let n_marks = if inside.starts_with(IN_PLAIN) { IN_PLAIN.len() } else { 0 };
        let value = Span::new(start + n_marks, start + end - n_escapes);
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
    pub fn enclosed(&self, start: usize) -> Option<Assignment> {
        let rest = &self.line[start..];
        let end = memchr::memchr(b'<', rest)?;
        let value = rest[..end].trim_ascii();
        let at = start + rest[..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if rest.get(end + 1) == Some(&b'/') { self.of(Span::new(at, at + value.len()), false, true) } else { None }
    }

    /// A value without quotes: to the end of its line, or right behind its `=` as a part of one.
    pub fn plain(&self, spaced: usize, behind: usize, start: usize) -> Option<Assignment> {
        let rest = &self.line[start..];
        // In files of variables nothing has a meaning right behind `=` but what opens a string, a list or a reference.
        let is_variable = spaced == self.name.end && behind == start && self.line[behind - 1] == b'=';
        let opens = |byte: &u8| matches!(byte, b'$' | b'{' | b'[' | b'(' | b'<') || !is_variable && matches!(byte, b'>' | b'|' | b'&' | b'*' | b'=' | b'\\');
        if rest.first().is_none_or(opens) {
            return None;
        }
        // So the results of tests are written.
        if self.name.of(self.line) == b"PASS" && self.line[behind - 1] == b':' {
            return None;
        }
        let n_word = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let after = rest[n_word..].trim_ascii_start();
        let is_last = after.is_empty() || matches!(after.first(), Some(b'#')) || after == b"\\";
        let lead = lead(self.line, self.name);
        let is_first = matches!(lead, b"" | b"export" | b"ENV" | b"ARG" | b"set" | b"setenv" | b"declare -x" | b"setx" | b"env" | b"-e");
        if is_first && is_last {
            let word = &rest[..n_word];
            let is_code = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b'(' | b')');
            if !is_variable && word.iter().any(is_code) || word.first().is_some_and(is_code) || word.ends_with(b")") && word.contains(&b'(') {
                return None;
            }
            // Two words are mostly written in sentences.
            let is_sentence = two_words::are_in(self.name.of(self.line));
            let n_word = n_word - word.iter().rev().take_while(|byte| matches!(byte, b';' | b',') || is_sentence && **byte == b'.').count();
            return self.of(Span::new(start, start + n_word), false, true);
        }
        // A variable that is set for one command.
        let is_of_command = is_first && is_variable && names_password(self.name.of(self.line)) && !self.name.of(self.line).iter().any(u8::is_ascii_lowercase);
        let is_tight = spaced == self.name.end && behind == start && self.joins_tightly(behind) || self.operator == Operator::Following;
        let ends =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'&' | b'"' | b'\'' | b'`' | b';' | b',' | b')' | b'<' | b'>' | b'\\' | b'}' | b']');
        let n_word = rest.iter().position(ends).unwrap_or(rest.len());
        let is_member = self.line[behind - 1] == b':' && behind < start && is_in_flow(self.line, self.name, &rest[n_word..]);
        // As people write what they log in with: `user: bob, password: value`.
        let is_told = self.line[behind - 1] == b':' && behind < start && is_last && names_password(self.name.of(self.line));
        let value = Span::new(start, start + n_word);
        // A header is all that a string holds: `"X-Auth-Token: value"`.
        let may_be_header = |name: &[u8]| name.contains(&b'-') || name.eq_ignore_ascii_case(b"authorization");
        let is_header = self.line[behind - 1] == b':' && may_be_header(self.name.of(self.line)) && self.is_in_quotes(value.end);
        if is_tight || is_member || is_told || is_header {
            self.of(value, self.is_in_quotes(value.end), is_of_command || self.is_of_option(behind))
        } else {
            None
        }
    }

    /// Whether an option gives the value, which is no other word of a command then: `-storepass value`, `-Dname=value`, `--property name=value`, `-e NAME=value`.
    fn is_of_option(&self, behind: usize) -> bool {
        let before = &self.line[self.name.start.saturating_sub(LONGEST_NAME)..self.name.start];
        if self.operator == Operator::Following {
            return KEYTOOL.contains(&self.name.of(self.line)) || self.name.of(self.line) == INSECURE;
        }
        let n_own = before.iter().rev().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let (words, own) = before.split_at(before.len() - n_own);
        let previous = words.strip_suffix(b" ").and_then(|words| words.rsplit(u8::is_ascii_whitespace).next()).unwrap_or_default();
        let is_pair = |word: &[u8]| word.first().is_some_and(u8::is_ascii_alphabetic) && memchr::memchr(b'=', word).is_some_and(|at| at + 1 < word.len());
        let is_given = match own {
            // Behind an option, or behind another name with a value.
            b"" => previous.starts_with(b"-") && !previous.contains(&b'=') || self.line[behind - 1] == b'=' && is_pair(previous),
            b"--" | b"Environment=" => true,
            _ => own.starts_with(b"--") && own.ends_with(b"=") || previous.starts_with(b"-") && own.ends_with(b",") && is_pair(own),
        };
        own == b"-" && self.name.of(self.line).starts_with(b"D") || is_given && names_password(self.name.of(self.line))
    }

    /// Whether a value may stand right behind the operator that ends at `behind`: `name=value`, `${name:-value}`, `${name:value}`, `-passin pass:value`.
    fn joins_tightly(&self, behind: usize) -> bool {
        let before = &self.line[..self.name.start];
        match self.line[behind - 1] {
            b'=' | b'-' => true,
            b':' => {
                before.ends_with(b"${") && !matches!(self.line.get(behind), Some(b'+' | b'?'))
                    || [b"-passin ".as_slice(), b"-passout ", b"-pass "].iter().any(|option| before.ends_with(option))
            }
            _ => false,
        }
    }

    /// Whether name and value are all that a string holds: `"name=value"`, `"--name=value"`, or a name and its default, `"${name:value}"`; `end` is where the value
    /// ends.
    fn is_in_quotes(&self, end: usize) -> bool {
        let before = &self.line[..self.name.start];
        let open = before.strip_suffix(b"--").unwrap_or(before).last();
        // In a string of another language backslashes stand before both quotes.
        let n_escapes = self.line[end..].iter().take(4).take_while(|byte| **byte == b'\\').count();
        matches!(before, [.., b'"' | b'\'', b'$', b'{']) || matches!(open, Some(b'"' | b'\'')) && self.line.get(end + n_escapes) == open
    }
}

/// Whether a name is one of a password by its letters.
pub(super) fn names_password(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    [b"pass".as_slice(), b"pwd"].iter().any(|part| memchr::memmem::find(&name, part).is_some())
}

/// Whether a member of a mapping of YAML that stands on one line is called so: `{name: value}`, `{a: b, name: value}`; `behind` is what follows its value.
fn is_in_flow(line: &[u8], name: Span, behind: &[u8]) -> bool {
    let is_closed = matches!(behind.trim_ascii_start().first(), Some(b'}' | b','));
    let before = line[name.start.saturating_sub(LONGEST_NAME)..name.start].trim_ascii_end();
    is_closed && matches!(before.last(), Some(b'{' | b','))
}
