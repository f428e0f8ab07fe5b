//! PyPI's tokens: macaroons in the binary format of version 2 of libmacaroons, in base64 behind `pypi-`.
//!
//! A packet is a sequence of fields, each a type, a length and bytes, closed by a type of zero: first the header (location, identifier), then one for each
//! caveat, then an empty one, then the signature. Lengths above 127 take two bytes of seven bits each, the lower first.

use serde_json::Value;

use super::{SAID, base64, piece, shown};
use crate::finding::Evidence;

const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;

/// Reads a token.
pub fn read(key: &[u8]) -> Vec<Evidence> {
    let Some((location, caveats)) = key.strip_prefix(b"pypi-").and_then(base64).as_deref().and_then(parse) else { return Vec::new() };
    let mut said: Vec<Evidence> = shown(&location).map(|location| piece("macaroon", SAID, format!("it is a macaroon of `{location}`"))).into_iter().collect();
    let projects: Vec<String> = caveats.iter().flat_map(|caveat| projects(caveat)).filter_map(|name| shown(&name)).take(5).collect();
    if !projects.is_empty() {
        said.push(piece("limited", SAID, format!("it is limited to the projects {}", projects.join(", "))));
    }
    said
}

/// The location of a macaroon, and its caveats.
fn parse(bytes: &[u8]) -> Option<(String, Vec<Vec<u8>>)> {
    let (2, rest) = bytes.split_first().map(|(version, rest)| (*version, rest))? else { return None };
    let (header, mut rest) = packet(rest)?;
    let (_, location) = header.into_iter().find(|(kind, _)| *kind == LOCATION)?;
    let mut caveats = Vec::new();
    while let Some((fields, after)) = packet(rest).filter(|(fields, _)| !fields.is_empty()) {
        caveats.extend(fields.into_iter().filter(|(kind, _)| *kind == IDENTIFIER).map(|(_, bytes)| bytes.to_vec()));
        rest = after;
    }
    Some((String::from_utf8_lossy(location).into_owned(), caveats))
}

type Field<'a> = (u8, &'a [u8]);

/// The fields up to the next type of zero, and what follows it.
fn packet(mut rest: &[u8]) -> Option<(Vec<Field<'_>>, &[u8])> {
    let mut fields = Vec::new();
    loop {
        let (&kind, after) = rest.split_first()?;
        if kind == 0 {
            return Some((fields, after));
        }
        let (&low, after) = after.split_first()?;
        let (n, after) = if low < 0x80 { (usize::from(low), after) } else { (usize::from(low & 0x7f) | usize::from(*after.first()?) << 7, &after[1..]) };
        let (bytes, after) = after.split_at_checked(n)?;
        fields.push((kind, bytes));
        rest = after;
    }
}

/// The names of the projects to which a caveat limits a token: `{"permissions": {"projects": […]}}` or `[1, […]]`.
fn projects(caveat: &[u8]) -> Vec<String> {
    let Ok(caveat) = serde_json::from_slice::<Value>(caveat) else { return Vec::new() };
    let names = match &caveat {
        Value::Array(parts) if parts.first().and_then(Value::as_u64) == Some(1) => parts.get(1),
        other => other.pointer("/permissions/projects"),
    };
    names.and_then(Value::as_array).into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::encoded;
    use super::*;

    fn field(kind: u8, text: &str) -> String {
        format!("{}{}{text}", char::from(kind), char::from(u8::try_from(text.len()).expect("a short text")))
    }

    fn said(caveat: &str) -> Vec<String> {
        let packet = format!("\u{2}{}{}\0{}\0\0{}", field(LOCATION, "pypi.org"), field(IDENTIFIER, "an-id"), field(IDENTIFIER, caveat), field(6, "sig"));
        read(format!("pypi-{}", encoded(&packet)).as_bytes()).into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn location_and_projects_are_read() {
        let expected = ["it is a macaroon of `pypi.org`", "it is limited to the projects one, two"];
        assert_eq!(said(r#"{"version":1,"permissions":{"projects":["one","two"]}}"#), expected);
        assert_eq!(said(r#"[1,["one","two"]]"#), expected);
        assert_eq!(said(r#"{"version":1,"permissions":"user"}"#), expected[..1]);
    }

    #[test]
    fn what_is_cut_off_says_nothing_false() {
        let whole = format!("\u{2}{}{}\0", field(LOCATION, "pypi.org"), field(IDENTIFIER, "an-id"));
        for n in 0..whole.len() {
            assert!(read(format!("pypi-{}", encoded(&whole[..n])).as_bytes()).is_empty(), "{n}");
        }
        assert!(read(b"pypi-****").is_empty());
    }
}
