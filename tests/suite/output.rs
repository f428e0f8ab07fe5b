//! What a run writes where, and how it ends: exit codes, streams, formats, masks, colors, files.

use std::fs;
use std::io::Read;

use crate::common::{self, Keysift, Run, Tree, base64, findings, groq_line, holds, key, mistral, mistral_line, number, project, text};
use serde_json::{Value, json};

const FORMATS: [&str; 10] = ["text", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html"];
/// Formats that show secrets to whoever demands it.
const SHOWING: [&str; 3] = ["text", "json", "jsonl"];

/// A tree with one finding.
fn one_finding() -> Tree {
    Tree::with(&[("src/a.env", &mistral_line(1)), ("src/b.txt", "nothing\n")])
}

/// A tree without findings.
fn clean() -> Tree {
    Tree::with(&[("a.txt", "nothing\n")])
}

mod exit_codes {
    use super::*;

    #[test]
    fn zero_is_clean() {
        clean().run(&["scan"]).expect(0);
    }

    #[test]
    fn one_is_findings_in_every_format() {
        for format in FORMATS {
            one_finding().run(&["scan", "--format", format]).expect(1);
        }
    }

    #[test]
    fn two_is_wrong_usage() {
        let tree = one_finding();
        let wrong: [&[&str]; 8] = [
            &["scan", "--no-such-option"],
            &["scan", "--format", "yaml"],
            &["scan", "--threads", "0"],
            &["scan", "--exit-code", "many"],
            &["no-such-command-or-path"],
            &["scan", "no-such-path"],
            &["rules", "show", "no-such-rule"],
            &["explain", "src/a.env"],
        ];
        for arguments in wrong {
            let run = tree.run(arguments).expect(2);
            assert_eq!(run.out(), "", "{arguments:?}");
            assert!(run.err().starts_with("error: "), "{arguments:?}: {}", run.err());
        }
    }

    #[test]
    fn three_is_incomplete() {
        Tree::new().run(&["scan"]).expect(3);
    }

    #[test]
    fn help_and_version_are_answers() {
        for arguments in [&["--help"][..], &["scan", "--help"], &["--version"], &["help", "rules"]] {
            let run = clean().run(arguments).expect(0);
            assert!(!run.out().is_empty());
            assert_eq!(run.err(), "");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_answer_that_cannot_be_written_is_told() {
        for arguments in [&["--help"][..], &["scan", "--help"], &["--version"], &["rules", "list"]] {
            let full = fs::File::create("/dev/full").expect("Linux has it");
            let run = std::process::Command::new(env!("CARGO_BIN_EXE_keysift")).args(arguments).stdout(full).output().expect("the binary starts");
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.code() == Some(3) && said.contains("error: cannot write to standard output"), "{arguments:?}: {:?} {said}", run.status);
        }
    }

    #[test]
    fn the_first_help_is_an_overview_and_that_of_scan_says_all() {
        let (first, scan) = (clean().run(&["--help"]).expect(0), clean().run(&["scan", "--help"]).expect(0));
        assert!(first.out().contains("\n  history ") && first.out().contains("Exit codes: 0") && first.out().contains("Examples:"), "{}", first.out());
        let explanation = "JUnit XML: each finding is a failed test";
        assert!(!first.out().contains(explanation) && scan.out().contains(explanation), "{}", first.out());
        assert_eq!(clean().run(&["help"]).expect(0).out(), first.out());
    }

    #[test]
    fn the_code_of_findings_can_be_chosen() {
        one_finding().run(&["scan", "--exit-code", "0"]).expect(0);
        one_finding().run(&["scan", "--exit-code", "42"]).expect(42);
        clean().run(&["scan", "--exit-code", "42"]).expect(0);
        Tree::new().run(&["scan", "--exit-code", "42"]).expect(3);
    }

    #[test]
    fn a_report_says_how_the_run_ended() {
        for (tree, code, meaning) in [(clean(), 0, "clean"), (one_finding(), 1, "findings"), (Tree::new(), 3, "incomplete")] {
            assert_eq!(tree.run(&["scan", "--format", "json"]).expect(code).json()["exit"], json!({ "code": code, "meaning": meaning }));
            let log = tree.run(&["scan", "--format", "sarif"]).expect(code).json();
            let invocation = &log["runs"][0]["invocations"][0];
            assert_eq!((&invocation["exitCode"], &invocation["exitCodeDescription"]), (&json!(code), &json!(meaning)));
            assert_eq!(invocation["executionSuccessful"], json!(code != 3));
        }
    }
}

mod streams {
    use super::*;

    #[test]
    fn findings_go_to_standard_output_and_everything_else_to_standard_error() {
        let run = one_finding().run(&["scan"]).expect(1);
        assert!(run.out().contains("mistral-api-key") && run.out().contains("src/a.env:1:17"), "{}", run.out());
        assert!(!run.out().contains("scanned 2 blobs"), "{}", run.out());
        assert!(run.err().contains("1 finding") && run.err().contains("scanned 2 blobs"), "{}", run.err());
        assert!(!run.err().contains("a.env"), "{}", run.err());
        assert_eq!(clean().run(&["scan"]).out(), "", "nothing found is nothing written");
    }

    #[test]
    fn quiet_leaves_the_findings() {
        let tree = one_finding();
        let (loud, quiet) = (tree.run(&["scan"]), tree.run(&["scan", "--quiet"]));
        assert_eq!(loud.out(), quiet.out());
        assert_eq!(quiet.err(), "");
    }

    #[test]
    fn quiet_still_says_why_a_scan_is_incomplete() {
        let run = Tree::new().run(&["scan", "--quiet"]).expect(3);
        assert_eq!(run.err(), "incomplete: nothing was scanned: there are no files\n");
    }

    #[test]
    fn no_command_is_a_scan_of_the_current_folder() {
        let tree = one_finding();
        assert_eq!(tree.run(&[]), tree.run(&["scan", "."]));
        assert_eq!(tree.run(&["--format", "json"]), tree.run(&["scan", "--format", "json", "."]));
        assert_eq!(tree.run(&[]).code, 1);
    }

    #[test]
    fn a_closed_pipe_is_no_panic() {
        let tree = Tree::new();
        tree.write("many.env", (0..500).map(groq_line).collect::<String>());
        for format in FORMATS {
            let (mut child, _home) = Keysift::new(tree.path()).args(&["scan", "--format", format]).spawn();
            let mut first = [0; 10];
            child.stdout.take().expect("it is piped").read_exact(&mut first).expect("there is output");
            // The pipe is closed now, like that of `keysift | head`.
            let mut err = String::new();
            child.stderr.take().expect("it is piped").read_to_string(&mut err).expect("it is UTF-8");
            let status = child.wait().expect("it is our child");
            assert!(!err.contains("panicked"), "{format}: {err}");
            assert_eq!(status.code(), Some(1), "{format}: {err}");
        }
    }

    #[test]
    fn a_closed_standard_error_is_no_panic() {
        let tree = one_finding();
        let (mut child, _home) = Keysift::new(tree.path()).args(&["scan"]).spawn();
        drop(child.stderr.take());
        assert_eq!(child.wait().expect("it is our child").code(), Some(1));
    }
}

mod secrets {
    use super::*;

    /// A tree with secrets in many places, and the secrets.
    fn leaky() -> (Tree, Vec<String>) {
        let keys: Vec<String> = (1..7).map(mistral).chain((1..3).map(|seed| key("groq-api-key", seed))).collect();
        let tree = Tree::new();
        tree.write("a.env", format!("MISTRAL_API_KEY={}\nGROQ_API_KEY={}\n", keys[0], keys[6]));
        tree.write("b.py", format!("a, b = Mistral(\"{}\"), Mistral(\"{}\")  # was {}\n", keys[1], keys[2], keys[1]));
        tree.write("c.env", format!("MISTRAL_API_KEY={} # keysift:allow reason=\"{} is old\"\n", keys[3], keys[3]));
        tree.write("secret.yaml", format!("data:\n  MISTRAL_API_KEY: {}\n", base64(keys[4].as_bytes())));
        // In a path, in the neighborhood, on a long line.
        tree.write(format!("logs/{}.env", keys[6]), format!("MISTRAL_API_KEY={}\n", keys[5]));
        tree.write("long.js", format!("{}const groq = '{}'; {}", "x = 1; ".repeat(500), keys[7], "y = 2; ".repeat(500)));
        let wrapped = base64(keys[4].as_bytes());
        (tree, keys.into_iter().chain([wrapped]).collect())
    }

    /// Every piece of `secret` of 12 bytes, which is more than a mask shows.
    fn pieces(secret: &str) -> impl Iterator<Item = &[u8]> {
        secret.as_bytes().windows(12)
    }

    #[test]
    fn no_output_shows_a_secret_unless_it_is_demanded() {
        let (tree, secrets) = leaky();
        for format in FORMATS {
            let run = tree.run(&["scan", "--format", format, "--show-suppressed", "--show-skipped"]).expect(1);
            for secret in &secrets {
                let is_shown = pieces(secret).any(|piece| holds(&run.stdout, piece) || holds(&run.stderr, piece));
                assert!(!is_shown, "{format} shows a part of {secret}:\n{}", run.out());
            }
        }
    }

    #[test]
    fn secrets_are_shown_on_demand_but_never_in_sarif() {
        let (tree, secrets) = leaky();
        for format in FORMATS {
            let run = tree.run(&["scan", "--format", format, "--show-suppressed", "--show-secrets"]).expect(1);
            for secret in secrets.iter().take(8) {
                assert_eq!(holds(&run.stdout, secret), SHOWING.contains(&format), "{format}: {secret}");
                assert!(!holds(&run.stderr, secret), "{format}: {secret}");
            }
        }
    }

    #[test]
    fn a_written_report_shows_no_secret_either() {
        let (tree, secrets) = leaky();
        for format in FORMATS {
            tree.run(&["scan", "--format", format, "--output", "../report"]).expect(1);
            let report = tree.read("../report");
            fs::remove_file(tree.path().join("../report")).expect("it was written");
            assert!(!secrets.iter().any(|secret| pieces(secret).any(|piece| holds(&report, piece))), "{format}");
        }
    }

    #[test]
    fn an_explanation_shows_no_secret() {
        let (tree, secrets) = leaky();
        for (file, n_lines) in [("a.env", 2), ("b.py", 1), ("c.env", 1), ("secret.yaml", 2), ("long.js", 1)] {
            for line in 1..=n_lines {
                let run = tree.run(&["explain", &format!("{file}:{line}")]).expect(0);
                let shown = secrets.iter().find(|secret| pieces(secret).any(|piece| holds(&run.stdout, piece) || holds(&run.stderr, piece)));
                assert_eq!(shown, None, "{file}:{line}: {}", run.out());
            }
        }
    }

    #[test]
    fn a_secret_that_is_a_part_of_another_does_not_uncover_it() {
        let groq = key("groq-api-key", 1);
        let part = &groq[4..36];
        let tree = Tree::with(&[("a.env", &format!("GROQ_API_KEY={groq}\n")), (&format!("{groq}.env"), &format!("MISTRAL_API_KEY={part}\n"))]);
        for format in FORMATS {
            let run = tree.run(&["scan", "--format", format]).expect(1);
            assert!(!pieces(&groq).any(|piece| holds(&run.stdout, piece)), "{format}: {}", run.out());
        }
    }

    #[test]
    fn a_secret_of_the_next_window_is_masked_in_the_excerpt_of_the_last_one() {
        const WINDOW: usize = 1 << 20;
        let (one, two) = (key("groq-api-key", 1), key("anthropic-api-key", 2));
        for n_before_two in [0, 1, 30] {
            let head = format!("a = '{one}', b = '");
            let fill = format!("{}\n", "x".repeat(WINDOW + n_before_two - head.len() - 1));
            let tree = Tree::with(&[("big.txt", &format!("{fill}{head}{two}', c = 0\n{}", "tail\n".repeat(40_000)))]);
            for format in FORMATS {
                let run = tree.run(&["scan", "--format", format, "--threads", "1"]).expect(1);
                assert!(!pieces(&two[20..]).any(|piece| holds(&run.stdout, piece)), "{format}, {n_before_two}: {}", run.out());
            }
        }
    }

    #[test]
    fn the_file_name_in_an_explanation_is_masked() {
        let key = key("groq-api-key", 1);
        let tree = Tree::with(&[(&format!("{key}.env"), &format!("GROQ_API_KEY={key}\n"))]);
        let run = tree.run(&["explain", &format!("{key}.env:1")]).expect(0);
        assert!(!pieces(&key).any(|piece| holds(&run.stdout, piece)), "{}", run.out());
    }

    #[test]
    fn a_copy_that_is_not_exact_is_masked_on_the_shown_line() {
        let key = mistral(1);
        let line = format!("MISTRAL_API_KEY={key} # was {}, {}\n", &key[..31], &key[1..]);
        let tree = Tree::with(&[("a.env", &line)]);
        for format in FORMATS {
            let run = tree.run(&["scan", "--format", format]).expect(1);
            assert!(!pieces(&key).any(|piece| holds(&run.stdout, piece)), "{format}: {}", run.out());
        }
    }

    #[test]
    fn two_secrets_on_a_line_are_masked_in_each_other_s_excerpt() {
        let (one, two) = (mistral(1), mistral(2));
        let tree = Tree::with(&[("a.py", &format!("x = Mistral('{one}'); y = Mistral('{two}')\n"))]);
        let report = tree.report(&[]);
        assert_eq!(findings(&report).len(), 2);
        for finding in findings(&report) {
            assert_eq!(text(&finding["line_text"]).matches("********").count(), 2, "{}", finding["line_text"]);
        }
    }
}

mod colors {
    use super::*;

    fn is_colored(arguments: &[&str], environment: &[(&str, &str)]) -> bool {
        let tree = one_finding();
        let mut run = Keysift::new(tree.path()).args(&[&["scan"], arguments].concat());
        for (name, value) in environment {
            run = run.env(name, value);
        }
        let run = run.run().expect(1);
        assert!(!run.err().contains('\x1b'), "standard error has no color: {}", run.err());
        run.out().contains('\x1b')
    }

    #[test]
    fn a_pipe_gets_color_only_on_demand() {
        assert!(!is_colored(&[], &[]));
        assert!(is_colored(&["--color", "always"], &[]));
        assert!(is_colored(&[], &[("CLICOLOR_FORCE", "1")]));
        assert!(!is_colored(&[], &[("CLICOLOR_FORCE", "0")]), "that is no demand");
        for arguments in [&["--help"][..], &["scan", "--help"]] {
            let help = |value| Keysift::new(Tree::new().path()).args(arguments).env("CLICOLOR_FORCE", value).run().expect(0);
            assert!(help("1").out().contains('\x1b') && !help("0").out().contains('\x1b'));
        }
    }

    #[test]
    fn color_can_be_refused() {
        assert!(!is_colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
        assert!(!is_colored(&[], &[("NO_COLOR", "1")]));
        assert!(!is_colored(&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    }

    #[test]
    fn what_was_typed_wins_over_the_environment() {
        assert!(is_colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    }

    #[test]
    fn only_text_has_color() {
        let tree = one_finding();
        for format in &FORMATS[1..] {
            assert!(!tree.run(&["scan", "--color", "always", "--format", format]).out().contains('\x1b'), "{format}");
        }
        tree.run(&["scan", "--color", "always", "--output", "report.txt"]).expect(1);
        assert!(!holds(&tree.read("report.txt"), b"\x1b"), "a file has no color");
    }
}

mod files {
    use super::*;

    #[test]
    fn a_written_report_is_the_one_of_standard_output() {
        for format in FORMATS {
            let tree = one_finding();
            let outside = Tree::new();
            let path = outside.path().join("report");
            let run = tree.run(&["scan", "--format", format, "--output", path.to_str().expect("it is UTF-8")]).expect(1);
            assert_eq!(run.out(), "");
            assert_eq!(outside.read("report"), tree.run(&["scan", "--format", format]).stdout, "{format}");
            assert_eq!(common::files_below(outside.path()).len(), 1, "nothing else is left there");
        }
    }

    #[test]
    fn an_old_report_is_replaced_even_by_an_empty_one() {
        let tree = clean();
        let outside = Tree::with(&[("report", "old")]);
        tree.run(&["scan", "--output", outside.path().join("report").to_str().expect("it is UTF-8")]).expect(0);
        assert_eq!(outside.read("report"), b"");
    }

    #[test]
    fn a_report_that_cannot_be_written_is_an_error() {
        let tree = one_finding();
        let run = tree.run(&["scan", "--output", "no/such/folder/report"]).expect(3);
        assert!(run.err().contains("cannot write no/such/folder/report"), "{}", run.err());
        assert_eq!(run.out(), "");
    }

    #[test]
    fn a_place_that_takes_no_report_is_refused_before_the_scan() {
        let tree = one_finding();
        for (place, why) in [("src", "it is a folder"), ("gone/report", "there is no folder gone"), ("src/a.env/report", "there is no folder src/a.env")] {
            let run = tree.run(&["scan", "--output", place]).expect(3);
            assert!(run.err().starts_with(&format!("error: cannot write {place}: {why}\n")), "{}", run.err());
            assert!(!run.err().contains("scanned"), "nothing is scanned: {}", run.err());
        }
        assert_eq!(common::files_below(tree.path()).len(), 2);
    }

    #[test]
    fn a_scan_that_fails_leaves_the_old_report() {
        let tree = one_finding();
        tree.write("report", "old");
        tree.run(&["scan", "--output", "report", "no-such-path"]).expect(2);
        assert_eq!(tree.read("report"), b"old");
    }

    /// A file system that is full: the device takes no byte, and a limit on the size of files stops a write in its midst.
    #[cfg(target_os = "linux")]
    mod full {
        use std::process::Command;

        use super::*;

        #[test]
        fn a_write_that_fails_in_its_midst_leaves_the_old_report_and_no_rest() {
            let tree = Tree::new();
            tree.write("many.env", (0..400).map(groq_line).collect::<String>());
            let outside = Tree::with(&[("report", "old")]);
            // `ulimit -f` counts blocks of 512 or 1024 bytes; the signal of the limit is ignored, so that the write fails instead.
            let script = "trap '' XFSZ; ulimit -f 8; exec \"$1\" scan --format json --output \"$2\"";
            let output = Command::new("sh")
                .args(["-c", script, "sh", env!("CARGO_BIN_EXE_keysift"), outside.path().join("report").to_str().expect("it is UTF-8")])
                .current_dir(tree.path())
                .output()
                .expect("there is a shell");
            assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(outside.read("report"), b"old");
            assert_eq!(common::files_below(outside.path()).len(), 1, "the part that was written is removed");
        }

        #[test]
        fn a_full_device_is_an_error() {
            let tree = one_finding();
            let run = tree.run(&["scan", "--output", "/dev/full"]).expect(3);
            assert!(run.err().contains("cannot write /dev/full"), "{}", run.err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_report_is_written_to_what_a_link_points_to() {
        let tree = one_finding();
        let outside = Tree::with(&[("target", "old")]);
        std::os::unix::fs::symlink("target", outside.path().join("link")).expect("links can be made");
        tree.run(&["scan", "--output", outside.path().join("link").to_str().expect("it is UTF-8")]).expect(1);
        assert!(outside.path().join("link").is_symlink());
        assert!(holds(&outside.read("target"), "mistral-api-key"));
    }
}

mod formats {
    use super::*;

    /// Reports of every sort: with findings, suppressed ones and skips, clean, empty, with secrets.
    fn reports(format: &str) -> Vec<Run> {
        let rich = Tree::with(&[
            (".keysift.toml", "[rules]\ndisable = [\"generic-secret\"]\n[[allow]]\nrules = [\"groq\"]\nreason = \"known\"\n"),
            ("a.env", &mistral_line(1)),
            ("b.env", &groq_line(2)),
            ("c.env", &mistral_line(3).replace('\n', " # keysift:allow\n")),
            ("d.yaml", &format!("data:\n  GROQ_API_KEY: {}\n", base64(key("groq-api-key", 4).as_bytes()))),
            ("e.env", &format!("SOME_SERVICE_TOKEN={}\n", mistral(5))),
        ]);
        rich.write("media.gz", [0x1F, 0x8B, 8, 0]);
        let all = ["--show-suppressed", "--show-skipped"];
        let scan = |tree: &Tree, more: &[&str]| tree.run(&[&["scan", "--format", format], more].concat());
        let secrets = [&all[..], &["--show-secrets"]].concat();
        vec![scan(&rich, &[]), scan(&rich, &all), scan(&rich, &secrets), scan(&clean(), &all), scan(&Tree::new(), &all)]
    }

    fn schema() -> Value {
        let text = fs::read_to_string(project().join("docs/report.schema.json")).expect("the schema is part of the project");
        serde_json::from_str(&text).expect("a schema is JSON")
    }

    #[test]
    fn json_reports_have_their_schema() {
        let schema = jsonschema::validator_for(&schema()).expect("the schema is valid");
        for run in reports("json") {
            let report = run.json();
            let errors: Vec<String> = schema.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path)).collect();
            assert!(errors.is_empty(), "{}\n{report:#}", errors.join("\n"));
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_report() {
        let schema = jsonschema::validator_for(&schema()).expect("the schema is valid");
        let report = one_finding().run(&["scan", "--format", "json"]).json();
        assert!(schema.is_valid(&report));
        for pointer in ["/schema", "/coverage/n_blobs", "/findings/0/id", "/findings/0/provider/id", "/exit/code"] {
            let mut wrong = report.clone();
            *wrong.pointer_mut(pointer).expect("reports have it") = json!([]);
            assert!(!schema.is_valid(&wrong), "{pointer}");
        }
        let mut wrong = report;
        wrong["findings"][0]["unheard_of"] = json!(1);
        assert!(!schema.is_valid(&wrong));
    }

    #[test]
    fn json_lines_have_their_schema_and_end_with_a_summary() {
        let mut schema = schema();
        let definitions = schema["$defs"].take();
        let lines = json!({ "$schema": schema["$schema"], "$ref": "#/$defs/line", "$defs": definitions });
        let lines = jsonschema::validator_for(&lines).expect("the schema is valid");
        for run in reports("jsonl") {
            let objects: Vec<Value> = run.out().lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
            for object in &objects {
                let errors: Vec<String> = lines.iter_errors(object).map(|error| format!("{}: {error}", error.instance_path)).collect();
                assert!(errors.is_empty(), "{}\n{object:#}", errors.join("\n"));
            }
            let is_summary: Vec<bool> = objects.iter().map(|object| object["type"] == "summary").collect();
            assert_eq!(is_summary.iter().position(|&is| is), Some(objects.len() - 1));
        }
    }

    #[test]
    fn json_and_json_lines_say_the_same() {
        let tree = one_finding();
        let document = tree.run(&["scan", "--format", "json"]).json();
        let lines = tree.run(&["scan", "--format", "jsonl"]);
        let mut line: Value = serde_json::from_str(lines.out().lines().next().expect("there is a finding")).expect("a line is JSON");
        assert_eq!(line.as_object_mut().and_then(|line| line.remove("type")), Some(json!("finding")));
        assert_eq!(line, document["findings"][0]);
    }

    #[test]
    fn sarif_has_the_documented_members() {
        for run in reports("sarif") {
            let log = run.json();
            assert_eq!((&log["version"], &log["$schema"]), (&json!("2.1.0"), &json!("https://json.schemastore.org/sarif-2.1.0.json")));
            let runs = log["runs"].as_array().expect("a log has runs");
            assert_eq!(runs.len(), 1);
            let run = &runs[0];
            assert_eq!(run["columnKind"], "utf16CodeUnits");
            assert!(text(&run["originalUriBaseIds"]["%SRCROOT%"]["uri"]).starts_with("file:///"));
            let driver = &run["tool"]["driver"];
            assert_eq!((&driver["name"], &driver["version"]), (&json!("keysift"), &json!(env!("CARGO_PKG_VERSION"))));
            let rules = driver["rules"].as_array().expect("the driver has rules");
            for rule in rules {
                text(&rule["shortDescription"]["text"]);
                text(&rule["help"]["markdown"]);
                let score: f64 = text(&rule["properties"]["security-severity"]).parse().expect("it is a number");
                assert!((0.0..=10.0).contains(&score));
                assert!(["very-high", "high", "medium", "low"].contains(&text(&rule["properties"]["precision"])));
                assert!(rule["properties"]["tags"].as_array().is_some_and(|tags| tags.contains(&json!("security"))));
            }
            for result in run["results"].as_array().expect("a run has results") {
                assert_eq!(rules[number(&result["ruleIndex"]) as usize]["id"], result["ruleId"]);
                assert!(["error", "warning", "note"].contains(&text(&result["level"])));
                assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"], "%SRCROOT%");
                assert_eq!(text(&result["partialFingerprints"]["keysiftFingerprint/v1"]).len(), 16);
                assert_eq!(result.pointer("/locations/0/physicalLocation/region/snippet"), None);
                text(&result["properties"]["provider"]);
                text(&result["properties"]["confidence"]);
            }
        }
    }

    #[test]
    fn a_fingerprint_outlives_moved_lines() {
        let id = |content: &str| {
            let report = Tree::with(&[("a.env", content)]).report(&[]);
            text(&findings(&report)[0]["id"]).to_owned()
        };
        assert_eq!(id(&mistral_line(1)), id(&format!("# moved\n\n{}", mistral_line(1))));
        assert_ne!(id(&mistral_line(1)), id(&mistral_line(2)));
    }

    #[test]
    fn the_least_confidence_can_be_chosen() {
        let tree = Tree::with(&[("a.env", &mistral_line(1)), ("b.env", &format!("SOME_SERVICE_TOKEN={}\n", mistral(2)))]);
        let confidences = |level: &str| {
            let report = tree.report(&["--min-confidence", level]);
            findings(&report).iter().map(|finding| text(&finding["confidence"]).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(confidences("low").len(), 2);
        assert_eq!(confidences("high"), ["high"]);
        assert!(!confidences("medium").contains(&"low".to_owned()));
    }

    #[test]
    fn what_the_least_confidence_leaves_out_is_counted() {
        let tree = Tree::with(&[("b.env", &format!("SOME_SERVICE_TOKEN={}\n", mistral(2)))]);
        let run = tree.run(&["scan", "--min-confidence", "high"]).expect(0);
        assert!(run.err().contains("no findings; 1 not shown, of less than high confidence (--min-confidence)"), "{}", run.err());
        let coverage = |arguments: &[&str]| tree.report(arguments)["coverage"].clone();
        let counted = |coverage: Value| (coverage["n_below_confidence"].clone(), coverage["min_confidence"].clone());
        assert_eq!(counted(coverage(&["--min-confidence", "high"])), (json!(1), json!("high")));
        assert_eq!(counted(coverage(&[])), (json!(0), json!("low")));
        let log = tree.run(&["scan", "--min-confidence", "high", "--format", "sarif"]).expect(0).json();
        let properties = &log["runs"][0]["invocations"][0]["properties"];
        assert_eq!((&properties["minConfidence"], &properties["belowMinConfidence"]), (&json!("high"), &json!(1)));
        tree.write(".keysift.toml", "[[allow]]\nrules = [\"generic\"]\n");
        let run = tree.run(&["scan", "--min-confidence", "high"]).expect(0);
        assert!(run.err().contains("1 suppressed") && !run.err().contains("matched no finding"), "the entry is needed: {}", run.err());
    }
}

mod commands {
    use super::*;

    #[test]
    fn help_says_how_to_install_completions() {
        let help = clean().run(&["completions", "--help"]).expect(0);
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            assert!(help.out().contains(&format!("keysift completions {shell} >")), "{shell}: {}", help.out());
        }
    }

    #[test]
    fn every_shell_has_completions() {
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let run = clean().run(&["completions", shell]).expect(0);
            assert!(run.out().contains("keysift") && run.out().contains("min-confidence"), "{shell}");
            assert_eq!(run.err(), "");
        }
    }

    #[test]
    fn all_rules_are_listed() {
        let run = clean().run(&["rules", "list"]).expect(0);
        let built_in = keysift::rule::RuleSet::built_in().rules;
        assert_eq!(run.out().lines().count(), built_in.len());
        for (rule, line) in built_in.iter().zip(run.out().lines()) {
            let columns: Vec<&str> = line.split_whitespace().take(3).collect();
            assert_eq!(columns, [rule.id, rule.provider.id, rule.severity.text()]);
        }
        let json = clean().run(&["rules", "list", "--json"]).expect(0);
        let ids: Vec<String> = json.out().lines().map(|line| text(&serde_json::from_str::<Value>(line).expect("a line is JSON")["id"]).to_owned()).collect();
        assert_eq!(ids, built_in.iter().map(|rule| rule.id).collect::<Vec<_>>());
    }

    #[test]
    fn a_rule_and_a_provider_can_be_shown() {
        for id in ["mistral-api-key", "mistral"] {
            let run = clean().run(&["rules", "show", id]).expect(0);
            for part in ["Mistral AI (mistral)", "https://console.mistral.ai/api-keys", "mistral-api-key: ", "api.mistral.ai", "[A-Za-z0-9]{32}"] {
                assert!(run.out().contains(part), "{part}: {}", run.out());
            }
        }
        let run = clean().run(&["rules", "show", "mistrl"]).expect(2);
        assert!(run.err().contains("did you mean `mistral`?"), "{}", run.err());
        let run = clean().run(&["rules", "show", "quux"]).expect(2);
        assert!(!run.err().contains("did you mean"), "nothing is near: {}", run.err());
    }

    #[test]
    fn rules_of_a_configuration_are_shown() {
        let rules = "[provider]\nid = \"acme\"\nname = \"Acme AI\"\ndocs = \"https://acme.example\"\nrevoke = \"https://acme.example\"\n\
            [[rule]]\nid = \"acme-api-key\"\nname = \"Acme key\"\nseverity = \"low\"\nshape = 'acme_[a-z0-9]{32}'\n";
        let tree = Tree::with(&[("own.toml", rules), ("c.toml", "[rules]\nfiles = [\"own.toml\"]\n")]);
        assert!(tree.run(&["rules", "list", "--config", "c.toml"]).expect(0).out().contains("acme-api-key"));
        assert!(tree.run(&["rules", "show", "acme", "--config", "c.toml"]).expect(0).out().contains("Acme AI (acme)"));
        tree.run(&["rules", "show", "acme"]).expect(2);
        tree.run(&["rules", "list", "--config", "gone.toml"]).expect(2);
    }

    fn explained(content: &str, place: &str) -> String {
        Tree::with(&[("a.py", content)]).run(&["explain", place]).expect(0).out().to_owned()
    }

    #[test]
    fn a_reported_line_is_explained() {
        let out = explained(&format!("import os\nmistral_key = \"{}\"\n", mistral(1)), "a.py:2");
        assert!(out.starts_with("a.py:2:16: "), "{out}");
        assert!(out.contains("reported as mistral-api-key (Mistral AI), confidence high"), "{out}");
        assert!(out.contains("mistral_key"), "the evidence names the variable: {out}");
    }

    #[test]
    fn a_suppressed_line_is_explained() {
        let out = explained(&format!("mistral_key = \"{}\"  # keysift:allow reason=\"revoked\"\n", mistral(1)), "a.py:1");
        assert!(out.contains("suppressed by keysift:allow: revoked"), "{out}");
    }

    #[test]
    fn a_quiet_line_is_explained() {
        let digest = keysift::rule::draw::Draws::new(1).text(32, keysift::rule::draw::HEX);
        let out = explained(&format!("mistral_etag = \"{digest}\"\n"), "a.py:1");
        assert!(out.contains("not reported: "), "{out}");
        assert!(explained("x = 1\n", "a.py:1").contains("nothing to judge"));
    }

    #[test]
    fn a_line_beyond_the_end_is_wrong_usage() {
        for (content, n_lines) in [("x = 1\n", "1 line"), ("x = 1\n\ny", "3 lines"), ("", "0 lines")] {
            let run = Tree::with(&[("a.py", content)]).run(&["explain", "a.py:99"]).expect(2);
            assert_eq!(run.err(), format!("error: there is no line 99: the file has {n_lines}\n"));
        }
    }

    #[test]
    fn a_column_without_a_token_names_those_with_one() {
        let content = format!("MISTRAL_API_KEY={}\nx = 1\n", mistral(1));
        let out = explained(&content, "a.py:1:3");
        assert!(out.contains("a.py:1: nothing at column 3; line 1 has a token at column 17"), "{out}");
        assert!(explained(&content, "a.py:2:3").contains("nothing to judge"));
    }

    #[test]
    fn a_layer_is_explained() {
        let content = format!("MISTRAL_API_KEY: {}\n", base64(mistral(1).as_bytes()));
        assert!(explained(&content, "a.py:1").contains("layer: written in base64; the secret above is decoded"));
    }

    #[test]
    fn points_are_explained_as_they_were_counted() {
        let content = format!("from mistralai import Mistral\nclient = Mistral(api_key=\"{}\")  # api.mistral.ai\n", mistral(1));
        let out = explained(&content, "a.py:2");
        let points = |row: &str| row.split_whitespace().next().and_then(|word| word.parse::<i32>().ok());
        let rows: Vec<&str> = out.lines().skip_while(|row| !row.contains("considered Mistral AI")).skip(1).collect();
        let sum_at = rows.iter().position(|row| row.contains("points in all")).expect("there is a sum");
        assert_eq!(rows[..sum_at].iter().filter_map(|row| points(row)).sum::<i32>(), points(rows[sum_at]).expect("a number"), "{out}");
        assert!(rows[sum_at].contains("enough for high confidence, which needs 105"), "{out}");
        assert!(out.contains("(half of ") && out.contains("(a quarter of "), "{out}");
        let out = explained(&format!("x = \"{}\"  # mistral\n", mistral(1)), "a.py:1");
        assert!(out.contains("points in all, too few: 62 are needed"), "{out}");
    }

    #[test]
    fn explanations_and_rules_fit_the_terminal() {
        let tree = Tree::with(&[("a.py", &format!("mistral_key = \"{}\"  # keysift:allow=openai\n", mistral(1)))]);
        for arguments in [&["explain", "a.py:1"][..], &["rules", "show", "mistral"]] {
            for (columns, least) in [("60", 60), ("1", 40)] {
                let run = Keysift::new(tree.path()).args(arguments).env("COLUMNS", columns).run().expect(0);
                for row in run.out().lines() {
                    // Only words that are longer than the row.
                    assert!(row.chars().count() <= least || row.split_whitespace().count() <= 3, "{arguments:?} {columns}: {row}");
                }
            }
        }
    }

    #[test]
    fn one_column_of_a_line_can_be_explained() {
        let content = format!("a, b = Mistral('{}'), Mistral('{}')\n", mistral(1), mistral(2));
        assert_eq!(explained(&content, "a.py:1").matches("reported as").count(), 2);
        assert_eq!(explained(&content, "a.py:1:20").matches("reported as").count(), 1);
    }

    #[test]
    fn an_explanation_follows_the_configuration() {
        let tree = Tree::with(&[(".keysift.toml", "[[allow]]\nrules = [\"mistral\"]\nreason = \"known\"\n"), ("a.env", &mistral_line(1))]);
        let run = tree.run(&["explain", "a.env:1"]).expect(0);
        assert!(run.out().contains("suppressed by .keysift.toml: allow entry 1: known"), "{}", run.out());
    }

    #[test]
    fn a_finding_can_be_explained_at_the_place_that_its_report_names() {
        let tree = Tree::with(&[("sub/deep/a.env", &mistral_line(1)), (".keysift.toml", "[[allow]]\npaths = [\"/sub/deep/\"]\n")]);
        tree.make_folder(".git");
        // The same file by its path from the top and from its own folder: the entry speaks of the path in reports.
        for (folder, place) in [("", "sub/deep/a.env:1"), ("sub", "deep/a.env:1"), ("sub/deep", "a.env:1"), ("sub", "sub/deep/a.env:1")] {
            let run = Keysift::new(&tree.path().join(folder)).args(&["explain", place]).run().expect(0);
            assert!(run.out().contains("suppressed by"), "{folder}: {}", run.out());
        }
    }

    #[test]
    fn a_place_that_is_none_is_wrong_usage() {
        let tree = one_finding();
        for place in ["src/a.env", "src/a.env:0", "src/gone.env:1", "src:1"] {
            let run = tree.run(&["explain", place]);
            assert!(matches!(run.code, 2 | 3), "{place}: {} {}", run.code, run.err());
            assert!(run.err().starts_with("error: "), "{place}: {}", run.err());
        }
    }
}

#[test]
fn a_format_that_never_shows_secrets_says_so() {
    let tree = Tree::with(&[("a.env", &mistral_line(1))]);
    let masked = tree.run(&["scan", "a.env", "--show-secrets", "-f", "csv", "--report", "html=r.html"]).expect(1);
    assert!(!holds(&masked.stdout, mistral(1)), "{}", masked.out());
    assert!(masked.err().contains("note: csv and html reports are made to be passed on and never show secrets; text, "), "{}", masked.err());
    for arguments in [&["scan", "a.env", "--show-secrets"][..], &["scan", "a.env", "-f", "csv"], &["scan", "a.env", "--show-secrets", "-f", "csv", "-q"]] {
        assert!(!tree.run(arguments).expect(1).err().contains("never show"), "{arguments:?}");
    }
}
