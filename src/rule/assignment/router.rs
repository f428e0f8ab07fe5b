//! Lines of the configuration of routers and switches, as Cisco and others write it, and of Debian's answers for its installer: `enable secret 5 …`,
//! `username bob privilege 15 password 7 …`, `neighbor 10.0.0.1 password …`. What stands before the name tells such a line from a sentence, and a digit may say how the value is written.

use super::before::lead;
use super::{Assignment, Operator, skip_spaces, told};
use crate::span::Span;

/// First words of lines that give a password or a secret.
const FIRST: [&[u8]; 8] = [b"enable", b"username", b"user", b"neighbor", b"ppp", b"area", b"set", b"d-i"];
/// The most words before the name.
const MOST_WORDS: usize = 6;

/// The value that a line of such a configuration gives to `name`.
pub(super) fn read(line: &[u8], name: Span) -> Option<Assignment> {
    if line.get(name.end) != Some(&b' ') || !matches!(name.of(line), b"password" | b"secret") {
        return None;
    }
    let before = lead(line, name);
    let mut words = before.split(|byte| *byte == b' ');
    if !FIRST.contains(&words.next()?) || words.count() >= MOST_WORDS || before == b"user" {
        return None;
    }
    let word_at = |at: usize| {
        let start = skip_spaces(line, at);
        Span::new(start, start + line[start..].iter().position(u8::is_ascii_whitespace).unwrap_or(line.len() - start))
    };
    let mut value = word_at(name.end);
    if value.of(line) == b"level" {
        value = word_at(word_at(value.end).end);
    }
    // How it is written, of which nothing is that says more than one digit.
    let is_kind = |word: &[u8]| matches!(word, [digit] if digit.is_ascii_digit());
    if is_kind(value.of(line)) {
        value = word_at(value.end);
    }
    let is_last = line[value.end..].trim_ascii().is_empty();
    // What is set may be that of a sentence: `set password length`.
    let is_said = before != b"set" || told::is_no_word(value.of(line));
    (!value.is_empty() && is_last && is_said).then_some(Assignment { name, value, operator: Operator::Following, is_quoted: false, is_whole: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    #[test]
    fn lines_of_routers_give_passwords() {
        let value = |text: &'static str| {
            let at = text.rfind("password").or_else(|| text.find("secret")).expect("the text has a name");
            let name = name_around(text.as_bytes(), at).expect("it is one");
            read(text.as_bytes(), name).map(|found| &text[found.value.start..found.value.end])
        };
        for text in [
            "enable password v4Lue9",
            "enable password 7 v4Lue9",
            "enable secret level 5 0 v4Lue9",
            "username bob password 0 v4Lue9",
            " username bob privilege 15 secret v4Lue9 ",
            " neighbor 10.0.0.1 password 7 v4Lue9",
            "ppp chap password 0 v4Lue9",
            "set password v4Lue9",
            "d-i passwd/root-password password v4Lue9",
        ] {
            assert_eq!(value(text), Some("v4Lue9"), "{text}");
        }
        for text in
            ["enable password authentication for all", "the password v4Lue9", "enable password", "user password v4Lue9", "username and password: v4Lue9"]
        {
            assert_eq!(value(text), None, "{text}");
        }
    }
}
