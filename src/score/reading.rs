//! What a key says about itself, without asking anybody: whether its checksum fits, whose it is, until when it works, and whether it is a trap.
//!
//! Everything here is read from the key's own characters (a shared access signature's also from the address it ends). What is read becomes evidence; a
//! piece with negative weight makes the confidence low. Nothing secret of a key is repeated, and nothing can fail.

mod account;
mod jwt;
mod macaroon;
mod organization;
mod signature;
mod team;

use jiff::civil::Date;

use super::value;
use crate::base64;
use crate::finding::{CHECKSUM_WRONG, EXAMPLE, EXPIRED, Evidence, is_against_key};
use crate::rule::Rule;
use crate::rule::checksum::Fit;

/// Points of a checksum that fits.
const CHECKSUM: i32 = 100;
/// Points against a key that is made up, cut off, expired or a trap: more than anything that speaks for it.
pub(super) const AGAINST: i32 = -200;
/// Points of what a key says about itself: a reader wants to know it before most of what speaks for the key.
const SAID: i32 = 70;
/// The longest part of a key that is decoded.
const LONGEST: usize = 8 * 1024;

/// What `key`, a key of `rule`, says about itself. `before` is the text in front of it.
pub fn read(rule: &Rule, key: &[u8], before: &[u8], today: Date) -> Vec<Evidence> {
    let checksum = rule.checksum.and_then(|checksum| match checksum.fit(key) {
        Fit::Right => Some(piece("checksum", CHECKSUM, "its checksum fits".to_owned())),
        Fit::Wrong => Some(piece(CHECKSUM_WRONG, AGAINST, "its checksum does not fit: a fixture, or cut off".to_owned())),
        Fit::Absent => None,
    });
    let said = match rule.reads {
        Some("aws-account") => account::read(key),
        Some("azure-sas") => signature::read(key, before, today),
        Some("grafana-org") => organization::grafana(key),
        Some("jwt") => jwt::read(key, today),
        Some("macaroon") => macaroon::read(key),
        Some("sentry-org") => organization::sentry(key),
        Some("slack-team") => team::read(key),
        _ => Vec::new(),
    };
    checksum.into_iter().chain(said).collect()
}

/// What speaks against `key`, a key of `rule`, whatever stands around it: that nobody may ask about it, or that it cannot be somebody's.
pub fn against(rule: &Rule, key: &[u8], today: Date) -> Vec<Evidence> {
    let example = value::is_published(key).then(|| piece(EXAMPLE, AGAINST, "it is a published example, and nobody's key".to_owned()));
    read(rule, key, b"", today).into_iter().filter(|piece| is_against_key(piece.kind)).chain(example).collect()
}

/// A piece of evidence.
fn piece(kind: &'static str, weight: i32, text: String) -> Evidence {
    Evidence { kind, weight, text }
}

/// A piece about the day on which a key ends to work.
fn until(end: Date, today: Date) -> Evidence {
    if end < today { piece(EXPIRED, AGAINST, format!("it expired on {end}")) } else { piece("valid-until", SAID, format!("it works until {end}")) }
}

/// `text` for a sentence: short, and of printable ASCII characters without quotes. None if nothing is left.
fn shown(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '`' | '"' | '\'')).take(60).collect();
    (!kept.is_empty()).then_some(kept)
}

/// What `text` decodes to, in either alphabet of base64, with or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = base64::unpadded(text);
    if text.len() > LONGEST {
        return None;
    }
    base64::decode(text, |_| true)
}

/// The JSON object that `text` is in base64.
fn json(text: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(&base64(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` in base64 without padding, for tests.
    pub fn encoded(text: &str) -> String {
        base64::encode(text.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for text in ["", "a", "ab", "abc", "{\"o\":\"1\"}", "??>>"] {
            assert_eq!(base64(encoded(text).as_bytes()).as_deref(), Some(text.as_bytes()), "{text}");
        }
        assert_eq!(base64(b"YQ==").as_deref(), Some(b"a".as_slice()));
        assert_eq!(base64(b"YWJj*"), None);
        assert_eq!(base64(b"YWJjZ"), None);
    }

    #[test]
    fn what_is_shown_has_no_control_characters() {
        assert_eq!(shown("a\u{1b}[31mb\n`c`").as_deref(), Some("a[31mbc"));
        assert_eq!(shown("\u{1b}\n"), None);
        assert_eq!(shown(&"x".repeat(1000)).map(|text| text.len()), Some(60));
    }
}
