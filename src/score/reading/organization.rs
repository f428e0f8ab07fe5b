//! Tokens of Sentry and Grafana Cloud that carry, in base64, JSON about the organization they belong to.

use serde_json::{Map, Value};

use super::{SAID, json, piece, shown};
use crate::finding::Evidence;

/// Reads `sntrys_…_…`: the slug of the organization and the address of its region.
pub fn sentry(key: &[u8]) -> Vec<Evidence> {
    let Some(payload) = key.strip_prefix(b"sntrys_").and_then(|rest| rest.split(|byte| *byte == b'_').next()).and_then(json) else { return Vec::new() };
    let said = [("organization", "its organization is", "/org"), ("region", "its region is", "/region_url")];
    told(&payload.into_iter().collect(), &said)
}

/// Reads `glc_…`: the organization's number, the token's name and the region. The part named `k` is the secret and is left alone.
pub fn grafana(key: &[u8]) -> Vec<Evidence> {
    let Some(payload) = key.strip_prefix(b"glc_").and_then(json) else { return Vec::new() };
    let said = [("organization", "its organization is", "/o"), ("token-name", "its name is", "/n"), ("region", "its region is", "/m/r")];
    told(&payload, &said)
}

fn told(payload: &Map<String, Value>, what: &[(&'static str, &str, &str)]) -> Vec<Evidence> {
    let payload = Value::Object(payload.clone());
    let text = |pointer: &str| match payload.pointer(pointer)? {
        Value::String(text) => shown(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    what.iter().filter_map(|(kind, sentence, pointer)| Some(piece(kind, SAID, format!("{sentence} `{}`", text(pointer)?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::encoded;
    use super::*;

    fn texts(said: Vec<Evidence>) -> Vec<String> {
        said.into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn sentrys_organization_and_region_are_read() {
        let payload = encoded(r#"{"iat":1735689600,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"acme"}"#);
        let said = texts(sentry(format!("sntrys_{payload}_{}", "x".repeat(43)).as_bytes()));
        assert_eq!(said, ["its organization is `acme`", "its region is `https://us.sentry.io`"]);
    }

    #[test]
    fn grafanas_organization_is_read_and_its_secret_is_not() {
        let payload = encoded(r#"{"o":"652992","n":"stack-reader","k":"hidden","m":{"r":"eu"}}"#);
        let said = texts(grafana(format!("glc_{payload}").as_bytes()));
        assert_eq!(said, ["its organization is `652992`", "its name is `stack-reader`", "its region is `eu`"]);
        assert!(texts(grafana(b"glc_nothing")).is_empty());
    }
}
