//! What a user of gitleaks types: reports by their names, and options of `git log` that leave out, choose or only show.

mod common;

use common::repo::TestRepo;
use common::{Keysift, Tree, findings, groq_line, text};

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
