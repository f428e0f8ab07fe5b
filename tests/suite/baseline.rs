//! Baselines through the binary: findings that were accepted stay quiet wherever their lines move, new ones do not, and versions of a baseline
//! merge in a real repository.

use std::path::Path;
use std::process::Command;

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, Run, Tree, findings, groq_line, key, mistral, mistral_line, number, paths, text};
use keysift::rule::draw::Draws;
use keysift::secret::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

const FILE: &str = ".keysift-baseline";

/// Writes a baseline of everything in `tree`.
#[track_caller]
fn create(tree: &Tree) -> Run {
    tree.run(&["baseline", "create"]).expect(0)
}

/// The JSON report of a scan with the baseline of `tree`, whatever the exit code.
fn report(tree: &Tree) -> Value {
    tree.report(&["--baseline", FILE, "--show-suppressed"])
}

fn baseline(tree: &Tree) -> String {
    String::from_utf8(tree.read(FILE)).expect("a baseline is text")
}

/// A configuration with a rule whose keys are short enough to be guessed.
fn weak_rules(tree: &Tree) {
    tree.write(".keysift.toml", "[rules]\nfiles = [\"acme.toml\"]\n");
    tree.write(
        "acme.toml",
        "[provider]\nid = \"acme\"\nname = \"Acme\"\ndocs = \"https://acme.example/docs\"\nrevoke = \"https://acme.example/keys\"\n\
         [[rule]]\nid = \"acme-api-key\"\nname = \"Acme key\"\nseverity = \"high\"\nshape = 'acmekey_[a-z0-9]{9}'\n",
    );
}

fn weak(seed: u64) -> String {
    Draws::new(seed).shape("acmekey_[a-z0-9]{9}")
}

#[test]
fn a_baseline_accepts_what_was_there_and_nothing_else() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("src/b.env", &groq_line(2))]);
    let run = create(&tree);
    assert!(run.err().contains(".keysift-baseline: accepts 2 findings"), "{}", run.err());
    let report = report(&tree);
    assert_eq!((findings(&report).len(), number(&report["n_suppressed"])), (0, 2));
    assert_eq!(report["suppressed"][0]["suppression"], json!({ "by": "baseline .keysift-baseline", "reason": null }));
    assert_eq!(report["baseline"], json!({ "path": ".keysift-baseline", "n_entries": 2, "stale": [] }));
    assert_eq!(tree.report(&[])["baseline"], Value::Null, "it is not found by itself");

    tree.write("new.env", mistral_line(3));
    tree.write("a.env", mistral_line(1) + &groq_line(4));
    let report = tree.run(&["scan", "--format", "json", "-b", FILE]).expect(1).json();
    assert_eq!(paths(&report), ["a.env", "new.env"]);
}

#[test]
fn no_rule_takes_the_digests_of_a_baseline_for_its_keys() {
    let mut draws = Draws::new(11);
    let mut baseline = format!("{{\"keysift-baseline\":1,\"salt\":\"{}\"}}\n", draws.shape("[0-9a-f]{32}"));
    for rule in keysift::rule::RuleSet::built_in().rules {
        for digest in [draws.shape("content:[0-9a-f]{32}"), draws.shape("line:[0-9a-f]{32}-[0-9a-f]{2}")] {
            let entry = json!({ "path": ".env", "rule": rule.id, "digest": digest });
            baseline.push_str(&format!("{entry}\n"));
        }
    }
    let tree = Tree::with(&[(FILE, &baseline)]);
    assert_eq!(findings(&tree.report(&[])), &[] as &[Value]);
}

#[test]
fn a_baseline_holds_no_secret_and_scans_clean() {
    let tree = Tree::with(&[("a.env", &(mistral_line(1) + &groq_line(2)))]);
    weak_rules(&tree);
    tree.write("b.env", format!("KEY={}\n", weak(3)));
    create(&tree);
    let text = baseline(&tree);
    for secret in [mistral(1), key("groq-api-key", 2), weak(3)] {
        assert!(!text.contains(&secret) && !text.contains(&secret[secret.len() - 8..]), "{text}");
        assert!(!text.contains(&Secret::new(secret.as_bytes()).digest()[7..39]), "a digest without the salt");
    }
    assert_eq!(paths(&tree.report(&["--baseline", FILE])), Vec::<&str>::new());
    assert_eq!(paths(&tree.report(&[FILE])), Vec::<&str>::new(), "a baseline looks like no key");
    create(&Tree::with(&[("a.env", &mistral_line(1))]));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1..].is_sorted(), "{text}");
    assert!(!text.contains("\"line\"") && !text.contains("2026"), "no line numbers, no time");
}

#[test]
fn two_baselines_of_one_tree_have_different_digests() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    create(&tree);
    let first = baseline(&tree);
    tree.run(&["baseline", "create", "--force"]).expect(0);
    assert_ne!(first.lines().nth(1), baseline(&tree).lines().nth(1));
}

#[test]
fn the_configuration_can_name_it() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), (".keysift.toml", "baseline = \"ci/known\"\n")]);
    tree.run(&["scan"]).expect(2);
    tree.make_folder("ci");
    let run = create(&tree);
    assert!(run.err().contains("ci/known: accepts 1 finding"), "{}", run.err());
    tree.run(&["scan"]).expect(0);
    let explained = tree.run(&["explain", "a.env:1"]).expect(0);
    assert!(explained.out().contains("suppressed by baseline ci/known"), "{}", explained.out());
    // From a folder below, too: the paths of the report stay relative to the top of the work tree.
    tree.make_folder(".git");
    tree.make_folder("src");
    tree.write("src/b.env", groq_line(2));
    tree.run(&["baseline", "update", "src"]).expect(0);
    Keysift::new(&tree.path().join("src")).args(&["scan", "--quiet", ".."]).run().expect(0);
    Keysift::new(&tree.path().join("src")).args(&["scan", "--quiet"]).run().expect(0);
}

#[test]
fn a_short_secret_is_accepted_by_its_line() {
    let tree = Tree::new();
    weak_rules(&tree);
    tree.write("a.py", format!("key = '{}'\n", weak(1)));
    let run = create(&tree);
    assert!(run.err().contains("1 of them by their line"), "{}", run.err());
    assert!(baseline(&tree).contains("\"digest\":\"line:"));
    let is_accepted = |content: String| {
        tree.write("a.py", content);
        findings(&report(&tree)).is_empty()
    };
    assert!(is_accepted(format!("\n\nif x:\n    key = \"{}\";\r\n", weak(1))), "moved and reformatted");
    assert!(!is_accepted(format!("other = '{}'\n", weak(1))), "elsewhere");
    assert!(!is_accepted(format!("key = '{}'\n", weak(2))), "another secret");
}

#[test]
fn a_password_that_a_person_chose_is_accepted_by_its_line_however_long_it_is() {
    let tree = Tree::new();
    let drawn = Draws::new(7).shape("[A-Za-z0-9]{40}");
    let chosen = ["Winter¦2023!Go", "Acme@Admin¦2022", "P@ssw0rd¦-Prod1"].map(|password| password.replace('¦', ""));
    for (i, password) in chosen.iter().chain([&drawn]).enumerate() {
        tree.write(format!("{i}.env"), format!("DB_PASSWORD={password}\n"));
    }
    let run = create(&tree);
    assert!(run.err().contains("accepts 4 findings, 3 of them by their line"), "{}", run.err());
    let digest = |i: usize| baseline(&tree).lines().nth(1 + i).map(|line| line.contains("\"digest\":\"line:")).expect("each has an entry");
    assert_eq!([digest(0), digest(1), digest(2), digest(3)], [true, true, true, false], "{}", baseline(&tree));
    assert_eq!(findings(&report(&tree)), &[] as &[Value]);
    // As older versions wrote it.
    let salt: Value = serde_json::from_str(baseline(&tree).lines().next().expect("it has a header")).expect("it is JSON");
    let salt = keysift::filter::Salt::parse(text(&salt["salt"])).expect("it is a salt");
    let entry = |i: usize| {
        let digest = keysift::filter::Mark::content(&Secret::new(chosen[i].as_bytes()), &salt).text().expect("it is ours");
        json!({ "path": format!("{i}.env"), "rule": "generic-password", "digest": digest }).to_string()
    };
    let older: Vec<String> = baseline(&tree).lines().take(1).map(str::to_owned).chain((0..3).map(entry)).collect();
    tree.write(FILE, older.join("\n") + "\n");
    let report = report(&tree);
    assert_eq!((paths(&report), &report["baseline"]["stale"]), (vec!["3.env"], &json!([])));
    tree.write("0.env", "DB_PASSWORD=Winter¦2024!Go\n".replace('¦', ""));
    assert_eq!(paths(&tree.report(&["--baseline", FILE])), ["0.env", "3.env"]);
}

#[test]
fn a_byte_order_mark_does_not_bring_back_what_was_accepted() {
    let tree = Tree::new();
    weak_rules(&tree);
    let line = format!("key = '{}'\n", weak(1));
    for (before, after) in [("", "\u{feff}"), ("\u{feff}", "")] {
        tree.write("a.py", format!("{before}{line}"));
        tree.run(&["baseline", "create", "--force"]).expect(0);
        tree.write("a.py", format!("{after}{line}"));
        assert_eq!(findings(&report(&tree)), &[] as &[Value], "{before:?} {after:?}");
    }
}

#[test]
fn where_nothing_was_scanned_no_baseline_is_written() {
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("first");
    let create = |arguments: &[&str]| Keysift::new(&repo.path()).args(&[&["baseline", "create"], arguments].concat()).run();
    let run = create(&["--range", "HEAD..HEAD"]).expect(3);
    assert!(run.err().contains("was not written") && run.err().contains("nothing was scanned"), "{}", run.err());
    assert!(!repo.path().join(FILE).exists());
    create(&[]).expect(0);
    let before = std::fs::read(repo.path().join(FILE)).expect("it was written");
    create(&["--range", "HEAD..HEAD", "--force"]).expect(3);
    assert_eq!(std::fs::read(repo.path().join(FILE)).expect("it is there"), before);
}

#[test]
fn create_does_not_overwrite() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    create(&tree);
    let before = baseline(&tree);
    let run = tree.run(&["baseline", "create"]).expect(2);
    assert!(run.err().contains("exists") && run.err().contains("help: `keysift baseline update`"), "{}", run.err());
    assert_eq!(baseline(&tree), before);
}

#[test]
fn what_is_suppressed_otherwise_needs_no_entry() {
    let tree = Tree::with(&[("a.env", &mistral_line(1).replace('\n', " # keysift:allow\n"))]);
    create(&tree);
    assert_eq!(baseline(&tree).lines().count(), 1);
}

#[test]
fn identical_findings_are_one_entry() {
    let tree = Tree::with(&[("a.env", &mistral_line(1).repeat(3))]);
    create(&tree);
    assert_eq!(baseline(&tree).lines().count(), 2);
    assert_eq!(number(&report(&tree)["n_suppressed"]), 3);
}

#[test]
fn update_adds_what_is_new_and_keeps_what_was_said() {
    let tree = Tree::with(&[("b.env", &mistral_line(1))]);
    tree.run(&["baseline", "create", "--reason", "inherited", "--owner", "team b", "--until", "2999-12-31"]).expect(0);
    let old = baseline(&tree);
    assert!(old.contains("\"reason\":\"inherited\",\"owner\":\"team b\",\"until\":\"2999-12-31\""), "{old}");
    tree.write("a.env", groq_line(2));
    tree.write("c.env", groq_line(3));
    let run = tree.run(&["baseline", "update", "--reason", "revoked"]).expect(0);
    assert!(run.err().contains("accepts 2 findings in addition to 1 entry"), "{}", run.err());
    let new = baseline(&tree);
    assert_eq!(new.lines().nth(2), old.lines().nth(1), "sorted by path, and unchanged");
    assert_eq!(new.matches("revoked").count(), 2);
    assert_eq!(text(&report(&tree)["suppressed"][0]["suppression"]["reason"]), "revoked");
    tree.run(&["baseline", "update"]).expect(0);
    assert_eq!(baseline(&tree), new, "nothing new, nothing changed");
    let past = tree.run(&["baseline", "update", "--until", "2020-01-01"]).expect(2);
    assert!(past.err().contains("has passed"), "{}", past.err());
    tree.run(&["baseline", "update", "--until", "soon"]).expect(2);
}

#[test]
fn expired_entries_are_told_and_not_renewed() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    tree.run(&["baseline", "create", "--until", "2999-12-31"]).expect(0);
    tree.write(FILE, baseline(&tree).replace("2999", "2020"));
    let run = tree.run(&["scan", "--baseline", FILE]).expect(1);
    assert!(run.err().contains("note: .keysift-baseline:2: mistral-api-key in a.env: expired on 2020-12-31"), "{}", run.err());
    let before = baseline(&tree);
    let run = tree.run(&["baseline", "update"]).expect(0);
    assert!(run.err().contains("1 entry expired and stay"), "{}", run.err());
    tree.run(&["baseline", "prune"]).expect(0);
    assert_eq!(baseline(&tree), before, "it matches something still");
    assert!(tree.run(&["baseline", "show"]).expect(0).out().starts_with("expired: a.env: mistral-api-key"));
}

#[test]
fn unused_entries_are_told_where_something_was_scanned() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("x/b.env", &groq_line(2))]);
    create(&tree);
    tree.write("a.env", "nothing\n");
    let run = tree.run(&["scan", "--baseline", FILE]).expect(0);
    assert!(run.err().contains("note: .keysift-baseline:2: mistral-api-key in a.env: matched no finding"), "{}", run.err());
    assert_eq!(report(&tree)["baseline"]["stale"][0]["path"], json!("a.env"));
    tree.make_folder(".git");
    assert_eq!(tree.report(&["x", "--baseline", FILE])["baseline"]["stale"], json!([]), "a.env was not scanned");
    let unsure = tree.report(&["--baseline", FILE, "--min-confidence", "high"]);
    assert_eq!(unsure["baseline"]["stale"].as_array().map(Vec::len), Some(1), "what is too unsure to report is there all the same");
}

#[test]
fn prune_removes_what_matches_nothing_where_it_looked() {
    let tree = Tree::with(&[
        (".git/HEAD", ""),
        ("gone.env", &mistral_line(1)),
        ("x/clean.env", &mistral_line(2)),
        ("x/kept.env", &groq_line(3)),
        ("x/ignored.env", &groq_line(4)),
        ("y/other.env", &groq_line(5)),
    ]);
    create(&tree);
    std::fs::remove_file(tree.path().join("gone.env")).expect("it is there");
    tree.write("x/clean.env", "nothing\n");
    tree.write("y/other.env", "nothing\n");
    tree.write(".gitignore", "ignored.env\n");
    let run = tree.run(&["baseline", "prune", "x"]).expect(0);
    assert!(run.err().contains("removed 1 entry, kept 4"), "{}", run.err());
    assert!(!baseline(&tree).contains("clean.env"));
    let shown = tree.run(&["baseline", "show", "--check", "x"]).expect(0);
    assert!(shown.out().contains("not scanned: gone.env") && shown.out().contains("used: x/kept.env"), "{}", shown.out());
    let run = tree.run(&["baseline", "prune"]).expect(0);
    assert!(run.err().contains("removed 2 entries, kept 2"), "{}", run.err());
    assert!(baseline(&tree).contains("x/ignored.env") && baseline(&tree).contains("x/kept.env"), "{}", baseline(&tree));
}

#[cfg(unix)]
#[test]
fn prune_removes_nothing_if_something_could_not_be_scanned() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", "x\n")]);
    create(&tree);
    tree.write("a.env", "nothing\n");
    std::os::unix::fs::symlink("loop", tree.path().join("loop")).expect("links can be made");
    let before = baseline(&tree);
    let run = tree.run(&["baseline", "prune", ".", "loop"]).expect(3);
    assert!(run.err().contains("nothing was removed"), "{}", run.err());
    assert_eq!(baseline(&tree), before);
}

#[test]
fn a_baseline_opens_nothing_outside() {
    let tree = Tree::with(&[("a/a.env", &mistral_line(1)), ("outside.env", &mistral_line(1))]);
    let inside = tree.path().join("a");
    let run = |arguments: &[&str]| Keysift::new(&inside).args(arguments).run();
    run(&["baseline", "create"]).expect(0);
    let text = String::from_utf8(tree.read("a/.keysift-baseline")).expect("it is text");
    tree.write("a/.keysift-baseline", text.replace("a.env", "../outside.env"));
    let pruned = run(&["baseline", "prune"]).expect(0);
    assert!(pruned.err().contains("removed 1 entry"), "{}", pruned.err());
}

#[test]
fn a_path_that_holds_a_secret_is_not_written_down() {
    let tree = Tree::new();
    tree.write(format!("{}.env", key("groq-api-key", 1)), groq_line(1));
    let run = create(&tree);
    assert!(run.err().contains("the path itself holds a secret"), "{}", run.err());
    assert_eq!(baseline(&tree).lines().count(), 1);
}

#[test]
fn a_bad_baseline_stops_everything() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    create(&tree);
    tree.write(FILE, baseline(&tree) + "<<<<<<< HEAD\n");
    for command in [&["scan", "--baseline", FILE][..], &["baseline", "update"], &["baseline", "prune"], &["baseline", "show"]] {
        let run = tree.run(command).expect(2);
        assert!(run.err().contains("error: .keysift-baseline:3:1: a merge conflict") && run.err().contains("help: keep the lines"), "{}", run.err());
    }
    let run = tree.run(&["scan", "--baseline", "missing"]).expect(2);
    assert!(run.err().contains("error: missing: cannot be read") && run.err().contains("help: `keysift baseline create`"), "{}", run.err());
}

#[test]
fn a_gitleaks_report_is_a_baseline_and_becomes_ours() {
    let tree = Tree::with(&[("src/a.env", &("\n".to_owned() + &mistral_line(1))), ("b.env", &groq_line(2)), ("c.env", &groq_line(3))]);
    let report_of_theirs = json!([
        { "RuleID": "generic-api-key", "File": "src\\a.env", "StartLine": 7, "Secret": mistral(1), "Match": "x", "Fingerprint": "x", "Commit": "" },
        { "RuleID": "generic-api-key", "File": tree.path().canonicalize().expect("it exists").join("b.env"), "Secret": key("groq-api-key", 2) },
        { "RuleID": "generic-api-key", "File": "gone.env", "Secret": "gone" },
    ]);
    let folder = Tree::with(&[("gitleaks.json", &report_of_theirs.to_string())]);
    let theirs = folder.path().join("gitleaks.json");
    let theirs = theirs.to_str().expect("it is text");
    let report = tree.report(&["--baseline", theirs]);
    assert_eq!(paths(&report), ["c.env"]);
    assert_eq!(text(&report["baseline"]["stale"][0]["entry"]), format!("{theirs}: entry 3"));
    let refused = tree.run(&["baseline", "update", "--baseline", theirs]).expect(2);
    assert!(refused.err().contains("is a gitleaks report") && refused.err().contains("create --from"), "{}", refused.err());

    let run = tree.run(&["baseline", "create", "--from", theirs]).expect(0);
    assert!(run.err().contains("accepts 2 findings") && run.err().contains("1 finding more"), "{}", run.err());
    assert_eq!(paths(&tree.report(&["--baseline", FILE])), ["c.env"]);
}

#[test]
fn a_redacted_report_is_refused() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("r.json", r#"[{"RuleID":"x","File":"a.env","StartLine":1,"Secret":"REDACTED"}]"#)]);
    let run = tree.run(&["scan", "--baseline", "r.json"]).expect(2);
    assert!(run.err().contains("finding 1 is redacted") && run.err().contains("without --redact"), "{}", run.err());
}

#[test]
fn a_gitleaksignore_is_a_baseline_by_position() {
    let tree = Tree::with(&[("a.env", &("x\n".to_owned() + &mistral_line(1))), ("b.env", &groq_line(2))]);
    let commit = "0".repeat(40);
    tree.write(".gitleaksignore", format!("# known\na.env:generic-api-key:2\n{commit}:b.env:generic-api-key:1\n"));
    assert_eq!(paths(&tree.report(&["--baseline", ".gitleaksignore"])), ["b.env"], "the other is for a commit");
    tree.write("a.env", mistral_line(1));
    let run = tree.run(&["scan", "--baseline", ".gitleaksignore"]).expect(1);
    assert!(run.err().contains("note: .gitleaksignore:2: any rule in a.env: matched no finding"), "{}", run.err());
}

/// What `detect-secrets scan` of version 1.5.0 writes, with these results.
fn detect_secrets(results: &Value) -> String {
    let plugins =
        json!([{ "name": "Base64HighEntropyString", "limit": 4.5 }, { "name": "KeywordDetector", "keyword_exclude": "" }, { "name": "OpenAIDetector" }]);
    let filters = json!([{ "path": "detect_secrets.filters.common.is_ignored_due_to_verification_policies", "min_level": 2 }]);
    let date = "2026-11-21T09:00:00Z";
    json!({ "version": "1.5.0", "plugins_used": plugins, "filters_used": filters, "results": results, "generated_at": date }).to_string()
}

fn sha1_of(secret: &str) -> String {
    Secret::new(secret.as_bytes()).sha1().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_detect_secrets_baseline_is_a_baseline() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", &mistral_line(2))]);
    // One secret may be found by several of its rules.
    let found = ["Base64 High Entropy String", "Secret Keyword"]
        .map(|kind| json!({ "type": kind, "filename": "a.env", "hashed_secret": sha1_of(&mistral(1)), "is_verified": false, "line_number": 1 }));
    tree.write(".secrets.baseline", detect_secrets(&json!({ "a.env": found })));
    assert_eq!(paths(&tree.report(&["--baseline", ".secrets.baseline"])), ["b.env"]);
}

#[test]
fn what_detect_secrets_takes_of_a_key_of_openai_names_the_key() {
    let (known, other) = (key("openai-api-key", 1), key("openai-api-key", 2));
    let tree = Tree::with(&[("a.env", &format!("A={known}\nB={other}\n"))]);
    let (start, end) = known.split_once(concat!("T3Bl", "bkFJ")).expect("each key has it");
    let cut = format!("{start}{}{}", concat!("T3Bl", "bkFJ"), &end[..20]);
    let one = json!({ "type": "OpenAI Token", "filename": "a.env", "hashed_secret": sha1_of(&cut), "is_verified": false, "line_number": 1 });
    tree.write(".secrets.baseline", detect_secrets(&json!({ "a.env": [one] })));
    let report = tree.report(&["--baseline", ".secrets.baseline"]);
    assert_eq!(findings(&report).iter().map(|finding| number(&finding["line"])).collect::<Vec<_>>(), [2], "{report}");
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    let tree = Tree::new();
    (0..40).for_each(|i| tree.write(format!("{i}.env"), mistral_line(i) + &groq_line(i)));
    create(&tree);
    (0..20).for_each(|i| tree.write(format!("{i}.env"), groq_line(i)));
    let of = |n: &str| tree.run(&["scan", "--format", "json", "--baseline", FILE, "-j", n]).expect(0);
    let one = of("1");
    assert_eq!(one.json()["baseline"]["stale"].as_array().map(Vec::len), Some(20));
    assert_eq!(one.stdout, of("8").stdout);
}

/// Runs git in `folder`, as nobody in particular.
fn git(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", folder).env("GIT_CONFIG_NOSYSTEM", "1").args(["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "init.defaultBranch=main"]);
    command.args(arguments).output().expect("git runs").status.success()
}

#[test]
fn baselines_of_two_branches_merge() {
    for union in [false, true] {
        let tree = Tree::with(&[("m.env", &mistral_line(1))]);
        let git = |arguments: &[&str]| git(tree.path(), arguments);
        if union {
            tree.write(".gitattributes", ".keysift-baseline merge=union\n");
        }
        create(&tree);
        let commit = || assert!(git(&["add", "."]) && git(&["commit", "-qm", "x"]));
        assert!(git(&["init", "-q"]));
        commit();
        assert!(git(&["checkout", "-qb", "side"]));
        // Before and after the entry there is, both branches add; only with `merge=union` may they do so at the same place.
        tree.write(if union { "y.env" } else { "a.env" }, groq_line(2));
        tree.run(&["baseline", "update"]).expect(0);
        commit();
        assert!(git(&["checkout", "-q", "main"]));
        tree.write("z.env", groq_line(3));
        tree.run(&["baseline", "update"]).expect(0);
        commit();
        assert!(git(&["merge", "-q", "side", "-m", "both"]), "union: {union}");
        let report = report(&tree);
        assert_eq!((findings(&report).len(), number(&report["n_suppressed"])), (0, 3), "union: {union}");
        assert_eq!(report["baseline"]["stale"], json!([]));
    }
}

#[test]
fn a_conflict_is_resolved_by_keeping_both_sides() {
    let tree = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", &mistral_line(2))]);
    create(&tree);
    let lines: Vec<String> = baseline(&tree).lines().map(|line| line.to_owned() + "\n").collect();
    tree.write(FILE, [&lines[0], "<<<<<<< ours\n", &lines[2], "=======\n", &lines[1], &lines[2], ">>>>>>> theirs\n"].concat());
    assert!(tree.run(&["scan", "--baseline", FILE]).expect(2).err().contains(":2:1: a merge conflict"));
    tree.write(FILE, [&lines[0], lines[2].as_str(), &lines[1], &lines[2]].concat());
    assert_eq!(findings(&report(&tree)).len(), 0);
    tree.run(&["baseline", "update"]).expect(0);
    assert_eq!(baseline(&tree), lines.concat());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moved_lines_stay_accepted_and_moved_files_do_not(seeds in prop::collection::btree_set(0u64..1000, 1..6), order in any::<prop::sample::Index>(), indent in "[ \t]{0,9}", blank in 0usize..9) {
        let tree = Tree::new();
        weak_rules(&tree);
        let kinds = [mistral_line, groq_line, |seed| format!("ACME_KEY={}\n", weak(seed))];
        let mut lines: Vec<String> = seeds.iter().enumerate().map(|(i, &seed)| kinds[i % kinds.len()](seed)).collect();
        tree.write("a.env", lines.concat());
        // A drawn key may happen to look like words, which is none of the baseline's business.
        let n_findings = findings(&tree.report(&[])).len();
        create(&tree);
        let before = report(&tree);
        prop_assert_eq!((findings(&before).len(), number(&before["n_suppressed"])), (0, n_findings as u64));

        let n_lines = lines.len();
        lines.rotate_left(order.index(n_lines));
        let moved: String = lines.iter().map(|line| "\n".repeat(blank) + &indent + line).collect();
        tree.write("a.env", &moved);
        let report_of_moved = report(&tree);
        prop_assert_eq!(findings(&report_of_moved).len(), 0, "{}", moved);
        prop_assert_eq!(&report_of_moved["baseline"]["stale"], &json!([]));

        std::fs::rename(tree.path().join("a.env"), tree.path().join("b.env")).expect("it is there");
        prop_assert_eq!(findings(&report(&tree)).len(), n_findings);
    }
}

#[test]
fn what_git_has_can_be_accepted_and_pruned() {
    let repo = common::repo::TestRepo::new();
    let keysift = |arguments: &[&str]| Keysift::new(&repo.path()).args(arguments).run();
    let entries = || std::fs::read_to_string(repo.path().join(".keysift-baseline")).expect("it is there").lines().count() - 1;
    repo.write("a.env", groq_line(1));
    repo.commit("first");
    repo.write("a.env", format!("PORT=80\n{}", groq_line(1)));
    repo.write("b.env", groq_line(1));
    repo.write("gone.env", groq_line(2));
    repo.commit("versions and copies");
    repo.git(&["mv", "b.env", "c.env"]);
    repo.git(&["rm", "-q", "gone.env"]);
    repo.commit(&format!("moved\n\n{}", groq_line(3)));
    let history = ["history", "--baseline", ".keysift-baseline"];
    keysift(&["history"]).expect(1);
    keysift(&["baseline", "create", "--history", "--reason", "old"]).expect(0);
    keysift(&history).expect(0);
    assert_eq!(entries(), 5, "three paths of one secret, a file that is gone, and a message");
    keysift(&["baseline", "create", "--history"]).expect(2);

    repo.write("staged.env", groq_line(4));
    repo.git(&["add", "staged.env"]);
    keysift(&["staged", "-b", ".keysift-baseline"]).expect(1);
    keysift(&["baseline", "update", "--staged"]).expect(0);
    keysift(&["staged", "-b", ".keysift-baseline"]).expect(0);
    repo.git(&["commit", "-qm", "more"]);
    repo.write("range.env", groq_line(5));
    repo.git(&["add", "range.env"]);
    repo.git(&["commit", "-qm", "more"]);
    keysift(&["range", "HEAD^..", "-b", ".keysift-baseline"]).expect(1);
    keysift(&["baseline", "update", "--range", "HEAD^.."]).expect(0);
    keysift(&["range", "HEAD^..", "-b", ".keysift-baseline"]).expect(0);
    assert_eq!(entries(), 7);

    // What the work tree alone has is needed, too; what nothing has is not.
    repo.write("local.env", groq_line(6));
    keysift(&["baseline", "update"]).expect(0);
    assert_eq!(entries(), 8);
    keysift(&["baseline", "prune", "--history"]).expect(0);
    assert_eq!(entries(), 8);
    std::fs::remove_file(repo.path().join("local.env")).expect("it is there");
    let shown = keysift(&["baseline", "show", "--check", "--history"]).expect(0);
    assert_eq!(shown.out().matches("unused: ").count(), 1, "{}", shown.out());
    keysift(&["baseline", "prune", "--history"]).expect(0);
    assert_eq!(entries(), 7);
    keysift(&history).expect(0);
    for wrong in [&["baseline", "prune", "--staged"][..], &["baseline", "prune", "--range", "a..b"], &["baseline", "update", "--staged", "--history"]] {
        keysift(wrong).expect(2);
    }
    keysift(&["baseline", "create", "--force", "--staged"]).expect(3);
}
