//! `keysift staged`, `range` and `history` on real repositories: what is found, which commit brought it, and that a quick survey finds what a full one does.

use std::collections::BTreeSet;

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, Run, findings, groq_line, key, mistral, mistral_line, text};
use keysift::git::Repo;
use keysift::git::history::HistoryOptions;
use keysift::rule::RuleSet;
use keysift::rule::draw::{self, Draws};
use keysift::scan::{self, Job, Progress, Thoroughness, check};
use serde_json::Value;

/// Runs keysift in the work tree, with a JSON report.
fn run(repo: &TestRepo, arguments: &[&str]) -> Run {
    Keysift::new(&repo.path()).args(&[arguments, &["--format", "json", "--quiet"]].concat()).run()
}

/// Path, line and whether the tip still has it, of each finding.
fn found(report: &Value) -> Vec<(String, u64, Option<bool>)> {
    findings(report).iter().map(|finding| (text(&finding["path"]).to_owned(), finding["line"].as_u64().expect("a line"), finding["at_tip"].as_bool())).collect()
}

#[test]
fn only_staged_lines_count_and_only_what_is_staged() {
    let repo = TestRepo::new();
    repo.write("old.env", groq_line(1));
    repo.commit("an old leak");
    repo.write("old.env", format!("{}PORT=80\n", groq_line(1)));
    repo.write("new.env", groq_line(2));
    repo.git(&["add", "-A"]);
    // The work tree goes on; the index does not.
    repo.write("new.env", "PORT=80\n");
    repo.write("untracked.env", groq_line(3));
    let report = run(&repo, &["staged"]).expect(1).json();
    assert_eq!(found(&report), [("new.env".to_owned(), 1, None)]);
    let report = run(&repo, &["staged", "--whole-files"]).expect(1).json();
    assert_eq!(found(&report).len(), 2);
}

#[test]
fn nothing_staged_is_not_clean_and_a_deletion_is() {
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("first");
    let report = run(&repo, &["staged"]).expect(3).json();
    assert!(text(&report["coverage"]["incomplete_because"][0]).contains("no change"), "{report}");
    repo.git(&["rm", "-q", "a.env"]);
    run(&repo, &["staged"]).expect(0);
}

#[test]
fn outside_of_a_repository_the_next_step_is_told() {
    let tree = common::Tree::new();
    for command in ["staged", "history"] {
        let run = Keysift::new(tree.path()).args(&[command]).run().expect(2);
        assert!(run.err().contains("not in a git repository"), "{}", run.err());
    }
}

#[test]
fn a_range_names_the_commit_and_says_what_is_still_there() {
    let repo = TestRepo::new();
    repo.write("a.txt", "a\n");
    repo.commit("first");
    repo.write("gone.env", groq_line(1));
    let gone = repo.commit("a leak");
    repo.git(&["rm", "-q", "gone.env"]);
    repo.write("kept.py", mistral_line(2));
    let kept = repo.commit("another leak");
    repo.commit(&format!("text\n\n{}", groq_line(3)));
    let report = run(&repo, &["range", "HEAD~3.."]).expect(1).json();
    let message = findings(&report).iter().find(|finding| finding["message"] == true).expect("the message is scanned");
    assert!(text(&message["path"]).starts_with("message of commit "), "{message}");
    let in_files: Vec<_> = findings(&report).iter().filter(|finding| finding["message"] == false).collect();
    let facts: Vec<_> = in_files.iter().map(|finding| (text(&finding["path"]), text(&finding["commit"]["id"]), finding["at_tip"].as_bool())).collect();
    assert_eq!(facts, [("gone.env", gone.as_str(), Some(false)), ("kept.py", kept.as_str(), Some(true))]);
    assert_eq!(text(&in_files[0]["commit"]["date"]), "2023-11-15T00:13:20+02:00");
    assert_eq!(report["coverage"]["n_commits"], 3);
}

#[test]
fn a_range_without_commits_or_with_unknown_ends_is_not_clean() {
    let repo = TestRepo::new();
    repo.write("a.txt", "a\n");
    repo.commit("first");
    run(&repo, &["range", "HEAD..HEAD"]).expect(3);
    let unknown = run(&repo, &["range", "nowhere..HEAD"]).expect(2);
    assert!(unknown.err().contains("nowhere"), "{}", unknown.err());
    run(&repo, &["range"]).expect(2);
}

#[test]
fn history_finds_what_was_deleted_and_names_the_first_commit() {
    let repo = TestRepo::new();
    repo.write("a.env", format!("PORT=80\n{}", groq_line(1)));
    let first = repo.commit("a leak");
    repo.write("a.env", format!("PORT=80\nHOST=x\n{}", groq_line(1)));
    repo.commit("the leak moves");
    repo.git(&["mv", "a.env", "b.env"]);
    repo.commit("the file moves");
    repo.git(&["rm", "-q", "b.env"]);
    repo.commit("the file goes");
    let report = run(&repo, &["history"]).expect(1).json();
    let facts: Vec<_> = findings(&report).iter().map(|finding| (text(&finding["path"]), text(&finding["commit"]["id"]))).collect();
    assert_eq!(facts[0], ("a.env", first.as_str()));
    assert!(found(&report).iter().all(|(_, _, at_tip)| *at_tip == Some(false)), "{report}");
    assert_eq!(report["coverage"]["n_commits"], 4);
    run(&repo, &["history", "--max-commits", "1"]).expect(0);
    run(&repo, &["history", "--branch", "nowhere"]).expect(2);
}

#[test]
fn history_judges_by_the_path_that_a_blob_had() {
    let repo = TestRepo::new();
    // Nothing but the path says whose key this is.
    repo.write("config/mistral/prod.env", format!("API_KEY={}\n", mistral(1)));
    // Among digests a key without a prefix is none.
    repo.write("package-lock.json", format!("{{\"mistral_key\": \"{}\"}}\n", mistral(2)));
    repo.commit("first");
    let report = run(&repo, &["history"]).expect(1).json();
    assert_eq!(findings(&report).len(), 1, "{report}");
    assert_eq!(findings(&report)[0]["rule"], "mistral-api-key");
}

#[test]
fn the_verbs_and_flags_of_gitleaks_do_what_their_users_expect() {
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("a leak");
    let keysift = |arguments: &[&str]| Keysift::new(&repo.path()).args(arguments).run();
    keysift(&["git", ".", "--redact", "--no-banner", "-v"]).expect(1);
    keysift(&["git", "--log-opts=--all", "--exit-code", "9"]).expect(9);
    keysift(&["git", "--log-opts", "HEAD..HEAD"]).expect(3);
    keysift(&["git", "--staged"]).expect(3);
    keysift(&["git", "--pre-commit", "--log-opts", "a..b"]).expect(2);
    repo.write("b.env", groq_line(2));
    repo.git(&["add", "-A"]);
    let run = keysift(&["git", "--pre-commit", "--staged", "-f", "json", "-r", "-"]).expect(1);
    assert_eq!(findings(&run.json()).len(), 1);
    keysift(&["dir", ".", "-f", "sarif", "-r", "out.sarif"]).expect(1);
    keysift(&["dir", "-b", "out.sarif"]).expect(2);
    Keysift::new(&repo.path()).args(&["stdin"]).input(groq_line(3)).run().expect(1);
}

#[test]
fn a_comment_suppresses_history_only_where_it_still_stands() {
    let repo = TestRepo::new();
    let line = groq_line(1);
    let allowed = format!("{} # keysift:allow\n", line.trim_end());
    repo.write("a.env", &allowed);
    repo.commit("allowed");
    run(&repo, &["history"]).expect(0);
    repo.write("a.env", &line);
    repo.commit("not any more");
    run(&repo, &["history"]).expect(1);
    repo.write("a.env", format!("{allowed}# again\n"));
    repo.commit("allowed again");
    run(&repo, &["history"]).expect(0);
    repo.git(&["rm", "-q", "a.env"]);
    repo.commit("gone");
    run(&repo, &["history"]).expect(1);
}

#[test]
fn a_blob_that_is_gone_leaves_the_history_incomplete() {
    let repo = TestRepo::new();
    repo.write("a.txt", "a\n");
    repo.commit("first");
    run(&repo, &["history"]).expect(0);
    let id = repo.git(&["rev-parse", "HEAD:a.txt"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).expect("it is a loose object");
    let report = run(&repo, &["history"]).expect(3).json();
    assert!(text(&report["coverage"]["incomplete_because"][0]).contains(&id), "{report}");
}

#[test]
fn an_empty_repository_is_not_clean() {
    let repo = TestRepo::new();
    run(&repo, &["history"]).expect(3);
}

/// What a full scan of the whole history, or the quick one, finds: rule, path, commit, line.
fn scanned(repo: &TestRepo, thoroughness: Thoroughness) -> BTreeSet<(String, String, String, u64)> {
    let engine = check::engine(RuleSet::built_in());
    let progress = Progress::default();
    let job = Job { targets: vec![], root: repo.path(), n_threads: 2, lists_skips: false, progress: &progress };
    let opened = Repo::discover(&repo.path()).expect("it is a repository");
    let report = scan::history(&engine, &job, &opened, &HistoryOptions::default(), thoroughness).expect("it can be read");
    assert!(report.incomplete.is_empty(), "{:?}", report.incomplete);
    let commit = |finding: &keysift::finding::Finding| finding.origin.commit.as_ref().map(|commit| commit.id.clone()).unwrap_or_default();
    report.findings.iter().map(|finding| (finding.rule.id.to_owned(), finding.origin.path.to_string(), commit(finding), finding.region.start.line)).collect()
}

/// A line of a file: code, names of providers, keys with and without them, long runs of base64.
fn a_line(draws: &mut Draws) -> String {
    match draws.below(23) {
        0 => groq_line(draws.below(1 << 30) as u64),
        1 => format!("api_key = \"{}\"\n", mistral(draws.below(1 << 30) as u64)),
        2 => format!("value = \"{}\"\n", draws.text(32, draw::ALNUM)),
        3 => "from mistralai import Mistral\n".to_owned(),
        4 => "client = Mistral(api_key=api_key)\n".to_owned(),
        5 => "url = \"https://api.mistral.ai/v1\"\n".to_owned(),
        6 => format!("data = \"{}\"\n", common::base64(format!("MISTRAL_API_KEY={}", mistral(draws.below(1 << 30) as u64)).as_bytes())),
        7 => format!("blob = \"{}\"\n", draws.text(400, draw::BASE64)),
        8 => format!("sha256 = \"{}\"\n", draws.text(64, draw::HEX)),
        9 => format!("OPENAI_API_KEY={} # keysift:allow\n", key("openai-api-key", draws.below(1 << 30) as u64)),
        10 => format!("\"source\": [\"import os\\n\", \"os.environ[\\\"MISTRAL_API_KEY\\\"] = \\\"{}\\\"\\n\"],\n", mistral(draws.below(1 << 30) as u64)),
        // A line that is longer than what is looked at of it, as in minified code.
        11 => format!("var a=0;{}var key=\"{}\";{}\n", "f(a);".repeat(1200), mistral(draws.below(1 << 30) as u64), "g(a);".repeat(1200)),
        // A private key, and lines of one that come and go.
        13 => format!("{}\n", key("private-key", draws.below(1 << 30) as u64)),
        14 => format!("-----BEGIN {}-----\n", "PRIVATE KEY"),
        15 => format!("-----END {}-----\n", "PRIVATE KEY"),
        16 => format!("db = \"postgres://app:{}@db.acme.io/app\"\n", draws.text(20, draw::ALNUM)),
        17 => format!("db = \"Server=db.acme.io;Uid=app;{}Pwd={}\"\n", "x=1;".repeat(draws.below(60)), draws.text(20, draw::ALNUM)),
        12 => format!("config[\"{}\"]{}= load()\n", draws.text(32, draw::ALNUM), " ".repeat(draws.below(40))),
        _ => format!("let {} = {};\n", draws.text(8, b"abcdefgh"), draws.text(30, b"abc def+-()")),
    }
}

#[test]
fn a_quick_survey_finds_what_a_full_one_finds() {
    for seed in 0..6 {
        let repo = TestRepo::new();
        let mut draws = Draws::new(seed);
        let mut files: Vec<Vec<String>> = (0..3).map(|_| (0..60).map(|_| a_line(&mut draws)).collect()).collect();
        for commit in 0..25 {
            let file = draws.below(files.len());
            for _ in 0..=draws.below(3) {
                let at = draws.below(files[file].len());
                match draws.below(4) {
                    0 if files[file].len() > 10 => drop(files[file].remove(at)),
                    1 => files[file].insert(at, a_line(&mut draws)),
                    2 => {
                        // A change in the midst of a line, which may cut a token.
                        let middle = files[file][at].len() / 2;
                        files[file][at].insert(middle, 'x');
                    }
                    _ => {
                        let to = draws.below(files[file].len());
                        files[file].swap(at, to);
                    }
                }
            }
            for (i, lines) in files.iter().enumerate() {
                repo.write(&format!("src/file{i}.py"), lines.concat());
            }
            repo.commit(&format!("change {commit}"));
        }
        repo.git(&["repack", "-q", "-adf", "--depth=50", "--window=50"]);
        let whole = scanned(&repo, Thoroughness::Whole);
        assert!(whole.len() > 5, "the test has something to find");
        assert_eq!(scanned(&repo, Thoroughness::Novel), whole, "seed {seed}");
    }
}

#[test]
fn a_quick_survey_finds_keys_in_broken_base64() {
    for seed in 0..8 {
        let repo = TestRepo::new();
        let mut draws = Draws::new(seed + 100);
        let plain: String = (0..40).map(|_| a_line(&mut draws)).filter(|line| line.len() < 2000).collect();
        let encoded = common::base64(plain.as_bytes());
        let width = [64, 76][draws.below(2)];
        // The first line may stand behind a name.
        let before = |i: usize| [["", ""], ["data: ", "  "]][seed as usize % 2][usize::from(i > 0)];
        let line = |(i, line)| format!("{}{}\n", before(i), String::from_utf8_lossy(line));
        let mut lines: Vec<String> = encoded.as_bytes().chunks(width).enumerate().map(line).collect();
        for commit in 0..25 {
            let at = draws.below(lines.len());
            match draws.below(5) {
                0 if lines.len() > 10 => drop(lines.remove(at)),
                1 => lines.insert(at, a_line(&mut draws)),
                2 => {
                    let middle = lines[at].len() / 2;
                    lines[at].insert(middle, 'x');
                }
                3 => lines.insert(at, lines[draws.below(lines.len())].clone()),
                _ => {
                    let to = draws.below(lines.len());
                    lines.swap(at, to);
                }
            }
            repo.write("data.txt", lines.concat());
            repo.commit(&format!("change {commit}"));
        }
        repo.git(&["repack", "-q", "-adf", "--depth=50", "--window=50"]);
        let whole = scanned(&repo, Thoroughness::Whole);
        assert!(whole.len() > 5, "the test has something to find");
        assert_eq!(scanned(&repo, Thoroughness::Novel), whole, "seed {seed}");
    }
}

/// A text as PowerShell writes it to a file.
fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(order).collect()
}

#[test]
fn of_text_in_utf16_only_new_lines_count() {
    for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        // The letter has the byte of a line feed in it, and no zero stands near the start of the second text.
        for filling in ["line \u{10a}\r\n".to_owned(), "\u{4e2d}\u{6587}\u{10a}".repeat(40) + "\n"] {
            let repo = TestRepo::new();
            let before = format!("{}{}", filling.repeat(300), groq_line(1));
            repo.write("a.ps1", utf16(&before, order));
            repo.commit("first");
            repo.write("a.ps1", utf16(&format!("new\n{before}{filling}"), order));
            repo.git(&["add", "-A"]);
            let staged = |code| run(&repo, &["staged"]).expect(code).json();
            assert_eq!(findings(&staged(0)), &[] as &[Value]);
            repo.write("a.ps1", utf16(&format!("new\n{before}{filling}\n{}", groq_line(2)), order));
            repo.git(&["add", "-A"]);
            let report = staged(1);
            let [one] = findings(&report) else { panic!("{report}") };
            assert_eq!(one["line"], format!("new\n{before}{filling}\n").matches('\n').count() as u64 + 1);
        }
    }
}

#[test]
fn of_a_file_with_very_many_lines_only_new_ones_count() {
    let repo = TestRepo::new();
    let before = format!("{}{}{}", "x\n".repeat(300_000), groq_line(1), "y\n".repeat(300_000));
    repo.write("a.sql", &before);
    repo.commit("first");
    repo.write("a.sql", format!("{before}new\n"));
    repo.git(&["add", "-A"]);
    let staged = |code| run(&repo, &["staged"]).expect(code).json();
    assert_eq!(findings(&staged(0)), &[] as &[Value]);
    repo.write("a.sql", format!("{before}{}new\n", groq_line(2)));
    repo.git(&["add", "-A"]);
    assert_eq!(findings(&staged(1)).len(), 1);
}
