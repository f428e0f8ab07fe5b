//! Repositories of real git that lack something or are in a rare state: nothing of it passes as clean, and each sentence names the next step.

use std::path::PathBuf;

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Run, findings, groq_line, text};
use keysift::rule::draw::{ALNUM, Draws};
use serde_json::Value;

/// Runs keysift in the work tree, with a JSON report.
fn run(repo: &TestRepo, arguments: &[&str]) -> Run {
    Keysift::new(&repo.path()).args(&[arguments, &["--format", "json", "--quiet"]].concat()).run()
}

/// Why the scan is incomplete, on one line.
fn why(report: &Value) -> String {
    let reasons = report["coverage"]["incomplete_because"].as_array().expect("a list").iter();
    reasons.map(text).collect::<Vec<_>>().join("\n")
}

/// The file of a loose object.
fn loose(repo: &TestRepo, revision: &str) -> PathBuf {
    let id = repo.git(&["rev-parse", revision]);
    repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])
}

/// A repository with a key deep in a folder, and a second commit that leaves the folder alone.
fn with_a_deep_key() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("a/b/c/key.env", groq_line(1));
    repo.write("a/other.txt", "one\n");
    repo.commit("first");
    repo.write("a/other.txt", "two\n");
    repo.commit("second");
    repo
}

#[test]
fn a_folder_that_is_gone_leaves_the_history_incomplete() {
    let repo = with_a_deep_key();
    run(&repo, &["history"]).expect(1);
    for folder in ["HEAD:a/b/c", "HEAD:a/b", "HEAD^:a", "HEAD^^{tree}"] {
        let (id, file) = (repo.git(&["rev-parse", folder]), loose(&repo, folder));
        let kept = std::fs::read(&file).expect("it is loose");
        std::fs::remove_file(&file).expect("it can be removed");
        let report = run(&repo, &["history"]).json();
        let why = why(&report);
        assert!(why.contains(&id) && why.contains("git fsck") && why.contains("git fetch --refetch"), "{folder}: {why}");
        std::fs::write(&file, b"no object").expect("it can be written");
        let run = run(&repo, &["history"]);
        assert!(run.json()["coverage"]["incomplete_because"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{folder} is damaged");
        std::fs::write(&file, kept).expect("it can be written");
    }
    std::fs::remove_file(loose(&repo, "HEAD:a/b/c")).expect("it can be removed");
    run(&repo, &["history"]).expect(3);
    // What nothing leads to may be gone in part.
    repo.git(&["checkout", "-q", "--orphan", "new"]);
    repo.git(&["rm", "-rfq", "--cached", "."]);
    repo.write("clean.txt", "clean\n");
    repo.git(&["add", "clean.txt"]);
    repo.git(&["commit", "-q", "-m", "new"]);
    repo.git(&["branch", "-D", "main"]);
    let report = run(&repo, &["history"]).expect(0).json();
    assert_eq!(why(&report), "");
}

#[test]
fn a_packed_folder_that_is_damaged_leaves_the_history_incomplete() {
    let repo = with_a_deep_key();
    // A tree that ends in the middle of an entry.
    let torn = repo.try_git("work", &["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], &[], b"100644 torn\0too short");
    let torn = String::from_utf8_lossy(&torn.stdout).trim().to_owned();
    let top = repo.try_git("work", &["mktree", "--missing"], &[], format!("040000 tree {torn}\tfolder\n").as_bytes());
    let commit = repo.git(&["commit-tree", "-m", "torn", String::from_utf8_lossy(&top.stdout).trim()]);
    repo.git(&["update-ref", "refs/heads/torn", &commit]);
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.git(&["branch", "-D", "main"]);
    let report = run(&repo, &["history"]).expect(3).json();
    assert!(why(&report).contains(&torn), "{report}");
    let ids = repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    repo.try_git("work", &["pack-objects", "-q", ".git/objects/pack/pack"], &[], (ids + "\n").as_bytes());
    repo.git(&["prune-packed", "-q"]);
    let report = run(&repo, &["history"]).expect(3).json();
    assert!(why(&report).contains(&torn), "{report}");
}

#[test]
fn a_folder_that_is_gone_stops_ranges_and_staged() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    repo.write("folder/inner/key.env", groq_line(1));
    repo.commit("second");
    repo.write("folder/inner/new.env", "clean\n");
    repo.git(&["add", "-A"]);
    let id = repo.git(&["rev-parse", "HEAD:folder/inner"]);
    std::fs::remove_file(loose(&repo, "HEAD:folder/inner")).expect("it is loose");
    for command in [&["staged"][..], &["range", "HEAD^..HEAD"]] {
        let run = run(&repo, command).expect(3);
        assert!(run.err().contains(&id) && run.err().contains("git fsck") && run.err().contains("git fetch --refetch"), "{command:?}: {}", run.err());
    }
}

#[test]
fn options_that_choose_no_commit_do_not_pass() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    repo.write("a.txt", "two\n");
    repo.commit("second");
    for options in [&["--since", "2090-01-01"][..], &["--until", "1999-12-31"], &["--since", "2090-01-01", "--unreachable"]] {
        let report = run(&repo, &[&["history"], options].concat()).expect(3).json();
        assert!(why(&report).contains("no commit was chosen"), "{options:?}: {report}");
        assert_eq!((&report["coverage"]["n_commits"], &report["coverage"]["n_commits_left_out"]), (&0.into(), &2.into()), "{options:?}");
    }
    run(&repo, &["history", "--max-commits", "0"]).expect(2);
    let n_commits = |options: &[&str]| run(&repo, &[&["history"], options].concat()).expect(0).json()["coverage"]["n_commits"].clone();
    assert_eq!([n_commits(&[]), n_commits(&["--max-commits", "1"]), n_commits(&["--branch", "HEAD^"])], [2, 1, 1]);
    assert_eq!(n_commits(&["--since", "2023-11-14", "--until", "2023-11-15"]), 2);
    for (options, said) in [
        (&[][..], " of 2 commits ("),
        (&["--max-commits", "1"], " of 2 commits, 1 of which counts ("),
        (&["--branch", "HEAD^"], " of 2 commits, 1 of which counts ("),
        (&["--since", "2090-01-01"], " of 2 commits, none of which counts ("),
    ] {
        let run = Keysift::new(&repo.path()).args(&[&["history"], options].concat()).run();
        assert!(run.err().contains(said), "{options:?}: {}", run.err());
    }
    // A branch that nobody has is told although there is nothing to attribute.
    let run = run(&repo, &["history", "--branch", "nowhere"]).expect(2);
    assert!(run.err().contains("nowhere"), "{}", run.err());
}

#[test]
fn a_shallow_clone_is_complete_as_far_as_it_goes() {
    let repo = TestRepo::new();
    for (i, date) in ["1700000000 +0000", "1700100000 +0000", "1700200000 +0000", "1700300000 +0000"].iter().enumerate() {
        repo.write("a.txt", format!("version {i}\n"));
        repo.git(&["add", "-A"]);
        let variables = [("GIT_COMMITTER_DATE", *date), ("GIT_AUTHOR_DATE", *date)];
        assert!(repo.try_git("work", &["commit", "-q", "-m", "version"], &variables, b"").status.success());
    }
    repo.git(&["clone", "-q", "--depth", "2", &format!("file://{}", repo.path().display()), "../two"]);
    let two = |options: &[&str]| {
        let arguments = [&["history", "--format", "json", "--quiet"], options].concat();
        Keysift::new(&repo.tree.path().join("two")).args(&arguments).run()
    };
    two(&["--max-commits", "1"]).expect(0);
    two(&["--max-commits", "2"]).expect(0);
    two(&["--since", "2023-11-18"]).expect(0);
    for options in [&[][..], &["--max-commits", "3"], &["--until", "2023-11-18"], &["--since", "2023-11-15"]] {
        let report = two(options).expect(3).json();
        assert!(why(&report).contains("git fetch --unshallow"), "{options:?}: {report}");
    }
}

#[test]
fn a_broken_reference_is_told_once() {
    let repo = TestRepo::new();
    repo.write("a.env", groq_line(1));
    repo.commit("first");
    std::fs::write(repo.path().join(".git/refs/heads/broken"), "no id\n").expect("it can be written");
    let report = run(&repo, &["history"]).expect(1).json();
    assert_eq!(why(&report).lines().count(), 1, "{}", why(&report));
    assert!(why(&report).contains("a reference cannot be read") && why(&report).contains("broken"), "{}", why(&report));
}

#[test]
fn an_accepted_file_that_is_copied_or_moved_is_told_at_its_new_path() {
    let repo = TestRepo::new();
    repo.write("p00.env", groq_line(1));
    repo.commit("first");
    for i in 1..30 {
        repo.write(&format!("p{i:02}.env"), groq_line(1));
    }
    run(&repo, &["history"]).expect(1);
    Keysift::new(&repo.path()).args(&["baseline", "create"]).run().expect(0);
    repo.git(&["add", "p*.env"]);
    repo.git(&["commit", "-q", "-m", "copies"]);
    let history = ["history", "--baseline", ".keysift-baseline"];
    run(&repo, &history).expect(0);
    repo.git(&["mv", "p07.env", "z.env"]);
    repo.git(&["commit", "-q", "-m", "moved"]);
    let moved = repo.git(&["rev-parse", "HEAD"]);
    let report = run(&repo, &history).expect(1).json();
    let facts: Vec<_> = findings(&report).iter().map(|finding| (text(&finding["path"]), text(&finding["commit"]["id"]))).collect();
    assert_eq!(facts, [("z.env", moved.as_str())], "the new path, with the commit that brought the file there");
    let n_suppressed = &report["coverage"]["n_suppressed"];
    assert!(n_suppressed.as_u64().is_none_or(|n| n > 0), "{report}");
    // Of a part of the history the path is told that this part brought.
    let report = run(&repo, &["history", "--max-commits", "1"]).expect(1).json();
    assert_eq!(findings(&report).iter().map(|finding| text(&finding["path"])).collect::<Vec<_>>(), ["z.env"]);
}

#[test]
fn what_is_no_commit_ends_no_range() {
    let repo = with_a_deep_key();
    repo.git(&["tag", "-a", "-m", "of a blob", "file", "HEAD:a/other.txt"]);
    for (range, what) in [("HEAD^{tree}..HEAD", "tree"), ("HEAD..HEAD^{tree}", "tree"), ("HEAD:a/other.txt..HEAD", "blob"), ("file..HEAD", "blob")] {
        let run = run(&repo, &["range", range]).expect(2);
        assert!(run.err().contains(&format!("is a {what}, not a commit")), "{range}: {}", run.err());
        assert!(!run.err().contains("git fsck"), "{range}: {}", run.err());
    }
}

#[test]
fn without_an_index_everything_is_deleted_and_nothing_passes() {
    let repo = with_a_deep_key();
    std::fs::remove_file(repo.path().join(".git/index")).expect("it is there");
    assert_eq!(repo.git(&["diff", "--cached", "--name-status"]).lines().count(), 2, "git sees deletions");
    for command in [&["staged"][..], &["hook", "run", "pre-commit"], &["hook", "run", "framework"]] {
        let run = run(&repo, command).expect(3);
        let said = why(&run.json());
        assert!(said.contains("takes the 2 files of HEAD for deleted") && said.contains("git read-tree HEAD"), "{command:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    // Where they are deleted on purpose, there is an index that says so.
    repo.git(&["read-tree", "--empty"]);
    run(&repo, &["staged"]).expect(0);
    // git refuses such a file, too.
    repo.write(".git/index", "");
    assert!(run(&repo, &["staged"]).expect(3).err().contains("it is an empty file"));
    assert!(why(&run(&TestRepo::new(), &["staged"]).expect(3).json()).contains("there is no change"));
}

#[test]
fn variables_that_are_set_and_empty_are_named() {
    let repo = with_a_deep_key();
    for name in ["GIT_INDEX_FILE", "GIT_DIR", "GIT_WORK_TREE"] {
        let run = Keysift::new(&repo.path()).args(&["staged"]).env(name, "").run().expect(3);
        assert!(run.err().contains(&format!("{name} is set and empty; unset it")), "{}", run.err());
        assert_eq!(run.err().lines().count(), 1, "{}", run.err());
    }
}

#[test]
fn folders_that_lie_in_each_other_without_end_are_refused() {
    let repo = with_a_deep_key();
    let mut index = [&b"DIRC\0\0\0\x02\0\0\0\0TREE"[..], &[0, 15, 0, 0], b"\0-1 1\n"].concat();
    (0..140_000).for_each(|_| index.extend(b"x\0-1 1\n"));
    let len = index.len() - 20;
    index[16..20].copy_from_slice(&u32::try_from(len).expect("a megabyte").to_be_bytes());
    index.extend([0; 20]);
    repo.write(".git/index", &index);
    let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(arguments).run();
    for command in [&["staged"][..], &["hook", "run", "pre-commit"], &["hook", "run", "framework"]] {
        let run = run(command).expect(3);
        assert!(run.err().contains("thousands deep") && run.err().contains("git read-tree HEAD"), "{}", run.err());
    }
    repo.git(&["read-tree", "HEAD"]);
    let content = groq_line(2);
    let stream = format!(
        "commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 0\nfrom refs/heads/main^0\nM 100644 inline {}f\ndata {}\n{content}\n",
        "d/".repeat(5000),
        content.len()
    );
    let made = repo.try_git("work", &["fast-import", "--quiet", "--force"], &[], stream.as_bytes());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(run(&["range", "main^..main"]).expect(3).err().contains("folders within folders"));
    assert!(run(&["staged"]).expect(3).err().contains("folders within folders"));
    run(&["history", "--quiet"]).expect(1);
}

#[test]
fn log_options_of_gitleaks_choose_what_git_log_shows() {
    let repo = TestRepo::new();
    for (branch, i) in [("main", 1), ("main", 2), ("other", 3)] {
        repo.try_git("work", &["switch", "-q", "-c", branch], &[], b"");
        repo.write(&format!("{i}.env"), groq_line(i));
        repo.commit("a leak");
    }
    repo.git(&["tag", "v1", "main"]);
    repo.git(&["switch", "-q", "main"]);
    let found = |options: &str| {
        let run = Keysift::new(&repo.path()).args(&["git", "-f", "json", "--log-opts", options]).run().expect(1).json();
        findings(&run).iter().map(|finding| text(&finding["path"])[..1].to_owned()).collect::<String>()
    };
    for (options, paths) in [
        ("--all", "123"),
        ("--branches", "123"),
        ("--tags", "12"),
        ("HEAD", "12"),
        ("--max-count=5", "12"),
        ("-1 main", "2"),
        ("-n 1 --all", "3"),
        ("-n1 v1", "2"),
        ("main^!", "2"),
        ("--since=2023-11-01 --before='2023-12-01 10:00:00 +0000' other", "123"),
    ] {
        assert_eq!(found(options), paths, "{options}");
    }
    for (options, said) in
        [("-- src", "paths cannot be chosen here"), ("--author=me", "--author is not understood"), ("--since=sometime", "`sometime` is no date")]
    {
        let run = Keysift::new(&repo.path()).args(&["git", "--log-opts", options]).run().expect(2);
        assert!(run.err().contains(said), "{options}: {}", run.err());
    }
    Keysift::new(&repo.path()).args(&["git", "--log-opts", "--all --since=2090-01-01"]).run().expect(3);
}

#[test]
fn an_object_under_the_id_of_another_does_not_pass() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    repo.write("a.txt", "two\n");
    repo.git(&["add", "-A"]);
    // The file of the staged blob holds another one.
    let other = repo.blob(b"something else\n");
    let swap = |revision: &str, other: &str| {
        let file = loose(&repo, revision);
        std::fs::remove_file(&file).expect("it is loose");
        std::fs::copy(loose(&repo, other), &file).expect("it can be copied");
    };
    swap(":a.txt", &other);
    let said = |command: &[&str]| why(&run(&repo, command).expect(3).json());
    assert!(said(&["staged"]).contains("a.txt"), "{}", said(&["staged"]));
    repo.git(&["commit", "-qm", "second"]);
    let report = run(&repo, &["range", "HEAD^..HEAD", "--show-skipped"]).expect(3).json();
    assert!(report.to_string().contains("its content is that of another object"), "{report}");
    // What is found there is reported, and that it should not be there, too.
    let key = repo.blob(groq_line(1).as_bytes());
    swap("HEAD:a.txt", &key);
    for command in [&["range", "HEAD^..HEAD"][..], &["history"]] {
        let report = run(&repo, command).expect(1).json();
        assert!(why(&report).contains("a.txt"), "{report}");
    }
}

#[test]
fn a_key_in_the_name_of_a_new_file_is_found() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    let key = groq_line(1).trim().rsplit('=').next().expect("a name and a value").to_owned();
    let name = format!("folder/{key}.txt");
    repo.write(&name, "clean\n");
    repo.git(&["add", "-A"]);
    let staged = run(&repo, &["staged"]).expect(1);
    assert!(!staged.out().contains(&key), "it is masked");
    assert_eq!(findings(&staged.json()).len(), 1);
    repo.commit("second");
    let report = run(&repo, &["range", "HEAD^..HEAD"]).expect(1).json();
    assert!(text(&findings(&report)[0]["path"]).starts_with("name of folder/"), "{report}");
    // The name is old when the file changes.
    repo.write(&name, "still clean\n");
    repo.git(&["add", "-A"]);
    run(&repo, &["staged"]).expect(0);
    repo.git(&["mv", &name, &format!("folder/{key}.md")]);
    run(&repo, &["staged"]).expect(1);
}

#[test]
fn a_blob_that_nothing_leads_to_is_found_if_asked_for() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    repo.blob(groq_line(1).as_bytes());
    run(&repo, &["history"]).expect(0);
    assert_eq!(findings(&run(&repo, &["history", "--unreachable"]).expect(1).json()).len(), 1);
    // Whatever its place, a token is not judged as if its path named every provider.
    repo.blob(format!("const fakeToken = '{}'\n", Draws::new(30).text(30, ALNUM)).as_bytes());
    let report = run(&repo, &["history", "--unreachable"]).expect(1).json();
    let found: Vec<_> = findings(&report).iter().map(|finding| (text(&finding["rule"]), text(&finding["path"]).starts_with("blob "))).collect();
    assert!(found.iter().all(|(rule, is_told)| *is_told && (rule.starts_with("groq") || *rule == "generic-secret")), "{found:?}");
    // The same blob under a name alone.
    repo.git(&["tag", "blob", &repo.blob(groq_line(1).as_bytes())]);
    let report = run(&repo, &["history"]).expect(1).json();
    assert_eq!(findings(&report).iter().map(|finding| text(&finding["path"])).collect::<Vec<_>>(), ["refs/tags/blob"]);
}

#[test]
fn a_bare_repository_is_found_by_a_path_with_dots() {
    let repo = TestRepo::new();
    repo.write("clean.txt", "clean\n");
    repo.commit("clean");
    let inner = TestRepo::new();
    inner.write("key.env", groq_line(1));
    inner.commit("key");
    repo.git(&["clone", "-q", "--bare", &inner.path().display().to_string(), "bare.git"]);
    std::fs::create_dir(repo.path().join("folder")).expect("it can be made");
    let run = Keysift::new(&repo.path().join("folder")).args(&["history", "../bare.git", "--quiet"]).run();
    run.expect(1);
    Keysift::new(&repo.path().join("bare.git/hooks")).args(&["history", "--quiet"]).run().expect(1);
}

#[test]
fn names_that_are_damaged_leave_the_history_incomplete() {
    let repo = with_a_deep_key();
    let id = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "-q", "--orphan", "new"]);
    repo.git(&["rm", "-rfq", "."]);
    repo.write("clean.txt", "clean\n");
    repo.commit("new");
    repo.git(&["branch", "-D", "main"]);
    run(&repo, &["history"]).expect(0);
    std::fs::write(repo.path().join(".git/HEAD"), &id[..30]).expect("it can be written");
    let report = run(&repo, &["history", "--unreachable"]).json();
    assert!(why(&report).contains("HEAD") || report.is_null(), "{report}");
    let code = run(&repo, &["history"]).code;
    assert!(code == 2 || code == 3, "{code}");
}

#[test]
fn a_key_behind_a_replacement_or_a_graft_is_no_clean_history() {
    let repo = with_a_deep_key();
    repo.git(&["rm", "-rq", "a/b"]);
    repo.commit("gone");
    let clean = repo.git(&["commit-tree", "HEAD^{tree}", "-m", "clean"]);
    run(&repo, &["history"]).expect(1);
    repo.git(&["replace", "HEAD^", &clean]);
    let report = run(&repo, &["history"]).expect(3).json();
    assert!(why(&report).contains("git replace"), "{report}");
    repo.git(&["replace", "-d", "HEAD^"]);
    std::fs::write(repo.path().join(".git/info/grafts"), format!("{}\n", repo.git(&["rev-parse", "HEAD"]))).expect("it can be written");
    let report = run(&repo, &["history"]).expect(3).json();
    assert!(why(&report).contains("grafted"), "{report}");
}

#[test]
fn what_a_merged_tag_says_is_scanned() {
    let repo = TestRepo::new();
    repo.write("clean.txt", "clean\n");
    repo.commit("clean");
    let (tree, parent) = (repo.git(&["rev-parse", "HEAD^{tree}"]), repo.git(&["rev-parse", "HEAD"]));
    let tag = format!("mergetag object {parent}\n type commit\n tag v1\n tagger A <a@example.com> 1 +0000\n \n {}", groq_line(1));
    let text = format!("tree {tree}\nparent {parent}\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n{tag}\nMerge tag v1\n");
    let made = repo.try_git("work", &["hash-object", "-t", "commit", "-w", "--stdin"], &[], text.as_bytes());
    let id = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    repo.git(&["update-ref", "refs/heads/main", &id]);
    assert_eq!(findings(&run(&repo, &["history"]).expect(1).json()).len(), 1);
    assert_eq!(findings(&run(&repo, &["range", "HEAD~1..HEAD"]).expect(1).json()).len(), 1);
}

#[test]
fn a_damaged_list_of_the_shallow_boundary_is_told() {
    let repo = with_a_deep_key();
    std::fs::write(repo.path().join(".git/shallow"), "nonsense\n").expect("it can be written");
    for arguments in [&["history"][..], &["range", "HEAD~1..HEAD"], &["history", "--branch", "main~1"], &["staged"]] {
        let run = run(&repo, arguments);
        assert!(matches!(run.code, 2 | 3) && run.err().contains("shallow"), "{arguments:?}: {} {}", run.code, run.err());
    }
}

#[test]
fn a_pack_that_claims_gigabytes_gets_none() {
    let repo = TestRepo::new();
    // So many bytes that a header with a larger size is as long.
    repo.write("a.txt", vec![b'\n'; 33 << 20]);
    repo.commit("first");
    repo.git(&["repack", "-adq"]);
    let id = repo.git(&["rev-parse", "HEAD:a.txt"]);
    let folder = repo.path().join(".git/objects/pack");
    let files = std::fs::read_dir(folder).expect("there is a pack").map(|entry| entry.expect("it can be listed").path());
    let pack = files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "pack")).expect("there is a pack");
    let listed = repo.git(&["verify-pack", "-v", pack.to_str().expect("it is text")]);
    let of_blob = listed.lines().find(|line| line.starts_with(&id)).expect("it is in the pack");
    let at: usize = of_blob.split_whitespace().nth(4).and_then(|at| at.parse().ok()).expect("the offset stands there");
    let mut bytes = std::fs::read(&pack).expect("it can be read");
    assert_eq!(bytes[at..at + 5].iter().map(|byte| byte >> 7).collect::<Vec<_>>(), [1, 1, 1, 1, 0], "the header has five bytes");
    // 2 GiB but for some bytes.
    bytes[at..at + 5].copy_from_slice(&[0xb0, 0xff, 0xff, 0xff, 0x3f]);
    std::fs::remove_file(&pack).expect("it can be replaced");
    std::fs::write(&pack, bytes).expect("it can be written");
    for command in [&["range", "0000000000000000000000000000000000000000..HEAD"][..], &["history"], &["hook", "run", "framework"]] {
        let start = std::time::Instant::now();
        let all = if command[0] == "hook" { command.to_vec() } else { [command, &["--show-skipped"]].concat() };
        let run = Keysift::new(&repo.path()).args(&all).run().expect(3);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{command:?}");
        let told = format!("{}{}", run.out(), run.err());
        assert!(command[0] != "range" || told.contains("larger than its compressed bytes can be"), "{told}");
    }
}

#[test]
fn what_is_staged_before_the_first_commit_is_no_history() {
    let repo = TestRepo::new();
    assert!(why(&run(&repo, &["history"]).expect(3).json()).contains("nothing was scanned"));
    repo.write("a.txt", "text\n");
    repo.git(&["add", "-A"]);
    let report = run(&repo, &["history"]).expect(3).json();
    assert_eq!(report["coverage"]["n_blobs"], 1);
    assert!(why(&report).contains("`keysift staged`") && !why(&report).contains("nothing was scanned"), "{report}");
}
