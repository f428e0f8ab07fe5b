//! Regular expressions as Go writes them, in the language of the `regex` crate.
//!
//! Both come from RE2 and agree but for details: Go quotes with `\Q…\E`, takes `{` for itself where no repetition follows, writes bytes in octal, and knows
//! no sets inside of sets. What is looked for is bytes here: classes of Unicode are refused by the parser that comes next.

use std::iter::Peekable;
use std::str::Chars;

/// The same expression in our language.
///
/// # Errors
/// What has no counterpart.
pub fn translated(text: &str) -> Result<String, String> {
    let mut rest = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut rest, &mut out, false)?,
            '[' => class(&mut rest, &mut out)?,
            '{' if !begins_repetition(rest.clone()) => out.push_str("\\{"),
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// Whether `n}`, `n,}` or `n,m}` follows.
fn begins_repetition(rest: Peekable<Chars<'_>>) -> bool {
    let inside: String = rest.take(16).take_while(|&c| c != '}').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match inside.split_once(',') {
        None => is_number(&inside),
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
    }
}

/// What follows a backslash.
fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String, is_in_class: bool) -> Result<(), String> {
    let c = rest.next().ok_or("it ends with a backslash")?;
    match c {
        'Q' if !is_in_class => {
            let mut quoted = String::new();
            while let Some(c) = rest.next() {
                if c == '\\' && rest.next_if_eq(&'E').is_some() {
                    break;
                }
                quoted.push(c);
            }
            quoted.chars().for_each(|c| literal(c, out));
        }
        // An end without a beginning.
        'E' if !is_in_class => {}
        'C' if !is_in_class => out.push_str("(?s:.)"),
        '0'..='7' => {
            let mut value = c as u32 - '0' as u32;
            let mut n = 1;
            while n < 3
                && let Some(digit) = rest.next_if(|c| ('0'..='7').contains(c))
            {
                value = value * 8 + (digit as u32 - '0' as u32);
                n += 1;
            }
            if n == 1 && c != '0' {
                return Err(format!("`\\{c}` refers back to a group, which takes more than linear time"));
            }
            out.push_str(&format!("\\x{{{value:X}}}"));
        }
        c if c.is_ascii_punctuation() => literal(c, out),
        c => out.extend(['\\', c]),
    }
    Ok(())
}

/// A character that means itself.
fn literal(c: char, out: &mut String) {
    // These two mean something else with a backslash.
    if c.is_ascii_punctuation() && !matches!(c, '<' | '>') {
        out.push('\\');
    }
    out.push(c);
}

/// A class, of which the opening bracket is read.
fn class(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), String> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    // Whether what was read last is one character, from which a range may go on.
    let (mut is_first, mut may_begin_range) = (true, false);
    loop {
        let c = rest.next().ok_or("a class is not closed")?;
        match c {
            ']' if !is_first => {
                out.push(']');
                return Ok(());
            }
            '[' if named_class(rest, out) => may_begin_range = false,
            '-' if may_begin_range && rest.peek() != Some(&']') => {
                out.push('-');
                match rest.next().ok_or("a class is not closed")? {
                    '\\' => escape(rest, out, true)?,
                    end => literal(end, out),
                }
                may_begin_range = false;
            }
            '\\' => {
                may_begin_range = !matches!(rest.peek(), Some('d' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P'));
                escape(rest, out, true)?;
            }
            _ => {
                literal(c, out);
                may_begin_range = true;
            }
        }
        is_first = false;
    }
}

/// Copies a class by its name, `[:alpha:]`, of which the bracket is read, if one stands there: it is the same in both.
fn named_class(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> bool {
    let name: String = rest.clone().take(16).take_while(|&c| c != ']').collect();
    let is_name = name.len() > 2 && name.starts_with(':') && name.ends_with(':');
    if is_name {
        out.extend(['[', ']']);
        out.insert_str(out.len() - 1, &name);
        (0..=name.len()).for_each(|_| {
            rest.next();
        });
    }
    is_name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::pattern::Expression;

    #[test]
    fn what_go_writes_otherwise_is_translated() {
        for (theirs, found, not_found) in [
            (r"\Qa.b\E+", "a.bb", "aab"),
            (r"\Qa.b", "a.b", "axb"),
            (r"a{b", "a{b", "ab"),
            (r"a{,2}", "a{,2}", "aa"),
            (r"\$\{[A-Z]{2}}", "${AB}", "$AB"),
            (r"\x41\101\z", "AA", "AAb"),
            (r"[[:alpha:]_]+=[[]", "a_b=[", "1=["),
            (r"[a&&b]{3}x", "&&ax", "ccx"),
            (r"[+--]z", ",z", "*z"),
            (r"[a-]b[-a]c[]]d", "-b-c]d", "xb-c]d"),
            (r"[\w-.]{2}[a-c-e]{2}z", ".--ez", "..ddz"),
            (r"[\w.-]{3}[~~]", "a.-~", "a.-!"),
            (r"a\<b\>c\'\/", "a<b>c'/", "abc'/"),
            (r"(?i)k\sq", "K q", "k\u{a0}q"),
            (r"(?P<name>ab)c", "abc", "ac"),
            (r"[\x60'\x22]q[\[\]]", "`q]", "xq]"),
        ] {
            let ours = translated(theirs).unwrap_or_else(|what| panic!("{theirs}: {what}"));
            let expression = Expression::parse(&ours).unwrap_or_else(|what| panic!("{theirs} as {ours}: {what}"));
            assert!(expression.is_found_in(found.as_bytes()), "{theirs} as {ours}: {found}");
            assert!(!expression.is_found_in(not_found.as_bytes()), "{theirs} as {ours}: {not_found}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_said() {
        for text in [r"(a)\1", r"a\", "[a", r"\pL", r"(?=a)", r"[\p{Greek}]", r"(?x y"] {
            let error = translated(text).and_then(|ours| Expression::parse(&ours).map(drop)).expect_err(text);
            assert!(!error.is_empty() && !error.contains('\n'), "{text}: {error}");
        }
    }
}
