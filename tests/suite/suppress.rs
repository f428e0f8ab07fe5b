//! Findings that a user accepts: by a comment beside the secret or by the configuration. They are counted, explained and can be listed; what is
//! wrong with a configuration is said with its place.

use crate::common::{self, Keysift, Run, Tree, findings, groq_line, key, mistral, mistral_line, number, places, text};
use serde_json::{Value, json};

/// What a scan of one line gives: the suppressed findings of its JSON report.
#[track_caller]
fn suppressed(content: &str, code: i32) -> Vec<Value> {
    let tree = Tree::with(&[("a.env", content)]);
    let report = tree.run(&["scan", "--format", "json", "--show-suppressed"]).expect(code).json();
    report["suppressed"].as_array().expect("they are asked for").clone()
}

/// Asserts that what comes before and after a key suppresses it, by `by`.
#[track_caller]
fn assert_suppressed(before: &str, after: &str, by: &str, reason: Option<&str>) {
    let list = suppressed(&format!("{before}MISTRAL_API_KEY={}{after}\n", mistral(1)), 0);
    assert_eq!(list.len(), 1, "{before}…{after}");
    assert_eq!(list[0]["suppression"], json!({ "by": by, "reason": reason }), "{before}…{after}");
}

#[track_caller]
fn assert_reported(before: &str, after: &str) {
    assert_eq!(suppressed(&format!("{before}MISTRAL_API_KEY={}{after}\n", mistral(1)), 1), Vec::<Value>::new(), "{before}…{after}");
}

#[test]
fn our_own_comment_on_the_line() {
    assert_suppressed("", " # keysift:allow", "keysift:allow", None);
    assert_suppressed("", " // keysift:allow: a test key", "keysift:allow", None);
    assert_suppressed("/* keysift:allow */ ", "", "keysift:allow", None);
    assert_suppressed("", " <!-- keysift:allow reason=\"revoked in May\" -->", "keysift:allow", Some("revoked in May"));
}

#[test]
fn our_own_comment_on_the_line_before() {
    assert_suppressed("# keysift:allow-next-line reason=\"from the docs\"\n", "", "keysift:allow-next-line", Some("from the docs"));
    assert_reported("# keysift:allow-next-line\n\n", "");
    assert_reported("# keysift:allow\n", "");
    assert_reported("", "\n# keysift:allow-next-line");
}

#[test]
fn a_comment_for_certain_rules() {
    assert_suppressed("", " # keysift:allow=mistral-api-key", "keysift:allow", None);
    assert_suppressed("", " # keysift:allow=openai,mistral", "keysift:allow", None);
    assert_reported("", " # keysift:allow=openai");
    assert_reported("", " # keysift:allow=");
    assert_suppressed("# keysift:allow-next-line=mistral\n", "", "keysift:allow-next-line", None);
    assert_reported("# keysift:allow-next-line=groq\n", "");
}

#[test]
fn a_comment_until_a_day() {
    assert_suppressed("", " # keysift:allow until=2999-12-31", "keysift:allow", None);
    assert_suppressed("", " # keysift:allow=mistral reason='soon' until=2999-12-31", "keysift:allow", Some("soon"));
    assert_reported("", " # keysift:allow until=2020-12-31");
    for unreadable in ["until=soon", "until=31.12.2999", "until=2999-02-31", "until=", "reason=\"open"] {
        assert_reported("", &format!(" # keysift:allow {unreadable}"));
    }
}

#[test]
fn a_comment_with_an_unknown_option() {
    for option in ["expires=2999-12-31", "utnil=2999-12-31", "reason=\"old\" owner=me"] {
        assert_reported("", &format!(" # keysift:allow {option}"));
    }
    for list in ["[openai-api-key]", "(openai)"] {
        assert_reported("", &format!(" # keysift:allow{list}"));
    }
}

#[test]
fn a_comment_that_does_not_count_is_told_why() {
    let told = |before: &str, after: &str| {
        let tree = Tree::with(&[("a.env", &format!("{before}MISTRAL_API_KEY={}{after}\n", mistral(1)))]);
        let line = 1 + before.matches('\n').count();
        (tree.run(&["scan"]).expect(1).out().to_owned(), tree.run(&["explain", &format!("a.env:{line}")]).expect(0).out().to_owned())
    };
    for (before, after, why) in [
        ("", " # keysift:allow=mistal-api-key", "did you mean `mistral-api-key`?"),
        ("", " # keysift:allow=openai", "it is for `openai`"),
        ("", " # keysift:allow until=2020-12-31", "it expired on 2020-12-31"),
        ("", " # keysift:allow utnil=2999-12-31", "unknown option `utnil` (did you mean `until`?)"),
        ("", " # keysift:allow until=soon", "no date YYYY-MM-DD"),
        ("", " # keysift:allow-next-line", "for the line below"),
        ("# keysift:allow\n", "", "on the line above"),
        ("# keysift:allow-next-line=openai\n", "", "it is for `openai`"),
    ] {
        let (report, explanation) = told(before, after);
        // The terminal's width decides where rows end.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(report.contains("= note: the comment `keysift:allow"), "{report}");
        assert!(words(&report).contains(why), "{why}: {report}");
        assert!(words(&explanation).contains(why), "{why}: {explanation}");
    }
    let (report, explanation) = told("", "");
    assert!(!report.contains("the comment") && !explanation.contains("the comment"), "{report}{explanation}");
}

#[test]
fn comments_of_other_scanners_on_the_line() {
    let markers = [
        ("gitleaks:allow", "gitleaks:allow"),
        ("betterleaks:allow", "betterleaks:allow"),
        ("trufflehog:ignore", "trufflehog:ignore"),
        ("kingfisher:ignore", "kingfisher:ignore"),
        ("pragma: allowlist secret", "pragma: allowlist secret"),
        ("pragma: whitelist secret", "pragma: whitelist secret"),
        ("secretlint-disable-line", "secretlint-disable-line"),
        ("ggignore", "ggignore"),
    ];
    for (marker, by) in markers {
        assert_suppressed("", &format!(" # {marker}"), by, None);
        assert_reported("", &format!(" # {}", marker.to_uppercase()));
        assert_reported("", &format!(" # x{marker}y"));
    }
}

#[test]
fn comments_of_other_scanners_on_the_line_before() {
    for marker in ["pragma: allowlist nextline secret", "secretlint-disable-next-line"] {
        assert_suppressed(&format!("# {marker}\n"), "", marker, None);
    }
    for marker in ["gitleaks:allow", "pragma: allowlist secret", "ggignore"] {
        assert_reported(&format!("# {marker}\n"), "");
    }
}

#[test]
fn a_comment_counts_near_the_secret_only() {
    let far = "x".repeat(20) + &" y = 1;".repeat(80);
    assert_reported("", &format!("; {far} # keysift:allow"));
    assert_reported(&format!("/* keysift:allow */ {far} "), "");
    assert_suppressed("", &format!("; {} # keysift:allow", " y = 1;".repeat(60)), "keysift:allow", None);
}

#[test]
fn peers_can_be_switched_off() {
    let tree = Tree::with(&[
        (".keysift.toml", "[comments]\npeers = false\n"),
        ("ours.env", &mistral_line(1).replace('\n', " # keysift:allow\n")),
        ("theirs.env", &mistral_line(2).replace('\n', " # gitleaks:allow\n")),
    ]);
    assert_eq!(common::paths(&tree.run(&["scan", "--format", "json"]).expect(1).json()), ["theirs.env"]);
}

/// The report of three files with findings, under a configuration.
fn configured(configuration: &str) -> Value {
    let tree =
        Tree::with(&[(".keysift.toml", configuration), ("docs/one.md", &mistral_line(1)), ("src/two.env", &mistral_line(2)), ("src/three.env", &groq_line(3))]);
    tree.report(&["--show-suppressed"])
}

/// Asserts that `entry` allows just the findings in `allowed`.
#[track_caller]
fn assert_allows(entry: &str, allowed: &[&str]) {
    let report = configured(&format!("[[allow]]\n{entry}\nreason = \"known\"\n"));
    let list = report["suppressed"].as_array().expect("they are asked for");
    assert_eq!(list.iter().map(|finding| text(&finding["path"])).collect::<Vec<_>>(), allowed, "{entry}");
    assert_eq!(findings(&report).len() + list.len(), 3, "{entry}");
    assert_eq!(number(&report["n_suppressed"]), list.len() as u64);
    list.iter().for_each(|finding| assert_eq!(finding["suppression"], json!({ "by": ".keysift.toml: allow entry 1", "reason": "known" })));
}

#[test]
fn entries_by_path() {
    assert_allows("paths = [\"*.md\"]", &["docs/one.md"]);
    assert_allows("paths = [\"src/\"]", &["src/three.env", "src/two.env"]);
    assert_allows("paths = [\"src/**/*.env\", \"/docs/one.md\"]", &["docs/one.md", "src/three.env", "src/two.env"]);
    assert_allows("paths = [\"one.env\", \"two.md\"]", &[]);
}

#[test]
fn entries_by_rule_and_provider() {
    assert_allows("rules = [\"mistral-api-key\"]", &["docs/one.md", "src/two.env"]);
    assert_allows("rules = [\"groq\"]", &["src/three.env"]);
    assert_allows("rules = [\"mistral\"]\npaths = [\"src/\"]", &["src/two.env"]);
}

#[test]
fn entries_by_digest() {
    let digest = keysift::secret::Secret::new(mistral(2).as_bytes()).digest();
    assert_allows(&format!("digests = [\"{digest}\"]"), &["src/two.env"]);
    let report = configured("");
    let of_report = findings(&report).iter().find(|finding| finding["path"] == "src/two.env").map(|finding| text(&finding["secret_digest"]));
    assert_eq!(of_report, Some(digest.as_str()), "the report shows the digest that an entry takes");
}

#[test]
fn entries_by_regular_expression() {
    assert_allows(&format!("regexes = ['^{}']", &mistral(1)[..6]), &["docs/one.md"]);
    assert_allows("regexes = ['^gsk_']", &["src/three.env"]);
}

#[test]
fn entries_until_a_day() {
    assert_allows("paths = [\"*.md\"]\nuntil = \"2999-12-31\"", &["docs/one.md"]);
    assert_allows("paths = [\"*.md\"]\nuntil = 2999-12-31", &["docs/one.md"]);
    assert_allows("paths = [\"*.md\"]\nuntil = \"2020-01-01\"", &[]);
}

#[test]
fn entries_that_nothing_needed_or_that_expired_are_noted() {
    let configuration = "[[allow]]\npaths = [\"never.env\"]\n[[allow]]\npaths = [\"*.env\"]\nuntil = \"2020-01-01\"\n[[allow]]\npaths = [\"*.md\"]\n";
    let tree = Tree::with(&[(".keysift.toml", configuration), ("a.md", &mistral_line(1)), ("b.txt", "")]);
    let run = tree.run(&["scan"]).expect(0);
    assert!(run.err().contains("note: .keysift.toml: allow entry 1 matched no finding\n"), "{}", run.err());
    assert!(run.err().contains("note: .keysift.toml: allow entry 2 expired on 2020-01-01\n"), "{}", run.err());
    assert!(!run.err().contains("allow entry 3"), "{}", run.err());
}

/// Two findings, both suppressed.
fn all_suppressed() -> Tree {
    let commented = mistral_line(1).replace('\n', " # keysift:allow reason=\"revoked\"\n");
    Tree::with(&[(".keysift.toml", "[[allow]]\npaths = [\"b.env\"]\nreason = \"a fixture\"\n"), ("a.env", &commented), ("b.env", &groq_line(2))])
}

#[test]
fn a_scan_whose_findings_are_all_suppressed_is_clean_and_says_how_many() {
    let tree = all_suppressed();
    let run = tree.run(&["scan"]).expect(0);
    assert_eq!(run.out(), "");
    assert!(run.err().contains("no findings; 2 suppressed"), "{}", run.err());
    let report = tree.run(&["scan", "--format", "json"]).expect(0).json();
    assert_eq!((number(&report["n_findings"]), number(&report["n_suppressed"])), (0, 2));
    assert_eq!(report.get("suppressed"), None, "counted only");
}

#[test]
fn suppressed_findings_are_listed_on_demand_in_every_format() {
    let tree = all_suppressed();
    let text_report = tree.run(&["scan", "--show-suppressed"]).expect(0);
    for part in ["suppressed: 2", "a.env:1:", "keysift:allow: revoked", "b.env:1:", ".keysift.toml: allow entry 1: a fixture"] {
        assert!(text_report.out().contains(part), "{part}: {}", text_report.out());
    }
    let report = tree.report(&["--show-suppressed"]);
    assert_eq!(places(report["suppressed"].as_array().expect("listed")), [("a.env", 1, "mistral-api-key"), ("b.env", 1, "groq-api-key")]);
    let lines = tree.run(&["scan", "--format", "jsonl", "--show-suppressed"]).expect(0);
    let types: Vec<String> = lines.out().lines().map(|line| text(&serde_json::from_str::<Value>(line).expect("JSON")["type"]).to_owned()).collect();
    assert_eq!(types, ["suppressed", "suppressed", "summary"]);
    let log = tree.run(&["scan", "--format", "sarif", "--show-suppressed"]).expect(0).json();
    let kinds: Vec<&Value> = log["runs"][0]["results"].as_array().expect("results").iter().map(|result| &result["suppressions"][0]["kind"]).collect();
    assert_eq!(kinds, ["inSource", "external"]);
    assert_eq!(tree.run(&["scan", "--format", "sarif"]).json()["runs"][0]["results"], json!([]));
}

#[test]
fn a_suppressed_finding_does_not_hide_its_neighbors() {
    let line = format!("MISTRAL_API_KEY={}\nMISTRAL_API_KEY={} # keysift:allow\nMISTRAL_API_KEY={}\n", mistral(1), mistral(2), mistral(3));
    let report = Tree::with(&[("a.env", &line)]).report(&[]);
    assert_eq!(findings(&report).iter().map(|finding| number(&finding["line"])).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn a_key_that_reads_like_a_comment_does_not_suppress_itself() {
    let line = format!("{}_keysift:allow\n", key("groq-api-key", 1));
    let report = Tree::with(&[("a.env", &format!("x = '{line}'"))]).report(&[]);
    assert_eq!(number(&report["n_suppressed"]), 0);
}

/// Runs a scan under a configuration that is wrong.
#[track_caller]
fn refused(configuration: &str) -> Run {
    let tree = Tree::with(&[(".keysift.toml", configuration), ("a.env", &mistral_line(1))]);
    let run = tree.run(&["scan"]).expect(2);
    assert_eq!(run.out(), "", "nothing is scanned");
    run
}

/// Asserts that a configuration is refused with a message of these parts.
#[track_caller]
fn assert_refused(configuration: &str, parts: &[&str]) {
    let run = refused(configuration);
    parts.iter().for_each(|part| assert!(run.err().contains(part), "{part}: {}", run.err()));
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_a_suggestion() {
    assert_refused("[[allow]]\npath = [\"a\"]\n", &[".keysift.toml:2:1: ", "`path`", "did you mean `paths`?"]);
    assert_refused("\n[rule]\n", &[".keysift.toml:2:", "`rule`", "did you mean `rules`?"]);
    assert_refused("[comments]\npears = false\n", &[".keysift.toml:2:1: ", "did you mean `peers`?"]);
    assert_refused("[rules]\ndisabled = []\n", &["did you mean `disable`?"]);
}

#[test]
fn an_unknown_rule_is_refused_with_its_line_and_a_suggestion() {
    assert_refused("[rules]\ndisable = [\"mistral-api-kay\"]\n", &[".keysift.toml:2:12: ", "did you mean `mistral-api-key`?", "keysift rules list"]);
    assert_refused("[[allow]]\nrules = [\"mistrl\"]\n", &[".keysift.toml:2:10: ", "did you mean `mistral`?"]);
    assert_refused("[rules]\ndisable = [\"mistral\"]\n", &["is a provider", "`mistral-api-key`"]);
}

#[test]
fn what_cannot_be_understood_is_refused_with_its_place() {
    assert_refused("[[allow]]\nreason = \"everything\"\n", &[".keysift.toml:1:", "would allow everything"]);
    assert_refused("[[allow]]\npaths = []\n", &[".keysift.toml:2:9: ", "empty list"]);
    assert_refused("[[allow]]\npaths = \"a\"\n", &[".keysift.toml:2:9: ", "a list of strings"]);
    assert_refused("[[allow]]\npaths = [\"a/[\"]\n", &[".keysift.toml:2:10: ", "bad path pattern"]);
    assert_refused("[[allow]]\nregexes = [\"a(\"]\n", &[".keysift.toml:2:12: ", "bad regular expression"]);
    assert_refused("[[allow]]\ndigests = [\"md5:0\"]\n", &[".keysift.toml:2:12: ", "bad digest"]);
    assert_refused("[[allow]]\npaths = [\"a\"]\nuntil = \"soon\"\n", &[".keysift.toml:3:9: ", "YYYY-MM-DD"]);
    assert_refused("[comments]\npeers = \"no\"\n", &[".keysift.toml:2:9: ", "`true` or `false`"]);
    assert_refused("[allow]\n", &["[[allow]]"]);
    assert_refused("[[allow]\n", &[".keysift.toml:1:"]);
}

#[test]
fn the_nearest_configuration_up_to_the_top_of_the_work_tree_counts() {
    let allow = |reason: &str| format!("[[allow]]\nrules = [\"mistral\"]\nreason = \"{reason}\"\n");
    let tree = Tree::with(&[
        (".keysift.toml", &allow("above")),
        ("repository/.keysift.toml", &allow("top")),
        ("repository/near/.keysift.toml", &allow("near")),
        ("repository/near/a.env", &mistral_line(1)),
        ("repository/deep/er/b.env", &mistral_line(2)),
        ("other/c.env", &mistral_line(3)),
    ]);
    tree.make_folder("repository/.git");
    let reason = |path: &str, code| {
        let report = tree.run(&["scan", "--format", "json", "--show-suppressed", path]).expect(code).json();
        report["suppressed"].as_array().expect("listed").iter().map(|finding| text(&finding["suppression"]["reason"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(reason("repository/near", 0), ["near"]);
    assert_eq!(reason("repository/near/a.env", 0), ["near"]);
    assert_eq!(reason("repository/deep/er", 0), ["top"]);
    assert_eq!(reason("repository", 0), ["top", "top"], "one file counts, the one of the scanned folder");
    assert_eq!(reason("other", 0), ["above"], "outside of a work tree the current folder has a say, if it holds what is scanned");
    let run = Keysift::new(&tree.path().join("other")).args(&["scan", "--format", "json"]).run().expect(1);
    assert_eq!(run.json()["config"], Value::Null, "outside of a work tree no folder above the current one has a say");
    let run = Keysift::new(&tree.path().join("repository/deep/er")).args(&["scan", "--format", "json", "--show-suppressed"]).run().expect(0);
    assert!(text(&run.json()["config"]).ends_with("repository/.keysift.toml"));
}

#[test]
fn a_configuration_can_be_named_by_option_and_by_environment() {
    let tree = Tree::with(&[
        (".keysift.toml", "[[allow]]\nrules = [\"groq\"]\n"),
        ("by-option.toml", "[[allow]]\nrules = [\"mistral\"]\n"),
        ("by-environment.toml", "[[allow]]\npaths = [\"*.env\"]\n"),
        ("a.env", &mistral_line(1)),
        ("b.env", &groq_line(2)),
    ]);
    let found = |arguments: &[&str], environment: Option<&str>| {
        let mut run = Keysift::new(tree.path()).args(&[&["scan", "--format", "json"], arguments].concat());
        if let Some(path) = environment {
            run = run.env("KEYSIFT_CONFIG", path);
        }
        let report = run.run().json();
        (common::paths(&report).into_iter().map(str::to_owned).collect::<Vec<_>>(), text(&report["config"]).to_owned())
    };
    let is = |paths: &[&str], config: &str| (paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>(), config.to_owned());
    assert_eq!(found(&[], None), is(&["a.env"], ".keysift.toml"));
    assert_eq!(found(&["--config", "by-option.toml"], None), is(&["b.env"], "by-option.toml"));
    assert_eq!(found(&[], Some("by-environment.toml")), is(&[], "by-environment.toml"));
    assert_eq!(found(&["--config", "by-option.toml"], Some("by-environment.toml")), is(&["b.env"], "by-option.toml"));
}

#[test]
fn the_order_of_paths_does_not_choose_the_configuration() {
    let allow = "[[allow]]\nrules = [\"mistral\"]\n";
    for is_repository in [true, false] {
        let tree = Tree::with(&[("a/.keysift.toml", allow), ("a/one.env", &mistral_line(1)), ("b/two.env", &mistral_line(2))]);
        if is_repository {
            tree.make_folder(".git");
        }
        let report = |paths: &[&str]| {
            let mut report = tree.report(paths);
            // What was typed is told as it was typed.
            (report["targets"], report["reach"]) = (Value::Null, Value::Null);
            report
        };
        assert_eq!(report(&["a", "b"]), report(&["b", "a"]));
        assert_eq!(common::paths(&report(&["a", "b"])), ["a/one.env", "b/two.env"], "what lies in one of the folders is not for both");
        assert_eq!(common::paths(&report(&["a", "a/one.env"])), Vec::<&str>::new(), "the folder that holds all");
        tree.write(".keysift.toml", allow);
        for paths in [["a", "b"], ["b", "a"], ["b/two.env", "a/one.env"]] {
            let report = report(&paths);
            assert_eq!((common::paths(&report), text(&report["config"])), (vec![], ".keysift.toml"), "{paths:?}");
        }
        let run = tree.run(&["scan", "a", "b"]);
        assert!(run.err().contains("configuration: .keysift.toml\n"), "{}", run.err());
        let run = Tree::with(&[("a.txt", "")]).run(&["scan"]);
        assert!(!run.err().contains("configuration"), "{}", run.err());
    }
}

#[test]
fn no_configuration_is_used_if_none_is_wanted() {
    let tree = Tree::with(&[(".keysift.toml", "[[allow]]\nrules = [\"mistral\"]\n"), ("a.env", &mistral_line(1))]);
    tree.run(&["scan"]).expect(0);
    assert_eq!(tree.run(&["scan", "--no-config", "--format", "json"]).expect(1).json()["config"], Value::Null);
    Keysift::new(tree.path()).args(&["scan", "--no-config"]).env("KEYSIFT_CONFIG", "gone.toml").run().expect(1);
    assert!(!tree.run(&["explain", "--no-config", "a.env:1"]).expect(0).out().contains("suppressed"));
    let run = tree.run(&["scan", "--no-config", "--config", ".keysift.toml"]).expect(2);
    assert!(run.err().contains("cannot be used with"), "{}", run.err());
    #[cfg(unix)]
    tree.run(&["scan", "--config", "/dev/null"]).expect(1);
}

#[test]
fn an_empty_variable_names_no_configuration() {
    let tree = Tree::with(&[(".keysift.toml", "[[allow]]\nrules = [\"mistral\"]\n"), ("a.env", &mistral_line(1))]);
    Keysift::new(tree.path()).args(&["scan"]).env("KEYSIFT_CONFIG", "").run().expect(0);
}

#[test]
fn a_named_configuration_that_is_missing_is_wrong_usage() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    for run in [tree.run(&["scan", "--config", "gone.toml"]), Keysift::new(tree.path()).args(&["scan"]).env("KEYSIFT_CONFIG", "gone.toml").run()] {
        let run = run.expect(2);
        assert!(run.err().contains("gone.toml: cannot be read"), "{}", run.err());
        assert!(run.err().contains("help: "), "{}", run.err());
    }
}

#[test]
fn a_disabled_rule_is_named_in_the_report() {
    let tree = Tree::with(&[(".keysift.toml", "[rules]\ndisable = [\"mistral-api-key\"]\n"), ("a.env", &mistral_line(1)), ("b.env", &groq_line(2))]);
    let report = tree.run(&["scan", "--format", "json"]).expect(1).json();
    assert_eq!(report["rules"]["disabled"], json!(["mistral-api-key"]));
    assert!(findings(&report).iter().all(|finding| finding["rule"] != "mistral-api-key"), "{report}");
    let run = tree.run(&["scan"]);
    assert!(run.err().contains("switched off by .keysift.toml: mistral-api-key"), "{}", run.err());
}

#[test]
fn a_configuration_of_the_maximal_size_is_no_trouble_and_a_larger_one_is_refused() {
    let entry = "[[allow]]\npaths = [\"x\"]\n";
    let tree = Tree::with(&[(".keysift.toml", &entry.repeat(2000)), ("a.txt", "nothing")]);
    tree.run(&["scan", "--quiet"]).expect(0);
    assert_refused(&format!("#{}\n", "x".repeat(1 << 20)), &["larger than"]);
    assert_refused(&entry.repeat(10_001), &["more than 10000 path patterns"]);
    assert_refused(&format!("[[allow]]\nregexes = [{}]\n", "\"a\",".repeat(201)), &["more than 200 regular expressions"]);
}
