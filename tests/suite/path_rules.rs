//! Rules that look at paths alone: what they find is the file, without a secret and without a line of it, in every format.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, findings, holds, only, text};
use serde_json::Value;

const FORMATS: [&str; 12] = ["text", "short", "json", "jsonl", "sarif", "gitlab", "github", "markdown", "junit", "csv", "html", "gitleaks"];
const THEIRS: &str = "[[rules]]\nid = 'pkcs12-file'\ndescription = 'Found a PKCS #12 file'\npath = '''(?i)(?:^|\\/)[^\\/]+\\.p(?:12|fx)$'''\n";
const OURS: &str = "[[rule]]\nid = 'keystore'\nname = 'a keystore'\nseverity = 'high'\npath = '\\.(?:p12|jks)$'\n";
/// What stands in the file is nobody's to read.
const CONTENT: &str = "what-is-in-the-file and more\nof it\n";

fn rules_and_paths(report: &Value) -> Vec<(String, String)> {
    findings(report).iter().map(|finding| (text(&finding["rule"]).to_owned(), text(&finding["path"]).to_owned())).collect()
}

#[test]
fn a_file_is_found_by_its_path_and_nothing_of_it_is_shown() {
    let tree = Tree::with(&[("conf/store.p12", CONTENT), ("conf/store.txt", CONTENT), ("g.toml", THEIRS)]);
    for format in FORMATS {
        let run = tree.run(&["scan", "-c", "g.toml", "-f", format, "conf"]).expect(1);
        assert!(holds(&run.stdout, "store.p12") && !holds(&run.stdout, "store.txt"), "{format}: {}", run.out());
        assert!(!holds(&run.stdout, "what-is-in-the-file"), "{format}: {}", run.out());
        assert_eq!(run.err().matches("warning").count(), 0, "{}", run.err());
    }
    let report = tree.run(&["scan", "-c", "g.toml", "-f", "json", "conf"]).expect(1).json();
    let finding = only(&report);
    assert_eq!((text(&finding["secret"]), text(&finding["line_text"]), &finding["line"]), ("", "", &Value::from(1)));
    let leaks = tree.run(&["dir", "conf", "-c", "g.toml", "-f", "gitleaks"]).expect(1).json();
    assert_eq!((text(&leaks[0]["Match"]), leaks[0]["StartLine"].as_u64()), ("file detected: conf/store.p12", Some(0)));
    assert_eq!(text(&leaks[0]["Fingerprint"]), "conf/store.p12:pkcs12-file:0");
    let shown = tree.run(&["scan", "-c", "g.toml", "conf"]).expect(1);
    assert!(shown.out().contains("the file itself") && shown.out().contains("its path is what the rule describes"), "{}", shown.out());
}

#[test]
fn binary_files_and_commits_are_found_too() {
    let repo = TestRepo::new();
    repo.write("g.toml", THEIRS);
    repo.write("a.txt", "nothing\n");
    repo.commit("start");
    repo.write("keys/id.pfx", [&[0x30, 0x82, 0, 1][..], &[0; 600]].concat());
    repo.commit("a file");
    let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(&[arguments, &["-c", "g.toml", "-f", "json"]].concat()).run().expect(1).json();
    let expected = [("pkcs12-file".to_owned(), "keys/id.pfx".to_owned())];
    assert_eq!(rules_and_paths(&run(&["scan", "."])), expected);
    assert_eq!(rules_and_paths(&run(&["history"])), expected);
    assert_eq!(rules_and_paths(&run(&["range", "HEAD~1..HEAD"])), expected);
}

#[test]
fn whatever_is_new_at_a_path_is_found_whether_or_not_a_line_is() {
    let lines: String = (0..40).map(|i| format!("line {i} of what was kept elsewhere\n")).collect();
    let repo = TestRepo::new();
    repo.write("g.toml", THEIRS);
    for name in ["moved.txt", "edited.txt", "copied.txt"] {
        repo.write(name, format!("{name}\n{lines}"));
    }
    repo.write("old.p12", &lines);
    let start = repo.commit("start");
    let run = |arguments: &[&str], code: i32| Keysift::new(&repo.path()).args(&[arguments, &["-c", "g.toml", "-f", "json"]].concat()).run().expect(code).json();
    repo.git(&["mv", "moved.txt", "moved.p12"]);
    repo.git(&["mv", "edited.txt", "edited.p12"]);
    repo.write("edited.p12", format!("edited.txt\n{lines}and one more\n"));
    repo.write("copied.p12", format!("copied.txt\n{lines}"));
    // No line of it that a finding at the beginning could stand on is new.
    repo.write("old.p12", format!("{lines}and one more\n"));
    repo.git(&["add", "-A"]);
    assert!(repo.staged().iter().filter(|change| change.status == 'R').count() == 2, "git sees renames");
    let expected = ["copied.p12", "edited.p12", "moved.p12"].map(|path| ("pkcs12-file".to_owned(), path.to_owned()));
    assert_eq!(rules_and_paths(&run(&["staged"], 1)), expected);
    repo.commit("renamed");
    let report = run(&["range", &format!("{start}..HEAD")], 1);
    assert_eq!(rules_and_paths(&report), expected);
    assert!(findings(&report).iter().all(|finding| finding["secret"] == "" && finding["line_text"] == ""), "{report}");
    // Away from such a path nothing is found of it.
    repo.git(&["mv", "moved.p12", "moved.txt"]);
    assert_eq!(rules_and_paths(&run(&["staged"], 0)), []);
    repo.commit("back");
    assert_eq!(rules_and_paths(&run(&["range", "HEAD~1..HEAD"], 0)), []);
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_is_no_file_in_any_scan() {
    let repo = TestRepo::new();
    repo.write("g.toml", THEIRS);
    repo.write("a.txt", "nothing\n");
    repo.commit("start");
    std::os::unix::fs::symlink("a.txt", repo.path().join("link.p12")).expect("links can be made");
    repo.git(&["add", "-A"]);
    let run = |arguments: &[&str], code: i32| {
        let report = Keysift::new(&repo.path()).args(&[arguments, &["-c", "g.toml", "-f", "json"]].concat()).run().expect(code).json();
        rules_and_paths(&report)
    };
    assert_eq!(run(&["staged"], 0), []);
    repo.commit("a link");
    assert_eq!(run(&["scan", "."], 0), []);
    assert_eq!(run(&["range", "HEAD~1..HEAD"], 0), []);
    assert_eq!(run(&["history"], 0), []);
    // The same bytes in a file are found, although the link came first.
    repo.write("z.p12", "a.txt");
    repo.git(&["add", "-A"]);
    let expected = [("pkcs12-file".to_owned(), "z.p12".to_owned())];
    assert_eq!(run(&["staged"], 1), expected);
    repo.commit("a file");
    assert_eq!(run(&["history"], 1), expected);
    // A file in the place of the link is new.
    std::fs::remove_file(repo.path().join("link.p12")).expect("it is there");
    repo.write("link.p12", "now a file\n");
    repo.git(&["add", "-A"]);
    assert_eq!(run(&["staged"], 1), [("pkcs12-file".to_owned(), "link.p12".to_owned())]);
}

#[test]
fn a_file_that_was_renamed_away_is_at_the_tip_no_longer() {
    let repo = TestRepo::new();
    repo.write("g.toml", THEIRS);
    repo.write("a.txt", "nothing\n");
    repo.commit("start");
    repo.write("first.p12", "one\n");
    repo.commit("a file");
    repo.git(&["mv", "first.p12", "first.txt"]);
    repo.commit("it is called otherwise");
    for scan in [&["range", "HEAD~2..HEAD"][..], &["history"]] {
        let report = Keysift::new(&repo.path()).args(&[scan, &["-c", "g.toml", "-f", "json"]].concat()).run().expect(1).json();
        let finding = only(&report);
        assert_eq!((text(&finding["path"]), finding["at_tip"].as_bool()), ("first.p12", Some(false)), "{finding}");
    }
}

#[test]
fn our_own_rules_can_do_so_and_baselines_take_them() {
    let tree = Tree::with(&[("s/a.jks", CONTENT), ("own/rules.toml", OURS)]);
    let scan = |more: &[&str]| tree.run(&[&["scan", "s", "--rules", "own", "-f", "json"], more].concat()).json();
    assert_eq!(rules_and_paths(&scan(&[])), [("keystore".to_owned(), "s/a.jks".to_owned())]);
    tree.run(&["baseline", "create", "s", "--rules", "own", "--baseline", "b"]).expect(0);
    assert!(String::from_utf8_lossy(&tree.read("b")).contains("keystore"));
    assert_eq!(rules_and_paths(&scan(&["--baseline", "b"])), []);
    tree.write("s/b.jks", CONTENT);
    tree.run(&["baseline", "update", "s", "--baseline", "b"]).expect(0);
    assert_eq!(rules_and_paths(&scan(&["--baseline", "b"])).len(), 1, "without the rules nothing is found to be accepted");
    tree.run(&["baseline", "update", "s", "--rules", "own", "--baseline", "b"]).expect(0);
    assert_eq!(rules_and_paths(&scan(&["--baseline", "b"])), []);
}

#[test]
fn what_does_not_go_with_a_path_alone_is_refused() {
    let tree = Tree::with(&[("c.toml", &format!("{OURS}entropy = 3.0\n")), ("a.txt", "a\n")]);
    let run = tree.run(&["scan", "-c", "c.toml", "a.txt"]).expect(2);
    assert!(run.err().contains("finds files"), "{}", run.err());
}

#[test]
fn its_import_means_the_same() {
    let tree = Tree::with(&[("s/store.p12", CONTENT), ("g.toml", THEIRS)]);
    tree.run(&["import", "gitleaks", "g.toml", "-o", "k.toml"]).expect(0);
    let report = tree.run(&["scan", "-c", "k.toml", "-f", "json", "s"]).expect(1).json();
    assert_eq!(rules_and_paths(&report), [("pkcs12-file".to_owned(), "s/store.p12".to_owned())]);
}

#[test]
fn beside_the_catalogue_it_is_carried_over_as_well() {
    let tree = Tree::with(&[("s/store.p12", CONTENT), ("g.toml", &format!("[extend]\nuseDefault = true\n{THEIRS}"))]);
    let run = tree.run(&["import", "gitleaks", "g.toml", "-o", "k.toml"]).expect(0);
    assert_eq!(run.err(), "");
    let made = String::from_utf8(tree.read("k.toml")).expect("it is text");
    assert!(!made.contains("Not carried over") && made.contains("id = \"pkcs12-file\""), "{made}");
    for config in ["g.toml", "k.toml"] {
        let run = tree.run(&["dir", "s", "-c", config]).expect(1);
        assert!(run.out().contains("store.p12") && !run.err().contains("warning") && !run.err().contains("note"), "{}", run.err());
    }
}
