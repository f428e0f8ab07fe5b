//! Credentials in headers: `Authorization: Basic …` and `Bearer …`, cookies, and what curl makes such a header of; also the entries of docker's settings,
//! which hold the same as `Basic`.

use super::file::{is_token, pair};
use super::password::{self, Access};
use super::{Read, against, speaks_for};
use crate::base64;
use crate::finding::Confidence;
use crate::rule::structure::Structure;
use crate::score::value;
use crate::span::Span;

/// How far before an option of curl its command may begin, and how far behind it the address stands.
const REACH: usize = 1024;
/// How far before it the name of its header stands.
const HEADER: usize = 48;
/// The shortest bearer token and session, and the longest.
const SHORTEST_TOKEN: usize = 20;
const LONGEST_TOKEN: usize = 4096;

/// Whether the user and password at `place` may be real, by what stands there alone.
pub(super) fn is_basic_in_doubt(text: &[u8], place: Span) -> bool {
    credentials(place.of(text)).map_or_else(|| is_key(text, place), |(_, password)| password::is_in_doubt(&password))
}

/// Whether what stands behind `Basic` in a header is a key as it is, as services take it that know no users (OneSignal): random, and no text in base64.
fn is_key(text: &[u8], place: Span) -> bool {
    let value = place.of(text);
    let before = text[place.start.saturating_sub(HEADER)..place.start].to_ascii_lowercase();
    let is_in_header = memchr::memmem::find(&before, b"authorization").is_some();
    let is_text = || base64::decode(base64::unpadded(value), |_| true).is_some_and(|inside| std::str::from_utf8(&inside).is_ok());
    is_in_header && (SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&value.len()) && !value.contains(&b':') && is_random(value) && !is_text()
}

/// User and password, in base64 or as they are.
fn credentials(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let plain = match memchr::memchr(b':', text) {
        Some(_) => text.to_vec(),
        None => pair(text)?,
    };
    let colon = memchr::memchr(b':', &plain)?;
    Some((plain[..colon].to_vec(), plain[colon + 1..].to_vec()))
}

/// Reads user and password of a header, or of an option of curl, which stand at `place`.
pub(super) fn basic(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let is_plain = place.of(text).contains(&b':');
    let Some((user, password)) = credentials(place.of(text)) else {
        let because =
            vec![against("form", "it is no user and password in base64"), speaks_for("it stands where an `Authorization` header has a key".to_owned())];
        let read = Read { span: place, structure: Structure::BasicAuth, confidence: Confidence::Low, because };
        return if is_key(text, place) { Ok(read) } else { Err("it is no user and password in base64") };
    };
    let command = if is_plain { Some(command_of_curl(text, place).ok_or("no curl stands before it")?) } else { None };
    let host = command.map_or(&[][..], |command| host_in(command.of(text)));
    let access = Access { password: &password, user: &user, host, is_database: false };
    let what = if is_plain { "it is a user and a password that curl logs in with" } else { "it is a user and a password for an `Authorization` header" };
    access.judge(place, Structure::BasicAuth, what.to_owned())
}

/// The command of curl that `place` is in: lines that end with a backslash go on.
fn command_of_curl(text: &[u8], place: Span) -> Option<Span> {
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let is_end = |at: &usize| before[*at] == b'\n' && !before[..*at].trim_ascii_end().ends_with(b"\\");
    let start = (0..before.len()).rev().find(is_end).map_or(0, |at| at + 1);
    let start = start + memchr::memmem::rfind(&before[start..], b"curl")?;
    let behind = &text[place.end..text.len().min(place.end + REACH)];
    let is_end = |at: &usize| behind[*at] == b'\n' && !behind[..*at].trim_ascii_end().ends_with(b"\\");
    let n_behind = memchr::memchr_iter(b'\n', behind).find(is_end).unwrap_or(behind.len());
    Some(Span::new(place.start - before.len() + start, place.end + n_behind))
}

/// The host of the first address in a text.
fn host_in(text: &[u8]) -> &[u8] {
    let Some(at) = memchr::memmem::find(text, b"://") else { return b"" };
    let host = &text[at + 3..];
    let ends = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'$' | b'{' | b'}' | b'[' | b']'));
    &host[..host.iter().position(ends).unwrap_or(host.len())]
}

/// Reads the entry of docker's settings that stands at `place`; the object that it is in is called after its host.
pub(super) fn docker(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let (user, password) = credentials(place.of(text)).ok_or("it is no user and password in base64")?;
    let before = &text[place.start.saturating_sub(REACH)..place.start];
    let n_open = memchr::memrchr(b'{', before).ok_or("it stands in no object")?;
    let name = before[..n_open].trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end).and_then(|name| name.strip_suffix(b"\""));
    let name = name.ok_or("the object that it stands in has no name")?;
    let name = &name[memchr::memrchr(b'"', name).map_or(0, |at| at + 1)..];
    let host = if memchr::memmem::find(name, b"://").is_some() { host_in(name) } else { name.split(|byte| *byte == b'/').next().unwrap_or_default() };
    let access = Access { password: &password, user: &user, host, is_database: true };
    access.judge(place, Structure::CredentialFile, "it is a user and a password in the settings of docker, in base64".to_owned())
}

/// Reads the token behind `Bearer` that stands at `place`.
pub(super) fn bearer(text: &[u8], place: Span) -> Result<Read, &'static str> {
    let token = place.of(text);
    let dots = || token.ends_with(b"..") || text[place.end..].starts_with("…".as_bytes()) || text[place.end..].starts_with(b"...");
    let is_cut = dots() && !is_whole_web_token(token);
    if is_cut || !(SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&token.len()) || !(is_random(token) || is_uuid(token)) {
        return Err("the bearer token is cut short, a placeholder, or not random");
    }
    let what = "it is the token of an `Authorization` header".to_owned();
    // Documents show one or the other of the identifiers that standards and tools have as their examples.
    let confidence = if is_random(token) { Confidence::Medium } else { Confidence::Low };
    Ok(Read { span: place, structure: Structure::BearerToken, confidence, because: vec![speaks_for(what)] })
}

/// Whether a token is a unique identifier that nobody wrote for an example.
fn is_uuid(token: &[u8]) -> bool {
    let groups = token.split(|byte| *byte == b'-').map(<[u8]>::len);
    let digits: Vec<u8> = token.iter().copied().filter(|byte| *byte != b'-').collect();
    groups.eq([8, 4, 4, 4, 12])
        && digits.iter().all(u8::is_ascii_hexdigit)
        && value::n_distinct(&digits) >= 8
        && !value::is_published(token)
        && value::placeholder(token).is_none()
}

/// Whether a token is a JSON web token with all of its signature, whatever dots follow.
fn is_whole_web_token(token: &[u8]) -> bool {
    const SHORTEST_SIGNATURE: usize = 43;
    let mut parts = token.split(|byte| *byte == b'.');
    token.starts_with(b"eyJ") && parts.nth(2).is_some_and(|signature| signature.len() >= SHORTEST_SIGNATURE)
}

/// Names of cookies, or parts of them, by which somebody stays logged in.
const SESSIONS: [&str; 7] = ["sess", "sid", "auth", "token", "jwt", "remember", "login"];
/// Names with such a part whose cookies open nothing by themselves.
const NO_SESSIONS: [&str; 4] = ["csrf", "xsrf", "amp_", "_ga"];

/// Reads the first session of the cookies that stand at `place`.
pub(super) fn cookie(text: &[u8], place: Span) -> Result<Read, &'static str> {
    session(text, place).map_or(Err("no cookie of a session is there"), |span| {
        let what = "it is the cookie of a session".to_owned();
        Ok(Read { span, structure: Structure::SessionCookie, confidence: Confidence::Medium, because: vec![speaks_for(what)] })
    })
}

/// Where the value of the first session in a list of cookies stands.
pub(super) fn session(text: &[u8], place: Span) -> Option<Span> {
    let mut at = place.start;
    for part in place.of(text).split(|byte| matches!(byte, b';' | b'"' | b'\'' | b'\\')) {
        let start = at;
        at += part.len() + 1;
        let Some(n_name) = memchr::memchr(b'=', part) else { continue };
        let before = &part[..n_name];
        // The first name stands behind that of the header.
        let name = before.rsplit(|byte| matches!(byte, b' ' | b':')).next().unwrap_or_default();
        let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
        let is_session = SESSIONS.iter().any(|word| lower.contains(word)) && !NO_SESSIONS.iter().any(|word| lower.contains(word));
        let value = part[n_name + 1..].trim_ascii();
        if is_session && (SHORTEST_TOKEN..=LONGEST_TOKEN).contains(&value.len()) && is_random(value) {
            let value_at = start + n_name + 1;
            return Some(Span::new(value_at, value_at + value.len()));
        }
    }
    None
}

/// Whether a text is as random as a token that nobody chose: of its runs of letters and digits one is, and the whole holds no word for a placeholder.
fn is_random(text: &[u8]) -> bool {
    let is_run = |run: &[u8]| {
        let n_symbols = match () {
            () if run.iter().all(u8::is_ascii_hexdigit) => 16,
            () if run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase) => 62,
            () => 36,
        };
        run.len() >= 16
            && run.iter().any(u8::is_ascii_digit)
            && run.iter().any(u8::is_ascii_alphabetic)
            && value::entropy(run) >= value::random_floor(run.len(), n_symbols)
    };
    is_token(text) && value::placeholder(text).is_none() && text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').any(is_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_told_from_other_cookies() {
        let found = |text: &str| session(text.as_bytes(), Span::new(0, text.len())).map(|span| text[span.start..span.end].to_owned());
        let value = ["aZ4kQmRt2Zp9", "Lx7VbNc3Wd8"].concat();
        assert_eq!(found(&format!("Cookie: a=b; JSESSIONID={value}; c=d")), Some(value.clone()));
        assert_eq!(found(&format!("Set-Cookie: sid={value}")), Some(value.clone()));
        assert_eq!(found(&format!("Cookie: theme={value}; csrftoken={value}")), None);
        assert_eq!(found("Cookie: sessionid=abc"), None);
    }

    #[test]
    fn a_command_goes_on_behind_backslashes() {
        let text = b"ls\ncurl -X GET \\\n  -u a:pw \\\n https://h.io/\nls";
        let at = memchr::memmem::find(text, b"a:pw").expect("it is there");
        let command = command_of_curl(text, Span::new(at, at + 4)).expect("it is one");
        assert!(command.of(text).starts_with(b"curl") && command.of(text).ends_with(b"h.io/"));
        assert_eq!(host_in(command.of(text)), b"h.io");
        assert!(command_of_curl(b"ls\n-u a:b", Span::new(6, 9)).is_none());
    }
}
