//! What is known of secrets without a provider before anything is read: whether a token can have a secret-like name, and which paths hold made-up values.
//! What such a name assigns is judged in `structure::assigned`.

use std::sync::LazyLock;

use super::{Subject, name};
use crate::finding::Layer;
use crate::literals::EachOf;

/// Longest value that is taken for a secret; longer ones are data.
const LONGEST: usize = 160;
/// Shortest token of one.
const SHORTEST: usize = 16;

/// A cheap test on the text before the token: whether a secret-like name can be there at all.
pub fn may_be_secret(text: &[u8], subject: &Subject<'_>) -> bool {
    if subject.layer != Layer::Raw || subject.value.len() < SHORTEST || subject.value.len() > LONGEST {
        return false;
    }
    let left = &text[subject.token.start.saturating_sub(80)..subject.token.start];
    // In quotes, behind an operator or another part of the value: an identifier in code stands behind none.
    let before = left.trim_ascii_end();
    let may_assign = if left[before.len()..].contains(&b'\n') {
        // An element, or a block of YAML, has its text on the next line.
        matches!(before, [.., b'>' | b'|'] | [.., b'>' | b'|', b'-' | b'+'])
    } else {
        // Two marks that keys have inside are operators in code, but not right behind a name.
        matches!(before, [.., b'"' | b'\'' | b'`' | b'=' | b':' | b'>' | b'+' | b'/' | b'.' | b'~'] | [.., b':', b'-'])
            || matches!(left, [.., last, b'|' | b'!'] if last.is_ascii_alphanumeric())
    };
    if !may_assign {
        return false;
    }
    MARKS.is_in(left)
}

/// Where parts of secret-like names stand in `text`.
pub(super) fn marks_in(text: &[u8]) -> impl Iterator<Item = usize> {
    MARKS.places(text).map(|place| place.start)
}

static MARKS: LazyLock<EachOf> = LazyLock::new(|| EachOf::new(&[&name::CREDENTIAL_MARKS[..], &MORE_MARKS].concat()));

/// Parts of names that only say something here: of passwords and keys, and of functions that are given one without a word for it. Two letters stand in any
/// base64, and so count where a name ends with them.
const MORE_MARKS: [&str; 19] = [
    "salt",
    "psk",
    "pw\"",
    "pw'",
    "pw ",
    "pw=",
    "pw:",
    "connect",
    "mysqli",
    "pdo",
    "login",
    "jwt",
    "hmac",
    "cookieparser",
    "cookiestore",
    "signedstring",
    "signwith",
    "cipher",
    "aes.",
];

/// Folders whose values are made up.
const MADE_UP: [&str; 14] =
    ["test", "tests", "testing", "__tests__", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "example", "examples", "testdata", "cassettes"];

/// Whether the path is that of tests or examples.
pub fn is_made_up_place(path: &str) -> bool {
    let is_marked = |part: &str| part.starts_with("test_") || part.contains("_test.") || part.contains(".test.") || part.contains(".spec.");
    path.to_ascii_lowercase().split('/').any(|part| MADE_UP.contains(&part) || is_marked(part))
}

/// Files that hold digests of packages, line after line.
const LOCK_FILES: [&str; 14] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "cargo.lock",
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "pipfile.lock",
    "composer.lock",
    "gemfile.lock",
    "go.sum",
    "flake.lock",
];

/// Why a file holds no keys that do not identify themselves, if it holds none.
pub fn unlikely_file(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if LOCK_FILES.iter().any(|file| name.eq_ignore_ascii_case(file)) {
        return Some("it stands in a lock file, among digests");
    }
    let is_map = name.as_bytes().last_chunk::<4>().is_some_and(|ending| ending.eq_ignore_ascii_case(b".map"));
    is_map.then_some("it stands in a source map")
}
