//! Structured secrets through the whole program: private keys, however they are written.

mod common;

use common::repo::TestRepo;
use common::{Keysift, Tree, base64, findings, holds, key, number, text};
use keysift::rule::draw::{BASE64, Draws};
use serde_json::Value;

/// A private key of Ed25519, drawn: armor and one line of base64.
fn short_key(seed: u64) -> String {
    // The sequence of DER that stands before the 32 bytes of each such key.
    let body = format!("{}{}", ["MC4CAQAwBQYDK2", "VwBCIEI"].concat(), Draws::new(seed).text(43, BASE64));
    format!("-----BEGIN {0}-----\n{body}\n-----END {0}-----", "PRIVATE KEY")
}

/// A private key of RSA, drawn: many lines.
fn long_key(seed: u64) -> String {
    key("private-key", seed)
}

/// The one finding of a file.
#[track_caller]
fn found(path: &str, content: &str) -> Value {
    let report = Tree::with(&[(path, content)]).report(&["--show-secrets"]);
    let [one] = findings(&report) else { panic!("one finding in {content}: {report}") };
    one.clone()
}

#[track_caller]
fn assert_quiet(path: &str, content: &str) {
    let report = Tree::with(&[(path, content)]).report(&[]);
    assert_eq!(findings(&report), &[] as &[Value], "{content}");
}

#[test]
fn a_private_key_is_found_however_its_lines_are_written() {
    for key in [short_key(1), long_key(1)] {
        let lines: Vec<&str> = key.lines().collect();
        let each = |before: &str, after: &str| lines.iter().map(|line| format!("{before}{line}{after}")).collect::<String>();
        let joined = |separator: &str| lines.join(separator);
        for (before, written, after) in [
            ("# a key\n", key.clone(), "\n"),
            ("", joined("\r\n"), "\r\n"),
            ("KEY=\"", joined("\\n"), "\\n\"\n"),
            ("{\"a\": \"{\\\"key\\\": \\\"", joined("\\\\n"), "\\\\n\\\"}\"}\n"),
            ("KEY=", joined(""), "\n"),
            ("KEY=\"", joined(" "), "\"\n"),
            ("key: |\n    ", joined("\n    "), "\nother: 1\n"),
            ("+", joined("\n+"), "\n"),
            ("# ", joined("\n# "), "\n"),
            ("String key = \"", joined("\\n\" +\n    \""), "\";\n"),
            ("$key = '", joined("' . \"\\n\" .\n    '"), "';\n"),
        ] {
            let content = format!("{before}{written}{after}");
            let finding = found("conf/deploy", &content);
            assert_eq!((text(&finding["rule"]), text(&finding["confidence"])), ("private-key", "high"), "{content}");
            let at = number(&finding["offset"]) as usize;
            assert_eq!((at, text(&finding["secret"])), (before.len(), written.as_str()));
            let line = |at: usize| content[..at].matches('\n').count() as u64 + 1;
            assert_eq!((number(&finding["line"]), number(&finding["end_line"])), (line(at), line(at + written.len())), "{content}");
        }
        let wrapped = found("secret.yaml", &format!("data:\n  tls.key: {}\n", base64(format!("{key}\n").as_bytes())));
        assert_eq!((text(&wrapped["rule"]), text(&wrapped["layer"]), text(&wrapped["secret"])), ("private-key", "base64", key.as_str()));
        assert!(each("", "\n").starts_with(&key));
    }
}

#[test]
fn a_key_that_is_cut_off_or_made_up_has_low_confidence() {
    let mut lines: Vec<String> = long_key(2).lines().map(str::to_owned).collect();
    lines.remove(5);
    let finding = found("server.key", &lines.join("\n"));
    assert_eq!(text(&finding["confidence"]), "low", "{finding}");
    assert!(text(&finding["evidence"][0]["text"]).contains("made up, or cut off"), "{finding}");
    assert_eq!(text(&found("tests/server.key", &long_key(2))["confidence"]), "low", "keys of tests open nothing");
}

#[test]
fn a_key_behind_a_passphrase_is_less_severe() {
    let finding = found("server.key", &key("private-key-encrypted", 1));
    assert_eq!((text(&finding["rule"]), text(&finding["severity"])), ("private-key-encrypted", "low"));
}

#[test]
fn two_keys_in_one_file_are_two_findings() {
    let report = Tree::with(&[("keys.pem", &format!("{}\n{}\n", short_key(1), long_key(2)))]).report(&[]);
    let lines: Vec<u64> = findings(&report).iter().map(|finding| number(&finding["line"])).collect();
    assert_eq!(lines, [1, 4]);
}

#[test]
fn what_only_looks_like_the_armor_of_a_key_is_quiet() {
    let words = "PRIVATE KEY";
    for content in [
        format!("if \"-----BEGIN {words}-----\" in text:\n    pass\n"),
        format!("-----BEGIN {words}-----\n...\n-----END {words}-----\n"),
        format!("-----BEGIN {words}-----\n{}\n-----END {words}-----\n", "a".repeat(200)),
        short_key(1).replace("PRIVATE", "PUBLIC"),
        short_key(1).replace("PRIVATE KEY", "CERTIFICATE"),
        format!("-----BEGIN {words}-----\n{}\n", Draws::new(1).text(64, BASE64)),
    ] {
        assert_quiet("a.py", &content);
    }
}

#[test]
fn no_format_shows_a_line_of_a_private_key() {
    let files = [
        ("server.key", long_key(1)),
        ("a.json", format!("{{\"key\": \"{}\", \"x\": 1}}\n", long_key(2).replace('\n', "\\n"))),
        ("secret.yaml", format!("key: {}\n", base64(long_key(3).as_bytes()))),
    ];
    let tree = Tree::with(&files.iter().map(|(path, content)| (*path, content.as_str())).collect::<Vec<_>>());
    for format in ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"] {
        let run = tree.run(&["scan", "--format", format]).expect(1);
        let shown = [run.stdout.as_slice(), &run.stderr].concat();
        for (path, content) in &files {
            let body = content.lines().flat_map(|line| line.split("\\n")).filter(|line| line.len() > 30 && !line.contains("-----"));
            body.for_each(|line| assert!(!holds(&shown, &line.as_bytes()[4..20]), "{format} shows a part of {path}"));
        }
    }
}

#[test]
fn a_private_key_is_suppressed_and_accepted_like_any_other() {
    for content in [format!("# keysift:allow-next-line\n{}\n", long_key(1)), format!("KEY=\"{}\" # keysift:allow\n", short_key(1).replace('\n', "\\n"))] {
        assert_quiet("server.key", &content);
    }
    let tree = Tree::with(&[("server.key", &long_key(1))]);
    tree.run(&["baseline", "create", "."]).expect(0);
    assert_eq!(findings(&tree.report(&["--baseline", ".keysift-baseline.jsonl"])), &[] as &[Value]);
}

#[test]
fn a_change_in_the_midst_of_a_key_brings_the_key() {
    let repo = TestRepo::new();
    let key = long_key(1);
    let lines: Vec<&str> = key.lines().collect();
    repo.write("server.key", format!("{}\n...\n{}\n", lines[0], lines[lines.len() - 1]));
    repo.commit("a placeholder");
    repo.write("server.key", format!("{key}\n"));
    repo.git(&["add", "server.key"]);
    Keysift::new(&repo.path()).args(&["staged"]).run().expect(1);
    repo.commit("the key");
    let report = Keysift::new(&repo.path()).args(&["history", "--format", "json"]).run().expect(1).json();
    assert_eq!(common::places(findings(&report)), [("server.key", 1, "private-key")]);
    let explained = Keysift::new(&repo.path()).args(&["explain", "server.key:3"]).run().expect(0);
    assert!(explained.out().contains("reported as private-key") && !explained.out().contains("not reported"), "{}", explained.out());
}
