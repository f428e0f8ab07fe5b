//! Places where no key stands, as the token and the bytes right around it tell: names of digests, pieces of base64 and of paths, lock files.

use super::{LOCAL_AFTER, LOCAL_BEFORE, Page, Subject, credential, lex, name};
use crate::base64;
use crate::finding::Layer;
use crate::span::{Span, line_around};

/// Whether a token has, right before it, the name of a digest or an identifier: `"trace_id": "…"`, `checksum = "…"`. Most of what looks random is that, in
/// lock files, logs and dumps; it needs no reading of its surroundings.
pub(super) fn is_named_otherwise(text: &[u8], subject: &Subject<'_>) -> bool {
    if subject.layer != Layer::Raw {
        return false;
    }
    let window = subject.token.start.saturating_sub(48);
    let left = without_quotes(&text[window..subject.token.start]).trim_ascii_end();
    let Some((b'=' | b':', left)) = left.split_last() else { return false };
    let left = left.trim_ascii_end();
    if is_look_alike(subject.value) && left.ends_with(b"\"") && is_titled_otherwise(text, window + left.len() - 1) {
        return true;
    }
    let left = without_quotes(left);
    let n = left.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let name = &left[left.len() - n..];
    // The whole name must be there, and nothing that it is a part of.
    let before = left.len().checked_sub(n + 1).map(|at| left[at]);
    let is_whole = matches!(before, Some(b'"' | b'\'' | b' ' | b'\n' | b'\t' | b',' | b'{' | b'(' | b'?' | b'&' | b':' | b'@'));
    is_whole && name::is_other(name)
}

/// `text` without the quotes at its end, of which there may be two: `'etag': '"…"'`.
fn without_quotes(text: &[u8]) -> &[u8] {
    let n_quotes = text.iter().rev().take(2).take_while(|byte| matches!(byte, b'"' | b'\'')).count();
    &text[..text.len() - n_quotes]
}

/// Whether the name in quotes that end at `close` is a title of several words, the first of which is that of a digest: `"checksum serde 1.0.0 (registry+…)"`.
fn is_titled_otherwise(text: &[u8], close: usize) -> bool {
    let Some(open) = lex::string_start(text, close, close.saturating_sub(LONGEST_TITLE)) else { return false };
    let title = &text[open + 1..close];
    memchr::memchr(b' ', title).is_some_and(|end| name::is_other(&title[..end]))
}

/// The longest title that is read. Of the line of what is new all is looked at, so that it may be longer than [`LOCAL_BEFORE`].
const LONGEST_TITLE: usize = 160;

/// Whether the token is the name of a commit where one is told to be: `owner/repository@…`, `commit …`.
pub(super) fn is_revision(text: &[u8], subject: &Subject<'_>) -> bool {
    let before = &text[subject.token.start.saturating_sub(8)..subject.token.start];
    let is_pinned = matches!(before, [.., left, b'@'] if left.is_ascii_alphanumeric() || matches!(left, b'/' | b'-' | b'_' | b'.'));
    subject.value.len() == SHA1_LEN && subject.layer == Layer::Raw && (is_pinned || before.ends_with(b"commit "))
}

/// Hexadecimal digits of the name of a commit.
const SHA1_LEN: usize = 40;

/// A prefix of so many bytes meets by chance in long data.
const SHORT_PREFIX: usize = 4;
/// So many bytes of base64 right before a token, or right behind it, are data that the token is a piece of.
const BASE64_BEFORE: usize = 40;
const BASE64_AFTER: usize = LOCAL_AFTER;

/// Whether a key that only a short prefix tells is a piece of base64: of what `+` and `/` cut, some pieces begin like keys.
pub(super) fn is_piece_of_base64(text: &[u8], subject: &Subject<'_>, n_public: usize) -> bool {
    let token = subject.token;
    let is_base64 = |part: Option<&[u8]>| part.is_some_and(|part| part.iter().all(|&byte| base64::value(byte).is_some()));
    let before = token.start.checked_sub(BASE64_BEFORE).map(|start| &text[start..token.start]);
    let is_short = n_public <= SHORT_PREFIX && subject.layer == Layer::Raw;
    is_short && (is_base64(before) || is_base64(text.get(token.end..token.end + BASE64_AFTER)))
}

/// What opens an armor is no longer.
const LONGEST_ARMOR: usize = 60;
/// The length of the lines into which tools break base64, at least.
const BASE64_LINE: usize = 60;

/// Whether the token is one of the lines into which base64 was broken, as in a certificate: a whole line behind what opens an armor, or behind another one
/// that is as long, where that or the next one shows that it is no list of such tokens.
fn is_line_of_base64(text: &[u8], token: Span) -> bool {
    // Longer lines are not looked at: what decides has to be near.
    if !(BASE64_LINE..LOCAL_BEFORE - 8).contains(&token.len()) || !matches!(text.get(token.end), None | Some(b'\n' | b'\r')) {
        return false;
    }
    let Some(before) = text[..token.start].strip_suffix(b"\n") else { return false };
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    let last = before[before.len().saturating_sub(LONGEST_ARMOR)..].rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    if last.starts_with(b"-----BEGIN ") && last.ends_with(b"-----") {
        return true;
    }
    let Some(line) = before.len().checked_sub(token.len()).map(|start| &before[start..]) else { return false };
    let is_whole = before.len() == line.len() || before[before.len() - line.len() - 1] == b'\n';
    let next = text.get(token.end..token.end + LOCAL_AFTER).unwrap_or_default().trim_ascii_start();
    let is_base64 = |part: &[u8]| part.iter().all(|&byte| base64::value(byte).is_some());
    let is_mixed = |part: &[u8]| is_base64(part) && part.iter().any(|byte| matches!(byte, b'+' | b'/'));
    is_whole && (is_mixed(line) || is_base64(line) && is_mixed(next))
}

/// So many printable bytes in a row are text: of 48 random bytes one in a thousand has them.
const TEXT: usize = 10;

/// Whether `value` is base64 of data that holds text, as the names in a certificate.
pub(super) fn wraps_text(value: &[u8]) -> bool {
    if value.len() < 40 || !value.len().is_multiple_of(4) {
        return false;
    }
    let mut run = 0;
    value.chunks_exact(4).any(|chunk| {
        let bits = chunk.iter().fold(0, |bits, &byte| bits << 6 | base64::value(byte).unwrap_or_default());
        bits.to_be_bytes()[1..].iter().any(|byte| {
            run = if matches!(byte, b' '..=b'~') { run + 1 } else { 0 };
            run == TEXT
        })
    })
}

/// Whether digests and identifiers look like `value`: hexadecimal with or without dashes.
pub(super) fn is_look_alike(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// Whether the token is what a table is asked for: `config["…"]`. What asks the environment so was meant to name a variable.
fn is_looked_up(text: &[u8], token: Span) -> bool {
    let [.., callee, b'[', quote] = &text[token.start.saturating_sub(40)..token.start] else { return false };
    let is_subscript = matches!(quote, b'"' | b'\'') && (callee.is_ascii_alphanumeric() || *callee == b'_');
    let closes = text.get(token.end) == Some(quote) && text.get(token.end + 1) == Some(&b']');
    let name = &text[token.start.saturating_sub(40)..token.start - 2];
    let behind = text.get(token.end + 2..text.len().min(token.end + LOCAL_AFTER)).unwrap_or_default();
    is_subscript && closes && !credential::is_environment(name) && !behind.trim_ascii_start().starts_with(b"=")
}

/// Why a key that does not identify itself cannot stand where the token stands, if it cannot.
pub(super) fn unlikely_place(page: &Page<'_>, subject: &Subject<'_>) -> Option<&'static str> {
    let (text, token) = (page.text, subject.token);
    if let Some(why) = page.unlikely_file() {
        return Some(why);
    }
    let left = token.start.checked_sub(1).map_or(b' ', |at| text[at]);
    let right = text.get(token.end).copied().unwrap_or(b' ');
    let after = text.get(token.end + 1).copied().unwrap_or(b' ');
    let ends_sentence = right == b'.' && !after.is_ascii_alphanumeric();
    // `process.env.KEY`: a key pasted in place of the variable's name.
    let is_env_member = left == b'.' && text[token.start.saturating_sub(4)..token.start - 1].eq_ignore_ascii_case(b"env");
    // `https://KEY@host/`
    let is_user = left == b'/' && matches!(right, b'@' | b':') && text[..token.start].ends_with(b"://");
    // `s/NAME=.*/NAME=KEY/`
    let is_replacement = left == b'=' && right == b'/' && matches!(after, b'\'' | b'"');
    if !is_env_member && !is_user && matches!(left, b'+' | b'/' | b'.' | b'#') && subject.layer == Layer::Raw
        || matches!(right, b'+' | b'/') && !is_replacement
        || right == b'.' && !ends_sentence
    {
        return Some("it is part of a longer text, a path or base64");
    }
    if right == b'=' && subject.layer == Layer::Raw && (after == b'=' || !after.is_ascii_graphic() || matches!(after, b'"' | b'\'')) {
        return Some("it is padded like base64");
    }
    if subject.layer == Layer::Raw && is_line_of_base64(text, token) {
        return Some("it is a line of base64, as the one before it");
    }
    if is_looked_up(text, token) {
        return Some("something is looked up by it");
    }
    if matches!(right, b'(' | b'[') || right == b':' && after == b':' {
        return Some("it is called like a function");
    }
    if left == b':' && is_in_envelope(text, token) {
        return Some("it is a part of what SOPS has encrypted");
    }
    None
}

/// Whether a token stands in a value that SOPS has encrypted: `ENC[AES256_GCM,data:…,iv:…,tag:…]`.
fn is_in_envelope(text: &[u8], token: Span) -> bool {
    let before = Span::new(line_around(text, token.start).start, token.start).of(text);
    memchr::memmem::rfind(before, b"ENC[AES256_GCM,").is_some_and(|at| !before[at..].contains(&b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_base64_are_known_by_the_lines_around_them() {
        let (mixed, plain) = (format!("{}+/", "aB3d".repeat(16)), "Cd4eX2".repeat(11));
        for (before, after, expected) in [
            ("-----BEGIN CERTIFICATE-----\n", "\n", true),
            ("-----BEGIN CERTIFICATE-----\r\n", "\r\n", true),
            ("-----END CERTIFICATE-----\n", "\n", false),
            (&format!("{mixed}\n"), "", true),
            (&format!("{}\n", &mixed[1..]), "", false),
            (&format!("{plain}\n"), &format!("\n{}", &mixed[40..]), false),
            (&format!("{plain}\n"), &format!("\n{}{mixed}", "+/".repeat(16)), true),
            (&format!("{plain}\n"), &format!("\n{plain}\n"), false),
            ("", &format!("\n{mixed}"), false),
        ] {
            let text = format!("{before}{plain}{after}");
            let token = Span::new(before.len(), before.len() + plain.len());
            assert_eq!(is_line_of_base64(text.as_bytes(), token), expected, "{text}");
        }
    }

    #[test]
    fn what_is_encrypted_stands_in_an_envelope() {
        for (text, expected) in [
            ("token: ENC[AES256_GCM,data:TOKEN,iv:x,tag:y,type:str]", true),
            ("token: ENC[AES256_GCM,data:x,iv:TOKEN,tag:y]", true),
            ("token: ENC[AES256_GCM,data:x]\nkey:TOKEN", false),
            ("a: ENC[AES256_GCM,data:x] b:TOKEN", false),
        ] {
            let at = text.find("TOKEN").expect("it is there");
            assert_eq!(is_in_envelope(text.as_bytes(), Span::new(at, at + 5)), expected, "{text}");
        }
    }

    #[test]
    fn a_line_of_base64_follows_another_one() {
        let (key, data) = ("k".repeat(64), "ab+/".repeat(16));
        let is_line = |before: &str, after: &str| {
            let text = format!("{before}{key}{after}");
            is_line_of_base64(text.as_bytes(), Span::new(before.len(), before.len() + key.len()))
        };
        assert!(is_line(&format!("{data}\n"), "\n") && is_line(&format!("x\r\n{data}\r\n"), ""));
        assert!(!is_line(&format!("{key}\n"), "\n"), "it may be a list of keys");
        assert!(!is_line(&format!("a{data}\n"), "\n") && !is_line(&format!("{data}\n"), " ") && !is_line(&format!("{data}\nKEY="), "\n") && !is_line("", ""));
    }

    #[test]
    fn base64_of_data_with_text_is_told_by_the_text() {
        let encoded = |data: &[u8]| crate::base64::encode(data);
        let data: Vec<u8> = (0..48u32).map(|i| (i * 167 + 128) as u8 | 0x80).collect();
        let named = [&data[..10], b"Example Trust Services", &data[..16]].concat();
        assert!(wraps_text(encoded(&named).as_bytes()));
        assert!(!wraps_text(encoded(&data).as_bytes()) && !wraps_text(b"k7Qz") && !wraps_text(&[b'-'; 64]));
    }

    #[test]
    fn a_short_prefix_in_base64_is_chance() {
        let key = format!("EAA{}", "k7Q".repeat(40));
        let is_piece = |before: &str, after: &str, n_public: usize| {
            let text = format!("{before}{key}{after}");
            let token = Span::new(before.len(), before.len() + key.len());
            is_piece_of_base64(text.as_bytes(), &Subject { token, value: key.as_bytes(), rules: &[], layer: Layer::Raw }, n_public)
        };
        let data = "ab+/".repeat(12);
        assert!(is_piece(&data, "\"", 3) && is_piece("\"", &format!("/{data}"), 3));
        assert!(!is_piece(&data, "\"", 5) && !is_piece("https://graph.facebook.com/v19.0/me/", "/feed", 3) && !is_piece("", "", 3));
    }

    #[test]
    fn lock_files_and_pinned_actions_hold_digests() {
        let digest = |text: &str| {
            let start = text.find('«').expect("it is there");
            let text = text.replace('«', &"0a1b2c3d4e".repeat(4));
            let token = Span::new(start, start + 40);
            let subject = Subject { token, value: token.of(text.as_bytes()), rules: &[], layer: Layer::Raw };
            (is_named_otherwise(text.as_bytes(), &subject), is_revision(text.as_bytes(), &subject))
        };
        let source = "(registry+https://github.com/rust-lang/crates.io-index)";
        assert_eq!(digest(&format!("\"checksum winapi-x86_64-pc-windows-gnu 0.4.0 {source}\" = \"«\"\n")), (true, false));
        assert_eq!(digest("'etag': '\"«\"'"), (true, false));
        assert_eq!(digest("chalk.git?rev=«#"), (true, false));
        assert_eq!(digest("magnet:?xt=urn:btih:«"), (true, false));
        assert_eq!(digest("image: a/b@sha256:«"), (true, false));
        assert_eq!(digest("- uses: actions/checkout@« # v4"), (false, true));
        assert_eq!(digest("// commit « (HEAD)"), (false, true));
        for text in ["\"key of the checksum service\": \"«\"", "\"api key\": \"«\"", "MISTRAL_API_KEY=«", "user: @«", "\"checksum\", \"«\"", "«"] {
            assert_eq!(digest(text), (false, false), "{text}");
        }
    }

    #[test]
    fn names_of_digests_are_read_before_values_of_any_alphabet() {
        for (text, expected) in [("a.py,sha256=«", true), ("\"etag\": \"«", true), ("\n  commit: «", true), ("MISTRAL_KEY=«", false), ("x.sha256=«", false)]
        {
            let start = text.find('«').expect("it is there");
            let text = text.replace('«', &"Kq7".repeat(10));
            let token = Span::new(start, text.len());
            let subject = Subject { token, value: token.of(text.as_bytes()), rules: &[], layer: Layer::Raw };
            assert_eq!(is_named_otherwise(text.as_bytes(), &subject), expected, "{text}");
        }
    }
}
