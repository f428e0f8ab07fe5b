//! The reports of one run, held against each other and against the scanned files: numbers add up, formats can be made of the JSON report, places are right.

use std::collections::BTreeMap;
use std::fs;

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, Run, Tree, findings, groq_line, mistral, mistral_line, number, text};
use serde_json::{Value, json};

const FORMATS: [&str; 11] = ["text", "short", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"];

/// A tree with something for every number: findings of several kinds, suppressed ones, skipped blobs, ignored paths.
fn mixed() -> Tree {
    let tree = Tree::new();
    for i in 0..7 {
        tree.write(format!("src/{i}.env"), format!("{}{}", mistral_line(i), groq_line(i)));
    }
    tree.write("old.env", mistral_line(20).replace('\n', " # keysift:allow reason=\"rotated\"\n"));
    tree.write("wide.txt", mistral_line(21).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    tree.write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".repeat(20));
    tree.write(".gitignore", "left-out.env\n");
    tree.write("left-out.env", mistral_line(22));
    tree
}

fn run(tree: &Tree, arguments: &[&str]) -> Run {
    tree.run(arguments)
}

fn in_repo(repo: &TestRepo, arguments: &[&str]) -> Run {
    Keysift::new(&repo.path()).args(arguments).run()
}

/// All reports of one run of `scan`, by format, and the run.
fn all_reports(tree: &Tree, more: &[&str]) -> (BTreeMap<&'static str, String>, Run) {
    let outside = Tree::new();
    let targets: Vec<String> = FORMATS.iter().map(|format| format!("{format}={}", outside.path().join(format).display())).collect();
    let mut arguments = vec!["scan", "--output", "/dev/null"];
    if cfg!(windows) {
        arguments[2] = "NUL";
    }
    arguments.extend(more);
    targets.iter().for_each(|target| arguments.extend(["--report", target]));
    let run = run(tree, &arguments);
    let read = |format: &&'static str| (*format, String::from_utf8(outside.read(format)).expect("reports are UTF-8"));
    (FORMATS.iter().map(read).collect(), run)
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The data of an HTML report.
fn html_data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").expect("there is data");
    json_of(rest.split_once("</script>").expect("it ends").0)
}

#[test]
fn every_number_adds_up_in_every_format() {
    for (tree, code) in [(mixed(), 1), (Tree::with(&[("a.txt", "nothing\n")]), 0), (Tree::new(), 3)] {
        let (reports, run) = all_reports(&tree, &[]);
        let run = run.expect(code);
        let json = json_of(&reports["json"]);
        let n = findings(&json).len();
        assert_eq!(number(&json["n_findings"]) as usize, n);
        let sarif = json_of(&reports["sarif"]);
        let gitlab = json_of(&reports["gitlab"]);
        let lines: Vec<Value> = reports["jsonl"].lines().map(json_of).collect();
        let list_len = |value: &Value| value.as_array().map_or(0, Vec::len);
        let counts = [
            ("jsonl", lines.iter().filter(|line| line["type"] == "finding").count()),
            ("sarif", list_len(&sarif["runs"][0]["results"])),
            ("gitlab", list_len(&gitlab["vulnerabilities"])),
            ("markdown", reports["markdown"].matches("<tr><td>").count()),
            ("junit", reports["junit"].matches("<failure ").count()),
            ("csv", reports["csv"].lines().count() - 1),
            ("short", reports["short"].lines().count()),
            ("html", list_len(&html_data(&reports["html"])["findings"])),
            ("text", reports["text"].lines().filter(|line| line.starts_with("severity ")).count()),
        ];
        assert_eq!(counts.map(|(format, count)| (format, count == n)), counts.map(|(format, _)| (format, true)), "{n}: {counts:?}");
        let shown = reports["github"].lines().filter(|line| line.starts_with("::") && line.contains("Exposed")).count();
        assert_eq!(shown, n, "all of them are errors, and the last ones take places of warnings");

        // What was scanned is said in the same words and numbers.
        let coverage = &json["coverage"];
        let blobs = number(&coverage["n_blobs"]);
        let properties = &sarif["runs"][0]["invocations"][0]["properties"];
        assert_eq!((number(&properties["blobs"]), number(&properties["findings"]) as usize), (blobs, n));
        assert_eq!((&properties["bytes"], &properties["suppressed"]), (&coverage["n_bytes"], &json["n_suppressed"]));
        assert_eq!(lines.last().expect("there is a summary")["coverage"], *coverage);
        let words: Vec<String> = run.err().lines().take(2).map(|line| line.trim_end_matches('.').to_owned()).collect();
        let summary = words.join(" ");
        assert!(summary.contains(&format!("scanned {blobs} blob")), "{summary}");
        assert!(summary.contains(&if n == 0 { "no findings".to_owned() } else { format!("{n} findings") }), "{summary}");
        for format in ["markdown", "html", "junit", "gitlab"] {
            let text = reports[format].replace("&#58;", ":");
            assert!(text.contains(&format!("scanned {blobs} blob")), "{format}");
        }
        // How it ended is the same everywhere.
        assert_eq!((&json["exit"]["code"], &sarif["runs"][0]["invocations"][0]["exitCode"]), (&json!(code), &json!(code)));
        assert_eq!((gitlab["scan"]["status"] == "failure", reports["junit"].contains("<error ")), (code == 3, code == 3));
        assert_eq!((reports["markdown"].contains("incomplete:"), reports["html"].contains("class=\"doubts\"")), (code == 3, code == 3));
    }
}

#[test]
fn numbers_by_kind_add_up_to_the_whole() {
    let (reports, _) = all_reports(&mixed(), &[]);
    let page = &reports["html"];
    let n = findings(&json_of(&reports["json"])).len() as u64;
    assert!(!page.contains("<caption>Verdict</caption>"), "nobody was asked");
    for title in ["Severity", "Provider"] {
        let (_, chart) = page.split_once(&format!("<caption>{title}</caption>")).expect("there is a chart");
        let (chart, _) = chart.split_once("</table>").expect("it ends");
        let bars = chart.split("class=\"number\">").skip(1).map(|rest| rest.split('<').next().expect("a number").parse::<u64>().expect("a number"));
        assert_eq!(bars.sum::<u64>(), n, "{title}");
    }
    let by_severity = |page: &str, word: &str| page.lines().filter(|line| line.starts_with(&format!("<tr><td>{word}</td>"))).count() as u64;
    let words = ["critical", "high", "medium", "low"];
    assert_eq!(words.iter().map(|word| by_severity(&reports["markdown"], word)).sum::<u64>(), n);
}

#[test]
fn every_format_can_be_made_of_the_json_report() {
    let tree = mixed();
    let (reports, _) = all_reports(&tree, &["--show-suppressed", "--show-skipped"]);
    tree.write("report.json", &reports["json"]);
    for format in FORMATS {
        let converted = run(&tree, &["report", "convert", "report.json", "--format", format]).expect(0);
        assert_eq!(converted.out(), reports[format], "{format}");
        let is_for_people = ["text", "short"].contains(&format);
        assert_eq!(converted.err().starts_with("15 findings (severity: 15 high); 1 suppressed\nscanned "), is_for_people, "{format}: {}", converted.err());
    }
}

#[test]
fn several_reports_come_from_one_run_and_one_may_go_to_standard_output() {
    let tree = mixed();
    let outside = Tree::new();
    let sarif = format!("sarif={}", outside.path().join("a.sarif").display());
    let both = run(&tree, &["scan", "--report", "github=-", "--report", &sarif]).expect(1);
    assert!(both.out().lines().all(|line| line.starts_with("::")), "{}", both.out());
    assert_eq!(common::files_below(outside.path()).len(), 1, "written by renaming, nothing is left");
    let text = run(&tree, &["scan", "--report", &sarif]).expect(1);
    assert!(text.out().starts_with("severity "), "the usual report is still there");
    for wrong in [
        &["scan", "--format", "json", "--report", "github=-"][..],
        &["scan", "--report", "github=-", "--report", "json=-"],
        &["scan", "--report", "json=x", "--report", "sarif=x"],
        &["scan", "--report", "json=x", "--report", "csv=./src/../x"],
        &["scan", "--report", "yaml=x"],
        &["scan", "--report", "json"],
    ] {
        let run = run(&tree, wrong).expect(2);
        assert_eq!(run.out(), "", "{wrong:?}");
    }
    let run = run(&tree, &["scan", "--report", &sarif, "--report", "json=no/such/folder/x"]).expect(3);
    assert!(!run.err().contains("scanned"), "nothing is scanned: {}", run.err());
}

#[cfg(unix)]
#[test]
fn where_a_report_cannot_be_written_is_known_before_the_scan_and_who_may_read_it_stays() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let tree = mixed();
    symlink("nowhere", tree.path().join("link")).expect("links can be made");
    for (target, why) in [("json=link", "a link that leads to no file"), ("json=new/", "it is a folder")] {
        let run = run(&tree, &["scan", "--report", target]).expect(3);
        assert!(run.err().contains(why) && !run.err().contains("scanned"), "{}", run.err());
    }
    tree.write("own.json", "");
    let own = tree.path().join("own.json");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).expect("it is ours");
    run(&tree, &["scan", "-f", "json", "-o", "own.json"]).expect(1);
    assert_eq!(own.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn reports_that_are_uploaded_show_no_secret_whatever_is_demanded() {
    let tree = mixed();
    let secrets: Vec<String> = (0..7).map(mistral).collect();
    let (reports, _) = all_reports(&tree, &["--show-secrets", "--show-suppressed"]);
    for format in FORMATS {
        let shows = secrets.iter().all(|secret| reports[format].contains(secret));
        assert_eq!(shows, ["text", "short", "json", "jsonl"].contains(&format), "{format}");
        assert!(shows || !secrets.iter().any(|secret| reports[format].contains(&secret[8..24])), "{format}");
    }
    tree.write("shown.json", &reports["json"]);
    for format in FORMATS {
        let code = if ["text", "short", "json", "jsonl"].contains(&format) { 0 } else { 2 };
        run(&tree, &["report", "convert", "shown.json", "--format", format]).expect(code);
    }
}

#[test]
fn a_converted_report_of_an_incomplete_scan_says_so_in_every_format() {
    let tree = Tree::new();
    run(&tree, &["scan", "-f", "json", "-o", "empty.json"]).expect(3);
    for format in FORMATS {
        let converted = run(&tree, &["report", "convert", "empty.json", "-f", format]).expect(0);
        assert!(converted.err().contains("incomplete: nothing was scanned"), "{format}: {}", converted.err());
    }
}

#[test]
fn the_exit_code_in_a_report_is_that_of_the_process() {
    let tree = mixed();
    let json = run(&tree, &["scan", "-f", "json", "--exit-code", "7"]).expect(7).json();
    assert_eq!(json["exit"], json!({"code": 7, "meaning": "findings"}));
    let log = run(&tree, &["scan", "-f", "sarif", "--exit-code", "0"]).expect(0).json();
    assert_eq!(log["runs"][0]["invocations"][0]["exitCode"], 0);
}

#[test]
fn parts_merged_are_the_whole() {
    let tree = mixed();
    let parts = [("one", &["src/0.env", "src/1.env"][..]), ("two", &["src/1.env", "src/2.env"]), ("all", &["src/0.env", "src/1.env", "src/2.env"])];
    for (name, paths) in parts {
        run(&tree, &[&["scan", "-f", "json", "-o", name], paths].concat()).expect(1);
    }
    let merged = run(&tree, &["report", "merge", "one", "two"]).expect(1).json();
    let whole = json_of(&String::from_utf8(tree.read("all")).expect("UTF-8"));
    assert_eq!(merged["findings"], whole["findings"]);
    assert_eq!(number(&merged["coverage"]["n_blobs"]), 4, "what both parts scanned is counted twice, as it was scanned twice");
    let same = run(&tree, &["report", "diff", "all", "all"]).expect(0);
    assert_eq!(same.out(), "0 new, 0 fixed, 6 kept\n");
    let diff = run(&tree, &["report", "diff", "one", "two", "--json"]).expect(1).json();
    assert_eq!((&diff["n_new"], &diff["n_kept"], &diff["n_fixed"], &diff["n_unseen"]), (&json!(2), &json!(2), &json!(0), &json!(2)));
    let diff = run(&tree, &["report", "diff", "all", "two"]).expect(3);
    assert!(diff.out().contains("? src/0.env:1:") && diff.out().contains("\n0 new, 0 fixed, 4 kept, 2 not seen\nincomplete: "), "{}", diff.out());
    tree.write("src/2.env", "nothing\n");
    run(&tree, &["scan", "-f", "json", "-o", "later", "src"]).expect(1);
    assert!(run(&tree, &["report", "diff", "all", "later"]).out().contains(" 2 fixed, 4 kept\n"), "the whole folder was looked at");
}

#[test]
fn reports_of_different_folders_are_not_compared() {
    let (one, other) = (mixed(), Tree::with(&[("a.txt", "nothing\n")]));
    let (old, new) = (one.path().join("old.json"), other.path().join("new.json"));
    run(&one, &["scan", "-f", "json", "-o", old.to_str().expect("UTF-8")]).expect(1);
    run(&other, &["scan", "-f", "json", "-o", new.to_str().expect("UTF-8")]).expect(0);
    let arguments = ["report", "diff", old.to_str().expect("UTF-8"), new.to_str().expect("UTF-8")];
    assert!(run(&one, &arguments).expect(2).err().contains("the reports are of different folders"));
    run(&one, &[&arguments[..], &["--any-root"]].concat()).expect(0);
}

#[test]
fn the_path_of_a_finding_can_be_opened_from_where_the_command_ran() {
    let tree = Tree::with(&[(".env", "# the other one\n"), ("here/a.txt", "nothing\n"), ("try/sub/.env", &mistral_line(1))]);
    let here = tree.path().join("here");
    let absolute = tree.path().join("try").to_str().expect("UTF-8").to_owned();
    let at = |place: &std::path::Path, arguments: &[&str]| Keysift::new(place).args(arguments).run();
    let place = |run: &Run| run.out().lines().find_map(|line| line.split_once("--> ").map(|(_, place)| place.to_owned())).expect("there is a place");
    for (typed, shown) in [("../try", "../try/sub/.env:1:"), (absolute.as_str(), &format!("{absolute}/sub/.env:1:")), ("../try/sub/.env", "../try/sub/.env:1:")]
    {
        let found = at(&here, &["scan", typed]).expect(1);
        let place = place(&found);
        assert!(place.starts_with(shown), "{place}");
        assert!(at(&here, &["explain", &place]).expect(0).out().contains("reported as mistral-api-key"), "{place}");
        let csv = at(&here, &["scan", typed, "-f", "csv"]).expect(1);
        assert!(csv.out().contains(shown.trim_end_matches(":1:")), "{}", csv.out());
        let json = at(&here, &["scan", typed, "-f", "json"]).expect(1).json();
        assert!(!text(&findings(&json)[0]["path"]).contains(".."), "{json}");
    }
    let repo = TestRepo::new();
    repo.write("a.txt", "nothing\n");
    repo.commit("first");
    repo.write("src/deep/.env", mistral_line(1));
    repo.write("other/.env", mistral_line(2));
    repo.git(&["add", "."]);
    let below = repo.path().join("src");
    assert!(place(&at(&below, &["scan"]).expect(1)).starts_with("deep/.env:1:"));
    let staged = at(&below, &["staged"]).expect(1);
    assert!(staged.out().contains("--> ../other/.env:1:") && staged.out().contains("--> ../src/deep/.env:1:"), "{}", staged.out());
}

#[test]
fn a_file_that_is_no_report_is_an_error_that_says_what_it_is() {
    let tree = mixed();
    let (reports, _) = all_reports(&tree, &[]);
    let mut counted = json_of(&reports["json"]);
    counted["n_findings"] = json!(3);
    let mut later = json_of(&reports["json"]);
    later["schema"] = json!("keysift-report/9");
    let mut torn = reports["json"].clone();
    torn.truncate(torn.len() / 2);
    for (content, why) in [
        (String::new(), "it is no JSON"),
        (torn, "it is no JSON"),
        (reports["text"].clone(), "it is no JSON"),
        (reports["jsonl"].clone(), "report of JSON lines"),
        (reports["sarif"].clone(), "read: it is SARIF, which does not hold"),
        (reports["gitlab"].clone(), "no report of keysift"),
        ("[]".to_owned(), "no report of keysift"),
        (r#"{"schema": "keysift-report/1"}"#.to_owned(), "it is damaged"),
        (counted.to_string(), "lists 15 findings and says that there are 3"),
        (later.to_string(), "keysift-report/9"),
    ] {
        tree.write("x", &content);
        let run = run(&tree, &["report", "convert", "x"]).expect(2);
        assert!(run.err().starts_with("error: x is no report that can be read: ") && run.err().contains(why), "{why}: {}", run.err());
    }
    tree.write("marked", format!("\u{feff}{}", reports["json"]));
    run(&tree, &["report", "convert", "marked", "-f", "csv"]).expect(0);
    tree.write("wide", [b"\xff\xfe".as_slice(), &reports["json"].encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat());
    assert!(run(&tree, &["report", "convert", "wide"]).expect(2).err().contains("it is UTF-16, as PowerShell"));
    let over = run(&tree, &["report", "convert", "marked", "-o", "src/../marked"]).expect(2);
    assert!(over.err().contains("is a report to be read"), "{}", over.err());
    assert!(run(&tree, &["report", "convert", "gone"]).expect(2).err().contains("cannot read gone"));
}

#[test]
fn a_report_of_the_first_days_can_still_be_read() {
    let tree = mixed();
    let mut report = run(&tree, &["scan", "--format", "json"]).json();
    report["rules"].as_object_mut().expect("an object").remove("used");
    for finding in report["findings"].as_array_mut().expect("a list") {
        for name in ["columns_utf16", "line_hash", "line_mark"] {
            finding.as_object_mut().expect("an object").remove(name);
        }
    }
    tree.write("old.json", report.to_string());
    for format in FORMATS {
        let run = run(&tree, &["report", "convert", "old.json", "--format", format]).expect(0);
        assert!(!run.out().is_empty(), "{format}");
    }
}

/// GitHub's hash of line `n` of `file`, from its published description: the first hundred UTF-16 code units from the line on, without spaces and tabs, as
/// a number to the base 37, and how many lines up to this one have the same.
fn line_hash(file: &[u8], n: u64) -> String {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let value = |from: usize| {
        let rest = lines[from..].concat();
        let units = rest.encode_utf16().filter(|unit| *unit != 32 && *unit != 9).chain([65535]).chain(std::iter::repeat(0)).take(100);
        units.fold(0_u128, |value, unit| (value * 37 + u128::from(unit)) % (1 << 64))
    };
    let own = value(n as usize - 1);
    let count = (0..n as usize).filter(|&line| value(line) == own).count();
    format!("{own:x}:{count}")
}

#[test]
fn sarif_has_the_line_hash_of_github_and_columns_of_utf16() {
    let line = |seed: u64| format!("/* 🔑 é */\tMISTRAL_API_KEY = \"{}\"; // 漢字", mistral(seed));
    let minified = format!("var a={};MISTRAL_API_KEY=\"{}\";{}", "x+".repeat(300), mistral(5), "y();".repeat(400));
    let files: [(&str, Vec<u8>); 6] = [
        ("unicode.js", format!("a\n\n{}\nb\n{}", line(1), line(2)).into_bytes()),
        ("crlf.env", format!("a\r\n  \r\nMISTRAL_API_KEY={}\r\nb\r\n", mistral(3)).into_bytes()),
        ("bom.env", format!("\u{feff}MISTRAL_API_KEY={}\n", mistral(4)).into_bytes()),
        ("min.js", minified.into_bytes()),
        ("latin.env", [b"\xe9\xe8 caf\xe9\n".as_slice(), mistral_line(6).as_bytes(), b"\xff"].concat()),
        ("repeated.env", format!("{0}{0}", format!("{}\n\n\n{}", mistral_line(7), "-\n".repeat(120))).into_bytes()),
    ];
    let tree = Tree::new();
    files.iter().for_each(|(path, bytes)| tree.write(path, bytes));
    tree.write("wide.txt", mistral_line(8).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let log = run(&tree, &["scan", "--format", "sarif"]).expect(1).json();
    let results = log["runs"][0]["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 9);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let (path, region) = (text(&place["artifactLocation"]["uri"]), &place["region"]);
        let hash = result["partialFingerprints"].get("primaryLocationLineHash");
        let Some((_, bytes)) = files.iter().find(|(name, _)| *name == path) else {
            assert_eq!((path, hash), ("wide.txt", None), "GitHub would read it as something else");
            continue;
        };
        let line = number(&region["startLine"]);
        assert_eq!(hash.map(text), Some(line_hash(bytes, line).as_str()), "{path}:{line}");
        let content = String::from_utf8_lossy(bytes);
        let units: Vec<u16> = content.trim_start_matches('\u{feff}').split('\n').nth(line as usize - 1).expect("there is the line").encode_utf16().collect();
        let column = |name: &str| number(&region[name]) as usize - 1;
        let shown = String::from_utf16(&units[column("startColumn")..column("endColumn")]).expect("no pair is cut");
        assert!((1..9).any(|seed| shown == mistral(seed)), "{path}: {shown}");
    }
}

#[test]
fn a_line_with_a_secret_that_can_be_guessed_has_no_hash() {
    let tree = Tree::with(&[("a.py", &format!("password = \"{}\"\n", "Tr0ub4dor&3xQz")), ("b.env", &mistral_line(1))]);
    let log = run(&tree, &["scan", "--format", "json"]).expect(1).json();
    for finding in findings(&log) {
        let is_guessable = ["generic-password", "generic-secret"].contains(&text(&finding["rule"]));
        assert_eq!(finding.get("line_hash").is_some(), !is_guessable, "{finding}");
    }
}

#[test]
fn of_a_history_sarif_has_what_is_still_there_where_it_is_now() {
    let repo = TestRepo::new();
    let kept = mistral_line(1);
    repo.write("a.env", &kept);
    repo.write("gone.env", mistral_line(2));
    repo.commit("first");
    repo.write("a.env", format!("# one line more\n{kept}"));
    fs::remove_file(repo.path().join("gone.env")).expect("it is there");
    repo.commit("second");
    repo.git(&["remote", "add", "origin", "https://user:token@example.com/acme/app.git"]);
    let log = in_repo(&repo, &["history", "--format", "sarif", "--sarif-category", "secrets"]).expect(1).json();
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("there are results");
    assert_eq!(results.len(), 1, "{results:?}");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!((text(&place["artifactLocation"]["uri"]), number(&place["region"]["startLine"])), ("a.env", 2));
    let now = format!("# one line more\n{kept}");
    assert_eq!(results[0]["partialFingerprints"]["primaryLocationLineHash"], line_hash(now.as_bytes(), 2));
    assert_eq!(run["automationDetails"]["id"], "secrets/");
    let provenance = &run["versionControlProvenance"][0];
    assert_eq!(provenance["repositoryUri"], "https://example.com/acme/app.git");
    assert_eq!(text(&provenance["revisionId"]).len(), 40);
    assert!(!log.to_string().contains("token"), "the address has no credentials");
    let all = in_repo(&repo, &["history", "--format", "sarif", "--sarif-scope", "all"]).expect(1).json();
    assert_eq!(all["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    let told = in_repo(&repo, &["history", "--report", "sarif=x.sarif", "--format", "json", "--output", "x.json"]).expect(1);
    assert!(
        told.err().contains("note: 1 finding is only in the history and not in the SARIF report; `--sarif-scope all` writes them, too\n"),
        "{}",
        told.err()
    );
    let converted = in_repo(&repo, &["report", "convert", "x.json", "--format", "sarif", "--sarif-scope", "all"]).expect(0);
    assert!(!converted.err().contains("only in the history"), "{}", converted.err());
    assert!(in_repo(&repo, &["report", "convert", "x.json", "--format", "sarif"]).expect(0).err().contains("1 finding is only in the history"));
    fs::remove_file(repo.path().join("x.json")).expect("it is there");
    fs::remove_file(repo.path().join("x.sarif")).expect("it is there");
    let scan = in_repo(&repo, &["scan", "--format", "sarif"]).expect(1).json();
    assert_eq!(scan["runs"][0]["versionControlProvenance"][0], *provenance, "of files, too");
}
