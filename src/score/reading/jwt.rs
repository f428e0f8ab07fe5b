//! JSON Web Tokens (RFC 7519): who issued one, and until when it works.
//!
//! The signature is not checked: what is read is what the token says.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{AGAINST, SAID, json, piece, shown, until};
use crate::finding::Evidence;

/// Reads the token that `key` is or ends with.
pub fn read(key: &[u8], today: Date) -> Vec<Evidence> {
    let Some(start) = memchr::memmem::find(key, b"eyJ") else { return Vec::new() };
    let mut parts = key[start..].split(|byte| *byte == b'.');
    let (Some(header), Some(claims)) = (parts.next().and_then(json), parts.next().and_then(json)) else { return Vec::new() };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).and_then(shown);
    let mut said = Vec::new();
    if text(header.get("alg")).is_some_and(|alg| alg.eq_ignore_ascii_case("none")) {
        said.push(piece("unsigned", AGAINST, "it is not signed (`alg` is `none`)".to_owned()));
    }
    if let Some(issuer) = text(claims.get("iss")) {
        said.push(piece("issuer", SAID, format!("its issuer is `{issuer}`")));
    }
    let end = claims.get("exp").and_then(Value::as_f64).and_then(|seconds| Timestamp::from_second(seconds as i64).ok());
    said.extend(end.map(|end| until(end.to_zoned(TimeZone::UTC).date(), today)));
    said
}

#[cfg(test)]
mod tests {
    use super::super::tests::encoded;
    use super::*;

    fn said(header: &str, claims: &str, today: Date) -> Vec<(&'static str, String)> {
        let key = format!("ghs_123_{}.{}.{}", encoded(header), encoded(claims), "x".repeat(43));
        read(key.as_bytes(), today).into_iter().map(|piece| (piece.kind, piece.text)).collect()
    }

    #[test]
    fn issuer_and_end_are_read() {
        let claims = r#"{"iss":"acme","exp":1735689600}"#;
        let before = said(r#"{"alg":"RS256"}"#, claims, Date::constant(2024, 12, 31));
        assert_eq!(before, [("issuer", "its issuer is `acme`".to_owned()), ("valid-until", "it works until 2025-01-01".to_owned())]);
        let after = said(r#"{"alg":"RS256"}"#, claims, Date::constant(2025, 1, 2));
        assert_eq!(after[1], ("expired", "it expired on 2025-01-01".to_owned()));
    }

    #[test]
    fn an_unsigned_token_is_called_one() {
        assert_eq!(said(r#"{"alg":"none"}"#, "{}", Date::ZERO)[0].0, "unsigned");
    }

    #[test]
    fn what_is_no_token_says_nothing() {
        assert!(read(b"eyJhbGciOi.x.y", Date::ZERO).is_empty());
        assert!(read(b"", Date::ZERO).is_empty());
        assert!(said(r#"{"alg":5}"#, r#"{"iss":7,"exp":1e300}"#, Date::ZERO).is_empty());
    }
}
