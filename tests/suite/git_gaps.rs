//! What a repository of real git does not have, keeps elsewhere or keeps in another form: it is found there, or the sentence says what brings it.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Run, findings, groq_line};

/// Runs keysift in a folder beside the work tree, with a JSON report.
fn run_in(repo: &TestRepo, folder: &str, arguments: &[&str]) -> Run {
    Keysift::new(&repo.tree.path().join(folder)).args(&[arguments, &["--format", "json", "--quiet"]].concat()).run()
}

/// Runs keysift in the work tree, with a JSON report.
fn run(repo: &TestRepo, arguments: &[&str]) -> Run {
    run_in(repo, "work", arguments)
}

/// Four commits, the first of which brings a key.
fn with_four_commits() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("key.env", groq_line(1));
    repo.commit("first");
    for i in 2..5 {
        repo.write("a.txt", format!("{i}\n"));
        repo.commit("more");
    }
    repo
}

#[test]
fn what_lies_before_the_beginning_of_a_shallow_clone_is_fetched() {
    let repo = with_four_commits();
    let (first, last) = (repo.git(&["rev-list", "--max-parents=0", "HEAD"]), repo.git(&["rev-parse", "HEAD"]));
    repo.git(&["clone", "-q", "--depth", "1", &format!("file://{}", repo.path().display()), "../one"]);
    let zeros = format!("{}..HEAD", "0".repeat(40));
    let ranges = ["HEAD~1..HEAD", "HEAD^..HEAD", "@~1..@", "main~3..main", "nowhere..HEAD", &format!("{last}~2..HEAD"), &format!("{first}..HEAD")];
    for range in ranges {
        let run = run_in(&repo, "one", &["range", range]).expect(3);
        let said = [run.out(), run.err()].concat();
        assert!(said.contains("git fetch --unshallow") && said.contains("git fetch --deepen=N"), "{range}: {said}");
    }
    for options in [&["history", "--branch", "main~1"][..], &["git", "--log-opts=main~1"]] {
        let run = Keysift::new(&repo.tree.path().join("one")).args(options).run().expect(3);
        assert!([run.out(), run.err()].concat().replace("\n            ", " ").contains("git fetch --unshallow"), "{options:?}: {}", run.err());
    }
    // What is there is all that there is to see, and not all that there was.
    assert!(run_in(&repo, "one", &["range", &zeros]).expect(1).out().contains("git fetch --unshallow"));
    repo.git_in("one", &["fetch", "-q", "--deepen=1"]);
    run_in(&repo, "one", &["range", "HEAD~1..HEAD"]).expect(0);
    run_in(&repo, "one", &["range", "HEAD~2..HEAD"]).expect(3);
    repo.git_in("one", &["fetch", "-q", "--unshallow"]);
    let report = run_in(&repo, "one", &["range", &zeros]).expect(1);
    assert!(!report.out().contains("unshallow"), "{}", report.out());
}

#[test]
fn a_commit_that_is_gone_is_not_unknown() {
    let repo = with_four_commits();
    let gone = repo.git(&["rev-parse", "HEAD~1"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&gone[..2]).join(&gone[2..])).expect("it is loose");
    let all = ["HEAD~1..HEAD", "HEAD~2..HEAD", "HEAD^^..HEAD", "main~1^1..HEAD", "0000000000000000000000000000000000000000..HEAD", &format!("{gone}..HEAD")];
    for range in all {
        let run = run(&repo, &["range", range]).expect(3);
        assert!(run.err().contains(&gone) && run.err().contains("git fetch --refetch"), "{range}: {}", run.err());
    }
    let run = run(&repo, &["history", "--branch", "main~2"]).expect(3);
    assert!(run.err().contains(&gone), "{}", run.err());
}

#[test]
fn in_a_whole_repository_a_wrong_name_is_a_mistake() {
    let repo = with_four_commits();
    for name in ["nowhere", "HEAD~4", "HEAD^2", "main~99999999999", "HEAD^{tree", "not a name", "a..b..c", "1234567", &"1".repeat(40)] {
        run(&repo, &["range", &format!("{name}..HEAD")]).expect(2);
    }
    // Before a branch was pushed for the first time nothing was there, nor before the first commit.
    let empty_tree = repo.git(&["hash-object", "-t", "tree", "/dev/null"]);
    for nothing in ["0".repeat(40), empty_tree] {
        run(&repo, &["range", &format!("HEAD..{nothing}")]).expect(2);
        let report = run(&repo, &["range", &format!("{nothing}..HEAD")]).expect(1).json();
        assert_eq!((findings(&report).len(), &report["coverage"]["n_commits"]), (1, &serde_json::json!(4)), "{nothing}");
    }
    // The first commit has no parent, and git shows it all the same.
    let first = repo.git(&["rev-list", "--max-parents=0", "HEAD"]);
    Keysift::new(&repo.path()).args(&["git", &format!("--log-opts={first}^!")]).run().expect(1);
}

#[test]
fn references_that_cannot_be_read_are_not_unknown() {
    let repo = with_four_commits();
    repo.git(&["switch", "-q", "--detach"]);
    repo.git(&["pack-refs", "--all"]);
    let place = repo.path().join(".git/packed-refs");
    let packed = std::fs::read_to_string(&place).expect("it is there");
    std::fs::write(&place, packed.replace(" refs/", "refs/")).expect("it can be written");
    let damaged = run(&repo, &["range", "main~1..main"]).expect(3);
    assert!(damaged.err().contains("main"), "{}", damaged.err());
    run(&repo, &["history", "--branch", "main"]).expect(3);
    std::fs::write(&place, packed).expect("it can be written");
    run(&repo, &["range", "main~1..main"]).expect(0);
    std::fs::write(repo.path().join(".git/refs/heads/main"), "no id\n").expect("it can be written");
    run(&repo, &["range", "main~1..main"]).expect(3);
}

#[test]
fn objects_are_found_where_the_environment_says() {
    let repo = with_four_commits();
    let others = repo.tree.path().join("others");
    std::fs::create_dir(&others).expect("it can be made");
    let folder = |path: std::path::PathBuf| path.to_str().expect("it is text").to_owned();
    let (own, others) = (folder(repo.path().join(".git/objects")), folder(others));
    let variables = [("GIT_OBJECT_DIRECTORY", others.as_str()), ("GIT_ALTERNATE_OBJECT_DIRECTORIES", own.as_str())];
    repo.write("new.env", groq_line(2));
    for arguments in [&["add", "-A"][..], &["commit", "-q", "-m", "elsewhere"], &["commit", "-q", "--allow-empty", "-m", "again"]] {
        assert!(repo.try_git("work", arguments, &variables, b"").status.success(), "{arguments:?}");
    }
    for (command, n) in [(&["history"][..], 2), (&["range", "HEAD~2..HEAD"], 1), (&["range", "main~4..main^"], 1), (&["history", "--branch", "main~1"], 2)] {
        let arguments = [command, &["--format", "json", "--quiet"]].concat();
        let report = variables.iter().fold(Keysift::new(&repo.path()).args(&arguments), |run, (name, value)| run.env(name, value)).run().expect(1).json();
        assert_eq!(findings(&report).len(), n, "{command:?}: {report}");
        assert_eq!(report["coverage"]["incomplete_because"], serde_json::json!([]), "{command:?}");
    }
    run(&repo, &["range", "HEAD~2..HEAD"]).expect(3);
    run(&repo, &["history"]).expect(3);
}

/// Relative to where git goes, in quotes, and after a comment: what git finds is found, and nothing else.
#[test]
fn alternates_of_the_environment_are_read_as_git_reads_them() {
    let repo = with_four_commits();
    let own = repo.path().join(".git/objects");
    repo.tree.make_folder("work/sub");
    std::fs::rename(&own, repo.tree.path().join("objects")).expect("it can be moved");
    std::os::unix::fs::symlink("objects", repo.tree.path().join("many: objects")).expect("a link can be made");
    std::fs::create_dir(&own).expect("it can be made");
    let values = ["../objects", "../../objects", "nowhere:../objects", r#""../many: objects""#, r#""../../many: objects""#, r#""..\057objects""#];
    let comments = ["#../objects", "#a:../objects", r#""../objects:../objects"#, r#""../objects"-nowhere"#];
    let top = repo.path().to_str().expect("it is text").to_owned();
    let mut n_found = 0;
    for (folder, named) in [
        ("work", &[][..]),
        ("work/sub", &[]),
        ("work/sub", &[("GIT_DIR", "../.git")]),
        ("work/sub", &[("GIT_DIR", "../.git"), ("GIT_WORK_TREE", top.as_str())]),
    ] {
        for value in values.iter().chain(&comments) {
            let variables = [named, &[("GIT_ALTERNATE_OBJECT_DIRECTORIES", *value)]].concat();
            let is_found = repo.try_git(folder, &["cat-file", "-e", "HEAD~3^{tree}"], &variables, b"").status.success();
            let prepared = Keysift::new(&repo.tree.path().join(folder)).args(&["history", "--quiet"]);
            let run = variables.iter().fold(prepared, |run, (name, value)| run.env(name, value)).run();
            assert_eq!(run.code, if is_found { 1 } else { 3 }, "{folder} {variables:?}: {}{}", run.out(), run.err());
            n_found += usize::from(is_found);
        }
    }
    assert!((16..32).contains(&n_found), "some are found and some are not: {n_found}");
}

#[test]
fn references_of_other_work_trees_are_part_of_the_history() {
    let repo = TestRepo::new();
    repo.write("a", "clean\n");
    repo.commit("first");
    repo.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    for (n, folder, name) in
        [(11, "linked", "refs/worktree/mine"), (12, "linked", "refs/bisect/bad"), (14, "work", "refs/bisect/bad"), (15, "work", "refs/worktree/mine")]
    {
        repo.git_in(folder, &["checkout", "-q", "--detach", "main"]);
        repo.tree.write(format!("{folder}/new.env"), groq_line(n));
        repo.git_in(folder, &["add", "-A"]);
        repo.git_in(folder, &["commit", "-q", "-m", "key"]);
        repo.git_in(folder, &["update-ref", name, "HEAD"]);
    }
    // HEAD of the main one, which is on no branch.
    repo.git(&["update-ref", "-d", "refs/worktree/mine"]);
    repo.git_in("linked", &["checkout", "-q", "--detach", "main"]);
    for folder in ["work", "linked"] {
        let report = run_in(&repo, folder, &["history"]).expect(1).json();
        assert_eq!(findings(&report).len(), 4, "{folder}: {report}");
        assert_eq!(report["coverage"]["incomplete_because"], serde_json::json!([]), "{folder}");
    }
    repo.write(".git/worktrees/linked/refs/bisect/good", "junk\n");
    repo.write(".git/worktrees/linked/refs/bisect/other.lock", "junk\n");
    let report = run(&repo, &["history"]).expect(1).json();
    let trouble = report["coverage"]["incomplete_because"].to_string();
    assert!(trouble.contains("refs/bisect/good of the work tree linked cannot be read") && !trouble.contains("lock"), "{trouble}");
    for head in [None, Some(""), Some("ref: \n"), Some("ref: HEAD\n"), Some("ref: ../../outside\n")] {
        let path = repo.path().join(".git/worktrees/linked/HEAD");
        match head {
            Some(text) => repo.write(".git/worktrees/linked/HEAD", text),
            None => std::fs::remove_file(path).expect("it is there"),
        }
        let trouble = run(&repo, &["history"]).expect(1).json()["coverage"]["incomplete_because"].to_string();
        assert!(trouble.contains("HEAD of the work tree linked cannot be read"), "{head:?}: {trouble}");
    }
}

#[test]
fn submodules_of_a_history_are_counted() {
    let repo = with_four_commits();
    let commit = repo.git(&["rev-parse", "HEAD"]);
    let n_submodules = |arguments: &[&str]| run(&repo, arguments).expect(1).json()["coverage"]["n_submodules"].clone();
    assert_eq!(n_submodules(&["history"]), 0);
    for path in ["lib", "deep/er/lib", "deep/er/other"] {
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
    }
    repo.git(&["commit", "-q", "-m", "submodules"]);
    repo.git(&["rm", "-q", "--cached", "lib"]);
    repo.git(&["commit", "-q", "-m", "one less"]);
    assert_eq!(n_submodules(&["history"]), 2);
    assert_eq!(n_submodules(&["history", "--branch", "main", "--branch", "main~1"]), 3);
    // The same folder at two places.
    repo.git(&["read-tree", "--prefix=copy/", "HEAD:deep"]);
    repo.git(&["commit", "-q", "-m", "twice"]);
    assert_eq!(n_submodules(&["history"]), 4);
}

/// As people keep the settings in their home folder.
#[test]
fn a_bare_repository_whose_work_tree_the_environment_names() {
    let repo = TestRepo::new();
    repo.git_in("", &["init", "-q", "--bare", "home/.dotfiles"]);
    repo.git_in("", &["init", "-q", "home/own"]);
    repo.tree.write("home/own/a", "clean\n");
    repo.git_in("home/own", &["add", "a"]);
    let path = |name: &str| repo.tree.path().join(name).to_str().expect("it is text").to_owned();
    let (git_dir, top) = (path("home/.dotfiles"), path("home"));
    let variables = [("GIT_DIR", git_dir.as_str()), ("GIT_WORK_TREE", top.as_str())];
    let run = |folder: &str, arguments: &[&str]| {
        let prepared = Keysift::new(&repo.tree.path().join(folder)).args(arguments);
        variables.iter().fold(prepared, |prepared, (name, value)| prepared.env(name, value)).run()
    };
    let git = |arguments: &[&str]| assert!(repo.try_git("home", arguments, &variables, b"").status.success(), "{arguments:?}");
    repo.tree.write("home/.config/app.env", groq_line(13));
    git(&["add", ".config/app.env"]);
    for folder in ["home", "home/.config"] {
        for arguments in
            [&["staged"][..], &["git", ".", "--staged"], &["git", "--staged", "--pre-commit"], &["git", &top, "--staged"], &["hook", "run", "pre-commit"]]
        {
            let run = run(folder, arguments).expect(1);
            assert!([run.out(), run.err()].concat().contains("app.env"), "{folder} {arguments:?}: {}", run.out());
        }
    }
    git(&["commit", "-q", "-m", "key"]);
    run("home", &["git", "."]).expect(1);
    // A repository within it is its own.
    run("home", &["git", "own", "--staged"]).expect(0);
    run("home/own", &["git", ".", "--staged"]).expect(0);
    // Elsewhere none is named.
    run("", &["git", "work", "--staged"]).expect(3);
    // Where the repository names its work tree itself.
    repo.git_in("home/.dotfiles", &["config", "core.worktree", &top]);
    repo.git_in("home/.dotfiles", &["config", "core.bare", "false"]);
    repo.tree.write("home/.config/other.env", groq_line(16));
    git(&["add", ".config/other.env"]);
    let by_git_dir = |folder: &str, arguments: &[&str]| Keysift::new(&repo.tree.path().join(folder)).args(arguments).env("GIT_DIR", &git_dir).run();
    for arguments in [&["git", ".", "--staged"][..], &["git", "--staged"], &["staged"]] {
        let run = by_git_dir("home/.config", arguments).expect(1);
        assert!([run.out(), run.err()].concat().contains("other.env"), "{arguments:?}: {}", run.out());
    }
    for (folder, place) in [("home", ".config"), ("home", "."), ("", "home"), ("", "home/.config"), ("work", top.as_str())] {
        let run = by_git_dir(folder, &["git", place, "--staged"]).expect(1);
        assert!([run.out(), run.err()].concat().contains("other.env"), "{folder} {place}: {}", run.out());
    }
    repo.tree.make_folder("elsewhere");
    let none = by_git_dir("", &["git", "elsewhere", "--staged"]).expect(2);
    assert!(none.err().contains("elsewhere is not in a git repository") && none.err().contains(&git_dir), "{}", none.err());
    by_git_dir("", &["git", "home/own", "--staged"]).expect(0);
    // A repository that is named is the one, though the environment names its folder for another.
    repo.tree.write("home/own/new.env", groq_line(17));
    repo.git_in("home/own", &["add", "-A"]);
    repo.git_in("home/own", &["commit", "-q", "-m", "key"]);
    let (other, own) = (path("work/.git"), path("home/own"));
    let run = Keysift::new(repo.tree.path()).args(&["history", &own]).env("GIT_DIR", &other).env("GIT_WORK_TREE", &own).run().expect(1);
    assert!(run.out().contains("new.env"), "{}", run.out());
}

#[test]
fn a_hook_of_a_receiving_repository_sees_what_is_not_accepted_yet() {
    let repo = with_four_commits();
    let zeros = "0".repeat(40);
    repo.git(&["clone", "-q", "--bare", ".", "../remote.git"]);
    let hook = format!(
        "#!/bin/sh\nwhile read old new name; do\n  '{}' range \"$old..$new\" --quiet --color never >&2 || exit 1\ndone\n",
        env!("CARGO_BIN_EXE_keysift")
    );
    let place = repo.tree.path().join("remote.git/hooks/pre-receive");
    std::fs::write(&place, hook).expect("it can be written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&place, mode).expect("it can be made executable");
    let push = |branch: &str| {
        let output = repo.try_git("work", &["push", "-q", "../remote.git", branch], &[], b"");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    repo.write("a.txt", "clean\n");
    repo.commit("clean");
    let (is_accepted, said) = push("main");
    assert!(is_accepted, "{said}");
    repo.write("b.env", groq_line(3));
    repo.commit("a key");
    let (is_accepted, said) = push("main");
    assert!(!is_accepted && said.contains("b.env"), "{said}");
    assert!(!said.contains("key.env"), "{said}");
    // To a branch that was not there the whole history is new.
    let (is_accepted, said) = push("main:refs/heads/new");
    assert!(!is_accepted && said.contains("key.env") && !said.contains(&zeros), "{said}");
}

#[test]
fn references_in_a_table_are_refused_with_the_next_step() {
    let repo = TestRepo::with_options(&["--ref-format=reftable"]);
    repo.write("key.env", groq_line(1));
    repo.commit("first");
    for arguments in [&["history"][..], &["staged"], &["range", "HEAD~1..HEAD"], &["hook", "run", "pre-commit"], &["history", "--branch", "main"]] {
        let run = run(&repo, arguments).expect(3);
        assert!(run.err().contains("reftable") && run.err().contains("git clone --ref-format=files"), "{arguments:?}: {}", run.err());
        assert_eq!(run.err().lines().count(), 1, "{}", run.err());
    }
    repo.git(&["clone", "-q", "--ref-format=files", ".", "../files"]);
    run_in(&repo, "files", &["history"]).expect(1);
}

#[test]
fn a_repository_with_longer_ids_is_read_like_any_other() {
    let repo = TestRepo::with_options(&["--object-format=sha256"]);
    repo.write("clean.txt", "clean\n");
    let first = repo.commit("first");
    assert_eq!(first.len(), 64);
    repo.write("key.env", groq_line(1));
    repo.git(&["add", "-A"]);
    run(&repo, &["staged"]).expect(1);
    repo.commit("second");
    repo.write("clean.txt", "still clean\n");
    repo.commit("third");
    let zeros = "0".repeat(64);
    for packed in [false, true] {
        if packed {
            repo.git(&["gc", "-q"]);
        }
        for range in ["HEAD~2..HEAD", &format!("{first}..HEAD"), &format!("{zeros}..HEAD")] {
            assert_eq!(findings(&run(&repo, &["range", range]).expect(1).json()).len(), 1, "{range}");
        }
        let report = run(&repo, &["history"]).expect(1).json();
        assert_eq!((findings(&report).len(), &report["coverage"]["n_commits"]), (1, &serde_json::json!(3)));
        run(&repo, &["range", "HEAD~1..HEAD"]).expect(0);
        run(&repo, &["range", &format!("{}..HEAD", "1".repeat(64))]).expect(2);
    }
}

#[test]
fn a_blob_that_is_too_large_for_the_memory_is_read_in_pieces() {
    let repo = TestRepo::new();
    let mut content = "a line of a file that is as long as no other one\n".repeat(5_600_000);
    content.push_str(&groq_line(1));
    assert!(content.len() > 256 << 20);
    repo.write("large.txt", &content);
    repo.write("same.txt", &content);
    let first = repo.commit("large");
    drop(content);
    for packed in [false, true] {
        if packed {
            repo.git(&["-c", "core.bigFileThreshold=1m", "repack", "-adq"]);
        }
        let report = run(&repo, &["history"]).expect(1).json();
        let found = findings(&report);
        assert_eq!((found.len(), &found[0]["path"], &found[0]["line"]), (1, &"large.txt".into(), &5_600_001.into()), "packed: {packed}");
        assert_eq!(found[0]["commit"]["id"], first.as_str());
        assert_eq!(report["coverage"]["incomplete_because"], serde_json::json!([]), "packed: {packed}");
    }
}

#[test]
fn an_index_is_where_git_looks_for_it() {
    let repo = with_four_commits();
    let staged = |folder: &str, index: &str| Keysift::new(&repo.tree.path().join(folder)).args(&["staged", "--quiet"]).env("GIT_INDEX_FILE", index).run();
    let git = |arguments: &[&str], index: &str| assert!(repo.try_git("work", arguments, &[("GIT_INDEX_FILE", index)], b"").status.success(), "{arguments:?}");
    repo.tree.make_folder("work/folder");
    // A relative name counts from the top of the work tree, wherever git is started.
    git(&["read-tree", "HEAD"], ".git/other");
    repo.write("new.env", groq_line(5));
    git(&["add", "new.env"], ".git/other");
    staged("work", ".git/other").expect(1);
    staged("work/folder", ".git/other").expect(1);
    staged("work/folder", "../.git/other").expect(3);
    // The part of a split index that is shared is in the repository, wherever the other part is.
    repo.write("old.txt", "old\n");
    repo.write("gone.txt", "gone\n");
    repo.git(&["add", "old.txt", "gone.txt"]);
    repo.git(&["commit", "-q", "-m", "old"]);
    repo.git(&["update-index", "--split-index"]);
    let elsewhere = repo.tree.path().join("elsewhere");
    std::fs::copy(repo.path().join(".git/index"), &elsewhere).expect("it can be copied");
    let elsewhere = elsewhere.to_str().expect("it is text").to_owned();
    repo.write("old.txt", "changed\n");
    git(&["add", "old.txt"], &elsewhere);
    git(&["rm", "-q", "--cached", "gone.txt"], &elsewhere);
    staged("work", &elsewhere).expect(0);
    git(&["add", "new.env"], &elsewhere);
    staged("work/folder", &elsewhere).expect(1);
    std::fs::remove_file(repo.tree.path().join("elsewhere")).expect("it is there");
    git(&["read-tree", "HEAD"], &elsewhere);
    staged("work", &elsewhere).expect(3);
    // What cannot be read is kept.
    std::fs::write(repo.path().join(".git/other"), "DIRC nonsense").expect("it can be written");
    let said = staged("work", ".git/other").expect(3).err().to_owned();
    assert!(said.contains("rename the file") && said.contains("git read-tree HEAD"), "{said}");
}

/// What a broken file `.git` may hold.
const NO_LINKS: [&str; 4] = ["junk\n", "gitdir:\n", "", "gitdir: /nowhere/.git/worktrees/w\n"];

#[test]
fn a_file_that_leads_to_no_repository_is_not_walked_past() {
    let repo = with_four_commits();
    for content in NO_LINKS {
        repo.write("inner/.git", content);
        repo.write("inner/sub/a", "clean\n");
        let git = repo.try_git("work/inner/sub", &["status"], &[], b"");
        assert_eq!(git.status.code(), Some(128), "git stops there, too: {content:?}");
        for (folder, arguments) in [
            ("work/inner", ["staged"].as_slice()),
            ("work/inner/sub", &["range", "HEAD~1..HEAD"]),
            ("work", &["history", "inner/sub"]),
            ("work", &["git", "inner"]),
        ] {
            let run = Keysift::new(&repo.tree.path().join(folder)).args(arguments).run().expect(3);
            assert!(run.err().contains("inner/.git does not lead to a repository") && run.err().contains("git worktree repair"), "{content:?}: {}", run.err());
        }
        Keysift::new(&repo.path().join("inner")).args(&["hook", "install"]).run().expect(3);
        assert!(!repo.path().join(".git/hooks/pre-commit").exists(), "the repository around it gets no hook");
    }
    // A link that works leads there.
    repo.git(&["worktree", "add", "-q", "linked"]);
    Keysift::new(&repo.path().join("linked")).args(&["history"]).run().expect(1);
    let tree = crate::common::Tree::new();
    tree.write(".git", "gitdir: gone\n");
    assert!(tree.run(&["history"]).expect(3).err().contains("gone, which is not there"));
}

#[test]
fn a_folder_that_is_no_repository_is_passed_by_and_told_of() {
    let repo = with_four_commits();
    repo.tree.make_folder("work/inner/.git");
    assert_eq!(repo.git_in("work/inner", &["rev-parse", "--show-toplevel"]), repo.path().canonicalize().expect("it is there").to_str().expect("it is text"));
    let run = Keysift::new(&repo.path().join("inner")).args(&["history", "--quiet"]).run().expect(1);
    assert!(run.err().contains("inner/.git holds no repository") && run.err().contains("the repository around it"), "{}", run.err());
    let tree = crate::common::Tree::new();
    tree.make_folder(".git");
    let run = tree.run(&["staged"]).expect(2);
    assert!(run.err().contains("is not in a git repository") && run.err().contains(".git holds no repository"), "{}", run.err());
}

#[test]
fn the_repository_that_is_named_is_the_one_that_is_scanned() {
    let repo = with_four_commits();
    repo.git_in("", &["init", "-q", "clean"]);
    repo.tree.write("clean/a", "clean\n");
    repo.git_in("clean", &["add", "a"]);
    repo.git_in("clean", &["commit", "-q", "-m", "clean"]);
    let path = |name: &str| repo.tree.path().join(name).to_str().expect("it is text").to_owned();
    let run = |folder: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let prepared = Keysift::new(&repo.tree.path().join(folder)).args(arguments);
        variables.iter().fold(prepared, |prepared, (name, value)| prepared.env(name, value)).run()
    };
    let (clean, other) = (path("clean/.git"), path("work/.git"));
    let objects = format!("{clean}/objects");
    for arguments in [["history", "work"].as_slice(), &["git", "work"]] {
        run("", arguments, &[("GIT_DIR", &clean)]).expect(1);
        run("", arguments, &[("GIT_DIR", &clean), ("GIT_WORK_TREE", &path("clean")), ("GIT_COMMON_DIR", &clean), ("GIT_OBJECT_DIRECTORY", &objects)]).expect(1);
        run("", arguments, &[("GIT_DIR", "/nowhere")]).expect(1);
        run("", arguments, &[("GIT_DIR", &other)]).expect(1);
    }
    let report =
        run("", &["history", "clean", "--format", "json"], &[("GIT_DIR", &other), ("GIT_OBJECT_DIRECTORY", &format!("{other}/objects"))]).expect(0).json();
    assert_eq!(report["coverage"]["n_blobs"], 1, "objects of another one are not read: {report}");
    run("work", &["history", "."], &[("GIT_DIR", &clean)]).expect(1);
    // Where none is named it counts.
    run("work", &["history"], &[("GIT_DIR", &clean)]).expect(0);
    run("clean", &["history"], &[("GIT_DIR", &other)]).expect(1);
    let none = run("work", &["staged"], &[("GIT_DIR", "/nowhere")]).expect(2);
    assert!(none.err().contains("GIT_DIR names /nowhere") && none.err().contains("unset it"), "{}", none.err());
}

#[test]
fn a_repository_is_found_from_within() {
    let repo = with_four_commits();
    let history = |folder: &str, git_dir: Option<&str>| {
        let prepared = Keysift::new(&repo.tree.path().join(folder)).args(&["history"]);
        git_dir.into_iter().fold(prepared, |prepared, value| prepared.env("GIT_DIR", value)).run().code
    };
    for git_dir in [None, Some("."), Some("./"), Some("../.git")] {
        assert_eq!(history("work/.git", git_dir), 1, "{git_dir:?}");
    }
    assert_eq!(history("work/.git/objects", Some("..")), 1);
    assert_eq!(history("work/.git/objects", None), 1);
}

#[cfg(unix)]
#[test]
fn a_receiving_repository_with_a_work_tree_scans_what_comes() {
    let repo = with_four_commits();
    repo.git(&["clone", "-q", ".", "../receiver"]);
    repo.git_in("receiver", &["config", "receive.denyCurrentBranch", "updateInstead"]);
    let script = format!("#!/bin/sh\nwhile read old new ref; do '{}' range \"$old..$new\" || exit 1; done\n", env!("CARGO_BIN_EXE_keysift"));
    repo.tree.write("receiver/.git/hooks/pre-receive", script);
    let hook = repo.tree.path().join("receiver/.git/hooks/pre-receive");
    std::fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    let push = || repo.try_git("work", &["push", "../receiver", "main"], &[], b"");
    repo.write("clean", "clean\n");
    repo.commit("clean");
    let clean = push();
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stderr));
    repo.write("new.env", groq_line(7));
    repo.commit("key");
    let stopped = push();
    assert!(!stopped.status.success() && String::from_utf8_lossy(&stopped.stderr).contains("groq-api-key"), "{}", String::from_utf8_lossy(&stopped.stderr));
}

#[test]
fn an_index_of_a_work_tree_that_is_named_counts_from_its_top() {
    let repo = with_four_commits();
    let path = |name: &str| repo.tree.path().join(name).to_str().expect("it is text").to_owned();
    let (git_dir, top) = (path("work/.git"), path("work"));
    let variables = [("GIT_DIR", git_dir.as_str()), ("GIT_WORK_TREE", &top), ("GIT_INDEX_FILE", "other")];
    repo.write("folder/new.env", groq_line(8));
    let git = |arguments: &[&str]| repo.try_git("work/folder", arguments, &variables, b"");
    assert!(git(&["read-tree", "HEAD"]).status.success() && git(&["add", "new.env"]).status.success());
    assert!(repo.path().join("other").is_file(), "git counts from the top");
    for arguments in [["staged"].as_slice(), &["hook", "run", "pre-commit"]] {
        let prepared = Keysift::new(&repo.path().join("folder")).args(arguments);
        variables.iter().fold(prepared, |prepared, (name, value)| prepared.env(name, value)).run().expect(1);
    }
}

#[test]
fn a_name_that_means_nothing_gets_a_fitting_next_step() {
    let repo = with_four_commits();
    let said = |range: &str| run(&repo, &["range", range]).expect(2).err().to_owned();
    for (range, next) in [
        ("HEAD~9..HEAD", "git log --graph --oneline HEAD"),
        ("HEAD^2..HEAD", "git log --graph --oneline HEAD"),
        ("^HEAD~1..HEAD", "FROM..TO"),
        ("@{u}..HEAD", "git rev-parse '@{u}'"),
        ("origin/topic~3..HEAD", "git fetch origin topic"),
    ] {
        let said = said(range);
        assert!(said.contains(next), "{range}: {said}");
        assert!(next.contains("fetch") || !said.contains("git fetch"), "{range}: {said}");
    }
    // An upstream may be a branch of this repository.
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.git(&["branch", "-q", "-u", "main"]);
    repo.write("new.env", groq_line(9));
    repo.commit("key");
    assert_eq!(repo.git(&["rev-parse", "@{u}"]), repo.git(&["rev-parse", "main"]));
    for range in ["@{u}..HEAD", "topic@{upstream}..topic"] {
        let report = run(&repo, &["range", range]).expect(1).json();
        assert_eq!(report["coverage"]["n_commits"], 1, "{range}");
    }
}

#[test]
fn references_that_name_each_other_are_damaged() {
    let repo = with_four_commits();
    repo.git(&["rm", "-q", "key.env"]);
    let head = repo.path().join(".git/HEAD");
    let kept = std::fs::read(&head).expect("it is there");
    repo.write(".git/HEAD", "ref: HEAD\n");
    for arguments in [["staged"].as_slice(), &["history"]] {
        let run = Keysift::new(&repo.path()).args(arguments).run();
        let said = run.err().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code != 0 && said.contains("ref: refs/heads/BRANCH"), "{arguments:?}: {} {said}", run.code);
    }
    std::fs::write(&head, kept).expect("it can be written");
    repo.write(".git/refs/heads/a", "ref: refs/heads/b\n");
    repo.write(".git/refs/heads/b", "ref: refs/heads/a\n");
    let run = run(&repo, &["history"]).json();
    let why = run["coverage"]["incomplete_because"].to_string();
    assert!(why.contains("refs/heads/a leads only to itself") && why.contains("git symbolic-ref --delete refs/heads/b"), "{why}");
    let created = Keysift::new(&repo.path()).args(&["baseline", "create", "--history"]).run().expect(3);
    assert!(created.err().contains("refs/heads/a leads only to itself"), "{}", created.err());
}

#[test]
fn what_cannot_be_read_is_told_with_its_reason() {
    let repo = with_four_commits();
    repo.write("new.txt", "text that is staged\n");
    repo.git(&["add", "new.txt"]);
    let id = repo.git(&["rev-parse", ":new.txt"]);
    let object = repo.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
    let bytes = std::fs::read(&object).expect("it is loose");
    std::fs::remove_file(&object).expect("it is ours");
    std::fs::write(&object, &bytes[..bytes.len() / 2]).expect("it can be written");
    let words = |run: &Run| run.err().split_whitespace().collect::<Vec<_>>().join(" ");
    for arguments in [["staged"].as_slice(), &["hook", "run", "pre-commit"]] {
        let said = words(&Keysift::new(&repo.path()).args(arguments).run().expect(3));
        assert!(said.contains(&id) && said.contains("git fsck") && said.contains("`git add`"), "{said}");
    }
    let clone = with_four_commits();
    clone.git(&["config", "uploadpack.allowFilter", "true"]);
    clone.write("new.txt", "text that nobody fetched\n");
    clone.commit("fifth");
    let from = format!("file://{}", clone.path().display());
    clone.git_in("", &["clone", "-q", "--filter=blob:none", "--no-checkout", &from, "partial"]);
    let said = words(&Keysift::new(&clone.tree.path().join("partial")).args(&["range", "HEAD~2..HEAD"]).run().expect(3));
    assert!(said.contains("git fetch --refetch --no-filter"), "{said}");
}

#[test]
fn a_repository_that_cannot_be_opened_comes_with_a_next_step() {
    let repo = with_four_commits();
    let said = || Keysift::new(&repo.path()).args(&["staged"]).run().expect(3).err().to_owned();
    let config = String::from_utf8(repo.tree.read("work/.git/config")).expect("it is text");
    repo.write(".git/config", "[core\n");
    assert!(said().contains("git config --local --edit"), "{}", said());
    repo.write(".git/config", config);
    repo.write(".git/objects/info/alternates", format!("{}\n", repo.path().join(".git/objects").display()));
    assert!(said().contains("objects/info/alternates"), "{}", said());
    std::fs::remove_file(repo.path().join(".git/objects/info/alternates")).expect("it was written");
    repo.write(".git/HEAD", "junk\n");
    assert!(said().contains("ref: refs/heads/BRANCH"), "{}", said());
}
