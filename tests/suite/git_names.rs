//! Keys in names: of files, folders, branches and tags, and in the lines of commits and tags that name people.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Run, findings, groq_line, mistral, text};

/// A key that identifies itself.
fn key(seed: u64) -> String {
    groq_line(seed).trim().rsplit('=').next().expect("a name and a value").to_owned()
}

fn run(repo: &TestRepo, arguments: &[&str]) -> Run {
    Keysift::new(&repo.path()).args(&[arguments, &["--format", "json", "--quiet"]].concat()).run()
}

/// Where the findings are, and in which commits.
fn places(run: &Run) -> Vec<(String, String)> {
    let report = run.json();
    let of = |finding: &serde_json::Value| (text(&finding["path"]).to_owned(), finding["commit"]["id"].as_str().unwrap_or_default().to_owned());
    findings(&report).iter().map(of).collect()
}

#[test]
fn names_of_files_and_folders_are_found_in_history_with_their_commits() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("clean");
    let (file, folder) = (format!("deep/er/{}.txt", key(1)), format!("{}/inner/file", key(2)));
    // The content is that of a file that has another name, too.
    repo.write(&file, "one\n");
    let first = repo.commit("a file");
    repo.write(&folder, "two\n");
    let second = repo.commit("a folder");
    repo.git(&["rm", "-rq", &file, &folder]);
    repo.commit("gone");
    // Names are full of digests, and nothing tells of such a key whose it is.
    repo.write(&format!("cache/{}", mistral(3)), "three\n");
    repo.commit("a digest");
    for packed in [false, true] {
        if packed {
            repo.git(&["gc", "-q"]);
        }
        let history = run(&repo, &["history"]).expect(1);
        assert!(!history.out().contains(&key(1)) && !history.out().contains(&key(2)), "they are masked");
        let mut found = places(&history);
        found.sort_by_key(|(_, commit)| *commit != first);
        assert_eq!(found, [("name of deep/er/********.txt".to_owned(), first.clone()), ("name of ********".to_owned(), second.clone())]);
    }
    assert_eq!(places(&run(&repo, &["history", "--max-commits", "2"]).expect(0)), []);
    assert_eq!(places(&run(&repo, &["range", "HEAD~4..HEAD"]).expect(1)).len(), 2);
}

#[test]
fn a_file_with_a_key_may_be_called_by_one() {
    let repo = TestRepo::new();
    repo.write(&format!("{}.env", key(1)), groq_line(2));
    repo.commit("both");
    assert_eq!(places(&run(&repo, &["history"]).expect(1)).len(), 2);
}

#[test]
fn names_of_branches_and_tags_are_found() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("clean");
    run(&repo, &["history"]).expect(0);
    repo.git(&["branch", &format!("feature/{}", key(1))]);
    repo.git(&["tag", &key(2)]);
    let history = run(&repo, &["history"]).expect(1);
    let found = places(&history);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|(path, _)| path.starts_with("name of refs/")), "{found:?}");
    assert!(!history.out().contains(&key(1)) && !history.out().contains(&key(2)), "they are masked");
    assert_eq!(places(&run(&repo, &["history", "--branch", "main"]).expect(0)), []);
}

#[test]
fn people_are_looked_at_in_history_and_ranges() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("clean");
    for (variable, value) in [("GIT_AUTHOR_NAME", key(1)), ("GIT_COMMITTER_EMAIL", format!("{}@example.org", key(2)))] {
        let made = repo.try_git("work", &["commit", "-q", "--allow-empty", "-m", "somebody"], &[(variable, &value)], b"");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let tagged = repo.try_git("work", &["tag", "-a", "-m", "words", "v1"], &[("GIT_COMMITTER_NAME", &key(3))], b"");
    assert!(tagged.status.success());
    for (arguments, n) in [(&["history"][..], 3), (&["range", "HEAD~2..HEAD"], 2), (&["range", "HEAD~1..HEAD"], 1)] {
        let run = run(&repo, arguments).expect(1);
        let found = places(&run);
        assert_eq!(found.len(), n, "{arguments:?}: {found:?}");
        assert!(found.iter().all(|(path, _)| path.starts_with("author of ")), "{found:?}");
        for seed in 1..4 {
            assert!(!run.out().contains(&key(seed)), "{arguments:?}: it is masked everywhere");
        }
    }
}

#[test]
fn names_that_are_pushed_are_looked_at() {
    let repo = TestRepo::new();
    repo.tree.make_folder("remote.git");
    repo.git_in("remote.git", &["init", "-q", "--bare"]);
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    repo.write("a.txt", "one\n");
    repo.commit("clean");
    Keysift::new(&repo.path()).args(&["hook", "install", "--type", "pre-push"]).run().expect(0);
    let push = |what: &str| repo.try_git("work", &["push", "-q", "origin", what], &[], b"");
    assert!(push("main").status.success());
    assert!(push("main:refs/heads/a-name-that-is-long-and-holds-no-key").status.success());
    // No commit is new, and the name is all that the remote gets.
    let output = push(&format!("main:refs/heads/{}", key(1)));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains("1 finding"), "{error}");
}
