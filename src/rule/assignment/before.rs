//! What stands before a name on its line, and says how the name gets its value or that it gets none there.

use super::{LONGEST_NAME, told};
use crate::span::{LINE_REACH, Span};

/// Options of Java's `keytool` for passwords.
pub(super) const KEYTOOL: [&[u8]; 6] = [b"storepass", b"keypass", b"srcstorepass", b"deststorepass", b"srckeypass", b"destkeypass"];

/// What HAProxy calls the password of a user that is no digest.
pub(super) const INSECURE: &[u8] = b"insecure-password";

/// Whether a line is an option, an instruction or a setting whose value follows a space: `--name value`, `ENV NAME value`, `requirepass value`.
pub(super) fn takes_what_follows(line: &[u8], name: Span) -> bool {
    line[..name.start].ends_with(b"--")
        || line[..name.start].ends_with(b" -") && (KEYTOOL.contains(&name.of(line)) || name.of(line).ends_with(b"assword"))
        || name.of(line) == INSECURE
        || match lead(line, name) {
            b"" => matches!(name.of(line), b"requirepass" | b"masterauth" | b"auth_pass") || name.of(line) == b"password" && is_followed_by_one(line, name),
            lead => matches!(lead, b"ENV" | b"setenv" | b"setx" | b"set -x" | b"set -gx" | b"set -Ux"),
        }
}

/// Whether a line is a name and one word with digits or marks among letters: words alone are those of a sentence or of a grammar.
fn is_followed_by_one(line: &[u8], name: Span) -> bool {
    let word = line[name.end..].trim_ascii();
    begins_line(line, name, |before| before.trim_ascii().is_empty()) && !word.iter().any(u8::is_ascii_whitespace) && told::is_no_word(word)
}

/// Whether a name may be a verb of a sentence: "pass `strict=True`".
pub(super) fn is_verb(line: &[u8], name: Span) -> bool {
    name.of(line).eq_ignore_ascii_case(b"pass") && !line[..name.start].ends_with(b"-")
}

/// Whether what stands before a name on its line `is` so.
pub(super) fn begins_line(line: &[u8], name: Span, is: impl Fn(&[u8]) -> bool) -> bool {
    let before = &line[name.start.saturating_sub(LONGEST_NAME)..name.start];
    is(&before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..])
}

/// What stands before a name on its line, without marks of lists and comments.
pub(super) fn lead(line: &[u8], name: Span) -> &[u8] {
    // Lines may be as long as their files.
    let before = &line[name.start.saturating_sub(LINE_REACH)..name.start];
    let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let before = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before);
    let is_mark = |byte: &u8| matches!(byte, b' ' | b'\t' | b'-' | b'#' | b';' | b'/' | b'*');
    before.iter().position(|byte| !is_mark(byte)).map_or(&b""[..], |at| &before[at..]).trim_ascii_end()
}

/// Sections of .NET's settings that hold texts for people.
const SECTIONS_OF_TEXTS: [&[u8]; 14] = [
    b"displayname",
    b"permission",
    b"permissions",
    b"menu",
    b"label",
    b"labels",
    b"error",
    b"errors",
    b"message",
    b"messages",
    b"enum",
    b"validation",
    b"title",
    b"placeholder",
];

/// What stands before the sections that a name in quotes begins with: `"ida:ClientSecret"`, `"Mail:Smtp:Password"`.
pub(super) fn outside_of_namespace(before: &[u8]) -> &[u8] {
    let Some(sections) = before.strip_suffix(b":") else { return before };
    let n = sections.iter().rev().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_')).count();
    let (outside, sections) = sections.split_at(sections.len() - n);
    // Other files sort the texts for people so, by small words mostly.
    let is_section = sections.starts_with(b"ida") || sections.first().is_some_and(u8::is_ascii_uppercase);
    let is_of_texts = || SECTIONS_OF_TEXTS.iter().any(|known| sections.split(|byte| *byte == b':').any(|part| part.eq_ignore_ascii_case(known)));
    if is_section && !is_of_texts() { outside } else { before }
}

/// Whether the name is that of an attribute whose value is an expression: `:name="…"`, `v-bind:name="…"`, `@name="…"` in an element.
pub(super) fn is_bound(line: &[u8], name: Span) -> bool {
    let before = &line[name.start.saturating_sub(LONGEST_NAME)..name.start];
    match before.last() {
        Some(b':') => {
            let outer = &before[..before.len() - 1];
            outer.last().is_none_or(u8::is_ascii_whitespace) || [b"bind".as_slice(), b"v-model", b"on", b"update"].iter().any(|word| outer.ends_with(word))
        }
        Some(b'@') => {
            let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
            memchr::memrchr2(b'<', b'>', before).is_some_and(|at| before[at] == b'<')
        }
        _ => false,
    }
}

/// Whether the name is that of the buffer that a function of C copies to: `strcpy(name, "…")`.
fn is_copied_to(line: &[u8], name: Span) -> bool {
    let before = &line[name.start.saturating_sub(24)..name.start];
    memchr::memmem::rfind(before, b"cpy(").is_some_and(|at| !before[at..].iter().any(|byte| matches!(byte, b',' | b'\n')))
}

/// Whether the name is set by what takes it before a comma: the buffer that a function of C copies to, a variable of Capistrano, a macro of Erlang.
pub(super) fn is_set_behind_comma(line: &[u8], name: Span) -> bool {
    let before = &line[..name.start];
    let is_setting = || before.strip_suffix(b"set :").is_some_and(|lead| lead.last().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'(' | b';')));
    // Erlang writes pairs so.
    is_copied_to(line, name) || is_setting() || before.ends_with(b"-define(") || before.ends_with(b"{") || is_constant_of_call(line, name)
}

/// What begins the names of functions that set the value of a name.
const SETTERS: [&[u8]; 7] = [b"put", b"set", b"add", b"with", b"append", b"param", b"insert"];

/// Whether a constant names what a function sets: `put(Keys.DB_PASSWORD, "…")`.
fn is_constant_of_call(line: &[u8], name: Span) -> bool {
    let own = name.of(line).rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    if own.iter().any(u8::is_ascii_lowercase) {
        return false;
    }
    let before = &line[name.start.saturating_sub(LONGEST_NAME)..name.start];
    let before = &before[..before.len() - before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b':').count()];
    let Some(call) = before.strip_suffix(b"(") else { return false };
    let n = call.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    SETTERS.iter().any(|setter| call[call.len() - n..].starts_with(setter))
}

/// Whether the name is that of an option in a list of arguments, whose value is the next string: `["--name", "value"]`. Programs declare their own options
/// by calls.
pub(super) fn is_argument(line: &[u8], name: Span) -> bool {
    let behind = line.get(name.end + 1..).unwrap_or_default();
    let n_between = behind.iter().take_while(|byte| matches!(byte, b',' | b' ')).count();
    let is_value = matches!(&behind[n_between..], [b'"' | b'\'', first, ..] if *first != b'-');
    let before = &line[name.start.saturating_sub(LONGEST_NAME)..name.start];
    let call = &before[..memchr::memrchr(b'(', before).unwrap_or(0)];
    let declares = |word: &&[u8]| call.len() >= word.len() && call[call.len() - word.len()..].eq_ignore_ascii_case(word);
    // Ruby's `opts.on("-p", "--password", "what it is")`; another `on` is given the name of what it is done on.
    let is_option = |argument: &[u8]| matches!(argument.trim_ascii_start(), [b'"' | b'\'', b'-', ..]);
    let is_on = || call.ends_with(b".on") && before[call.len() + 1..].split(|byte| *byte == b',').all(is_option);
    is_value && ![b"option".as_slice(), b"argument", b"flag", b"param"].iter().any(declares) && !is_on()
}

/// Whether the name is one that a test of Ruby defines by a block: `let(:name) { "…" }`.
pub(super) fn is_let(line: &[u8], name: Span) -> bool {
    let before = &line[..name.start];
    before.ends_with(b"let(:") || before.ends_with(b"let!(:")
}
