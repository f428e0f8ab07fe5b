//! Private keys as JSON (RFC 7517): an object with the kind of key `kty`, and with the private part `d` of a pair (RSA, EC, OKP), or with `k`, the key that both
//! sides share (oct). Without these it is a public key.

use super::{Read, assigned, speaks_for};
use crate::finding::Confidence;
use crate::rule::structure::Structure;
use crate::score::value;
use crate::span::Span;

/// How far the object may reach on each side of the private part: the other numbers of a long RSA key stand there.
const REACH: usize = 8 << 10;
/// The shortest private part, which is that of a curve of 256 bits, and the shortest shared key, of 128 bits.
const SHORTEST_PRIVATE: usize = 43;
const SHORTEST_SHARED: usize = 22;

/// Reads the key whose private part stands at `place`.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let key = place.of(text);
    let kind = object(text, place).and_then(|object| kind(object.of(text))).ok_or("the object that it stands in is no JSON web key")?;
    let is_shared = kind == b"oct";
    if key.len() < if is_shared { SHORTEST_SHARED } else { SHORTEST_PRIVATE } || value::placeholder(key).is_some() || value::entropy(key) < 3.5 {
        return Err("it is too short for a key, or not random");
    }
    if assigned::wraps_no_secret(key) {
        return Err("what it says in base64 is no secret");
    }
    let what = if is_shared { "it is the shared key of a JSON web key" } else { "it is the private part of a JSON web key" };
    Ok(Read { span: place, structure: Structure::JsonWebKey, confidence: Confidence::High, because: vec![speaks_for(what.to_owned())] })
}

/// The object that holds `place`, without what else it may hold.
fn object(text: &[u8], place: Span) -> Option<Span> {
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let behind = &text[place.end..text.len().min(place.end + REACH)];
    if [before, behind].iter().all(|part| memchr::memmem::find(part, b"kty").is_none()) {
        return None;
    }
    let mut depth = 0_i32;
    let mut leaves = |byte: u8, closes: u8, opens: u8| {
        depth += i32::from(byte == closes) - i32::from(byte == opens);
        depth < 0
    };
    let start = (0..before.len()).rev().find(|&at| leaves(before[at], b'}', b'{'))?;
    depth = 0;
    let mut leaves = |byte: u8| {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        depth < 0
    };
    let end = (0..behind.len()).find(|&at| leaves(behind[at])).unwrap_or(behind.len());
    Some(Span::new(place.start - before.len() + start, place.end + end))
}

/// The value of `kty`, which may stand in a string of another language.
fn kind(object: &[u8]) -> Option<&[u8]> {
    let is_filler = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b':' | b'=' | b'>' | b' ' | b'\t' | b'\n' | b'\r');
    memchr::memmem::find_iter(object, b"kty").find_map(|at| {
        let rest = &object[at + b"kty".len()..];
        let value = &rest[rest.iter().take_while(|byte| is_filler(byte)).count()..];
        [&b"RSA"[..], b"EC", b"OKP", b"oct"].into_iter().find(|kind| value.starts_with(kind) && !value.get(kind.len()).is_some_and(u8::is_ascii_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_says_what_kind_of_key_it_is() {
        let key = crate::rule::draw::Draws::new(1).text(43, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
        let is_read = |text: &str| {
            let text = text.replace("KEY", &key);
            let at = text.find(&key).expect("it is there");
            read(text.as_bytes(), Span::new(at, at + key.len())).is_ok()
        };
        for text in [
            r#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"KEY"}"#,
            r#"{"keys":[{"d":"KEY","n":"a","kty":"RSA","other":{"r":1}}]}"#,
            r#"{"k": "KEY", "kty": "oct"}"#,
            "const key = {\n  kty: 'OKP',\n  d: 'KEY',\n};",
            r#"X='{\"kty\":\"EC\",\"d\":\"KEY\"}'"#,
        ] {
            assert!(is_read(text), "{text}");
        }
        for text in [
            r#"{"crv":"P-256","d":"KEY"}"#,
            r#"[{"kty":"EC"},{"d":"KEY"}]"#,
            r#"{"path":{"d":"KEY"},"kty":"EC"}"#,
            r#"{"kty":"ECDSA","d":"KEY"}"#,
            "\"d\":\"KEY\"",
        ] {
            assert!(!is_read(text), "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        for text in ["{", "}", "{\"kty", "}{}{", ""] {
            let text = format!("{text}0123{text}");
            let at = text.find("0123").expect("it is there");
            assert!(read(text.as_bytes(), Span::new(at, at + 4)).is_err());
        }
    }
}
