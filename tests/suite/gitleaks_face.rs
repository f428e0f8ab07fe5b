//! What a user of gitleaks types: reports by their names, its flags, and options of `git log` that leave out, choose or only show.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, findings, groq_line, key, mistral_line, rules_of, text};

#[test]
fn the_name_of_a_report_says_its_format() {
    let tree = Tree::new();
    tree.write("key.env", groq_line(1));
    let written = |arguments: &[&str], name: &str| {
        let run = Keysift::new(tree.path()).args(&[&["dir", "key.env", "-r", name], arguments].concat()).run().expect(1);
        assert_eq!(run.out(), "", "the report is in the file");
        std::fs::read_to_string(tree.path().join(name)).expect("it is written")
    };
    assert!(written(&[], "x.json").contains("\"keysift-report/1\""));
    assert!(written(&[], "x.SARIF").contains("\"2.1.0\""));
    assert!(written(&[], "x.csv").lines().count() == 2);
    assert!(written(&["-f", "junit"], "y.json").contains("<testsuites"), "what is said counts");
    for name in ["x.txt", "x", "x.xml"] {
        assert!(written(&[], name).contains("severity high"), "{name}");
    }
    tree.write("gone.csv", "");
    let run = Keysift::new(tree.path()).args(&["git", "-r", "no/folder.json"]).run();
    assert!(run.code == 2 || run.code == 3, "{}", run.code);
}

#[test]
fn what_is_left_out_is_left_out() {
    let repo = TestRepo::new();
    for (branch, i) in [("main", 1), ("main", 2), ("side", 3), ("main", 4), ("third", 5)] {
        repo.try_git("work", &["switch", "-q", "-c", branch], &[], b"");
        repo.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]);
        repo.git(&["reset", "-q", "--hard"]);
        repo.write(&format!("{i}.env"), groq_line(i));
        repo.commit("a leak");
    }
    // main: 1 2 4, side: 1 2 3, third: 1 2 4 5
    let found = |options: &str| {
        let report = Keysift::new(&repo.path()).args(&["git", "-f", "json", "--log-opts", options]).run().expect(1).json();
        let mut paths: Vec<_> = findings(&report).iter().map(|finding| text(&finding["path"])[..1].to_owned()).collect();
        paths.sort();
        paths.concat()
    };
    for (options, paths) in [
        ("^side main", "4"),
        ("main ^side", "4"),
        ("main --not side", "4"),
        ("--not side --not main", "4"),
        ("--branches --not side", "45"),
        ("--all ^main", "35"),
        ("main..side main..third", "35"),
        ("--oneline --pretty=format:%h -p -U0 --stat side..main", "4"),
        ("--graph --decorate --name-status -w --word-diff=color -M90% main", "124"),
        ("--no-patch --date=iso-strict -1 main", "4"),
    ] {
        assert_eq!(found(options), paths, "{options}");
        let shown = repo.git(
            &[
                &["log", "--format=%H"],
                &options.split(' ').filter(|word| !word.starts_with("--pretty") && *word != "-p" && *word != "--graph").collect::<Vec<_>>()[..],
            ]
            .concat(),
        );
        assert!(!shown.is_empty(), "git takes them, too: {options}");
    }
    for options in ["--merges", "--grep=x main", "-S key", "--left-only main...side", "--cherry-pick main...side", "--stdin", "--no-walk main", "--relative=x"]
    {
        let run = Keysift::new(&repo.path()).args(&["git", "--log-opts", options]).run().expect(2);
        assert!(run.err().contains("is not understood"), "{options}: {}", run.err());
    }
    let run = Keysift::new(&repo.path()).args(&["git", "--log-opts", "side..main -5"]).run().expect(2);
    assert!(run.err().contains("cannot be combined"), "{}", run.err());
}

/// What lies in the folder `s`: two keys, one of them with a comment of gitleaks beside it.
fn two_keys() -> Tree {
    Tree::with(&[("s/a.env", &groq_line(1)), ("s/b.env", &format!("{} # gitleaks:allow\n", mistral_line(1).trim_end()))])
}

/// The rules of the findings in `s`, and how many are suppressed.
fn found(tree: &Tree, arguments: &[&str]) -> (String, u64) {
    let report = tree.run(&[&["dir", "s", "-f", "json"], arguments].concat()).json();
    (rules_of(&report).join(" "), report["n_suppressed"].as_u64().expect("it is a number"))
}

#[test]
fn flags_that_change_nothing_are_taken() {
    let tree = two_keys();
    let usual = ("groq-api-key".to_owned(), 1);
    for arguments in [
        &[][..],
        &["-l", "debug"],
        &["--log-level=INFO"],
        &["--timeout", "0"],
        &["--max-archive-depth", "0"],
        &["--max-target-megabytes", "0"],
        &["--max-target-megabytes", "1"],
        &["-i", "."],
        &["--verbose", "--no-banner", "--no-color", "--max-decode-depth", "3"],
    ] {
        assert_eq!(found(&tree, arguments), usual, "{arguments:?}");
    }
    assert!(tree.run(&["dir", "s", "--max-target-megabytes", "1"]).expect(1).err().contains("files of any size"));
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("a leak");
    Keysift::new(&repo.path()).args(&["git", "--platform", "github"]).run().expect(1);
    Keysift::new(&repo.path()).args(&["git", "--platform", "nowhere"]).run().expect(2);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_next_step() {
    let tree = two_keys();
    for (arguments, said) in [
        (&["--timeout", "60"][..], ["no time limit", "`timeout 60 keysift"]),
        (&["--max-archive-depth", "2"], ["opens no archives", "unpack"]),
        (&["--report-template", "t.tmpl"], ["no templates", "-f json"]),
        (&["-f", "template"], ["no templates", "-f json"]),
        (&["--diagnostics", "cpu"], ["no profiles", "perf"]),
        (&["--diagnostics-dir", "d"], ["no profiles", "perf"]),
        (&["-l", "loud"], ["loud", "fatal"]),
    ] {
        let run = tree.run(&[&["dir", "s"], arguments].concat()).expect(2);
        assert_eq!(run.out(), "", "{arguments:?}");
        said.iter().for_each(|said| assert!(run.err().contains(said), "{arguments:?}: {}", run.err()));
    }
}

#[test]
fn the_log_level_says_how_much_is_said() {
    let tree = two_keys();
    for (level, is_quiet) in [("info", false), ("warn", true), ("error", true), ("fatal", true)] {
        let run = tree.run(&["dir", "s", "-l", level, "--max-target-megabytes", "1", "--max-decode-depth", "3"]).expect(1);
        assert_eq!(run.err().is_empty(), is_quiet, "{level}: {}", run.err());
        assert!(run.out().contains("groq-api-key"), "{level}: {}", run.out());
    }
    let run = Tree::new().run(&["dir", ".", "-l", "fatal"]).expect(3);
    assert!(run.err().contains("nothing was scanned"), "that is never left out: {}", run.err());
}

#[test]
fn only_the_rules_that_are_named_are_looked_for() {
    let tree = two_keys();
    tree.write("s/c.txt", format!("x = \"{}\"\n", key("github-personal-token", 1)));
    let named = |arguments: &[&str]| found(&tree, arguments).0;
    assert_eq!(named(&[]), "groq-api-key github-personal-token");
    assert_eq!(named(&["--enable-rule", "groq-api-key"]), "groq-api-key");
    assert_eq!(named(&["--enable-rule", "github-pat"]), "github-personal-token", "as gitleaks calls it");
    assert_eq!(named(&["--enable-rule", "github-pat,groq-api-key"]), "groq-api-key github-personal-token");
    assert_eq!(named(&["--enable-rule", "github-pat", "--enable-rule", "openai-api-key"]), "github-personal-token");
    let run = tree.run(&["dir", "s", "--enable-rule", "groq-api-kez"]).expect(2);
    assert!(run.err().contains("no rule is called `groq-api-kez` (did you mean `groq-api-key`?)"), "{}", run.err());
    let report = tree.run(&["dir", "s", "-f", "json", "--enable-rule", "groq-api-key"]).expect(1).json();
    assert_eq!(report["rules"]["n_rules"], 1);
    let disabled = report["rules"]["disabled"].as_array().expect("it is a list");
    assert!(disabled.iter().any(|id| id == "github-personal-token") && !disabled.iter().any(|id| id == "groq-api-key"));
    let run = tree.run(&["dir", "s", "--enable-rule", "groq-api-key"]).expect(1);
    assert!(run.err().contains("for 1 rule") && run.err().contains(" rules, named in the JSON report"), "{}", run.err());
}

#[test]
fn what_a_named_rule_requires_is_looked_for_too() {
    let config = "[[rules]]\nid = 'main'\nregex = 'main=(\\w+)'\n[[rules.required]]\nid = 'user'\n\
                  [[rules]]\nid = 'user'\nregex = 'user=\\w+'\nskipReport = true\n[[rules]]\nid = 'other'\nregex = 'other=(\\w+)'\n";
    let tree = Tree::with(&[("g.toml", config), ("s/a.txt", "user=bob\nmain=abcdefgh\nother=abcdefgh\n")]);
    assert_eq!(found(&tree, &["-c", "g.toml"]).0, "main other");
    assert_eq!(found(&tree, &["-c", "g.toml", "--enable-rule", "main"]).0, "main");
    tree.run(&["dir", "s", "-c", "g.toml", "--enable-rule", "groq-api-key"]).expect(2);
}

#[test]
fn comments_of_gitleaks_can_be_passed_over() {
    let tree = two_keys();
    tree.write("s/c.env", format!("{} # keysift:allow\n", groq_line(3).trim_end()));
    assert_eq!(found(&tree, &[]), ("groq-api-key".to_owned(), 2));
    assert_eq!(found(&tree, &["--ignore-gitleaks-allow"]), ("groq-api-key mistral-api-key".to_owned(), 1));
}

#[test]
fn its_file_of_fingerprints_may_lie_elsewhere() {
    let tree = two_keys();
    tree.write("etc/.gitleaksignore", "s/a.env:groq-api-key:1\n");
    let none = (String::new(), 2);
    for path in ["etc", "etc/.gitleaksignore"] {
        assert_eq!(found(&tree, &["-i", path]), none, "{path}");
    }
    assert_eq!(found(&tree, &["--gitleaks-ignore-path", "s"]).1, 1, "a folder need not have one");
    assert!(tree.run(&["dir", "s", "-i", "gone"]).expect(2).err().contains("gone"));
    tree.write("b.json", "[]");
    assert!(tree.run(&["dir", "s", "-i", "etc", "-b", "b.json"]).expect(2).err().contains("only one file can"));
    assert_eq!(found(&tree, &["-i", "s", "-b", "b.json"]).1, 1);
    tree.write("s/.gitleaksignore", "s/a.env:groq-api-key:1\n");
    assert_eq!(found(&tree, &[]), none);
}

#[test]
fn a_file_of_fingerprints_may_be_empty_and_a_wrong_line_ends_nothing() {
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("a leak");
    let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(&[arguments, &["--log-level", "error"]].concat()).input(groq_line(1)).run();
    for content in ["", "\n \n\t\r\n", "# a comment\n"] {
        repo.write(".gitleaksignore", content);
        for verb in [&["git"][..], &["dir", "."], &["stdin"]] {
            let run = run(verb).expect(1);
            assert!(!run.err().contains("warning"), "{content:?} {verb:?}: {}", run.err());
        }
    }
    repo.write(".gitleaksignore", format!("nonsense\n{}a.env:groq-api-key:1\n", "more\n".repeat(9)));
    let warned = run(&["dir", "."]).expect(0);
    for part in [".gitleaksignore:1: this line is no fingerprint", ".gitleaksignore:5:", "5 more lines", "`file:rule:line`"] {
        assert!(warned.err().contains(part), "{part}: {}", warned.err());
    }
    // A path may begin as JSON does.
    repo.write(".gitleaksignore", "[id]/page.ts:groq-api-key:1\na.env:groq-api-key:1\n");
    assert!(!run(&["dir", "."]).expect(0).err().contains("warning"));
    // By another name the same text is nothing that is known.
    repo.write("accepted", "nonsense\n");
    assert!(run(&["dir", ".", "-b", "accepted"]).expect(2).err().contains("accepted:1:1"));
    repo.write("accepted", "");
    run(&["dir", ".", "-b", "accepted"]).expect(2);
}

#[test]
fn a_masked_report_of_ours_is_no_baseline() {
    let tree = two_keys();
    let report = |redact: &str| tree.run(&["dir", "s", "-f", "gitleaks", "-r", "r.json", redact]).expect(1);
    report("--redact");
    let refused = tree.run(&["dir", "s", "-b", "r.json"]).expect(2);
    assert!(refused.err().contains("is redacted") && refused.err().contains("--redact=0"), "{}", refused.err());
    report("--redact=0");
    assert_eq!(found(&tree, &["-b", "r.json"]).0, "");
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_where_that_is_asked_for() {
    use std::os::unix::fs::symlink;
    let tree = Tree::with(&[("s/deep/a.env", &groq_line(1)), ("outside.env", &groq_line(2))]);
    for (target, link) in [
        ("deep/a.env", "inside"),
        ("../outside.env", "outside"),
        ("deep", "folder"),
        ("nowhere", "dangling"),
        ("loop", "loop"),
        ("/dev/null", "null"),
        ("/proc/self/environ", "environ"),
    ] {
        symlink(target, tree.path().join("s").join(link)).expect("links can be made");
    }
    let seen = |arguments: &[&str]| {
        let report = tree.run(&[&["dir", "s", "-f", "json"], arguments].concat()).expect(1).json();
        let paths: Vec<String> = findings(&report).iter().map(|finding| text(&finding["path"]).to_owned()).collect();
        (paths.join(" "), report["coverage"]["n_skipped"]["symlink"].as_u64())
    };
    assert_eq!(seen(&[]), ("s/deep/a.env".to_owned(), Some(7)));
    assert_eq!(seen(&["--follow-symlinks"]), ("s/deep/a.env s/inside s/outside".to_owned(), Some(5)));
}
