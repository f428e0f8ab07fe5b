//! Private keys: the armor of RFC 7468, RFC 4716, OpenSSH and OpenPGP (RFC 9580), and the key files of PuTTY.
//!
//! The lines of an armor may be written in any way that source code has for a text of several lines: with escaped line feeds, as strings that are put
//! together, behind the marks of a comment or a quotation. What stands between the two lines of the armor must be base64 and nothing much else, so that a
//! header in documentation is none; what it decodes to must begin as keys of its kind do and, where it says its length, have it.

use super::{Read, against, speaks_for};
use crate::finding::{Confidence, Evidence};
use crate::rule::structure::{Structure, armor};
use crate::score::{reading, value};
use crate::span::Span;

/// The longest armor that is read, in bytes. A key of 16,384 bits has 13,000 in base64.
const LONGEST: usize = 32 << 10;
/// The fewest characters of base64 in a key: one of Ed25519 has 64.
const SHORTEST: usize = 60;
/// Shorter runs of base64 characters are words of text, but for the last line of a key.
const SHORTEST_RUN: usize = 16;
/// Bits per character that the base64 of no key falls below.
const LEAST_ENTROPY: f32 = 4.0;
/// Bytes of a key that are decoded.
const N_DECODED: usize = 4096;
/// Words that only made-up keys hold, long enough that base64 practically never does.
const MADE_UP: [&str; 4] = ["example", "placeholder", "redacted", "yourprivatekey"];

/// Reads the private key that `place` announces.
pub(super) fn read(text: &[u8], place: Span) -> Result<Read, &'static str> {
    if place.of(text).starts_with(b"PuTTY") { putty(text, place) } else { armored(text, place) }
}

fn armored(text: &[u8], opening: Span) -> Result<Read, &'static str> {
    const WORDS: &[u8] = b"PRIVATE KEY";
    let rest = &text[opening.end..text.len().min(opening.end + LONGEST)];
    let next = memchr::memmem::find(rest, WORDS).ok_or("the armor of a private key does not end")?;
    let closing = armor(text, opening.end + next, b"END ").ok_or("the armor of a private key does not end")?;
    let body = Body::read(Span::new(opening.end, closing.start).of(text));
    body.check()?;
    let label = opening.of(text);
    let has = |word: &[u8]| memchr::memmem::find(label, word).is_some();
    let bytes = body.decoded();
    let kind = match () {
        () if has(b"OPENSSH") => open_ssh(&bytes),
        () if has(b"PGP") => open_pgp(&bytes),
        () if has(b"SSH2") => Kind { name: "an SSH key", fits: bytes.starts_with(&[0x3F, 0x6F, 0xF9, 0xEB]), is_encrypted: has(b"ENCRYPTED") },
        // What a passphrase was put over says nothing of itself.
        () if body.is_encrypted => Kind { name: "a PEM key", fits: true, is_encrypted: true },
        () => Kind { name: "a PEM key", fits: is_der(&bytes, body.n_decoded()), is_encrypted: has(b"ENCRYPTED") },
    };
    let mut read = kind.of(Span::new(opening.start, closing.end));
    if read.structure == Structure::PrivateKey
        && let Some(account) = service_account(text, read.span)
    {
        read.structure = Structure::ServiceAccountKey;
        read.because.push(speaks_for(account));
    }
    Ok(read)
}

/// How far the members of an object stand from the key in it.
const NEAR: usize = 1024;

/// Whose key it is, if it stands in the JSON of a service account of Google.
fn service_account(text: &[u8], key: Span) -> Option<String> {
    let around = [&text[key.start.saturating_sub(NEAR)..key.start], &text[key.end..text.len().min(key.end + NEAR)]];
    let member = |name: &str| {
        around.iter().find_map(|part| {
            let at = memchr::memmem::find(part, name.as_bytes())? + name.len();
            // The JSON may stand in a string, with its quotes escaped.
            let is_between = |byte: &u8| matches!(byte, b'"' | b'\\' | b':') || byte.is_ascii_whitespace();
            let value = &part[at + part[at..].iter().position(|byte| !is_between(byte))?..];
            let n = value.iter().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'.' | b'-' | b'_')))?;
            std::str::from_utf8(&value[..n.min(200)]).ok()
        })
    };
    if member("type")? != "service_account" {
        return None;
    }
    let email = member("client_email").filter(|email| email.contains('@'))?;
    Some(match member("project_id") {
        Some(project) => format!("it is a key of the service account `{email}` in the project `{project}`"),
        None => format!("it is a key of the service account `{email}`"),
    })
}

/// What a key is.
struct Kind {
    name: &'static str,
    /// Whether its content begins, and is as long, as that of such a key is.
    fits: bool,
    is_encrypted: bool,
}

impl Kind {
    fn of(self, span: Span) -> Read {
        let structure = if self.is_encrypted { Structure::EncryptedPrivateKey } else { Structure::PrivateKey };
        let secrecy = if self.is_encrypted { "behind a passphrase" } else { "that needs no passphrase" };
        let mut because: Vec<Evidence> = vec![speaks_for(format!("it is {} {secrecy}", self.name))];
        if !self.fits {
            because.insert(0, against("content-wrong", "its content is not that of such a key: it is made up, or cut off"));
        }
        Read { span, structure, confidence: if self.fits { Confidence::High } else { Confidence::Low }, because }
    }
}

/// What stands between the two lines of an armor.
#[derive(Default)]
struct Body {
    base64: Vec<u8>,
    /// Bytes that are neither base64 nor what separates it.
    n_other: usize,
    /// Whether a header line says that the content is encrypted.
    is_encrypted: bool,
}

impl Body {
    fn read(bytes: &[u8]) -> Self {
        let mut body = Self::default();
        let mut words: Vec<&[u8]> = Vec::new();
        for line in lines(bytes) {
            if line.contains(&b':') {
                body.is_encrypted |= memchr::memmem::find(line, b"ENCRYPTED").is_some();
                continue;
            }
            words.extend(line.split(|byte| is_separator(*byte)).filter(|word| !word.is_empty()));
        }
        // A patch marks each line that is new.
        let is_patch = words.iter().filter(|word| word.len() >= SHORTEST_RUN).all(|word| word.starts_with(b"+"));
        for word in words {
            let word = if is_patch { word.strip_prefix(b"+").unwrap_or(word) } else { word };
            let padding = word.iter().rev().take_while(|byte| **byte == b'=').count();
            let is_base64 = word[..word.len() - padding].iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
            // The last line may be short; behind the content of OpenPGP stands a checksum.
            let is_end = body.base64.len() >= SHORTEST && word.len() > 1;
            match () {
                () if is_base64 && (word.len() >= SHORTEST_RUN || is_end) && padding <= 2 => body.base64.extend_from_slice(word),
                () if word.starts_with(b"=") && word.len() == 5 => {}
                () => body.n_other += word.len(),
            }
        }
        body
    }

    /// Why this is the body of no key, if it is not.
    fn check(&self) -> Result<(), &'static str> {
        if self.base64.len() < SHORTEST {
            return Err("the armor of a private key has no key in it");
        }
        let lower = self.base64.to_ascii_lowercase();
        if self.n_other * 4 > self.base64.len() || MADE_UP.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some()) {
            return Err("what the armor of a private key holds is no key");
        }
        if value::entropy(&self.base64) < LEAST_ENTROPY || !self.base64.iter().any(u8::is_ascii_digit) {
            return Err("what the armor of a private key holds is not random");
        }
        Ok(())
    }

    /// The first bytes of the content.
    fn decoded(&self) -> Vec<u8> {
        reading::base64(&self.base64[..self.base64.len().min(N_DECODED)]).unwrap_or_default()
    }

    /// How many bytes the whole content has.
    fn n_decoded(&self) -> usize {
        let n_padding = self.base64.iter().rev().take_while(|byte| **byte == b'=').count();
        (self.base64.len() - n_padding) * 3 / 4
    }
}

/// The lines of a text, whether their ends are written as such or escaped, once or several times.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let n_end = match bytes[at] {
            b'\n' | b'\r' => 1,
            b'\\' => {
                let n_slashes = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
                n_slashes + usize::from(matches!(bytes.get(at + n_slashes), Some(b'n' | b'r' | b't')))
            }
            b'%' if bytes[at..].starts_with(b"%0A") || bytes[at..].starts_with(b"%0D") => 3,
            b'&' if bytes[at..].starts_with(b"&#10;") || bytes[at..].starts_with(b"&#xA;") => 5,
            _ => 0,
        };
        if n_end > 0 {
            lines.push(&bytes[start..at]);
            start = at + n_end;
        }
        at += n_end.max(1);
    }
    lines.push(&bytes[start..]);
    lines
}

/// Whether a byte separates strings or stands around them.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'.' | b'#' | b'*' | b'>' | b'|')
}

/// Whether `bytes` begin a sequence of DER that has `n_bytes` in all.
fn is_der(bytes: &[u8], n_bytes: usize) -> bool {
    let (n_head, n_content) = match bytes {
        [0x30, n @ 0..=0x7F, ..] => (2, usize::from(*n)),
        [0x30, 0x81, n, ..] => (3, usize::from(*n)),
        [0x30, 0x82, high, low, ..] => (4, usize::from(*high) << 8 | usize::from(*low)),
        _ => return false,
    };
    n_head + n_content == n_bytes
}

/// A key of OpenSSH: a mark, then the cipher's name behind its length.
fn open_ssh(bytes: &[u8]) -> Kind {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0");
    let cipher = rest.and_then(|rest| rest.get(4..4 + usize::from(*rest.get(3)?)));
    Kind { name: "an OpenSSH key", fits: cipher.is_some(), is_encrypted: cipher.is_some_and(|cipher| cipher != b"none") }
}

/// A key of OpenPGP: a packet of a secret key, in which the public part stands before the octet that says how the rest is encrypted.
fn open_pgp(bytes: &[u8]) -> Kind {
    const NAME: &str = "an OpenPGP key";
    // A packet of kind 5, with its length in the old or the new way.
    let n_head = match bytes {
        [0x94, ..] => 2,
        [0x95, ..] | [0xC5, 192..=223, ..] => 3,
        [0x96, ..] => 5,
        [0xC5, 255, ..] => 6,
        [0xC5, ..] => 2,
        _ => return Kind { name: NAME, fits: false, is_encrypted: false },
    };
    let usage = bytes.get(n_head..).and_then(pgp_usage);
    Kind { name: NAME, fits: true, is_encrypted: usage.is_some_and(|usage| usage != 0) }
}

/// The octet that says how the secret part of a key of version 4 is encrypted; 0 if it is not.
fn pgp_usage(packet: &[u8]) -> Option<u8> {
    let [4, _, _, _, _, algorithm, rest @ ..] = packet else { return None };
    let mpi = |rest: &[u8]| Some(2 + (usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?)).div_ceil(8));
    let named = |rest: &[u8]| Some(1 + usize::from(*rest.first()?));
    let parts: &[bool] = match algorithm {
        // Numbers (false) and names behind their length (true).
        1..=3 => &[false, false],
        16 => &[false, false, false],
        17 => &[false, false, false, false],
        18 => &[true, false, true],
        19 | 22 => &[true, false],
        _ => return None,
    };
    let mut at = 0;
    for &is_name in parts {
        let rest = rest.get(at..)?;
        at += if is_name { named(rest)? } else { mpi(rest)? };
    }
    rest.get(at).copied()
}

/// A key file of PuTTY, from its first line to the last of its private part, or to the code that authenticates it.
fn putty(text: &[u8], place: Span) -> Result<Read, &'static str> {
    const NO_KEY: &str = "a key file of PuTTY has no private part here";
    let rest = &text[place.end..text.len().min(place.start + LONGEST)];
    // No file reaches into the next one: however many headers there are, none is searched twice.
    let n_whole = memchr::memmem::find(rest, place.of(text)).unwrap_or(rest.len());
    let whole = &text[place.start..place.end + n_whole];
    let field = |name: &[u8]| {
        let at = memchr::memmem::find(whole, name)? + name.len();
        let n_value = whole[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        Some((Span::new(at, at + n_value), whole[at..at + n_value].trim_ascii()))
    };
    let (_, encryption) = field(b"\nEncryption:").ok_or(NO_KEY)?;
    let (count, n_lines) = field(b"\nPrivate-Lines:").ok_or(NO_KEY)?;
    let n_lines: usize = std::str::from_utf8(n_lines).ok().and_then(|n| n.parse().ok()).filter(|n| (1..500).contains(n)).ok_or(NO_KEY)?;
    let mut end = count.end;
    let mut body = Body::default();
    for _ in 0..n_lines {
        let rest = &whole[end..];
        let n_break = rest.iter().take(2).take_while(|byte| byte.is_ascii_whitespace()).count();
        let line = &rest[n_break..];
        let n_line = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        body.base64.extend_from_slice(&line[..n_line]);
        end += n_break + n_line;
    }
    if body.base64.len() < SHORTEST_RUN || !body.base64.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) {
        return Err(NO_KEY);
    }
    if let Some((code, _)) = field(b"\nPrivate-MAC:").filter(|(code, _)| code.start >= end) {
        end = code.end;
    }
    let kind = Kind { name: "a PuTTY key", fits: true, is_encrypted: encryption != b"none" };
    Ok(kind.of(Span::new(place.start, place.start + end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(bytes: &str) -> String {
        String::from_utf8(Body::read(bytes.as_bytes()).base64).expect("base64 is ASCII")
    }

    #[test]
    fn the_lines_of_a_key_are_put_together_however_they_are_written() {
        let (one, two) = ("MIIBVAIBADANBgkq/hkiG9w0BAQ+EFAASCATawggE6AgEAAkEA1234567890abcd", "A/bc+Defghij==");
        let key = format!("{one}{two}");
        for text in [
            format!("\n{one}\n{two}\n"),
            format!("\r\n    {one}\r\n    {two}\r\n"),
            format!("\\n{one}\\n{two}\\n"),
            format!("\\\\n{one}\\\\n{two}\\\\n"),
            format!("\\n\" +\n  \"{one}\\n\" +\n  \"{two}\\n\" +\n  \""),
            format!("\n# {one}\n# {two}\n# "),
            format!("\n+{one}\n+{two}\n+"),
            format!(" {one} {two} "),
            format!("{one}{two}"),
            format!("\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{one}\n{two}\n"),
        ] {
            assert_eq!(words(&text), key, "{text}");
        }
        assert!(Body::read(b"\nProc-Type: 4,ENCRYPTED\n\nabc").is_encrypted);
    }

    #[test]
    fn documentation_holds_no_key() {
        for text in [
            "\n...\n",
            "",
            "\nYour private key goes here and has many lines of text that are all made of ordinary words and nothing else\n",
            &format!("\n{}\n", "x".repeat(200)),
            &format!("\n{}\n", "EXAMPLEKEY1abcdefABCDEFghijkl".repeat(10)),
            "\nMIIEpAIBAAKCAQEA...\n",
        ] {
            assert!(Body::read(text.as_bytes()).check().is_err(), "{text}");
        }
    }

    #[test]
    fn der_says_its_length() {
        assert!(is_der(&[0x30, 0x03, 0, 0, 0], 5));
        assert!(is_der(&[0x30, 0x82, 0x04, 0xA2, 0], 1190));
        assert!(!is_der(&[0x30, 0x82, 0x04, 0xA2, 0], 1189));
        assert!(!is_der(&[0x31, 0x03, 0, 0, 0], 5));
        assert!(!is_der(&[], 0));
    }

    #[test]
    fn a_pgp_key_says_whether_it_is_encrypted() {
        let rsa = |usage: u8| [&[0x95, 0, 0, 4, 0, 0, 0, 0, 1, 0, 9, 1, 1, 0, 2, 3, usage][..]].concat();
        assert!(!open_pgp(&rsa(0)).is_encrypted && open_pgp(&rsa(0)).fits);
        assert!(open_pgp(&rsa(254)).is_encrypted);
        assert!(!open_pgp(&[0x99, 0, 0]).fits, "a public key");
        assert!(open_pgp(&[0x95]).fits, "cut off: nothing is known of its secret part");
    }
}
