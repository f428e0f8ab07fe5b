//! Lists under the name of several secrets: `passwords = ["…", "…"]`, `passwords:` with `- …` below it, `String[] passwords = {"…"}`, and mappings whose keys
//! say whose each one is: `passwords = {"bob": "…"}`. Whether a name begins one is decided by its line alone.

use super::call::end_of_string;
use super::declaration::column;
use super::{Assignment, LONGEST_VALUE, Operator, closing_quote, is_name, opening, skip_spaces, table, wrapper};
use crate::span::Span;

/// How far behind its name a list is read, and how much of it.
pub const REACH: usize = 8 << 10;
const MOST: usize = 200;
/// How far behind the name the list may open: a type may stand between.
const OPENED_WITHIN: usize = 80;
/// How names of several secrets end.
const SEVERAL: [&[u8]; 6] = [b"passwords", b"passwds", b"pwds", b"passphrases", b"passcodes", b"secrets"];
/// The same where a word for a list stands behind.
const ONE: [&[u8]; 4] = [b"password", b"passwd", b"pwd", b"passphrase"];
const LISTS: [&[u8]; 2] = [b"list", b"array"];
/// Words in the names of lists of what many people choose, which are kept to be tried or to be refused, and of what nobody has.
const CHOSEN_BY_MANY: [&[u8]; 26] = [
    b"common",
    b"weak",
    b"bad",
    b"top",
    b"leaked",
    b"breach",
    b"black",
    b"banned",
    b"forbidden",
    b"popular",
    b"easy",
    b"insecure",
    b"invalid",
    b"wrong",
    b"guess",
    b"brute",
    b"dict",
    b"known",
    b"denied",
    b"disallow",
    b"valid",
    b"test",
    b"sample",
    b"example",
    b"dummy",
    b"fake",
];
/// What may stand before the first word of a line; a text may begin with the mark of its byte order.
const BEFORE_FIRST: &[u8] = b" \t\"'\xEF\xBB\xBF";
/// Functions that make a list of their arguments.
const MAKERS: [&[u8]; 17] = [
    b"",
    b"list",
    b"of",
    b"aslist",
    b"listof",
    b"setof",
    b"arrayof",
    b"mutablelistof",
    b"mutablesetof",
    b"array",
    b"c",
    b"set",
    b"tuple",
    b"frozenset",
    b"hashset",
    b"arraylist",
    b"arraywithobjects",
];

/// Where the values of a list begin.
#[derive(Clone, Copy)]
enum Start {
    /// Behind a bracket; whether strings of YAML may stand there without quotes.
    Bracket(usize, bool),
    /// On the lines below.
    Below,
}

/// Whether a name may have several values, by itself and its line.
pub fn may_list(text: &[u8], name: Span) -> bool {
    names_several(name.of(text)) || table::heads(text, name)
}

/// What a name has several of, if it begins a list or heads a column of a table.
pub fn listed(text: &[u8], name: Span) -> Vec<Assignment> {
    let listed = read(text, name);
    if listed.is_empty() { table::read(text, name) } else { listed }
}

/// Whether a list opens behind `name` on its line.
pub(super) fn opens(line: &[u8], name: Span) -> bool {
    names_several(name.of(line)) && start(line, name).is_some()
}

/// What the list under `name` holds, if there is one, in the order in which it stands there.
pub(super) fn read(text: &[u8], name: Span) -> Vec<Assignment> {
    if !names_several(name.of(text)) {
        return Vec::new();
    }
    let text = &text[..text.len().min(name.end + REACH)];
    let line = &text[..memchr::memchr(b'\n', &text[name.end..]).map_or(text.len(), |n| name.end + n)];
    let mut reader = Reader { text, name, values: Vec::new(), has_keys: false };
    match start(line, name) {
        Some(Start::Bracket(at, is_plain)) => reader.in_brackets(at, is_plain),
        Some(Start::Below) => reader.below(line.len()),
        None => None,
    };
    // What has keys under another name than that of passwords is settings.
    if reader.has_keys && ends_with(name.of(text), b"secrets") { Vec::new() } else { reader.values }
}

/// Whether a name is one of several secrets, and not of what many people choose.
fn names_several(name: &[u8]) -> bool {
    // Most names end otherwise than with `s`, `list`, `array` or a number.
    if !name.last().is_some_and(|last| matches!(last, b's' | b'S' | b't' | b'T' | b'y' | b'Y' | b'0'..=b'9')) {
        return false;
    }
    let name = &name[..name.len() - name.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()];
    let list = LISTS.iter().find(|list| ends_with(name, list));
    let inner = list.map_or(name, |list| &name[..name.len() - list.len()]);
    let inner = inner.strip_suffix(b"_").or_else(|| inner.strip_suffix(b"-")).unwrap_or(inner);
    let is_several = SEVERAL.iter().any(|end| ends_with(inner, end)) || list.is_some() && ONE.iter().any(|end| ends_with(inner, end));
    let holds = |word: &&[u8]| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    is_several && !CHOSEN_BY_MANY.iter().any(holds)
}

fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Where the list of `name` begins. Between both stand an operator, a type, the name of what makes a list.
fn start(line: &[u8], name: Span) -> Option<Start> {
    let closed = closing_quote(line, name);
    let mut at = closed.unwrap_or(name.end);
    let mut is_assigned = false;
    while at < name.end + OPENED_WITHIN {
        match line[at..].trim_ascii_end() {
            [] | [b'#', ..] => return (is_assigned && line[..at].trim_ascii_end().ends_with(b":") && is_first(line, name)).then_some(Start::Below),
            [b'[', b']', ..] | [b'(', b')', ..] => at += 2,
            // Swift writes the type of a list so.
            [b'[', of @ ..] if of.iter().position(|byte| !is_name(*byte)).is_some_and(|n| of[n..].starts_with(b"] =")) => {
                at += memchr::memchr(b']', &line[at..])? + 1;
            }
            [b'[', b'0'..=b'9', ..] if !is_assigned => at += memchr::memchr(b']', &line[at..])? + 1,
            [b'[' | b'{' | b'(', ..] => {
                if !is_assigned || line[at] == b'(' && !MAKERS.contains(&maker(line, name, at).as_slice()) {
                    return None;
                }
                let inside = skip_spaces(line, at + 1);
                let n_word = line[inside..].iter().take_while(|byte| is_name(**byte)).count();
                let is_plain = line[at] == b'[' && line[..at].trim_ascii_end().ends_with(b":") && closed.is_none();
                if !matches!(line.get(inside + n_word), Some(b'(' | b'[' | b'{')) {
                    return Some(Start::Bracket(inside, is_plain));
                }
                at = inside;
            }
            [b'=' | b'!' | b'<' | b'>', b'=', ..] => return None,
            [b'<', b'-', ..] => (at, is_assigned) = (at + 2, true),
            [byte, ..] => {
                is_assigned |= matches!(byte, b'=' | b':');
                if !is_name(*byte) && !b" \t=:<>,&*@!?+$%".contains(byte) {
                    return None;
                }
                at += 1;
            }
        }
    }
    None
}

/// The name of the function whose arguments begin at `open`, in small letters.
fn maker(line: &[u8], name: Span, open: usize) -> Vec<u8> {
    let before = &line[name.end..open];
    let before = before.strip_suffix(b"<>").or_else(|| before.strip_suffix(b"!")).unwrap_or(before);
    let n = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    before[before.len() - n..].to_ascii_lowercase()
}

/// Whether a name is the first word of its line, in quotes or not.
fn is_first(line: &[u8], name: Span) -> bool {
    line[name.start - column(line, name.start)..name.start].iter().all(|byte| BEFORE_FIRST.contains(byte))
}

/// A list that is being read.
struct Reader<'a> {
    text: &'a [u8],
    name: Span,
    values: Vec<Assignment>,
    /// Whether the values have keys.
    has_keys: bool,
}

impl Reader<'_> {
    fn push(&mut self, value: Span, is_quoted: bool) {
        if !value.is_empty() && value.len() <= LONGEST_VALUE {
            self.values.push(Assignment { name: self.name, value, operator: Operator::Assigned, is_quoted, is_whole: true });
        }
    }

    /// Reads up to the bracket that closes the list, or to what is no literal.
    fn in_brackets(&mut self, mut at: usize, is_plain: bool) -> Option<()> {
        while self.values.len() < MOST {
            at = skip_between(self.text, at);
            let opened = wrapper::skip(self.text, at);
            let Some((n_escapes, _, inside)) = opening(self.text, opened) else {
                let n_word = self.text[at..].iter().take_while(|byte| is_name(**byte)).count();
                match behind_key(self.text, at + n_word).filter(|_| n_word > 0) {
                    Some(value) => (at, self.has_keys) = (value, true),
                    None if is_plain => at = self.word(at)?,
                    None => return None,
                }
                continue;
            };
            let end = end_of_string(self.text, inside - 1)?;
            let n_around = memchr::memchr_iter(b'(', &self.text[at..opened]).count();
            let behind = (0..n_around).fold(end + 1, |at, _| skip_spaces(self.text, at) + 1);
            if let Some(value) = behind_key(self.text, behind) {
                (at, self.has_keys) = (value, true);
                continue;
            }
            match self.text.get(skip_spaces(self.text, behind))? {
                // Nothing that is done to a string makes it another one here.
                b'.' => at = super::call::end_of_argument(self.text, behind)?,
                b',' | b']' | b'}' | b')' | b';' | b'"' | b'\'' | b'\n' | b'\r' | b'#' | b'/' => at = behind,
                _ => return None,
            }
            self.push(Span::new(inside, end.saturating_sub(n_escapes).max(inside)), true);
        }
        None
    }

    /// Reads a word of a list of YAML, and says where it ends.
    fn word(&mut self, at: usize) -> Option<usize> {
        let n = self.text[at..].iter().position(|byte| matches!(byte, b',' | b']' | b'\n'))?;
        let word = self.text[at..at + n].trim_ascii_end();
        if word.is_empty() || word.iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'{' | b'}' | b'[' | b'(')) {
            return None;
        }
        self.push(Span::new(at, at + word.len()), false);
        Some(at + n)
    }

    /// Reads the items, or the members, of YAML on the lines below the one that ends at `end`.
    fn below(&mut self, end: usize) -> Option<()> {
        let before = &self.text[self.name.start - column(self.text, self.name.start)..self.name.start];
        // The mark of the byte order is no indentation.
        let own = before.iter().filter(|byte| byte.is_ascii()).count();
        let mut start = end + 1;
        while start < self.text.len() && self.values.len() < MOST {
            let stop = memchr::memchr(b'\n', &self.text[start..]).map_or(self.text.len(), |n| start + n);
            let line = self.text[start..stop].trim_ascii();
            let indent = self.text[start..stop].iter().take_while(|byte| **byte == b' ').count();
            let first = start + indent;
            start = stop + 1;
            if line.is_empty() || line[0] == b'#' {
                continue;
            }
            let is_item = line.starts_with(b"- ");
            if indent < own || !is_item && indent == own {
                return None;
            }
            let value = if is_item { skip_spaces(self.text, first + 1) } else { self.behind_name(first)? };
            self.scalar(Span::new(value, stop))?;
            self.has_keys |= !is_item;
        }
        None
    }

    /// Where the value of the member of a mapping begins whose name stands at `at`.
    fn behind_name(&self, at: usize) -> Option<usize> {
        let n = self.text[at..].iter().take_while(|byte| is_name(**byte) || matches!(byte, b'"' | b'\'' | b'@')).count();
        self.text[at + n..].starts_with(b": ").then(|| skip_spaces(self.text, at + n + 1))
    }

    /// Reads the string that is all of `rest`, the rest of a line, but for a comment.
    fn scalar(&mut self, rest: Span) -> Option<()> {
        let inside = rest.of(self.text).trim_ascii_end();
        if let [quote @ (b'"' | b'\''), quoted @ ..] = inside {
            let n = memchr::memchr(*quote, quoted)?;
            self.push(Span::new(rest.start + 1, rest.start + 1 + n), true);
            return matches!(quoted[n + 1..].trim_ascii_start(), [] | [b'#', ..]).then_some(());
        }
        let n = inside.iter().position(u8::is_ascii_whitespace).unwrap_or(inside.len());
        let is_word =
            n > 0 && matches!(inside[n..].trim_ascii_start(), [] | [b'#', ..]) && !matches!(inside[0], b'{' | b'[' | b'|' | b'>' | b'&' | b'*' | b'!');
        is_word.then(|| self.push(Span::new(rest.start, rest.start + n), false))
    }
}

/// Where the value begins whose key ends at `at`: behind `:` or `=>`.
fn behind_key(text: &[u8], at: usize) -> Option<usize> {
    let at = skip_spaces(text, at);
    match text.get(at..)? {
        [b':', next, ..] if *next != b':' => Some(skip_spaces(text, at + 1)),
        [b'=', b'>', ..] => Some(skip_spaces(text, at + 2)),
        _ => None,
    }
}

/// Skips blanks, commas and comments.
fn skip_between(text: &[u8], mut at: usize) -> usize {
    loop {
        at += text[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
        let n_comment = match &text[at..] {
            comment @ ([b'#', ..] | [b'/', b'/', ..]) => memchr::memchr(b'\n', comment),
            _ => None,
        };
        match n_comment {
            Some(n) => at += n,
            None => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    fn values(text: &str) -> Vec<&str> {
        let at = text.to_ascii_lowercase().find("passw").expect("the text has the name");
        let Some(name) = name_around(text.as_bytes(), at) else { return Vec::new() };
        read(text.as_bytes(), name).iter().map(|found| &text[found.value.start..found.value.end]).collect()
    }

    #[test]
    fn each_element_is_a_value() {
        for text in [
            "passwords = [\"v4lue\", \"w0rd\"]",
            "PASSWORDS: ['v4lue', 'w0rd']",
            "{\"passwords\": [\n  \"v4lue\",\n  \"w0rd\"\n]}",
            "{\\\"passwords\\\": [\\\"v4lue\\\", \\\"w0rd\\\"]}",
            "passwords:\n  - v4lue\n  - w0rd\n",
            "\u{feff}passwords:\n  - v4lue\n  - w0rd\n",
            "passwords: # of all\r\n- \"v4lue\"\r\n\r\n# why\r\n- 'w0rd' # second\r\nother: x",
            "passwords: [v4lue, w0rd]",
            "passwords := []string{\"v4lue\", \"w0rd\"}",
            "var passwords = []string{\n\t\"v4lue\", // why\n\t\"w0rd\",\n}",
            "String[] passwords = {\"v4lue\", \"w0rd\"};",
            "List<String> passwords = Arrays.asList(\"v4lue\", \"w0rd\");",
            "List<String> passwords = new ArrayList<>(Arrays.asList(\"v4lue\", \"w0rd\"));",
            "var passwords = new[] { \"v4lue\", \"w0rd\" };",
            "var passwords = new string[] { \"v4lue\", @\"w0rd\" };",
            "var passwords = new List<string>() { \"v4lue\", \"w0rd\" };",
            "$passwords = array('v4lue', 'w0rd');",
            "'passwords' => ['v4lue', 'w0rd'],",
            "val passwords = listOf(\"v4lue\", \"w0rd\")",
            "let passwords = vec![\"v4lue\".to_string(), \"w0rd\".to_string()];",
            "let passwords = vec![String::from(\"v4lue\"), String::from(\"w0rd\")];",
            "const passwords: string[] = ['v4lue', 'w0rd'];",
            "let passwords: [String] = [\"v4lue\", \"w0rd\"]",
            "my @passwords = ('v4lue', 'w0rd');",
            "PASSWORDS=(\"v4lue\" \"w0rd\")",
            "const char *passwords[2] = {\"v4lue\", \"w0rd\"};",
            "passwords = {\"bob\": \"v4lue\", \"eve\": \"w0rd\"}",
            "passwords: { bob: 'v4lue', eve: 'w0rd' }",
            "passwords:\n  bob: v4lue\n  'eve': \"w0rd\"\nother: x",
            "$passwords = ['bob' => 'v4lue', 'eve' => 'w0rd'];",
            "passwords <- c(\"v4lue\", \"w0rd\")",
            "passwordList = [\"v4lue\", \"w0rd\"]",
            "NSArray *passwords = @[@\"v4lue\", @\"w0rd\"];",
        ] {
            assert_eq!(values(text), ["v4lue", "w0rd"], "{text}");
        }
    }

    #[test]
    fn other_names_and_other_things_are_no_lists() {
        for text in [
            "password = [\"v4lue\"]",
            "common_passwords = [\"v4lue\"]",
            "passwords = [a, b]",
            "passwords = get(\"v4lue\")",
            "passwords == [\"v4lue\"]",
            "check(passwords, [\"v4lue\"])",
            "passwords[\"v4lue\"]",
            "passwords = [\"v4lue\" + x]",
            "the passwords are [\"v4lue\"]",
            "passwords:\n  v4lue\n",
            "passwords:\n- two words\n",
            "passwords:\n  - bob: v4lue\n",
            "passwords:\nbob: v4lue\n",
            "passwords: |\n  v4lue\n",
            "passwords",
        ] {
            assert_eq!(values(text), &[] as &[&str], "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "[", "{", "(", "=", ": ", ",", "\n", "- ", "\\", "]", ")", "\u{e9}", "=> ", "c("];
        for left in junk {
            for middle in junk {
                for right in junk {
                    for last in ["", "\"", "\n- x"] {
                        values(&format!("{left}passwords{middle}{right}{last}"));
                        values(&format!("passwords = [{left}{middle}{right}{last}"));
                    }
                }
            }
        }
    }
}
