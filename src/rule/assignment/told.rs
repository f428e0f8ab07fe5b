//! Passwords as people tell them to each other, in notes and comments: `the password is: …`, `Password -> …`, `pwd / …`, `user/pass: bob/…`,
//! `| Password | … |`. What looks like a word is the next one of a sentence.

use super::value::names_password;
use super::{Assignment, LONGEST_VALUE, Operator, before, skip_spaces};
use crate::span::Span;

/// What stands between the word for a password and the password.
const BETWEEN: [&[u8]; 6] = [b" is: ", b" is ", b" -> ", b" / ", b" ist: ", b" ist "];
/// Words for the user before that for the password: `user/pass`.
const USERS: [&[u8]; 6] = [b"user", b"username", b"login", b"user name", b"email", b"id"];
/// The shortest password that is told so.
const SHORTEST: usize = 6;

/// The password that is told behind `name`.
pub(super) fn read(line: &[u8], name: Span) -> Option<Assignment> {
    let rest = &line[name.end..];
    let start = match BETWEEN.iter().find(|between| rest.starts_with(between)) {
        Some(between) => skip_spaces(line, name.end + between.len()),
        None => behind_user(line, name).or_else(|| in_next_cell(line, name))?,
    };
    if !names_password(name.of(line)) || name.of(line).iter().any(|byte| !byte.is_ascii_alphabetic()) {
        return None;
    }
    let value = word(line, start);
    is_no_word(value.of(line)).then_some(Assignment { name, value, operator: Operator::Following, is_quoted: false, is_whole: false })
}

/// Whether a word has digits with marks among its letters, or letters of both cases around them. Names of types, versions and algorithms have their digits at
/// the end, or joined with other marks: `String255`, `SHA-512+salt`, `OAuth2/OIDC`.
pub(super) fn is_no_word(word: &[u8]) -> bool {
    let has = |is_kind: fn(&u8) -> bool| word.iter().any(is_kind);
    let is_joined = has(|byte| b"()[]{}<>|;'\"`,\\+-./:".contains(byte));
    let has_marks = has(|byte| b"!@#$%^&*?=~".contains(byte));
    let has_digit_inside = word.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has_digit_inside;
    (SHORTEST..=LONGEST_VALUE).contains(&word.len()) && !is_joined && has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit) && (has_marks || is_mixed)
}

/// Where the password begins that stands behind its user: `user/pass: bob/…`, `login:password = bob:…`. The mark between both is that between their names.
fn behind_user(line: &[u8], name: Span) -> Option<usize> {
    let before = line[name.start.saturating_sub(16)..name.start].trim_ascii_end();
    let (mark, before) = before.split_last().filter(|(mark, _)| matches!(mark, b'/' | b':'))?;
    let before = before.trim_ascii_end();
    let ends_with = |user: &&[u8]| before.len() >= user.len() && before[before.len() - user.len()..].eq_ignore_ascii_case(user);
    let is_free = |user: &&[u8]| before.len() == user.len() || !before[before.len() - user.len() - 1].is_ascii_alphanumeric();
    USERS.iter().filter(|user| ends_with(user)).find(|user| is_free(user))?;
    let at = skip_spaces(line, name.end);
    let at = line.get(at..)?.first().filter(|byte| matches!(byte, b':' | b'=' | b'-')).map(|_| skip_spaces(line, at + 1))?;
    let user = word(line, at);
    let inside = memchr::memchr(*mark, user.of(line));
    let between = skip_spaces(line, user.end);
    match inside {
        Some(n) if n > 0 && n + 1 < user.len() => Some(at + n + 1),
        None if line.get(between) == Some(mark) && !user.is_empty() => Some(skip_spaces(line, between + 1)),
        _ => None,
    }
}

/// Where the cell begins that is next to that of `name` in the row of a table: `| Password | … |`.
fn in_next_cell(line: &[u8], name: Span) -> Option<usize> {
    let is_cell = before::begins_line(line, name, |before| before.trim_ascii() == b"|");
    let mark = skip_spaces(line, name.end);
    (is_cell && line.get(mark) == Some(&b'|')).then(|| skip_spaces(line, mark + 1))
}

/// The word at `at`, without the quotes around it and the mark that ends a sentence.
fn word(line: &[u8], at: usize) -> Span {
    let n_quotes = line[at..].iter().take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'*')).count();
    let start = at + n_quotes;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b')' | b'<' | b'\\');
    let n = line[start..].iter().position(ends).unwrap_or(line.len() - start);
    let n_behind = line[start..start + n].iter().rev().take_while(|byte| matches!(byte, b'.' | b'*')).count();
    // A star is one of bold text only where others stand before the word.
    let n_behind = if line[start..start + n].ends_with(b"*") && n_quotes == 0 { 0 } else { n_behind };
    Span::new(start, start + n - n_behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    #[test]
    fn a_password_is_told_behind_its_name() {
        let value = |text: &'static str| {
            let at = text.to_ascii_lowercase().find("pass").or_else(|| text.find("pwd")).expect("the text has a name");
            read(text.as_bytes(), name_around(text.as_bytes(), at)?).map(|found| &text[found.value.start..found.value.end])
        };
        for text in [
            "The password is: v4Lue9",
            "the password is v4Lue9.",
            "# password is `v4Lue9`, he said",
            "Password -> v4Lue9",
            "pwd / v4Lue9",
            "user/pass: bob/v4Lue9",
            "Username/Password: bob / v4Lue9",
            "(login:password = bob:v4Lue9)",
            "user / password - bob / v4Lue9",
            "| Password | `v4Lue9` |",
        ] {
            assert_eq!(value(text), Some("v4Lue9"), "{text}");
        }
        for text in [
            "the password is wrong",
            "the password is: required",
            "if password is None",
            "password -> encode(p4ss)",
            "password => v4Lue9",
            "echo $password | v4Lue9",
            "| user | password | v4Lue9 |",
            "password / username",
            "users/password: bob/x",
            "multiuser/pass: bob/v4Lue9",
            "user/pass: bob",
            "user/pass",
            "password is ",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "/", ":", " is ", "\"", "*", ".", "\u{e9}", "user", " / "];
        for left in junk {
            for middle in junk {
                for right in junk {
                    for last in junk {
                        let text = format!("{left}{middle}password{right}{last}");
                        let at = text.find("password").expect("it is there");
                        read(text.as_bytes(), Span::new(at, at + 8));
                    }
                }
            }
        }
    }
}
