//! Types that stand between a name and its `=`: `name: &str =`, `name string =`, `name As String =`, `@name varchar(64) =`.
//!
//! They are read from both sides: from a secret-like name to its `=`, and from the `=` before a value back to the name. It knows no language; what it takes for
//! a type are the words that types of texts are made of, with the brackets and bars that join them.

use super::{is_name, opening, skip_spaces, wrapper};
use crate::span::Span;

/// The longest type, and the longest name before it.
const LONGEST: usize = 64;
const LONGEST_NAME: usize = 96;

/// Types of texts.
const TEXTS: [&[u8]; 25] = [
    b"str",
    b"string",
    b"text",
    b"bytes",
    b"byte",
    b"char",
    b"character",
    b"u8",
    b"any",
    b"object",
    b"dynamic",
    b"secretstr",
    b"charsequence",
    b"varchar",
    b"nvarchar",
    b"varchar2",
    b"nvarchar2",
    b"nchar",
    b"sysname",
    b"wchar_t",
    b"pchar",
    b"literalstring",
    b"stringliteral",
    b"staticstring",
    b"variant",
];
/// Words that stand around them.
const AROUND: [&[u8]; 26] = [
    b"option",
    b"optional",
    b"final",
    b"classvar",
    b"union",
    b"maybe",
    b"readonly",
    b"const",
    b"mut",
    b"static",
    b"std",
    b"core",
    b"system",
    b"typing",
    b"t",
    b"java",
    b"lang",
    b"none",
    b"null",
    b"undefined",
    b"nil",
    b"max",
    b"varying",
    b"initvar",
    b"box",
    b"cow",
];
/// Words before a name that declare it: what stands behind them is no type of theirs.
const DECLARING: [&[u8]; 27] = [
    b"let",
    b"var",
    b"val",
    b"const",
    b"final",
    b"static",
    b"auto",
    b"def",
    b"dim",
    b"set",
    b"my",
    b"our",
    b"local",
    b"global",
    b"export",
    b"declare",
    b"private",
    b"public",
    b"protected",
    b"internal",
    b"readonly",
    b"override",
    b"return",
    b"new",
    b"type",
    b"unsigned",
    b"mut",
];

/// Where the `=` of a declaration ends whose name ends at `at` and has a type behind it, if a string follows.
pub(super) fn behind(line: &[u8], at: usize) -> Option<usize> {
    let start = match line.get(at..)? {
        [b':', ..] => skip_spaces(line, at + 1),
        [b'!' | b'?', b':', ..] => skip_spaces(line, at + 2),
        [b'A' | b'a', b's' | b'S', b' ', ..] => skip_spaces(line, at + 2),
        [b']' | b'>' | b'.', ..] => return None,
        _ => at,
    };
    let rest = line.get(start..)?;
    let equals = start + memchr::memchr(b'=', &rest[..rest.len().min(LONGEST)])?;
    let between = line[start..equals].trim_ascii();
    // Of one word it is enough that nothing else is it; of several each must be known.
    let is_word = !between.is_empty() && between.len() <= 32 && between.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_&<>?[].*!".contains(byte));
    let value = skip_spaces(line, equals + 1);
    ((is_word || is_type(between)) && opening(line, wrapper::skip(line, value.min(line.len()))).is_some()).then_some(equals + 1)
}

/// The name that is declared with a type before the `=` at `equals`.
pub fn name_before(text: &[u8], equals: usize) -> Option<Span> {
    let floor = equals.saturating_sub(LONGEST + LONGEST_NAME);
    let floor = memchr::memrchr(b'\n', &text[floor..equals]).map_or(floor, |at| floor + at + 1);
    let end = floor + text[floor..equals].trim_ascii_end().len();
    let mut at = end;
    while at > floor && end - at < LONGEST && is_part_of_type(text[at - 1]) {
        at -= 1;
        let is_colon = |at: usize| at >= floor && at < end && text[at] == b':';
        let is_border = text[at].is_ascii_whitespace() || is_colon(at) && !is_colon(at + 1) && !(at > floor && is_colon(at - 1));
        if is_border
            && let Some(name) = is_type(&text[at + 1..end]).then(|| declared(text, floor, at + usize::from(is_colon(at)), &text[at + 1..end])).flatten()
        {
            return Some(name);
        }
    }
    None
}

/// The name that ends before `end`, where its type `of` begins.
fn declared(text: &[u8], floor: usize, end: usize, of: &[u8]) -> Option<Span> {
    let left = text[floor..end].trim_ascii_end();
    if let Some(before) = left.strip_suffix(b":") {
        let before = before.trim_ascii_end();
        let before = before.strip_suffix(b"?").or(before.strip_suffix(b"!")).unwrap_or(before);
        return last_word(text, floor, floor + before.len());
    }
    let word = last_word(text, floor, floor + left.len())?;
    if word.of(text).eq_ignore_ascii_case(b"as") {
        return last_word(text, floor, floor + text[floor..word.start].trim_ascii_end().len());
    }
    let of = of.trim_ascii();
    let is_bare = matches!(of, b"string" | b"*string" | b"[]byte" | b"sysname") || text[word.start] == b'@';
    let is_declaring = DECLARING.iter().any(|known| word.of(text).eq_ignore_ascii_case(known));
    (is_bare && !is_declaring && !is_type(word.of(text))).then_some(word)
}

/// The identifier that ends at `end`.
fn last_word(text: &[u8], floor: usize, end: usize) -> Option<Span> {
    let is_part = |byte: &u8| is_name(*byte) || matches!(byte, b'$' | b'@');
    let n = text[floor..end].iter().rev().take_while(|byte| is_part(byte)).count();
    (n > 0 && !text[end - n].is_ascii_digit()).then(|| Span::new(end - n, end))
}

fn is_part_of_type(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_ \t&<>?[]|.,*!():'".contains(&byte)
}

/// Whether `text` is a type of texts: all its words are those of such types.
fn is_type(text: &[u8]) -> bool {
    let is_among = |word: &[u8], list: &[&[u8]]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_text = |word: &[u8]| is_among(word, &TEXTS) || word.len() > 6 && word.ends_with(b"String");
    let mut words = text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').filter(|word| !word.is_empty());
    let is_known = |word: &[u8]| is_text(word) || is_among(word, &AROUND) || word.iter().all(u8::is_ascii_digit);
    text.iter().all(|byte| is_part_of_type(*byte)) && is_balanced(text) && words.clone().all(is_known) && words.any(is_text)
}

/// Whether brackets are closed, and commas stand inside of some: others part arguments.
fn is_balanced(text: &[u8]) -> bool {
    let mut depth = 0;
    let is_sound = text.iter().all(|byte| {
        match byte {
            b'[' | b'<' | b'(' => depth += 1,
            b']' | b'>' | b')' => depth -= 1,
            _ => {}
        }
        depth >= i32::from(*byte == b',')
    });
    is_sound && depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<&str> {
        let equals = text.rfind('=').expect("the text has an operator");
        name_before(text.as_bytes(), equals).map(|span| &text[span.start..span.end])
    }

    #[test]
    fn the_name_stands_before_its_type() {
        for text in [
            "var aName string =",
            "\taName string =",
            "Dim aName As String =",
            "Const aName as String =",
            "let aName: Option<&str> =",
            "const aName: &'static str =",
            "aName: Optional[str] =",
            "aName: typing.Final[str] =",
            "aName: str | None =",
            "aName: string | undefined =",
            "private aName!: string =",
            "aName?: string =",
            "aName:string=",
            "const aName: []const u8 =",
            "val aName: String? =",
            "let aName: std::string::String =",
        ] {
            assert_eq!(name(text), Some("aName"), "{text}");
        }
        assert_eq!(name("DECLARE @aName varchar(64) ="), Some("@aName"));
        assert_eq!(name("declare @aName nvarchar(max) ="), Some("@aName"));
    }

    #[test]
    fn a_name_without_a_type_is_none_of_these() {
        for text in [
            "const string =",
            "String string =",
            "const char *x =",
            "char x[] =",
            "a: b =",
            "env: FOO=",
            "Foo text =",
            "string =",
            "a ? b : c =",
            "x =",
            "f(a: str, text =",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", ":", "::", " ", "as", "str", "@", "\n", "[", "'", "é"];
        for left in junk {
            for middle in junk {
                for right in junk {
                    name(&format!("{left}{middle}{right}="));
                    behind(format!("{left}{middle}{right}=").as_bytes(), left.len());
                }
            }
        }
    }
}
