//! Values of secret-like names: passwords and other secrets that no shape tells, in source code, settings, commands and documentation.
//!
//! Such a value is a secret if its name is that of one (`named`), if it is written out where it stands (`rule::assignment`), and if it looks like one
//! (`strength`): a password may be made of words and digits, another secret must look random. In source code a value without quotes is an expression.
//! All but the path is asked in the same way whether a blob is surveyed or scanned.

mod alphabet;
pub(super) mod beside;
pub(super) mod list;
mod named;
mod place;
mod public_key;
mod strength;
mod word;

use super::file::{is_pair, pair};
use super::{Read, against, password, seed_phrase};
use crate::base64::{self, unpadded};
use crate::finding::{Confidence, Evidence};
use crate::rule::assignment::{self, Assignment, Operator};
use crate::rule::structure::Structure;
use crate::score::sentence::quote;
use crate::score::{Page, generic, lex, model, stand_in};
use crate::span::{Span, line_around};
use named::Kind;
pub(super) use named::NAMED_OTHERWISE;
use strength::Strength;

/// Endings of files whose values without quotes are expressions.
const CODE: [&str; 46] = [
    "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "m", "mm", "cs", "vb", "fs", "java", "kt", "kts", "scala", "groovy", "gradle", "go", "rs", "swift", "py", "pyi",
    "rb", "erb", "php", "pl", "pm", "lua", "js", "jsx", "mjs", "cjs", "ts", "tsx", "vue", "svelte", "dart", "ex", "exs", "erl", "clj", "r", "jl", "tf", "sol",
];
/// Endings of files of documentation, and folders of what is shown to be copied.
const DOCUMENTS: [&str; 8] = ["md", "mdx", "rst", "adoc", "txt", "html", "ipynb", "feature"];
const SHOWN: [&str; 10] = ["doc", "docs", "documentation", "sample", "samples", "demo", "demos", "tutorial", "tutorials", "changelog"];

/// How far before a token its name is looked for.
const REACH: usize = 80;
/// Badges that show what a service says of a project, and invitations to groups: the tokens in their addresses are given to everybody.
const BADGES: [&str; 5] = ["badge", "codecov", "shields.io", "sonarcloud", "qm.qq.com"];
/// What stands before the token in the address of a file that Firebase gives to who has the address.
const DOWNLOAD: &[u8] = b"alt=media&";

const BADGE_REACH: usize = 90;

/// The longest value that only its name tells: what is longer is data, unless the name says whose secret it is.
pub(super) const LONGEST: usize = 160;

/// Doubts that a provider's name in the name of a drawn value takes away.
pub(super) const IS_DIGEST: &str = "hexadecimal digits may be a digest or an id";
pub(super) const IS_OTHER: &str = "its name may be that of something else";

/// Words are shorter.
const LONGEST_WORD: usize = 16;
/// Names on a line of which it is explained why their values are no secrets.
const MOST_EXPLAINED: usize = 200;

/// A value that is a secret wherever it stands.
struct Found {
    assignment: Assignment,
    kind: Kind,
    strength: Strength,
}

impl Found {
    fn read(text: &[u8], place: Span) -> Result<Self, &'static str> {
        let assignment = before_line_end(text, assignment::at(text, place.start).ok_or("no value is written out behind its name")?);
        let kind = named::kind(text, assignment.name, assignment.operator)?;
        let listed = assignment::listed(text, assignment.name);
        if list::is_of_words(text, &listed, kind) {
            return Err("it is one of a list of words");
        }
        Self::of(text, assignment, kind, place).or_else(|why| {
            // The first row of a statement, or of a list, may hold a placeholder, and others a secret.
            let rows = assignment::next_rows(text, assignment.name, assignment.value).into_iter().chain(listed);
            rows.into_iter().find_map(|row| Self::of(text, row, kind, place).ok()).ok_or(why)
        })
    }

    fn of(text: &[u8], assignment: Assignment, kind: Kind, place: Span) -> Result<Self, &'static str> {
        let (name, value) = (assignment.name.of(text), assignment.value.of(text));
        let strength = strength_of(name, value, kind)?;
        let is_part = !assignment.is_quoted && !assignment.is_whole;
        if named::is_salt_of_data(name) && !is_set_in_code(text, &assignment) {
            return Err("it is the salt of a piece of data");
        }
        if is_part && strength <= Strength::Weak {
            return Err("it may be a word of a command");
        }
        let before = &text[line_around(text, place.start).start.max(place.start.saturating_sub(BADGE_REACH))..place.start];
        if is_part && before.ends_with(DOWNLOAD) {
            return Err("it is part of the address of a file that is given to everybody");
        }
        if is_part && BADGES.iter().any(|badge| memchr::memmem::find(before, badge.as_bytes()).is_some()) {
            return Err("it is part of the address of a badge or an invitation");
        }
        Ok(Self { assignment, kind, strength })
    }
}

/// What stands for the end of a line is no part of a value without quotes: `TOKEN=value\n`.
fn before_line_end(text: &[u8], mut assignment: Assignment) -> Assignment {
    let value = assignment.value.of(text);
    let line = value.strip_suffix(b"\\n").map(|line| line.strip_suffix(b"\\r").unwrap_or(line));
    // In a string inside of another one the backslash has one of its own.
    let line = line.map(|line| line.strip_suffix(b"\\").unwrap_or(line));
    if let Some(line) = line.filter(|_| !assignment.is_quoted) {
        assignment.value.end = assignment.value.start + line.len();
    }
    assignment
}

/// Whether a string is given to a variable: `salt = "…"`. What a piece of data consists of has names in quotes, or values without.
fn is_set_in_code(text: &[u8], assignment: &Assignment) -> bool {
    let between = text[assignment.name.end..assignment.value.start].trim_ascii_start();
    assignment.operator == Operator::Assigned && assignment.is_quoted && (between.starts_with(b"=") || between.starts_with(b":="))
}

/// How strong the value of a name is, or why it is no secret.
fn strength_of(name: &[u8], value: &[u8], kind: Kind) -> Result<Strength, &'static str> {
    if public_key::is_one(value) {
        return Err("it is a public key");
    }
    if public_key::is_fingerprint(name, value, kind) {
        return Err("it is the fingerprint of a public key");
    }
    if wraps_no_secret(value) {
        return Err("what it says in base64 is no secret");
    }
    strength::strength(without_base(name, value), kind)
}

/// The place of the name and value of which `token` is a part, if it has a secret-like name before it on its line, or on the line before one that declares it.
pub(in crate::score) fn place_of(text: &[u8], token: Span) -> Option<Span> {
    let line = line_around(text, token.start);
    let line_before = line_around(text, line.start.saturating_sub(1));
    let reach = token.start.saturating_sub(REACH);
    let named_in = |start: usize, end: usize| {
        let names = generic::marks_in(&text[start..end]).filter_map(|at| assignment::name_around(text, start + at));
        // What declares a name stands right before it, and must be as near.
        names.filter(|name| name.start >= start.min(line.start)).find_map(|name| {
            let value = assignment::of_name(text, name)?.value;
            (name.end <= token.start && value.contains(token)).then(|| Span::new(name.start, value.end))
        })
    };
    let own = line.start.max(reach);
    named_in(own, token.start).or_else(|| named_in(line_before.start.max(reach).min(own), own))
}

/// Why no secret is assigned to each secret-like name on `line`, and where name and value stand: for explanations.
pub(in crate::score) fn refused<'a>(page: &'a Page<'_>, line: Span) -> impl Iterator<Item = (Span, &'static str)> + 'a {
    generic::marks_in(line.of(page.text)).take(MOST_EXPLAINED).filter_map(move |at| {
        let name = assignment::name_around(page.text, line.start + at)?;
        let found = assignment::read(page.text, name)?;
        named::kind(page.text, found.name, found.operator).ok()?;
        let place = Span::new(name.start, found.value.end);
        Some((place, read(page, place).err().unwrap_or("values of this name are looked for only where they are long and random")))
    })
}

/// Whether the value at `place` may be a secret, by what stands there alone. A value that only follows its line may be any.
pub(super) fn is_in_doubt(text: &[u8], place: Span) -> bool {
    match assignment::name_at(text, place.start) {
        Some(name) if assignment::is_declared(text, name) => named::kind(text, name, Operator::Assigned).is_ok(),
        _ => Found::read(text, place).is_ok(),
    }
}

/// Reads the secret whose name and value stand at `place`.
pub(super) fn read(page: &Page<'_>, place: Span) -> Result<Read, &'static str> {
    told(page, place, Found::read(page.text, place)?)
}

/// Reads the passwords in the rows behind that of `first`, which one statement of SQL inserts.
pub(super) fn in_next_rows(page: &Page<'_>, first: Span) -> Vec<Read> {
    let text = page.text;
    let floor = first.start.saturating_sub(assignment::STATEMENT);
    let is_in_row = text[floor..first.start].last().is_some_and(|byte| matches!(byte, b'\'' | b'"'));
    let columns = || memchr::memmem::rfind(&text[floor..first.start].to_ascii_lowercase(), b"values").map(|n| floor + n);
    let Some(end) = is_in_row.then(columns).flatten() else { return Vec::new() };
    let names = generic::marks_in(&text[floor..end]).filter_map(|at| assignment::name_around(text, floor + at));
    let rows = names.map(|name| assignment::next_rows(text, name, first)).find(|rows| !rows.is_empty()).unwrap_or_default();
    let read = |assignment: Assignment| {
        let kind = named::kind(text, assignment.name, assignment.operator).ok()?;
        let strength = strength_of(assignment.name.of(text), assignment.value.of(text), kind).ok()?;
        told(page, assignment.value, Found { assignment, kind, strength }).ok()
    };
    rows.into_iter().filter_map(read).collect()
}

/// Reads the secret that `token` is by the header of its column, which is `name`.
pub(super) fn read_in_column(page: &Page<'_>, token: Span, name: Span) -> Result<Read, &'static str> {
    let kind = named::kind(page.text, name, Operator::Assigned)?;
    let strength = strength_of(name.of(page.text), token.of(page.text), kind)?;
    if strength != Strength::Random {
        return Err("in a column of secrets only what looks random is one");
    }
    let assignment = Assignment { name, value: token, operator: Operator::Assigned, is_quoted: true, is_whole: true };
    told(page, token, Found { assignment, kind, strength })
}

/// What is told of a value at `place`, or why it is no secret.
fn told(page: &Page<'_>, place: Span, found: Found) -> Result<Read, &'static str> {
    let path = page.path.to_ascii_lowercase();
    let ending = path.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map_or("", |(_, ending)| ending);
    let Found { assignment, kind, strength } = found;
    let is_code = CODE.contains(&ending) && !is_exported(page.text, assignment.name);
    let is_said_in_comment = || assignment.operator == Operator::Following && is_in_comment(page.text, place);
    let is_in_string = || is_parameter(page.text, &assignment) || is_line_of_string(page.text, &assignment) || is_said_in_comment();
    if is_code && !assignment.is_quoted && !is_in_string() && !matches!(assignment.operator, Operator::Enclosed | Operator::Said) {
        return Err("what stands without quotes in source code is an expression");
    }
    let is_document = CODE.contains(&ending) || DOCUMENTS.contains(&ending);
    if strength == Strength::Word && (is_document || assignment.operator != Operator::Assigned || !word::is_password(assignment.name.of(page.text), &path)) {
        return Err("it is a word");
    }
    // A user and a password in base64, of which the password stands for none.
    if let Some(pair) = pair(assignment.value.of(page.text))
        && !password::is_in_doubt(pair.rsplit(|byte| *byte == b':').next().unwrap_or_default())
    {
        return Err("it is a placeholder in base64");
    }
    let is_password = kind == Kind::Password || named::is_pass(assignment.name.of(page.text));
    let structure = match () {
        () if seed_phrase::is_one(assignment.value.of(page.text)) => Structure::SeedPhrase,
        () if is_password => Structure::AssignedPassword,
        () => Structure::AssignedSecret,
    };
    let name = quote(assignment.name.of(page.text));
    let names = match assignment.operator {
        Operator::Said if kind == Kind::Password => "comes before a password",
        Operator::Said => "is given a key",
        _ => "names a credential",
    };
    let mut because: Vec<Evidence> = vec![Evidence { kind: "credential-name", weight: model::NAMED_CREDENTIAL, text: format!("{name} {names}") }];
    let is_shown = DOCUMENTS.contains(&ending) || path.split('/').any(|part| SHOWN.contains(&part));
    because.push(Evidence { kind: "shape", weight: model::MIXED_CASE, text: looks(strength).to_owned() });
    let value = assignment.value.of(page.text);
    if value.iter().all(u8::is_ascii_alphabetic) && word::is_translated(&path) {
        return Err("it is a word in a translation");
    }
    let doubts = [
        is_shown.then(|| against("documentation", "it stands in documentation")),
        is_in_comment(page.text, place).then(|| against("comment", "it stands in a comment")),
        named::is_salt_of_data(assignment.name.of(page.text)).then(|| against("name", "it may be the salt of a piece of data")),
        doubt_of_form(page.text, &assignment).map(|why| against("form", why)),
        doubt_of_value(kind, strength, value).map(|why| against("value", why)),
    ];
    because.splice(0..0, doubts.into_iter().flatten());
    let confidence = if because.iter().all(|piece| piece.weight > 0) { Confidence::Medium } else { Confidence::Low };
    Ok(Read { span: assignment.value, structure, confidence, because })
}

/// What speaks against a secret in how its name gets it, if anything does.
fn doubt_of_form(text: &[u8], assignment: &Assignment) -> Option<&'static str> {
    match assignment.operator {
        Operator::Said if assignment::may_take_others(assignment.name.of(text)) => Some("its function may be given something else"),
        Operator::Assigned | Operator::Enclosed if !assignment.is_whole => Some("it is only a part of its line, without quotes"),
        Operator::Assigned | Operator::Enclosed | Operator::Said => None,
        Operator::Compared => Some("something is compared with it"),
        Operator::Passed | Operator::Called => Some("it stands in a call"),
        Operator::Typed => Some("it is typed into a form"),
        Operator::Following => Some("it only follows its name"),
    }
}

/// What speaks against a secret in how it looks for one of that name, if anything does.
fn doubt_of_value(kind: Kind, strength: Strength, value: &[u8]) -> Option<&'static str> {
    let is_digest = value.strip_prefix(b"0x").unwrap_or(value).iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    // A word of a language that the tables do not know looks drawn.
    let is_worded = value.len() < LONGEST_WORD && value.iter().all(u8::is_ascii_alphabetic);
    match kind {
        Kind::Password if strength <= Strength::Weak => Some("what is made of words may be something else"),
        Kind::Password | Kind::Secret if is_worded => Some("letters alone may be a word"),
        Kind::Password => None,
        Kind::Maybe => Some(IS_OTHER),
        Kind::Secret | Kind::Key if is_digest => Some(IS_DIGEST),
        Kind::Secret | Kind::Key if strength != Strength::Random => Some("it does not look random"),
        Kind::Secret | Kind::Key if value.len() < 16 => Some("it is short for a secret that a machine made"),
        Kind::Secret | Kind::Key => None,
    }
}

/// The value of a private key without the `0x` before its 64 digits; of other names that is the number or the address of something.
fn without_base<'a>(name: &[u8], value: &'a [u8]) -> &'a [u8] {
    const N_DIGITS: usize = 64;
    match value.strip_prefix(b"0x") {
        Some(digits) if digits.len() == N_DIGITS && named::is_private_key(name) => digits,
        _ => value,
    }
}

/// Whether a value says in base64 what is for people, stands for a secret or refers to one. Else the base64 may be a password itself. Of a user and a password
/// only the password counts, which is judged elsewhere.
pub(super) fn wraps_no_secret(value: &[u8]) -> bool {
    // Of shorter texts some that are no base64 say something by chance.
    const SHORTEST: usize = 16;
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let is_no_secret = |inner: &[u8]| !inner.iter().all(u8::is_ascii_graphic) || stand_in::is_made_up(inner) || stand_in::is_reference(inner, false);
    let inner = base64::decode(unpadded(value), is_text).filter(|_| value.len() >= SHORTEST);
    inner.is_some_and(|inner| !is_pair(&inner) && is_no_secret(&inner))
}

const fn looks(strength: Strength) -> &'static str {
    match strength {
        Strength::Random => "it looks random",
        Strength::Strong => "it has the kinds of characters that passwords have",
        Strength::Weak => "it is made of words and digits, as people choose passwords",
        Strength::Word => "it is a word, where nothing but a password stands",
    }
}

/// Whether a shell is told to export the name: that is a script inside of whatever the file is, as in the `user_data` of Terraform.
fn is_exported(text: &[u8], name: Span) -> bool {
    let line = line_around(text, name.start);
    let before = text[line.start..name.start].trim_ascii();
    before == b"export" && text.get(name.end) == Some(&b'=')
}

/// Whether a value is that of a parameter of an address or of a form in a string: `?name=`, `&name=`, with nothing behind `=` but what these are written with.
fn is_parameter(text: &[u8], assignment: &Assignment) -> bool {
    let Assignment { name, value, .. } = *assignment;
    let before = &text[name.start.saturating_sub(2)..name.start];
    let is_of_parameter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'%' | b'+' | b'/');
    let ends = matches!(text.get(value.end), None | Some(b'"' | b'\'' | b'`' | b'&' | b'\n' | b'\r' | b' '));
    let is_behind_mark = matches!(before, [first, b'&' | b'?'] if first.is_ascii_graphic() && *first != b'&');
    is_behind_mark && text.get(name.end) == Some(&b'=') && ends && value.of(text).iter().all(is_of_parameter)
}

/// Whether it is a line of settings in a string: `\n` ends a line before the name or behind the value, and a quote may stand on the other side.
fn is_line_of_string(text: &[u8], assignment: &Assignment) -> bool {
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'`');
    let (before, behind) = (&text[..assignment.name.start], &text[assignment.value.end..]);
    let is_behind_line = before.ends_with(b"\\n");
    // In a string inside of another one the backslash has one of its own.
    let is_before_line = matches!(behind, [b'\\', b'n' | b'r', ..] | [b'\\', b'\\', b'n' | b'r', ..]);
    let begins = is_behind_line || before.last().is_some_and(|byte| is_quote(*byte));
    let ends = is_before_line || behind.first().is_some_and(|byte| is_quote(*byte));
    text.get(assignment.name.end) == Some(&b'=') && begins && ends && (is_behind_line || is_before_line)
}

/// Whether the line of a place is a comment, or what is typed at Python's prompt, as in the examples of one.
fn is_in_comment(text: &[u8], place: Span) -> bool {
    let line = line_around(text, place.start).of(text).trim_ascii_start();
    lex::is_comment_line(line) || line.starts_with(b">>>") || line.starts_with(b"...")
}
