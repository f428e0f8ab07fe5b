//! Baselines as they are written, by us and by others: texts beside what they mean or how they are refused.

use jiff::civil::date;

use super::*;
use crate::secret::Secret;

const HEX: &str = "00112233445566778899aabbccddeeff";

fn header() -> String {
    format!("{{\"keysift-baseline\":1,\"salt\":\"{HEX}\"}}\n")
}

fn line(path: &str) -> String {
    format!("{{\"path\":\"{path}\",\"rule\":\"generic-secret\",\"digest\":\"content:{HEX}\"}}\n")
}

fn read_text(text: &str) -> Result<(Format, Vec<Entry>), ConfigError> {
    parse(&Document { path: "b", text }, "/home/me/project")
}

#[track_caller]
fn entries(text: &str) -> Vec<Entry> {
    read_text(text).expect("the baseline is good").1
}

/// The error of `text` as shown, and its help.
#[track_caller]
fn refused(text: &str) -> (String, String) {
    let error = read_text(text).expect_err("the baseline is bad");
    (error.to_string(), error.help().expect("every error says what to do"))
}

#[test]
fn what_is_written_is_read() {
    let text = header() + &line("b/é \\u001b.env") + &line("a.env").replace('}', ",\"reason\":\"old\",\"owner\":\"ops\",\"until\":\"2026-12-31\"}");
    let (format, read) = read_text(&text).expect("it is good");
    let Format::Keysift(salt) = format else { panic!("{format:?}") };
    assert_eq!((read[0].number, read[1].number), (2, 3));
    assert_eq!(read[0].path, "b/é \x1b.env");
    assert_eq!((read[1].reason.as_deref(), read[1].owner.as_deref(), read[1].until), (Some("old"), Some("ops"), Some(date(2026, 12, 31))));
    let written = render(&salt, &read);
    assert_eq!(written.lines().collect::<Vec<_>>(), [text.lines().next(), text.lines().nth(2), text.lines().nth(1)].map(|line| line.expect("three")));
    assert_eq!(entries(&written).len(), 2);
}

#[test]
fn what_a_merge_leaves_is_read() {
    let (a, b) = (line("a"), line("b"));
    assert_eq!(entries(&[header(), b.clone(), a.clone(), b, header(), "\n".to_owned(), a.clone()].concat()).len(), 2);
    let noted = a.replace('}', ",\"reason\":\"x\"}");
    assert_eq!(entries(&format!("{}{a}{noted}", header())).len(), 2, "a reason is not thrown away");
    assert_eq!(entries(&(header() + &a).replace('\n', "\r\n")).len(), 1);
    assert_eq!(entries(&(line("z") + &a + &header())).len(), 2, "the header may stand anywhere");
}

#[test]
fn bad_lines_are_refused_with_their_place() {
    let (header, good) = (header(), line("a"));
    let other = header.replace("00112233", "ffffffff");
    for (text, place, next) in [
        (format!("{header}<<<<<<< HEAD\n{good}=======\n>>>>>>> x\n"), "b:2:1: a merge conflict that is not resolved", "both sides"),
        (format!("<<<<<<< HEAD\n{header}"), "b:1:1: a merge conflict", "both sides"),
        (format!("{header}{good}nonsense\n"), "b:3:2: this line is no JSON object", "restore or remove"),
        (format!("{header}[]\n"), "b:2:1: this line is no JSON object", "restore or remove"),
        (format!("{header}{}", good.replace("rule", "rul")), "b:2:13: unknown key `rul` (did you mean `rule`?)", "`path`, `rule`, `digest`"),
        (format!("{header}{}", good.replace("a\"", "\"")), "b:2:2: `path` is missing or empty", "restore or remove"),
        (format!("{header}{}", good.replace("content", "sha1")), "b:2:37: `digest` is no digest", "update"),
        (format!("{header}{}", good.replace('}', ",\"until\":\"2026-2-1\"}")), "`until` is no date", "YYYY-MM-DD"),
        (format!("{header}{}", good.replace('}', ",\"owner\":5}")), "`owner` must be a string", "write"),
        (format!("{header}{good}{other}"), "b:3:23: a second header with another salt", "one"),
        (header.replace(":1", ":2"), "is not 1, the only version", "update keysift"),
        (header.replace("ff\"", "\""), "b:1:23: `salt` is not 32 hexadecimal digits", "restore the header"),
        (header.replace("salt", "sald"), "unknown key `sald` (did you mean `salt`?)", "valid keys"),
        (String::new(), "b: is empty", "--force"),
        (" \n".to_owned(), "b: is empty", "--force"),
        (good, "b: is JSON, but no baseline", "create"),
        ("{\"schema\":\"keysift-report/1\"}".to_owned(), "b: is a report of keysift", "create"),
        ("{\"results\":{\"a\":[{}]}}".to_owned(), "entry 1 has no `hashed_secret`", "detect-secrets scan"),
        ("{\"results\":{\"a\":5}}".to_owned(), "no list", "detect-secrets scan"),
        ("{\"results\":".to_owned(), "b:1:11: no baseline", "restore"),
        ("[{\"File\":\n5}]".to_owned(), "b:2:1: no JSON report of gitleaks", "restore"),
        ("[{\"File\":\"a\"}]".to_owned(), "finding 1 has no `File` or no `Secret`", "gitleaks"),
        ("[{\"File\":\"a\",\"Secret\":\"REDACTED\"}]".to_owned(), "finding 1 is redacted", "--redact"),
        ("[{\"File\":\"a\",\"Secret\":\"abc...\"}]".to_owned(), "finding 1 is redacted", "--redact"),
        ("[{\"File\":\"a\",\"Secret\":\"gsk_********wxyz\"}]".to_owned(), "finding 1 is redacted", "--redact=0"),
        ("# ok\nnonsense\n".to_owned(), "b:2:1: this line is no fingerprint of gitleaks", "keysift baseline create"),
        ("a:rule:x\n".to_owned(), "b:1:1: this line is no fingerprint", "keysift baseline create"),
        ("::3\n".to_owned(), "b:1:1: this line is no fingerprint", "keysift baseline create"),
    ] {
        let (what, help) = refused(&text);
        assert!(what.contains(place), "{text}\n{what}");
        assert!(help.contains(next), "{text}\n{help}");
    }
}

#[test]
fn messages_quote_no_value() {
    for text in ["[{\"File\":\"a\",\"Secret\":12345678}]", "[\"12345678\"]", "{\"results\":{\"a\":[{\"hashed_secret\":\"12345678\"}]}}", "12345678"] {
        let (what, help) = refused(text);
        assert!(!what.contains("12345678") && !help.contains("12345678"), "{what} {help}");
    }
}

#[test]
fn other_scanners_are_told_by_content() {
    let sha1 = format!("{HEX}00112233");
    let (format, read) = read_text(" \n[{\"RuleID\":\"x\",\"File\":\"./src\\\\a.py\",\"StartLine\":3,\"Secret\":\"s\",\"Commit\":\"\"}]").expect("a report");
    assert_eq!((format, read[0].path.as_str(), &read[0].mark), (Format::GitleaksReport, "src/a.py", &Mark::Secret(Secret::new(b"s"))));
    let (format, read) =
        read_text(&format!("{{\"version\":\"1.5.0\",\"results\":{{\"a\\\\b\":[{{\"hashed_secret\":\"{sha1}\",\"line_number\":1}}]}}}}")).expect("a baseline");
    assert_eq!((format, read[0].path.as_str()), (Format::DetectSecrets, "a/b"));
    let commit = format!("{HEX}AABBCCDD");
    let (format, read) = read_text(&format!("# known\n\n{commit}:/home/me/project/a:b.py:rule-id:7\r\nx.py:rule:8\n")).expect("a list");
    assert_eq!(format, Format::GitleaksIgnore);
    assert_eq!((read[0].path.as_str(), read[0].commit.clone(), &read[0].mark), ("a:b.py", Some(commit.to_lowercase()), &Mark::LineNumber(7)));
    assert_eq!((read[1].number, read[1].path.as_str(), read[1].commit.as_deref()), (4, "x.py", None));
    assert_eq!(entries("[]").len() + entries("# nothing").len() + entries("{\"results\":{}}").len(), 0);
}
