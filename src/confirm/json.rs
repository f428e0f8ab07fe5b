//! The JSON of an answer: read from bytes that may be anything, and looked into by the places that rule files name.
//!
//! A body that was cut is read as far as it is whole, because lists of models can be longer than what is read of them: what stands in the part
//! stands in the whole. `serde_json` limits the depth to 128 levels.

use serde_json::Value;

use super::Reply;
use crate::rule::confirm::Expected;

/// Why a body says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is none.
    Empty,
    /// It came with a `Content-Encoding`, though none was asked for.
    Encoded,
    /// HTML or XML: a firewall, a login page, a proxy.
    Page,
    /// Nested deeper than anybody reads.
    Deep,
    /// It went on beyond what is read, and the part is no JSON either.
    Cut,
    /// Anything else.
    Other,
}

impl Trouble {
    /// What it is, as a sentence fragment.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Empty => "the answer is empty",
            Self::Encoded => "the answer is compressed, which was not asked for",
            Self::Page => "the answer is a web page and not the API's: a firewall, a proxy or a login page answered",
            Self::Deep => "the answer is nested too deep",
            Self::Cut => "the answer is too long, and what was read of it is no JSON",
            Self::Other => "the answer is no JSON",
        }
    }
}

/// The JSON of a reply's body.
///
/// # Errors
/// Why it has none.
pub fn read(reply: &Reply) -> Result<Value, Trouble> {
    let is_encoding = |value: &str| !value.trim().is_empty() && !value.trim().eq_ignore_ascii_case("identity");
    if reply.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("content-encoding") && is_encoding(value)) {
        return Err(Trouble::Encoded);
    }
    let body = reply.body.trim_ascii();
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(_) if body.is_empty() => Err(if reply.is_cut { Trouble::Cut } else { Trouble::Empty }),
        Err(_) if body.starts_with(b"<") => Err(Trouble::Page),
        Err(error) if error.is_eof() && reply.is_cut => whole_part(body).ok_or(Trouble::Cut),
        Err(_) if is_deep(body) => Err(Trouble::Deep),
        Err(_) => Err(if reply.is_cut { Trouble::Cut } else { Trouble::Other }),
    }
}

/// The JSON of which `body` is the beginning, as far as it is whole: everything before the last comma of its outermost lists and objects,
/// which are closed.
pub fn whole_part(body: &[u8]) -> Option<Value> {
    // What is open, and after which comma it may be closed. An element that is deeper than this is taken as a whole or left out.
    const DEEPEST: usize = 4;
    let mut open: Vec<u8> = Vec::new();
    let mut last: Option<(usize, Vec<u8>)> = None;
    let (mut is_text, mut is_escaped) = (false, false);
    for (at, &byte) in body.iter().enumerate() {
        if is_text {
            (is_text, is_escaped) = (is_escaped || byte != b'"', !is_escaped && byte == b'\\');
            continue;
        }
        match byte {
            b'"' => is_text = true,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => _ = open.pop(),
            b',' if open.len() <= DEEPEST => last = Some((at, open.clone())),
            _ => {}
        }
    }
    let (end, open) = last?;
    let mut whole = body[..end].to_vec();
    whole.extend(open.iter().rev());
    serde_json::from_slice(&whole).ok()
}

/// Whether the brackets of `body` are nested deeper than `serde_json` reads.
fn is_deep(body: &[u8]) -> bool {
    let mut depth = 0_usize;
    body.iter().any(|byte| {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 127
    })
}

/// What stands at `pointer`, where `*` stands for each element of a list or an object.
pub fn at<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let mut here = vec![value];
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        here = here.into_iter().flat_map(|value| inside(value, &part)).collect();
    }
    here
}

fn inside<'a>(value: &'a Value, part: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(list) if part == "*" => list.iter().collect(),
        Value::Object(map) if part == "*" => map.values().collect(),
        Value::Array(list) => part.parse::<usize>().ok().and_then(|i| list.get(i)).into_iter().collect(),
        Value::Object(map) => map.get(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether `value` is what a rule expects.
pub fn fits(value: &Value, expected: &Expected) -> bool {
    match expected {
        Expected::Bool(bool) => value.as_bool() == Some(*bool),
        Expected::Number(number) => value.as_i64() == Some(*number),
        Expected::Text(text) => is_like(&written(value), text),
        Expected::Texts(texts) if texts.is_empty() => value.is_array(),
        Expected::Texts(texts) => texts.iter().any(|text| is_like(&written(value), text)),
        Expected::Object(_) => value.is_object(),
    }
}

/// A text as it is, everything else as JSON; nothing for `null`, which no text is like.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Whether `text` reads like `pattern`, whatever the case; `*` stands for anything.
fn is_like(text: &Option<String>, pattern: &str) -> bool {
    let Some(text) = text else { return false };
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn cut(body: &str) -> Option<String> {
        whole_part(body.as_bytes()).map(|value| value.to_string())
    }

    #[test]
    fn of_a_cut_body_what_is_whole_is_read() {
        assert_eq!(cut(r#"{"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"c"#).as_deref(), Some(r#"{"data":[{"id":"a"},{"id":"b"}],"object":"list"}"#));
        assert_eq!(cut(r#"{"a":"x, y]","b":"#).as_deref(), Some(r#"{"a":"x, y]"}"#));
        assert_eq!(cut(r#"{"a":"\"", "b":"\\", "c":1"#).as_deref(), Some(r#"{"a":"\"","b":"\\"}"#));
        assert_eq!(cut(r#"[1,2,3"#).as_deref(), Some("[1,2]"));
        for none in ["", "{", "[[[[[[[[[[", "x,y", "]],,", r#"{"a","#, "\"abc"] {
            assert_eq!(cut(none), None, "{none}");
        }
    }

    #[test]
    fn a_star_stands_for_each_element() {
        let value = serde_json::json!({"data": [{"id": "a"}, {"id": "b"}, 3], "a/b": {"x": 1, "y": 2}});
        assert_eq!(at(&value, "/data/*/id"), ["a", "b"]);
        assert_eq!(at(&value, "/data/1/id"), ["b"]);
        assert_eq!(at(&value, "/a~1b/*"), [1, 2]);
        assert_eq!(at(&value, ""), [&value]);
        assert!(at(&value, "/nothing/*/id").is_empty());
    }

    #[test]
    fn what_is_expected_is_told_apart() {
        let (text, object) = (|text: &str| Expected::Text(text.to_owned()), Expected::Object(BTreeMap::new()));
        for (value, expected, is_so) in [
            ("\"List\"", text("list"), true),
            ("\"lists\"", text("list"), false),
            ("1001", text("1001"), true),
            ("\"a b c\"", text("a*c"), true),
            ("\"ac\"", text("a*c*c"), false),
            ("\"anything\"", text("*"), true),
            ("\"aXbYb\"", text("*x*b"), true),
            ("null", text("*"), false),
            ("{\"code\":\"x\"}", text("{*\"X\"*}"), true),
            ("true", Expected::Bool(true), true),
            ("\"true\"", Expected::Bool(true), false),
            ("5", Expected::Number(5), true),
            ("\"5\"", Expected::Number(5), false),
            ("[]", Expected::Texts(Vec::new()), true),
            ("{}", Expected::Texts(Vec::new()), false),
            ("\"b\"", Expected::Texts(vec!["a".to_owned(), "b".to_owned()]), true),
            ("{}", object.clone(), true),
            ("[]", object, false),
        ] {
            let json: Value = serde_json::from_str(value).expect("it is JSON");
            assert_eq!(fits(&json, &expected), is_so, "{value} {expected:?}");
        }
    }
}
