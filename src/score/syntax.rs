//! Small questions about the words of code: is this a type, a wrapper, a scheme, a name that a value can follow?

use super::name;
use crate::span::Span;

/// The quote that opens the string around `token`, if it stands in one that begins on its line.
pub(super) fn own_quote(text: &[u8], token: Span, line: Span) -> Option<usize> {
    let start = line.start.max(token.start.saturating_sub(300));
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'`');
    if token.start > start && is_quote(text[token.start - 1]) {
        return Some(token.start - 1);
    }
    let right = &text[token.end..line.end.clamp(token.end, token.end + 2000)];
    let at = (start..token.start).rev().find(|&i| is_quote(text[i]))?;
    let before = if at > start { text[at - 1] } else { b' ' };
    let is_prefix = at >= 1
        && matches!(before, b'f' | b'r' | b'b' | b'u' | b'F' | b'R' | b'B' | b'$' | b'@')
        && !text[..at - 1].last().is_some_and(u8::is_ascii_alphanumeric);
    let opens = !before.is_ascii_alphanumeric() && !matches!(before, b']' | b')' | b'.') || is_prefix;
    let inside = text[at + 1..token.start].trim_ascii_start();
    let reads_on = !inside.first().is_some_and(|byte| matches!(byte, b',' | b':' | b'=' | b')' | b']' | b'}' | b';' | b'+'));
    (opens && reads_on && right.contains(&text[at])).then_some(at)
}

/// Words before a credential that are part of how it is sent.
pub(super) fn is_scheme(word: &[u8]) -> bool {
    ["bearer", "token", "basic", "key", "apikey", "api-key"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme.as_bytes()))
        && word.first().is_some_and(u8::is_ascii_uppercase)
        || word.eq_ignore_ascii_case(b"bearer")
}

/// Words that stand between an operator and its value and name nothing.
pub(super) fn is_noise(word: &[u8]) -> bool {
    matches!(word, b"new" | b"return" | b"await" | b"const" | b"f" | b"r" | b"b" | b"u" | b"N" | b"L" | b"." | b"-" | b"$" | b"@" | b"&")
}

/// Functions that give back their argument, or what it names.
pub(super) fn is_wrapper(callee: &[u8]) -> bool {
    const WRAPPERS: [&str; 34] = [
        "some",
        "secretstr",
        "secret",
        "string",
        "str",
        "bytes",
        "from",
        "from_token",
        "fromtoken",
        "tostring",
        "to_string",
        "trim",
        "strip",
        "encode",
        "decode",
        "getenv",
        "get",
        "env",
        "environ",
        "var",
        "nonsensitive",
        "sensitive",
        "ok",
        "just",
        "of",
        "optional",
        "value",
        "literal",
        "quote",
        "new",
        "constant",
        "lookup",
        "setdefault",
        "parse",
    ];
    let last = callee.rsplit(|byte| matches!(byte, b'.' | b':' | b'>')).next().unwrap_or_default().to_ascii_lowercase();
    last.is_empty() || WRAPPERS.iter().any(|wrapper| wrapper.as_bytes() == last) || is_fallback(callee)
}

/// Whether a method's name is that of the credential it takes: `apiKey(…)`, `setToken(…)`, `bearer_auth(…)`; but not `getToken(…)`, which takes
/// something else.
pub(super) fn takes_credential(callee: &[u8]) -> bool {
    const LOOKS_UP: [&str; 24] = [
        "get", "fetch", "find", "delete", "remove", "revoke", "describe", "list", "retrieve", "validate", "verify", "check", "decode", "parse", "rotate",
        "update", "generate", "hash", "is", "has", "count", "rename", "create", "cancel",
    ];
    let last = callee.rsplit(|byte| matches!(byte, b'.' | b':' | b'>')).next().unwrap_or_default();
    name::is_credential(last) && !name::sub_words(last).first().is_some_and(|word| LOOKS_UP.contains(&word.as_str()))
}

/// Methods whose argument is used if what they are called on gives nothing.
pub(super) fn is_fallback(method: &[u8]) -> bool {
    let method = method.strip_prefix(b".").unwrap_or(method).to_ascii_lowercase();
    [b"unwrap_or".as_slice(), b"orelse", b"getorelse", b"or", b"default", b"or_else", b"ifempty", b"fetch"].iter().any(|name| method.starts_with(name))
}

/// Whether a word right before a value, without an operator, can be its name: `ENV NAME value`, `--api-key value`, `password value`.
pub(super) fn looks_like_name(word: &[u8]) -> bool {
    let is_shouting = word.len() >= 4 && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') && word.contains(&b'_');
    is_shouting || word.starts_with(b"-") || word.starts_with(b":") || name::is_credential(word)
}

/// Where the value goes that one of two branches gives, if the `?` or the ` : ` at `at` is that of a choice: behind the operator of `x = condition ? a : b`.
pub(super) fn chosen_for(text: &[u8], at: usize, floor: usize) -> Option<usize> {
    let left = &text[floor..at];
    let left = &left[memchr::memrchr(b'\n', left).map_or(0, |end| end + 1)..];
    let start = at - left.len();
    let condition = match text[at] {
        b'?' => left,
        _ => &left[..memchr::memmem::rfind(left, b" ? ")?],
    };
    let is_operator = |i: usize| {
        let next = condition.get(i + 1).copied().unwrap_or(b' ');
        let before = if i > 0 { condition[i - 1] } else { b' ' };
        match condition[i] {
            b'=' => !matches!(next, b'=' | b'>' | b'~') && !matches!(before, b'=' | b'!' | b'<' | b'>'),
            b':' => next == b' ' && before != b' ',
            _ => false,
        }
    };
    (0..condition.len()).rev().find(|&i| is_operator(i)).map(|i| start + i + 1)
}

/// Whether the line that ends at `end` leaves its value to the next one: `name =`, `name: |`, or nothing but `name:`.
pub(super) fn leaves_value(text: &[u8], end: usize, floor: usize) -> bool {
    let line = &text[floor..end];
    let line = line[memchr::memrchr(b'\n', line).map_or(0, |at| at + 1)..].trim_ascii();
    let line = line.strip_suffix(b"\\").unwrap_or(line).trim_ascii_end();
    let n_marks = line.iter().rev().take_while(|byte| b"|>+-".contains(byte)).count();
    let head = &line[..line.len() - n_marks];
    let is_scalar = matches!(line[head.len()..], [b'|' | b'>'] | [b'|' | b'>', b'-' | b'+']) && head.ends_with(b": ");
    let is_key = |name: &[u8]| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.\"'".contains(byte));
    let is_assignment = line.ends_with(b"=") && !line.ends_with(b"==") && !line.ends_with(b"!=") && line.len() > 2;
    is_scalar || is_assignment || line.ends_with(b"=>") || line.strip_suffix(b":").is_some_and(is_key)
}
