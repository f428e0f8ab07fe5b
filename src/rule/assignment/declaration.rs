//! Declarations: the line of a name says that its value follows, in another argument or on a later line.
//!
//! Settings of containers have `name: X` and `value: …` side by side, XML has elements in that place, Terraform a block with a `default`, parsers of options
//! an argument of that name; YAML breaks a line behind `|`, any language behind `=`, and XML behind a tag. Whether there is a declaration is decided by the line of the name
//! alone, so that it can be handed on from blob to blob; where its value stands is read when that is asked.

use super::{Assignment, below, insert, is_name, list, on_its_line, skip_white, table};
use crate::span::Span;

/// How far before a name its line is looked at, how far behind it the value may stand, and on how many lines.
const BEFORE: usize = 256;
const REACH: usize = 800;
const MOST_LINES: usize = 12;
/// Words for a name beside which the value stands, and words for that value.
const KEYS: [&[u8]; 8] = [b"name", b"key", b"parameterkey", b"parametername", b"param-name", b"variable", b"var", b"field"];
const HOLDERS: [&[u8]; 7] = [b"value", b"parametervalue", b"param-value", b"defaultvalue", b"default", b"val", b"string"];
/// Elements of pages whose values are shown to people.
const SHOWN: [&[u8]; 6] = [b"<input", b"<button", b"<option", b"<label", b"<textarea", b"<meta"];

/// How the value of a name is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `name: X` and `value: …`, or the other way round; what the word before the name is, and where.
    Sibling(Span),
    /// `<X>` and `<value>…</value>` in it, or its text on the next line.
    Nested,
    /// `variable "X" {` and `default = …`.
    Block,
    /// `option("X", default="…")`.
    Argument,
    /// `X: |` and the value on the next line.
    Scalar,
    /// `X =` and the value on the next line.
    Broken,
    /// `- --X` and `- value`, `"--X",` and `"value",`: arguments of a command, one a line.
    Item,
    /// The column of a statement that inserts rows (`insert`).
    Column,
    /// A list of several (`list`).
    List,
    /// The header of a column of a table (`table`).
    Table,
}

/// Whether the line of `name` declares that its value follows.
pub(super) fn is_one(text: &[u8], name: Span) -> bool {
    form(text, name).is_some()
}

/// The assignment that a declaration of `name` makes.
pub(super) fn read(text: &[u8], name: Span) -> Option<Assignment> {
    let (form, at) = form(text, name)?;
    let found = match form {
        Form::Sibling(key) => on_its_line(text, sibling(text, at, key).or_else(|| sibling_before(text, key))?),
        Form::Nested => nested(text, at).and_then(|word| on_its_line(text, word)).or_else(|| below::element(text, name, at)),
        Form::Block => on_its_line(text, in_block(text, at)?).filter(|found| found.is_quoted),
        Form::Argument => on_its_line(text, argument(text, at)?).filter(|found| found.is_quoted),
        Form::Scalar => below::scalar(text, name, at),
        Form::Broken => below::broken(text, name, at),
        Form::Item => below::next_item(text, name, at),
        Form::Column => insert::first_row(text, name),
        Form::List if list::read(text, name).is_empty() && ends_line(text, name) => below::broken(text, name, at),
        Form::List => list::read(text, name).first().copied(),
        Form::Table => table::read(text, name).first().copied(),
    }?;
    Some(Assignment { name, ..found })
}

/// Whether nothing but an operator stands behind `name` on its line.
fn ends_line(text: &[u8], name: Span) -> bool {
    lines(text, name.end).next().is_some_and(|rest| matches!(rest.of(text).trim_ascii(), b":" | b"\":" | b"':"))
}

/// How the line of `name` declares it, and where what declares it ends.
fn form(text: &[u8], name: Span) -> Option<(Form, usize)> {
    let line_end = text.len().min(name.end + REACH);
    let line = &text[..memchr::memchr(b'\n', &text[name.end..line_end]).map_or(line_end, |n| name.end + n)];
    if list::opens(line, name) {
        return Some((Form::List, name.end));
    }
    if table::heads(text, name) {
        return Some((Form::Table, name.end));
    }
    // In a sentence a word follows; that declares nothing, unless it is a type before an `=`.
    let is_followed_by_word = line[name.end..].trim_ascii_start().first().is_some_and(u8::is_ascii_alphabetic);
    if is_followed_by_word && !line.trim_ascii_end().ends_with(b" =") {
        return None;
    }
    let before = &text[name.start.saturating_sub(BEFORE)..name.start];
    let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let dashes = before.iter().rev().take_while(|byte| **byte == b'-').count();
    let undashed = &before[..before.len() - dashes];
    let quote = undashed.last().copied().filter(|byte| matches!(byte, b'"' | b'\'') && line.get(name.end) == Some(byte));
    let at = name.end + usize::from(quote.is_some());
    let outer = if quote.is_some() { &undashed[..undashed.len() - 1] } else { before };
    let behind = line[at..].trim_ascii();
    let first = behind.first().copied();
    let lead = outer.trim_ascii_end();
    let is_item = if quote.is_some() { lead.is_empty() && behind == b"," } else { undashed.trim_ascii() == b"-" && behind.is_empty() };
    if dashes == 2 && is_item {
        return Some((Form::Item, at));
    }
    if insert::is_column(line, name) {
        return Some((Form::Column, name.end));
    }
    if let Some(key) = key_before(outer, name.start - before.len()) {
        let is_element = before.contains(&b'<') && !SHOWN.iter().any(|shown| memchr::memmem::find(before, shown).is_some());
        let is_attribute = is_element && quote.is_some() && (behind.ends_with(b">") || first.is_some_and(|byte| byte.is_ascii_alphabetic()));
        let is_last = first == Some(b'}') && before_on_line(text, key).is_some();
        return (matches!(first, None | Some(b',' | b';' | b'#')) || is_last || is_element && behind.starts_with(b"</") || is_attribute)
            .then_some((Form::Sibling(key), at));
    }
    match first {
        Some(b'>') if quote.is_none() && before.ends_with(b"<") && (behind.len() == 1 || first_holder(text, at + 1).is_some()) => Some((Form::Nested, at)),
        Some(b'{') if quote == Some(b'"') && lead.ends_with(b"variable") => Some((Form::Block, at)),
        Some(b',') if quote.is_some() && matches!(lead.last(), Some(b'(' | b',')) => Some((Form::Argument, at)),
        Some(b':') if dashes == 0 && is_block_scalar(behind) => Some((Form::Scalar, at)),
        Some(b':' | b'=') if matches!(behind, b":" | b"=" | b":=" | b"=>" | b"= (" | b"=(" | b"= \\" | b": (") => Some((Form::Broken, at)),
        // A type stands between.
        Some(b':' | b'a'..=b'z' | b'A'..=b'Z') if quote.is_none() && behind.len() <= 40 && behind.ends_with(b" =") && !behind.contains(&b'(') => {
            Some((Form::Broken, at))
        }
        _ => None,
    }
}

/// Whether what stands behind a name is the head of a block scalar of YAML: `: |`, `: >-`.
fn is_block_scalar(behind: &[u8]) -> bool {
    let head = behind[1..].trim_ascii_start();
    behind.len() > head.len() + 1 && matches!(head, b"|" | b">" | b"|-" | b">-" | b"|+" | b">+")
}

/// The word for a name before it: `name: `, `"key": `, `<name>`; `before` begins at `start`.
fn key_before(before: &[u8], start: usize) -> Option<Span> {
    let word_end = match before.strip_suffix(b">") {
        Some(inner) => inner.len(),
        None => {
            let inner = before.trim_ascii_end().strip_suffix(b":").or_else(|| before.trim_ascii_end().strip_suffix(b"="))?.trim_ascii_end();
            inner.len() - usize::from(matches!(inner.last(), Some(b'"' | b'\'')))
        }
    };
    let n_word = before[..word_end].iter().rev().take_while(|byte| is_name(**byte)).count();
    let word = Span::new(word_end - n_word, word_end);
    let is_element = before.ends_with(b">") && before[..word.start].last() != Some(&b'<');
    (!is_element && is_among(word.of(before), &KEYS)).then(|| word.shifted(start))
}

fn is_among(word: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The lines from `at` on, the rest of its own first, as far as a value may stand.
pub(super) fn lines(text: &[u8], at: usize) -> impl Iterator<Item = Span> {
    let end = text.len().min(at + REACH);
    let mut next = Some(at);
    std::iter::from_fn(move || {
        let start = next?;
        let stop = memchr::memchr(b'\n', &text[start..end]).map(|n| start + n);
        next = stop.map(|stop| stop + 1);
        Some(Span::new(start, stop.unwrap_or(end)))
    })
    .take(MOST_LINES)
}

/// Where the first word of a line stands, without the quote or the bracket before it.
fn first_word(text: &[u8], line: Span) -> Span {
    let indent = line.of(text).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = line.start + indent;
    let start = start + usize::from(matches!(text.get(start), Some(b'"' | b'\'' | b'<')));
    word_at(text, start.min(line.end))
}

fn word_at(text: &[u8], start: usize) -> Span {
    Span::new(start, start + text[start..].iter().take(40).take_while(|byte| is_name(**byte)).count())
}

/// How far a place is from the beginning of its line.
pub(super) fn column(text: &[u8], at: usize) -> usize {
    text[at.saturating_sub(BEFORE)..at].iter().rev().take_while(|byte| **byte != b'\n').count()
}

/// The word for the value beside a name: on the same line, or the first of a later one, which stands below the word for the name.
fn sibling(text: &[u8], at: usize, key: Span) -> Option<Span> {
    for (n, line) in lines(text, at).enumerate() {
        if n == 0 {
            match on_same_line(text, line, key) {
                Some(found) => return found,
                None => continue,
            }
        }
        let word = first_word(text, line);
        let inside = line.of(text).trim_ascii_start();
        if inside.is_empty() || [b"- ".as_slice(), b"}", b"]", b"</"].iter().any(|end| inside.starts_with(end)) || word.of(text) == key.of(text) {
            return None;
        }
        let is_below = n == 1 || column(text, word.start) == column(text, key.start);
        if is_below && is_among(word.of(text), &HOLDERS) {
            return Some(word);
        }
    }
    None
}

/// The word for the value before the word for the name: on its line, or the first of an earlier one of the same list of members. One that has a name before
/// it belongs to that.
fn sibling_before(text: &[u8], key: Span) -> Option<Span> {
    if let Some(found) = before_on_line(text, key) {
        return Some(found);
    }
    let mut start = key.start - column(text, key.start);
    // A mark of a list begins a member, an opening bracket all of them.
    let is_first = |start: usize, end: usize| text[start..end].iter().any(|byte| matches!(byte, b'-' | b'{' | b'(' | b'['));
    let is_lead = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<');
    if !text[start..key.start].iter().all(is_lead) {
        return None;
    }
    let mut found = None;
    for _ in 0..MOST_LINES {
        let Some(end) = start.checked_sub(1) else { return found };
        start = end - column(text, end);
        let line = Span::new(start, end);
        if line.len() == BEFORE {
            return None;
        }
        let n_lead = line.of(text).iter().take_while(|byte| is_lead(byte) || matches!(byte, b'-' | b'{')).count();
        let word = word_at(text, start + n_lead);
        let inside = line.of(text).trim_ascii();
        let begins = [b"}".as_slice(), b"]", b"</"].iter().any(|end| inside.starts_with(end));
        let ends = [b"}".as_slice(), b"},"].iter().any(|end| inside.ends_with(end)) || inside.len() > 1 && inside.ends_with(b"{");
        if inside.is_empty() || begins || ends {
            return found;
        }
        let is_beside = column(text, word.start) == column(text, key.start);
        if word.of(text) == key.of(text) && is_beside {
            return None;
        }
        if is_beside && found.is_none() && is_among(word.of(text), &HOLDERS) {
            found = Some(word);
        }
        if is_first(start, word.start) {
            return found;
        }
    }
    None
}

/// The word for the value on the line of the word for the name, before it and in the same brackets.
fn before_on_line(text: &[u8], key: Span) -> Option<Span> {
    let start = key.start - column(text, key.start);
    let open = start + memchr::memrchr2(b'{', b'(', &text[start..key.start])? + 1;
    let is_closed = memchr::memchr2(b'}', b')', &text[open..key.start]).is_some();
    if is_closed { None } else { on_same_line(text, Span::new(open, key.start), key)? }
}

/// The word for the value that the element whose tag ends at `at` begins with.
fn nested(text: &[u8], at: usize) -> Option<Span> {
    first_holder(text, skip_white(&text[..text.len().min(at + REACH)], at + 1))
}

/// The word for the value in the tag that opens at `at`.
fn first_holder(text: &[u8], at: usize) -> Option<Span> {
    let word = (text.get(at) == Some(&b'<')).then(|| word_at(text, at + 1))?;
    (is_among(word.of(text), &HOLDERS) && text.get(word.end) == Some(&b'>')).then_some(word)
}

/// The word for the value on the rest of the line of the name, `Some(None)` if what declares the name ends there without one.
fn on_same_line(text: &[u8], line: Span, key: Span) -> Option<Option<Span>> {
    let mut at = line.start;
    while at < line.end {
        let word = word_at(text, at);
        let before = text[at - 1];
        match text[at] {
            b'}' => return Some(None),
            b'/' if text.get(at + 1) == Some(&b'>') => return Some(None),
            _ if word.is_empty() => at += 1,
            _ if before != b'/' && word.of(text) == key.of(text) => return Some(None),
            _ if before != b'/' && is_among(word.of(text), &HOLDERS) && is_assigned(text, word) => return Some(Some(word)),
            _ => at = word.end,
        }
    }
    None
}

/// Whether something is assigned to the word at `word`.
fn is_assigned(text: &[u8], word: Span) -> bool {
    let behind = &text[word.end..text.len().min(word.end + 8)];
    let behind = behind.strip_prefix(b"\"").or_else(|| behind.strip_prefix(b"'")).unwrap_or(behind).trim_ascii_start();
    match behind.first() {
        Some(b':' | b'=') => true,
        Some(b'>') => text[..word.start].last() == Some(&b'<'),
        _ => false,
    }
}

/// The word `default` of a block that begins at `at`.
fn in_block(text: &[u8], at: usize) -> Option<Span> {
    let mut lines = lines(text, at);
    let own = lines.next()?;
    if let Some(found) = on_same_line(text, own, Span::new(at, at)) {
        return found.filter(|word| word.of(text) == b"default");
    }
    lines.take_while(|line| line.of(text).trim_ascii() != b"}").map(|line| first_word(text, line)).find(|word| word.of(text) == b"default")
}

/// The word `default` among the arguments that go on at `at`.
fn argument(text: &[u8], at: usize) -> Option<Span> {
    let end = lines(text, at).last()?.end;
    let (mut at, mut depth) = (at, 0);
    while at < end {
        let word = word_at(text, at);
        match text[at] {
            quote @ (b'"' | b'\'' | b'`') => at += 2 + text[at + 1..end].iter().position(|byte| *byte == quote || *byte == b'\n')?,
            b'(' | b'[' | b'{' => (at, depth) = (at + 1, depth + 1),
            b')' | b']' | b'}' if depth == 0 => return None,
            b')' | b']' | b'}' => (at, depth) = (at + 1, depth - 1),
            _ if word.is_empty() => at += 1,
            _ if depth < 2 && text[at - 1] != b'.' && is_among(word.of(text), &[b"default", b"default_value"]) && is_assigned(text, word) => return Some(word),
            _ => at = word.end,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{name_around, place};

    /// Reads the value of the name `password`, in any case, where it is declared first.
    fn value(text: &str) -> Option<&str> {
        let at = text.to_ascii_lowercase().find("password").expect("the text has the name");
        let found = super::super::read(text.as_bytes(), name_around(text.as_bytes(), at)?)?;
        Some(&text[found.value.start..found.value.end])
    }

    #[test]
    fn values_follow_declarations() {
        for text in [
            "- name: DB_PASSWORD\n  value: v4lue\n",
            "- name: DB_PASSWORD\r\n  value: 'v4lue'\r\n",
            "  - name: 'DB_PASSWORD'\n    # why\n    value: \"v4lue\"",
            "- key: DB_PASSWORD\n  value: v4lue",
            "{name: DB_PASSWORD, value: v4lue}",
            "{name: DB_PASSWORD, value: 'v4lue'}",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"v4lue\"}",
            "{\n  \"Name\": \"DB_PASSWORD\",\n  \"Type\": \"String\",\n  \"Value\": \"v4lue\"\n}",
            "- ParameterKey: Password\n  ParameterValue: v4lue",
            "<name>db.password</name>\n<value>v4lue</value>",
            "<property><name>db.password</name><value>v4lue</value></property>",
            "<key>password</key>\n<string>v4lue</string>",
            "<setting name=\"Password\" serializeAs=\"String\">\n  <value>v4lue</value>",
            "<property name=\"password\" type=\"string\" value=\"v4lue\"/>",
            "  name  = \"DB_PASSWORD\"\n  value = \"v4lue\"",
            "- value: v4lue\n  name: DB_PASSWORD\n",
            "env:\n  - value: \"v4lue\"\n    # why\n    name: DB_PASSWORD\n  - name: X\n    value: other\n",
            "{\"value\": \"v4lue\", \"key\": \"password\"}",
            "[{\"value\": \"other\", \"key\": \"x\"}, {\"value\": \"v4lue\", \"key\": \"password\"}]",
            "{\n  \"value\": \"v4lue\",\n  \"key\": \"password\"\n}",
            "set {\n  value = \"v4lue\"\n  name  = \"password\"\n}",
            "<property>\n  <value>v4lue</value>\n  <name>db.password</name>\n</property>",
            "<AdministratorPassword>\n  <Value>v4lue</Value>\n  <PlainText>true</PlainText>",
            "<AdministratorPassword><Value>v4lue</Value><PlainText>true</PlainText>",
            "variable \"db_password\" {\n  type = string\n  default = \"v4lue\"\n}",
            "variable \"db_password\" { default = \"v4lue\" }",
            "add_argument(\"--password\", default=\"v4lue\")",
            "add_argument(\"-p\", \"--password\",\n  help=\"a (new) one\",\n  default=\"v4lue\")",
            "config(\"DB_PASSWORD\", default=\"v4lue\", cast=str)",
            "option('password', { type: 'string', default: 'v4lue' })",
            "password: |\n  v4lue\n",
            "  password: >-\n    v4lue\n  user: a",
            "const password =\n  \"v4lue\";",
            "const password: string =\n  \"v4lue\";",
            "password = (\n  'v4lue'\n)",
            "password = \\\n  'v4lue'",
            "<password>\n\t v4lue\n</password>",
            "<db.password>\r\n  v4lue\r\n  </db.password>",
        ] {
            assert_eq!(value(text), Some("v4lue"), "{text}");
        }
    }

    #[test]
    fn what_follows_may_be_of_something_else() {
        for text in [
            "- name: DB_PASSWORD\n- name: X\n  value: v4lue",
            "- name: DB_PASSWORD\n  valueFrom:\n    value: v4lue",
            "- name: DB_PASSWORD\n  valueFrom:\n    key: a\n- name: X\n  value: v4lue",
            "  key: password\nvalueOf:\nvalue: v4lue",
            "- value: v4lue\n  name: X\n- name: DB_PASSWORD\n",
            "- name: X\n  value: v4lue\n  name: DB_PASSWORD\n",
            "<key>x</key>\n<string>v4lue</string>\n<key>password</key>\n<true/>",
            "[{\"value\": \"v4lue\"}, {\"key\": \"password\"}]",
            "{\n  \"a\": {\"value\": \"v4lue\"},\n  \"key\": \"password\"\n}",
            "value: v4lue\n\nname: password",
            "<Password>\n  <Other>v4lue</Other>\n",
            "<Password>\n\n</Password>\n<value>v4lue</value>",
            "{\"name\": \"DB_PASSWORD\"}, {\"value\": \"v4lue\"}",
            "\"name\": \"DB_PASSWORD\", \"name\": \"x\", \"value\": \"v4lue\"",
            "- name: DB_PASSWORD\n\n  value: v4lue",
            "<name>db.password</name>\n</property>\n<value>v4lue</value>",
            "<input type=\"text\" name=\"password\" title=\"x\" value=\"v4lue\">",
            "variable \"db_password\" {\n}\nvariable \"x\" {\n  default = \"v4lue\"\n}",
            "variable \"db_password\" {\n  default = v4lue\n}",
            "add_argument(\"--password\")\nadd_argument(\"--x\", default=\"v4lue\")",
            "add_argument(\"--password\", help=\"x\")\nadd_argument(\"--x\", default=\"v4lue\")",
            "add_argument(\"--password\", default=a(b(\"v4lue\")))",
            "f(\"password\", x.default)",
            "password: |\n  v4lue\n  and more\n",
            "password: |\nv4lue\n",
            "password =\n  v4lue",
            "<password>\n  v4lue\n  more\n</password>",
            "<password>\n  two words\n</password>",
            "<password>\n  v4lue\n</x>",
            "<password>\n  <a>v4lue</a>\n</password>",
            "password =\n  \"v4lue\"\n  \"more\";",
            "password =\n  'v4lue'\n  + b;",
            "the name: password\nwas lost, value: v4lue",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn a_declaration_is_told_by_its_own_line() {
        let first = "- name: DB_PASSWORD\n";
        for rest in ["", "  value: v4lue\n", "- name: X"] {
            let text = format!("{first}{rest}");
            let name = name_around(text.as_bytes(), 11).expect("it has a name");
            assert_eq!(place(text.as_bytes(), name), Some(name));
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "name:", "<name>", ",", "}", "\n", "\n value: \"", ": |\n ", "=\n", "variable \"", "\" {", "(\"--"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    value(&format!("{left}password{middle}{right}"));
                }
            }
        }
    }
}
