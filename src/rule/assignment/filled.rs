//! What is typed into a field of a form: tests of pages, and programs that log in as people do, name the field and say what to type.

use super::value::Made;
use super::{Assignment, Operator, is_name, opening, skip_spaces, wrapper};
use crate::span::Span;

/// Functions and methods that type into a field.
const TYPE: [&[u8]; 13] =
    [b"type", b"fill", b"fill_in", b"fillField", b"fill_field", b"sendKeys", b"send_keys", b"setValue", b"set_value", b"typeText", b"change", b"set", b"val"];
/// Parts of the names of fields for passwords. All begin alike, by which they are looked for.
const FIELDS: [&[u8]; 5] = [b"password", b"passwd", b"passphrase", b"passcode", b"pwd"];
/// Keywords of Robot Framework that type into a field.
const KEYWORDS: [&[u8]; 6] = [b"Input Text", b"Input Password", b"Fill Text", b"Fill Secret", b"Type Text", b"Type Password"];
/// What stands before a text behind the name of its field.
const BEFORE_TEXT: [&[u8]; 7] =
    [b"with: ", b":with => ", b"{ with: ", b"{ target: { value: ", b"{target: {value: ", b"{ target: {value: ", b"{target: { value: "];
/// How far before and behind a name its field is looked at.
const REACH: usize = 80;
/// Calls between a field and what is typed: `.first().clear().type("…")`.
const MOST_CALLS: usize = 4;

/// The text that is typed into the field that this `name` of a line is, or stands in.
pub(super) fn read(line: &[u8], name: Span) -> Option<Assignment> {
    if !is_field(line, name) {
        return None;
    }
    let found = by_field(line, name).or_else(|| by_cells(line, name))?;
    // What Cypress presses behind it.
    let n = found.value.of(line).strip_suffix(b"{enter}").map_or(found.value.len(), <[u8]>::len);
    let value = Span::new(found.value.start, found.value.start + n);
    (!value.is_empty()).then_some(Assignment { name, value, operator: Operator::Typed, ..found })
}

/// Whether a name may be that of a field for a password.
fn is_field(line: &[u8], name: Span) -> bool {
    let name = name.of(line);
    let begins = |part: &[u8]| FIELDS.iter().any(|field| part.len() >= field.len() && part[..field.len()].eq_ignore_ascii_case(field));
    memchr::memchr2_iter(b'p', b'P', name).any(|at| begins(&name[at..]))
}

/// The text that a method types into the field that it belongs to: `password_input.send_keys("…")`.
pub(super) fn by_method(line: &[u8], name: Span) -> Option<Assignment> {
    let is_called = line.get(name.end) == Some(&b'(');
    let dot = memchr::memrchr(b'.', name.of(line)).filter(|_| is_called)?;
    let (field, method) = (Span::new(name.start, name.start + dot), &name.of(line)[dot + 1..]);
    (TYPE.contains(&method) && is_field(line, field)).then(|| string(line, name, name.end + 1))?
}

/// `type("#password", "…")`, `get("#password").type("…")`, `fill_in "Password", with: "…"`, `change(password, { target: { value: "…" } })`.
fn by_field(line: &[u8], name: Span) -> Option<Assignment> {
    let (start, mut at) = field_around(line, name)?;
    let mut n_closed = 0;
    while line.get(at) == Some(&b')') && n_closed < 3 {
        (at, n_closed) = (at + 1, n_closed + 1);
    }
    let rest = line.get(at..)?;
    match rest.first()? {
        b',' => is_argument(line, start, n_closed).then(|| {
            let text = skip_spaces(line, at + 1);
            let n = BEFORE_TEXT.iter().find(|before| line[text..].starts_with(before)).map_or(0, |before| before.len());
            string(line, name, text + n)
        })?,
        b'.' | b'-' if n_closed > 0 => chained(line, name, at),
        b' ' if n_closed == 0 && rest.starts_with(b" with \"") => string(line, name, at + b" with ".len()),
        _ => None,
    }
}

/// Where the field begins and ends that a name is, or stands in: `"#password"`, `'input[name="password"]'`, `/password/i`, `password`.
fn field_around(line: &[u8], name: Span) -> Option<(usize, usize)> {
    let floor = name.start.saturating_sub(REACH);
    let opens = |at: usize| {
        let before = line[floor..at].trim_ascii_end();
        matches!(line[at], b'"' | b'\'' | b'`' | b'/')
            && (matches!(before.last(), Some(b'(' | b',')) || before.ends_with(b"fill in") || before.ends_with(b"fill_in"))
    };
    if line[floor..name.start].ends_with(b"fill_in :") {
        return Some((name.start - 1, name.end));
    }
    let Some(start) = (floor..name.start).rev().take_while(|at| line[*at] != b'\n').find(|at| opens(*at)) else {
        return line[floor..name.start].ends_with(b"(").then_some((name.start, name.end));
    };
    let rest = &line[name.end..line.len().min(name.end + REACH)];
    let end = name.end + memchr::memchr(line[start], rest)? + 1;
    let n_flags = if line[start] == b'/' { line[end..].iter().take(3).take_while(|byte| byte.is_ascii_alphabetic()).count() } else { 0 };
    Some((start, end + n_flags))
}

/// Whether the field that begins at `start` is an argument of a function that types, so many calls around it.
fn is_argument(line: &[u8], start: usize, n_around: usize) -> bool {
    let before = &line[start.saturating_sub(REACH)..start];
    let mut outer = before.trim_ascii_end();
    if n_around == 0 && outer.ends_with(b"fill_in") {
        return true;
    }
    for _ in 0..=n_around {
        let Some(open) = memchr::memrchr(b'(', outer) else { return false };
        outer = &outer[..open];
    }
    let n_word = outer.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let called = &outer[outer.len() - n_word..];
    // What is set by a name is an entry of a table.
    TYPE.contains(&called) && !matches!(called, b"set" | b"val")
}

/// What a method types into a field that was looked up: its call follows at `at`, behind others or not. Scripts of pages set the value.
fn chained(line: &[u8], name: Span, mut at: usize) -> Option<Assignment> {
    for _ in 0..MOST_CALLS {
        let rest = line.get(at..)?;
        let n_mark = if rest.starts_with(b"->") { 2 } else { usize::from(rest.starts_with(b".")) };
        if n_mark == 0 {
            return None;
        }
        if rest.starts_with(b".value = ") {
            return string(line, name, at + b".value = ".len());
        }
        let n_method = rest[n_mark..].iter().take_while(|byte| is_name(**byte) && **byte != b'.').count();
        let open = at + n_mark + n_method;
        if line.get(open) != Some(&b'(') {
            return None;
        }
        if TYPE.contains(&&line[at + n_mark..open]) {
            return string(line, name, open + 1);
        }
        at = open + memchr::memchr(b')', &line[open..line.len().min(open + REACH)])? + 1;
    }
    None
}

/// The string at `at`.
fn string(line: &[u8], name: Span, at: usize) -> Option<Assignment> {
    let (n_escapes, quote, inside) = opening(line, wrapper::skip(line, skip_spaces(line, at)))?;
    Made { line, name, operator: Operator::Typed }.quoted(n_escapes, quote, inside)
}

/// The cells of Robot Framework: `Input Text    id=password    …`, `${PASSWORD}    …`.
fn by_cells(line: &[u8], name: Span) -> Option<Assignment> {
    let before = &line[name.start.saturating_sub(REACH)..name.start];
    let start = name.start - before.len() + memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let lead = Span::new(start, name.start).of(line).trim_ascii_start();
    let first = name.start - lead.len();
    let keyword = KEYWORDS.iter().find(|keyword| line[first..].starts_with(keyword));
    let nth = match () {
        () if lead == b"${" && line.get(name.end) == Some(&b'}') => 1,
        () if keyword.is_some() => 2,
        () => return None,
    };
    let mut at = first;
    for _ in 0..nth {
        at = next_cell(line, at)?;
    }
    let end = gap(line, at).map_or(line.len(), |(end, _)| end);
    let value = Span::new(at, at + line[at..end].trim_ascii_end().len());
    let is_variable = value.of(line).windows(2).any(|pair| matches!(pair, b"${" | b"%{" | b"@{"));
    (value.start >= name.end && !is_variable && !value.of(line).contains(&b' ')).then_some(Assignment {
        name,
        value,
        operator: Operator::Typed,
        is_quoted: false,
        is_whole: true,
    })
}

/// Where the cell behind the one at `at` begins.
fn next_cell(line: &[u8], at: usize) -> Option<usize> {
    gap(line, at).map(|(_, next)| next).filter(|next| *next < line.len())
}

/// Two spaces or more, or a tab, behind `at`: where they begin and end.
fn gap(line: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = line.len().min(at + REACH);
    let start = (at..end).find(|&here| line[here] == b'\t' || line[here] == b' ' && line.get(here + 1) == Some(&b' '))?;
    Some((start, skip_spaces(line, start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::assignment::name_around;

    fn value(text: &str) -> Option<&str> {
        let at = text.to_ascii_lowercase().rfind("password").expect("the text has the name");
        let (text_bytes, name) = (text.as_bytes(), name_around(text.as_bytes(), at)?);
        let found = by_method(text_bytes, name).or_else(|| read(text_bytes, name))?;
        Some(&text[found.value.start..found.value.end])
    }

    #[test]
    fn what_is_typed_into_a_field_is_its_value() {
        for text in [
            "password_input.send_keys(\"v4lue\")",
            "this.passwordField.type('v4lue')",
            "page.type('#password', 'v4lue');",
            "page.fill('input[name=\"password\"]', \"v4lue\");",
            "browser->type('password', 'v4lue')->press('Login');",
            "cy.get('#password').type('v4lue');",
            "cy.get('#password').type('v4lue{enter}');",
            "cy.get(\"[name=password]\").first().clear().type(\"v4lue\")",
            "$('#password').val('v4lue');",
            "document.getElementById('password').value = 'v4lue';",
            "driver.findElement(By.id(\"password\")).sendKeys(\"v4lue\");",
            "driver.find_element(By.NAME, \"password\").send_keys(\"v4lue\")",
            "page.getByLabel('Password').fill('v4lue')",
            "userEvent.type(screen.getByLabelText(/password/i), 'v4lue');",
            "fireEvent.change(passwordInput, { target: { value: 'v4lue' } });",
            "fireEvent.change(getByTestId('password'), {target: {value: 'v4lue'}})",
            "fill_in 'Password', with: 'v4lue'",
            "fill_in(\"user_password\", with: \"v4lue\")",
            "fill_in :password, :with => 'v4lue'",
            "fill_in \"Password\", :with => 'v4lue'",
            "When I fill in \"Password\" with \"v4lue\"",
            "    Input Text    id=password    v4lue",
            "    Input Text    id=password    v4lue    clear=True",
            "${PASSWORD}    v4lue",
        ] {
            assert_eq!(value(text), Some("v4lue"), "{text}");
        }
        let keyword = "    Input Password    id=field    v4lue";
        assert_eq!(value(keyword), Some("v4lue"));
    }

    #[test]
    fn other_calls_type_nothing() {
        for text in [
            "page.click('#password', 'v4lue');",
            "page.type('#password', text);",
            "page.type('#password', \"a\" + b);",
            "cy.get('#password').should('have.value', 'v4lue')",
            "cy.get('#password').type('{enter}')",
            "expect(passwordInput, { target: 'v4lue' })",
            "$('#password').attr('class', 'v4lue')",
            "getByLabel('Password').waitFor('v4lue')",
            "I see \"Password\" with \"v4lue",
            "    Should Contain    password    v4lue",
            "${PASSWORD}    ${OTHER}",
            "${PASSWORD} v4lue",
            "password",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "(", ")", ".", "->", ", ", "  ", "\t", "/", "${", "}", "\u{e9}", "\n"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    value(&format!("fill_in({left}password{middle}{right}"));
                    value(&format!("{left}password{middle}{right}.type("));
                }
            }
        }
    }
}
