//! Hooks of git, end to end: `keysift hook install` in repositories that real git made, then commits, merges and pushes with and without a key.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::{env, fs};

use crate::common::repo::TestRepo;
use crate::common::{self, Keysift, Run, mistral_line};

/// Runs keysift in a folder beside the work tree, with nobody's configuration of git but what `variables` name.
fn keysift_in(repo: &TestRepo, folder: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let run = Keysift::new(&repo.tree.path().join(folder)).args(arguments).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run()
}

fn keysift(repo: &TestRepo, arguments: &[&str]) -> Run {
    keysift_in(repo, "work", arguments, &[])
}

/// A repository with one commit and all hooks.
fn hooked() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("readme", "nothing to see\n");
    repo.commit("first");
    keysift(&repo, &["hook", "install"]).expect(0);
    repo
}

fn git(repo: &TestRepo, arguments: &[&str]) -> Output {
    repo.try_git("work", arguments, &[], b"")
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stderr.as_slice(), output.stdout.as_slice()].concat()).into_owned()
}

/// git did it.
#[track_caller]
fn passes(output: &Output) -> String {
    assert!(output.status.success(), "{}", error_of(output));
    error_of(output)
}

/// git did not do it, and the reason is a key that was found.
#[track_caller]
fn is_blocked(output: &Output) -> String {
    let error = error_of(output);
    assert!(!output.status.success(), "it passed: {error}");
    assert!(error.contains("mistral-api-key"), "{error}");
    error
}

/// git did not do it, for another reason than a finding.
#[track_caller]
fn is_refused(output: &Output, why: &str) {
    let error = error_of(output);
    assert!(!output.status.success(), "it passed: {error}");
    assert!(error.contains(why) && !error.contains("mistral-api-key"), "{error}");
}

/// Writes an executable script.
fn script(repo: &TestRepo, path: &str, text: &str) {
    repo.tree.write(path, text);
    fs::set_permissions(repo.tree.path().join(path), fs::Permissions::from_mode(0o755)).expect("a script can be made executable");
}

/// The bytes and modes of everything in a folder.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode();
    let files = common::files_below(folder).into_iter();
    files.map(|path| (path.clone(), fs::read(&path).expect("it can be read"), mode(&path))).collect()
}

fn status(repo: &TestRepo) -> String {
    keysift(repo, &["hook", "status"]).out().to_owned()
}

mod commits {
    use super::*;

    #[test]
    fn a_key_is_blocked_and_a_clean_commit_passes() {
        let repo = hooked();
        repo.write("a.env", mistral_line(1));
        repo.git(&["add", "-A"]);
        let head = repo.git(&["rev-parse", "HEAD"]);
        let said = is_blocked(&git(&repo, &["commit", "-m", "key"]));
        assert!(said.contains("keysift stopped this commit: nothing was committed"), "{said}");
        assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
        repo.write("a.env", "nothing\n");
        repo.git(&["add", "-A"]);
        let said = passes(&git(&repo, &["commit", "-m", "clean"]));
        assert!(said.contains("1 blob"), "{said}");
    }

    /// The commands that the hook names, typed as they stand there.
    #[test]
    fn what_a_stopped_commit_is_told_about_baselines_works() {
        let repo = hooked();
        let stopped = |n: u64| {
            repo.write("a.env", mistral_line(n));
            repo.git(&["add", "-A"]);
            let said = is_blocked(&git(&repo, &["commit", "-m", "key"])).split_whitespace().collect::<Vec<_>>().join(" ");
            let is_named = |command: &str| said.contains(&format!("`keysift {command}`"));
            assert!(is_named("baseline create --staged") && is_named("baseline update --staged"), "{said}");
            assert!(said.contains("`baseline = \".keysift-baseline\"` at the top of .keysift.toml"), "{said}");
        };
        stopped(1);
        keysift(&repo, &["baseline", "create", "--staged"]).expect(0);
        repo.write(".keysift.toml", "baseline = \".keysift-baseline\"\n");
        repo.git(&["add", "-A"]);
        passes(&git(&repo, &["commit", "-m", "accepted"]));
        stopped(2);
        keysift(&repo, &["baseline", "update", "--staged"]).expect(0);
        repo.git(&["add", "-A"]);
        passes(&git(&repo, &["commit", "-m", "accepted"]));
    }

    #[test]
    fn commit_of_all_changes() {
        let repo = hooked();
        repo.write("readme", mistral_line(2));
        is_blocked(&git(&repo, &["commit", "-am", "key"]));
        repo.write("readme", "other\n");
        passes(&git(&repo, &["commit", "-am", "clean"]));
    }

    #[test]
    fn commit_of_one_path() {
        let repo = hooked();
        repo.write("readme", mistral_line(3));
        repo.write("other", "clean\n");
        repo.git(&["add", "other"]);
        is_blocked(&git(&repo, &["commit", "-m", "key", "readme"]));
        // What is staged and not committed does not matter.
        repo.git(&["add", "readme"]);
        passes(&git(&repo, &["commit", "-m", "clean", "other"]));
    }

    #[test]
    fn what_counts_is_the_index() {
        let repo = hooked();
        repo.write("readme", mistral_line(4));
        repo.git(&["add", "-A"]);
        repo.write("readme", "clean again, but not staged\n");
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
        repo.git(&["add", "-A"]);
        repo.write("readme", mistral_line(4));
        passes(&git(&repo, &["commit", "-m", "clean"]));
    }

    #[test]
    fn the_first_commit() {
        let repo = TestRepo::new();
        keysift(&repo, &["hook", "install"]).expect(0);
        repo.write("a", mistral_line(5));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        passes(&git(&repo, &["commit", "-m", "clean"]));
    }

    #[test]
    fn amended_and_empty_commits() {
        let repo = hooked();
        let said = passes(&git(&repo, &["commit", "--amend", "-m", "another message"]));
        assert!(said.contains("nothing is staged"), "{said}");
        passes(&git(&repo, &["commit", "--allow-empty", "-m", "empty"]));
        repo.write("readme", mistral_line(6));
        is_blocked(&git(&repo, &["commit", "-a", "--amend", "-m", "key"]));
        repo.git(&["rm", "-q", "--cached", "readme"]);
        passes(&git(&repo, &["commit", "-m", "only deleted"]));
    }

    #[test]
    fn names_with_blanks_and_line_feeds() {
        let repo = hooked();
        repo.write("a b\nc \"d\".env", mistral_line(7));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
        repo.write("a b\nc \"d\".env", "clean\n");
        repo.git(&["add", "-A"]);
        passes(&git(&repo, &["commit", "-m", "clean"]));
    }

    #[test]
    fn from_a_folder_of_the_work_tree() {
        let repo = hooked();
        repo.write("deep/er/a", mistral_line(8));
        repo.git(&["add", "-A"]);
        is_blocked(&repo.try_git("work/deep/er", &["commit", "-m", "key"], &[], b""));
    }

    #[test]
    fn a_linked_work_tree_has_the_same_hooks() {
        let repo = hooked();
        repo.git(&["worktree", "add", "-q", "../linked"]);
        let commit = |message| repo.try_git("linked", &["commit", "-am", message], &[], b"");
        repo.tree.write("linked/readme", mistral_line(9));
        is_blocked(&commit("key"));
        repo.tree.write("linked/readme", "clean\n");
        passes(&commit("clean"));
        let run = keysift_in(&repo, "linked", &["hook", "status"], &[]).expect(0);
        assert!(run.out().contains("work/.git/hooks"), "{}", run.out());
    }

    #[test]
    fn a_submodule_has_its_own() {
        let repo = hooked();
        repo.tree.make_folder("lib");
        repo.git_in("lib", &["init", "-q", "-b", "main"]);
        repo.git_in("lib", &["commit", "-q", "--allow-empty", "-m", "first"]);
        repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../lib", "lib"]);
        passes(&git(&repo, &["commit", "-m", "a submodule"]));
        keysift_in(&repo, "work/lib", &["hook", "install"], &[]).expect(0);
        let commit = |message| repo.try_git("work/lib", &["commit", "-m", message], &[], b"");
        repo.write("lib/a", mistral_line(10));
        repo.git_in("work/lib", &["add", "-A"]);
        is_blocked(&commit("key"));
        repo.write("lib/a", "clean\n");
        repo.git_in("work/lib", &["add", "-A"]);
        passes(&commit("clean"));
        passes(&git(&repo, &["commit", "-am", "the submodule moved"]));
    }

    /// As `git submodule add URL` makes it: the repository lies in that of the outer one, and linked work trees share its hooks.
    #[test]
    fn a_submodule_that_is_absorbed_has_its_own() {
        let repo = hooked();
        repo.git_in("", &["init", "-q", "-b", "main", "lib"]);
        repo.git_in("lib", &["commit", "-q", "--allow-empty", "-m", "first"]);
        repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../lib", "vendor/lib"]);
        assert!(repo.path().join("vendor/lib/.git").is_file());
        repo.git_in("work/vendor/lib", &["worktree", "add", "-q", "../../../linked"]);
        keysift_in(&repo, "work/vendor/lib", &["hook", "install"], &[]).expect(0);
        assert!(repo.path().join(".git/modules/vendor/lib/hooks/pre-commit").is_file());
        for (folder, n) in [("work/vendor/lib", 10), ("linked", 11)] {
            keysift_in(&repo, folder, &["hook", "status"], &[]).expect(0);
            let commit = |message| repo.try_git(folder, &["commit", "-m", message], &[], b"");
            repo.tree.write(format!("{folder}/below/a"), mistral_line(n));
            repo.git_in(folder, &["add", "-A"]);
            keysift_in(&repo, &format!("{folder}/below"), &["staged"], &[]).expect(1);
            keysift_in(&repo, &format!("{folder}/below"), &["hook", "run", "pre-commit"], &[]).expect(1);
            is_blocked(&commit("key"));
            repo.git_in(folder, &["commit", "-q", "--no-verify", "-m", "key"]);
            keysift_in(&repo, folder, &["history"], &[]).expect(1);
        }
        // To the outer one it is a commit of somebody else's.
        passes(&git(&repo, &["commit", "-am", "the submodule moved"]));
        let run = keysift(&repo, &["history"]).expect(0);
        assert!(run.err().contains("submodules left out: 1"), "{}", run.err());
    }

    #[test]
    fn an_index_that_is_named_from_elsewhere() {
        // Some managers start hooks in a folder of their own, and leave the variable as git set it for the top.
        let repo = hooked();
        repo.write("project/a", mistral_line(11));
        repo.git(&["add", "-A"]);
        let run = |index: &str| keysift_in(&repo, "work/project", &["hook", "run", "pre-commit"], &[("GIT_INDEX_FILE", index)]);
        run(".git/index").expect(1);
        assert!(run(".git/none").expect(3).err().contains("GIT_INDEX_FILE"));
        repo.write("project/a", "clean\n");
        repo.git(&["add", "-A"]);
        run(".git/index").expect(0);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let repo = hooked();
        repo.write("readme", "other\n");
        repo.git(&["add", "-A"]);
        let id = repo.git(&["rev-parse", ":readme"]);
        let object = format!("work/.git/objects/{}/{}", &id[..2], &id[2..]);
        fs::remove_file(repo.tree.path().join(object)).expect("a new object is loose");
        is_refused(&git(&repo, &["commit", "-m", "broken"]), "could not be scanned");
    }
}

mod merges {
    use super::*;

    /// A repository with hooks and a branch `side` that changed `file`, as `main` did.
    fn forked(ours: &str, theirs: &str) -> TestRepo {
        let repo = hooked();
        repo.write("file", "1\n2\n3\n4\n5\n6\n7\n8\n");
        repo.commit("base");
        repo.git(&["switch", "-q", "-c", "side"]);
        repo.write("file", theirs);
        repo.commit("theirs");
        repo.git(&["switch", "-q", "main"]);
        repo.write("file", ours);
        repo.commit("ours");
        repo
    }

    #[test]
    fn a_merge_that_adds_a_key_of_its_own() {
        let repo = forked("0\n1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
        let driver = format!("printf '%s' '{}' >> %A", mistral_line(20));
        repo.write(".git/info/attributes", "file merge=evil\n");
        repo.git(&["config", "merge.evil.driver", &driver]);
        is_blocked(&git(&repo, &["merge", "side", "-m", "merge"]));
        repo.git(&["merge", "--abort"]);
        repo.git(&["config", "merge.evil.driver", "cat %B >> %A"]);
        passes(&git(&repo, &["merge", "side", "-m", "merge"]));
    }

    #[test]
    fn a_key_in_the_resolution_of_a_conflict() {
        let repo = forked("ours\n", "theirs\n");
        assert!(!git(&repo, &["merge", "side"]).status.success(), "there is a conflict");
        repo.write("file", format!("both\n{}", mistral_line(21)));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "merge"]));
        repo.write("file", "both\n");
        repo.git(&["add", "-A"]);
        passes(&git(&repo, &["commit", "-m", "merge"]));
    }

    #[test]
    fn what_one_side_had_already_is_not_blocked_again() {
        let key = mistral_line(22);
        let repo = forked("0\n1\n2\n3\n4\n5\n6\n7\n8\n", &format!("1\n2\n3\n4\n5\n6\n7\n8\n{key}"));
        passes(&git(&repo, &["merge", "side", "-m", "merge"]));
    }
}

mod pushes {
    use super::*;

    /// A repository with hooks and an empty remote.
    fn with_remote() -> TestRepo {
        let repo = hooked();
        repo.tree.make_folder("remote.git");
        repo.git_in("remote.git", &["init", "-q", "--bare", "-b", "main"]);
        repo.git(&["remote", "add", "origin", "../remote.git"]);
        repo
    }

    fn push(repo: &TestRepo, arguments: &[&str]) -> Output {
        git(repo, &[&["push"], arguments].concat())
    }

    /// Commits a file with a key, or without, whatever the hooks say.
    fn commit(repo: &TestRepo, path: &str, content: &str) {
        repo.write(path, content);
        repo.commit("more");
    }

    #[test]
    fn the_first_push_to_an_empty_remote() {
        let repo = with_remote();
        commit(&repo, "a", &mistral_line(30));
        is_blocked(&push(&repo, &["origin", "main"]));
        // A key that was taken out again is in history nevertheless.
        commit(&repo, "a", "clean\n");
        is_blocked(&push(&repo, &["origin", "main"]));
        repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
        passes(&push(&repo, &["origin", "main"]));
    }

    #[test]
    fn an_update() {
        let repo = with_remote();
        commit(&repo, "old", &mistral_line(31));
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        commit(&repo, "a", "clean\n");
        passes(&push(&repo, &["origin", "main"]));
        commit(&repo, "b", &mistral_line(32));
        is_blocked(&push(&repo, &["origin", "main"]));
    }

    #[test]
    fn a_new_branch_brings_what_no_branch_of_the_remote_has() {
        let repo = with_remote();
        commit(&repo, "old", &mistral_line(33));
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        repo.git(&["switch", "-q", "-c", "feature"]);
        let said = passes(&push(&repo, &["origin", "feature"]));
        assert!(said.contains("no new commit"), "{said}");
        commit(&repo, "a", &mistral_line(34));
        is_blocked(&push(&repo, &["origin", "HEAD^{/more}:refs/heads/other name".replace(' ', "-").as_str()]));
        // Another remote has nothing yet.
        repo.tree.make_folder("second.git");
        repo.git_in("second.git", &["init", "-q", "--bare"]);
        is_blocked(&push(&repo, &["../second.git", "main"]));
    }

    #[test]
    fn a_forced_push() {
        let repo = with_remote();
        commit(&repo, "a", "one\n");
        passes(&push(&repo, &["origin", "main"]));
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        commit(&repo, "a", &mistral_line(35));
        is_blocked(&push(&repo, &["--force", "origin", "main"]));
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        passes(&push(&repo, &["--force", "origin", "main"]));
    }

    #[test]
    fn a_remote_that_went_on_without_us() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        repo.git(&["clone", "-q", "../remote.git", "../other"]);
        repo.git_in("other", &["commit", "-q", "--allow-empty", "-m", "elsewhere"]);
        repo.git_in("other", &["push", "-q", "origin", "main"]);
        commit(&repo, "a", &mistral_line(36));
        is_blocked(&push(&repo, &["--force", "origin", "main"]));
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        commit(&repo, "a", "clean\n");
        passes(&push(&repo, &["--force", "origin", "main"]));
    }

    #[test]
    fn a_history_that_was_cleaned_is_not_soiled_again() {
        let repo = with_remote();
        commit(&repo, "a", &mistral_line(37));
        repo.git(&["push", "-q", "--no-verify", "origin", "main", "main:feature"]);
        // Somebody removed the key from the remote's history; here nobody fetched since.
        repo.git_in("remote.git", &["update-ref", "refs/heads/main", &repo.git(&["rev-parse", "HEAD~1"])]);
        commit(&repo, "b", "clean\n");
        is_blocked(&push(&repo, &["origin", "main"]));
    }

    #[test]
    fn a_commit_that_is_replaced_here_is_pushed_as_it_was() {
        let repo = with_remote();
        commit(&repo, "a", &mistral_line(42));
        let with_key = repo.git(&["rev-parse", "HEAD"]);
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "--amend", "--no-verify", "-m", "clean"]);
        let clean = repo.git(&["rev-parse", "HEAD"]);
        repo.git(&["reset", "-q", "--hard", &with_key]);
        commit(&repo, "a", "clean\n");
        repo.git(&["replace", &with_key, &clean]);
        is_blocked(&push(&repo, &["origin", "main"]));
        repo.git(&["replace", "-d", &with_key]);
        repo.write(".git/info/grafts", format!("{} {}\n", repo.git(&["rev-parse", "HEAD"]), repo.git(&["rev-parse", "HEAD~2"])));
        is_blocked(&push(&repo, &["origin", "main"]));
    }

    #[test]
    fn deleted_branches_and_nothing() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main", "main:feature"]));
        passes(&push(&repo, &["origin", "--delete", "feature"]));
        passes(&push(&repo, &["origin", "main"]));
    }

    /// Managers of hooks may give the hook another input than git does, or none.
    #[test]
    fn a_hook_that_is_told_nothing_does_not_pass_unscanned() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        commit(&repo, "a", "clean\n");
        let with_remote = ["hook", "run", "pre-push", "--", "origin", "../remote.git"];
        let run = |arguments: &[&str]| Keysift::new(&repo.path()).args(arguments).run();
        let told = run(&with_remote[..3]).expect(3);
        assert!(told.err().contains("use_stdin: true"), "{}", told.err());
        // From a pipe that is what git says if the remote has everything.
        commit(&repo, "b", &mistral_line(38));
        run(&with_remote).expect(0);
        let from_device = format!("'{}' hook run pre-push -- origin ../remote.git < /dev/null", env!("CARGO_BIN_EXE_keysift"));
        let output = std::process::Command::new("sh").args(["-c", &from_device]).current_dir(repo.path()).output().expect("there is a shell");
        assert_eq!(output.status.code(), Some(3), "{}", error_of(&output));
    }

    #[test]
    fn from_a_bare_repository() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        commit(&repo, "a", &mistral_line(39));
        repo.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
        keysift_in(&repo, "bare.git", &["hook", "install", "--type", "pre-push"], &[]).expect(0);
        is_blocked(&repo.try_git("bare.git", &["push", "../remote.git", "main"], &[], b""));
        passes(&repo.try_git("bare.git", &["push", "../remote.git", "main~1:refs/heads/other"], &[], b""));
    }

    #[test]
    fn tags_and_several_references_at_once() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        repo.git(&["tag", "-a", "-m", "clean", "v1"]);
        passes(&push(&repo, &["origin", "v1"]));
        repo.git(&["switch", "-q", "--detach"]);
        commit(&repo, "a", &mistral_line(38));
        repo.git(&["tag", "-a", "-m", "key", "v2"]);
        repo.git(&["tag", "light"]);
        is_blocked(&push(&repo, &["origin", "v2"]));
        is_blocked(&push(&repo, &["origin", "light"]));
        repo.git(&["switch", "-q", "main"]);
        commit(&repo, "b", "clean\n");
        let said = is_blocked(&push(&repo, &["origin", "main", "v2", "light"]));
        assert_eq!(said.matches("mistral-api-key").count(), 1, "the commit is scanned once: {said}");
    }

    #[test]
    fn messages_of_tags() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        repo.git(&["tag", "-a", "-m", &mistral_line(40), "bad"]);
        is_blocked(&push(&repo, &["origin", "bad"]));
        repo.git(&["tag", "-a", "-m", "a clean tag of a tag", "outer", "bad"]);
        is_blocked(&push(&repo, &["origin", "outer"]));
        is_blocked(&push(&repo, &["origin", "outer:refs/tags/other"]));
        let said = is_blocked(&push(&repo, &["origin", "--tags"]));
        assert!(said.contains("message of tag "), "{said}");
        repo.git(&["tag", "-a", "-m", "clean", "good"]);
        let said = passes(&push(&repo, &["origin", "good"]));
        assert!(!said.contains("nothing to scan"), "{said}");
        passes(&push(&repo, &["origin", "--delete", "good"]));
    }

    #[test]
    fn tags_of_files_and_folders() {
        let repo = with_remote();
        passes(&push(&repo, &["origin", "main"]));
        let bad = repo.blob(mistral_line(41).as_bytes());
        let good = repo.blob(b"clean\n");
        let folder = |blob: &str| {
            let tree = repo.try_git("work", &["mktree"], &[], format!("100644 blob {blob}\tkey.env\n").as_bytes());
            String::from_utf8_lossy(&tree.stdout).trim().to_owned()
        };
        for (name, target, path) in [("file", &bad, "refs/tags/file"), ("folder", &folder(&bad), "key.env")] {
            repo.git(&["tag", name, target]);
            let said = is_blocked(&push(&repo, &["origin", name]));
            assert!(said.contains(path), "{said}");
            repo.git(&["tag", "-a", "-m", "clean", &format!("annotated-{name}"), target]);
            is_blocked(&push(&repo, &["origin", &format!("annotated-{name}")]));
        }
        repo.git(&["tag", "good-file", &good]);
        repo.git(&["tag", "-a", "-m", "clean", "good-folder", &folder(&good)]);
        let said = passes(&push(&repo, &["origin", "good-file", "good-folder"]));
        assert!(said.contains("2 blobs"), "{said}");
        passes(&push(&repo, &["origin", "--delete", "good-file"]));
    }

    #[test]
    fn nonsense_is_refused() {
        let repo = hooked();
        for wrong in ["nonsense\n", "refs/heads/a 12 refs/heads/b 34\n"] {
            let run = Keysift::new(&repo.path()).args(&["hook", "run", "pre-push", "--", "origin", "../x"]).input(wrong).run().expect(3);
            assert!(run.err().contains("cannot understand"), "{}", run.err());
        }
        let gone = format!("refs/heads/a {} refs/heads/a {}\n", "1".repeat(40), "0".repeat(40));
        Keysift::new(&repo.path()).args(&["hook", "run", "pre-push", "--", "origin", "../x"]).input(gone).run().expect(3);
    }
}

mod installation {
    use super::*;

    #[test]
    fn twice_is_once_and_away_is_away() {
        let repo = TestRepo::new();
        let hooks = repo.path().join(".git/hooks");
        let before = snapshot(&hooks);
        let run = keysift(&repo, &["hook", "status"]).expect(1);
        assert_eq!(run.out().matches(": not installed").count(), 3, "{}", run.out());
        keysift(&repo, &["hook", "install"]).expect(0);
        let once = snapshot(&hooks);
        let run = keysift(&repo, &["hook", "install"]).expect(0);
        assert_eq!(run.err().matches("is installed already").count(), 3, "{}", run.err());
        assert_eq!(snapshot(&hooks), once);
        let run = keysift(&repo, &["hook", "status"]).expect(0);
        assert_eq!(run.out().matches(": installed\n").count(), 3, "{}", run.out());
        keysift(&repo, &["hook", "uninstall"]).expect(0);
        assert_eq!(snapshot(&hooks), before);
        keysift(&repo, &["hook", "uninstall"]).expect(0);
    }

    #[test]
    fn only_the_types_that_were_asked_for() {
        let repo = TestRepo::new();
        keysift(&repo, &["hook", "install", "--type", "pre-push,pre-commit"]).expect(0);
        let status = |types| keysift(&repo, &["hook", "status", "--type", types]).code;
        assert_eq!((status("pre-commit"), status("pre-push"), status("pre-merge-commit")), (0, 0, 1));
        keysift(&repo, &["hook", "uninstall", "--type=pre-push"]).expect(0);
        assert_eq!((status("pre-commit"), status("pre-push")), (0, 1));
        keysift(&repo, &["hook", "install", "--type", "commit-msg"]).expect(2);
    }

    #[test]
    fn a_hook_that_goes_by_its_name_is_not_renamed() {
        let repo = TestRepo::new();
        for script in [
            "case \"$(basename \"$0\")\" in pre-commit) exit 1 ;; esac",
            "name=${0##*/}; [ \"$name\" != pre-commit ]",
            "ruby -e 'x' # \nexec \"$(basename -- \"$0\")\"",
        ] {
            let script = format!("#!/bin/sh\n{script}\n");
            repo.write(".git/hooks/pre-commit", &script);
            let run = keysift(&repo, &["hook", "install"]).expect(2);
            assert!(run.err().contains("asks by which name it is called") && run.err().contains("keysift hook run pre-commit"), "{}", run.err());
            assert_eq!(repo.tree.read("work/.git/hooks/pre-commit"), script.as_bytes());
            assert!(!repo.path().join(".git/hooks/pre-push").exists(), "all or none");
        }
        keysift(&repo, &["hook", "install", "--force"]).expect(0);
        assert!(repo.path().join(".git/hooks/pre-commit.before-keysift").exists());
        keysift(&repo, &["hook", "uninstall"]).expect(0);
        // What only finds its folder, and what a comment says.
        repo.write(".git/hooks/pre-commit", "#!/bin/sh\n# not by basename $0\n. \"$(dirname \"$0\")/lib.sh\"\n");
        keysift(&repo, &["hook", "install"]).expect(0);
    }

    #[test]
    fn lines_that_were_added_to_our_hook_are_kept() {
        let repo = hooked();
        let path = "work/.git/hooks/pre-commit";
        let ours = String::from_utf8(repo.tree.read(path)).expect("it is text");
        let added = format!("{ours}make lint\n");
        for (arguments, kept) in [(["hook", "install"], ".git/hooks/pre-commit.changed"), (["hook", "uninstall"], ".git/hooks/pre-commit.changed-2")] {
            script(&repo, path, &added);
            let run = keysift(&repo, &arguments).expect(0);
            assert!(run.err().contains("lines that keysift did not write") && run.err().contains(kept), "{}", run.err());
            assert_eq!(run.err().matches("did not write").count(), 1, "{}", run.err());
            assert_eq!(repo.tree.read(format!("work/{kept}")), added.as_bytes());
        }
        assert!(!repo.tree.path().join(path).exists());
    }

    /// Behind ours it would run itself for ever.
    #[cfg(unix)]
    #[test]
    fn a_link_to_a_hook_of_ours_is_not_chained() {
        let repo = hooked();
        let hooks = repo.path().join(".git/hooks");
        let ours = repo.tree.read("work/.git/hooks/pre-commit");
        script(&repo, "work/shared/pre-commit", std::str::from_utf8(&ours).expect("it is text"));
        fs::remove_file(hooks.join("pre-commit")).expect("it is there");
        std::os::unix::fs::symlink("../../shared/pre-commit", hooks.join("pre-commit")).expect("a link can be made");
        keysift(&repo, &["hook", "install"]).expect(0);
        assert!(!hooks.join("pre-commit.before-keysift").exists());
        repo.write("a", mistral_line(40));
        repo.git(&["add", "a"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
    }

    #[test]
    fn a_hook_that_was_there_runs_after_ours() {
        let repo = TestRepo::new();
        script(&repo, "work/.git/hooks/pre-commit", "#!/bin/sh\necho first >> ../seen\n[ ! -e ../no ]\n");
        script(&repo, "work/.git/hooks/pre-push", "#!/bin/sh\necho \"second $*: $(cat)\" >> ../seen\n");
        let hooks = repo.path().join(".git/hooks");
        let before = snapshot(&hooks);
        let run = keysift(&repo, &["hook", "install"]).expect(0);
        assert!(run.err().contains("runs after it"), "{}", run.err());
        let run = keysift(&repo, &["hook", "status"]).expect(0);
        assert_eq!(run.out().matches("chained").count(), 2, "{}", run.out());
        keysift(&repo, &["hook", "install"]).expect(0);

        repo.write("a", mistral_line(40));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
        assert!(!repo.tree.path().join("seen").exists(), "what is blocked goes no further");
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        repo.tree.write("no", "");
        is_refused(&git(&repo, &["commit", "-m", "clean"]), "");
        fs::remove_file(repo.tree.path().join("no")).expect("it was written");
        passes(&git(&repo, &["commit", "-m", "clean"]));

        repo.tree.make_folder("remote.git");
        repo.git_in("remote.git", &["init", "-q", "--bare"]);
        passes(&git(&repo, &["push", "../remote.git", "main"]));
        let seen = String::from_utf8(repo.tree.read("seen")).expect("it is text");
        let head = repo.git(&["rev-parse", "HEAD"]);
        let pushed = seen.lines().find(|line| line.starts_with("second")).expect("the hook ran");
        assert!(pushed.contains("../remote.git ../remote.git"), "the arguments are those of git: {seen}");
        assert!(pushed.contains(&format!("refs/heads/main {head} refs/heads/main {}", "0".repeat(40))), "the input is that of git: {seen}");

        keysift(&repo, &["hook", "uninstall"]).expect(0);
        assert_eq!(snapshot(&hooks), before);
    }

    #[test]
    fn from_within_a_repository() {
        let repo = TestRepo::new();
        for (folder, code) in [("work/.git", 1), ("work/.git/objects", 1)] {
            let run = keysift_in(&repo, folder, &["hook", "status"], &[]).expect(code);
            assert!(run.out().contains("hooks"), "{}", run.out());
        }
        keysift_in(&repo, "work/.git", &["hook", "install"], &[("GIT_DIR", ".")]).expect(0);
        assert!(repo.path().join(".git/hooks/pre-commit").is_file());
        repo.git_in("", &["init", "-q", "--bare", "bare.git"]);
        keysift_in(&repo, "bare.git/objects", &["hook", "install"], &[]).expect(0);
        assert!(repo.tree.path().join("bare.git/hooks/pre-push").is_file());
    }

    #[test]
    fn a_hooks_folder_that_cannot_be_made_is_refused() {
        let repo = TestRepo::new();
        let hooks = repo.path().join(".git/hooks");
        fs::remove_dir_all(&hooks).expect("git made it");
        let is_refused = |why: &str| {
            let before = common::files_below(&repo.path());
            let run = keysift(&repo, &["hook", "install"]).expect(2);
            assert!(run.err().contains(why) && run.err().contains("nothing was changed") && run.err().contains("try again"), "{}", run.err());
            assert_eq!(common::files_below(&repo.path()), before);
            keysift(&repo, &["hook", "status"]).expect(1);
            keysift(&repo, &["hook", "uninstall"]).expect(0);
        };
        let link = |target: &str, place: &str| std::os::unix::fs::symlink(target, repo.path().join(place)).expect("a link can be made");
        link("../nowhere", ".git/hooks");
        is_refused(".git/hooks is a link to ../nowhere, which cannot be followed");
        fs::remove_file(&hooks).expect("it is there");
        fs::write(&hooks, "").expect("it can be written");
        is_refused(".git/hooks is no folder");
        fs::remove_file(&hooks).expect("it is there");
        link("gone", "config");
        for named in ["config/.husky/_", "config/hooks"] {
            repo.git(&["config", "core.hooksPath", named]);
            is_refused("config, on the way to the hooks folder, is a link to gone");
        }
        fs::create_dir(repo.path().join("gone")).expect("it is not there");
        keysift(&repo, &["hook", "install"]).expect(0);
        assert!(repo.path().join("gone/hooks/pre-commit").is_file());
    }

    #[test]
    fn nothing_is_overwritten() {
        let repo = TestRepo::new();
        script(&repo, "work/.git/hooks/pre-commit", "#!/bin/sh\ntrue\n");
        script(&repo, "work/.git/hooks/pre-commit.before-keysift", "#!/bin/sh\nfalse\n");
        let before = snapshot(&repo.path().join(".git/hooks"));
        let run = keysift(&repo, &["hook", "install"]).expect(2);
        assert!(run.err().contains("pre-commit.before-keysift"), "{}", run.err());
        assert_eq!(snapshot(&repo.path().join(".git/hooks")), before, "all or nothing");
    }

    #[test]
    fn a_changed_hook_is_out_of_date() {
        let repo = hooked();
        let path = "work/.git/hooks/pre-commit";
        let text = String::from_utf8(repo.tree.read(path)).expect("it is text");
        script(&repo, path, &text.replace("exit 3", "exit 0"));
        assert!(status(&repo).contains("pre-commit: out of date"), "{}", status(&repo));
        keysift(&repo, &["hook", "install"]).expect(0);
        assert_eq!(repo.tree.read(path), text.as_bytes());
        fs::set_permissions(repo.tree.path().join(path), fs::Permissions::from_mode(0o644)).expect("modes can change");
        let run = keysift(&repo, &["hook", "status"]).expect(1);
        assert!(run.out().contains("not executable"), "{}", run.out());
        script(&repo, path, "#!/bin/sh\ntrue\n");
        assert!(status(&repo).contains("pre-commit: not installed: there is another hook"), "{}", status(&repo));
    }

    #[test]
    fn without_keysift_nothing_passes() {
        let repo = hooked();
        for name in ["pre-commit", "pre-push"] {
            let path = format!("work/.git/hooks/{name}");
            let text = String::from_utf8(repo.tree.read(&path)).expect("it is text");
            script(&repo, &path, &text.replace(env!("CARGO_BIN_EXE_keysift"), "/nowhere/keysift"));
        }
        repo.write("readme", "other\n");
        is_refused(&git(&repo, &["commit", "-am", "clean"]), "cannot find keysift");
        let run = keysift(&repo, &["hook", "status"]).expect(1);
        assert!(run.out().contains("everything is refused"), "{}", run.out());
        // One on PATH will do.
        let folder = Path::new(env!("CARGO_BIN_EXE_keysift")).parent().expect("it lies in a folder");
        let path = format!("{}:{}", folder.display(), env::var("PATH").expect("there is a PATH"));
        passes(&repo.try_git("work", &["commit", "-am", "clean"], &[("PATH", &path)], b""));
    }

    #[test]
    fn a_folder_that_the_configuration_names() {
        let repo = TestRepo::new();
        repo.git(&["config", "core.hooksPath", "../hooks of mine"]);
        script(&repo, "hooks of mine/pre-commit", "#!/bin/sh\n[ ! -e no ]\n");
        let run = keysift(&repo, &["hook", "install"]).expect(0);
        assert!(run.err().contains("hooks of mine"), "{}", run.err());
        assert!(!repo.path().join(".git/hooks/pre-commit").exists());
        repo.write("a", mistral_line(41));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        repo.write("no", "");
        is_refused(&git(&repo, &["commit", "-m", "clean"]), "");
        fs::remove_file(repo.path().join("no")).expect("it was written");
        passes(&git(&repo, &["commit", "-m", "clean"]));
        keysift_in(&repo, "work", &["hook", "status"], &[]).expect(0);
    }

    #[test]
    fn a_folder_of_the_work_tree_names_no_binary() {
        let repo = TestRepo::new();
        repo.git(&["config", "core.hooksPath", ".githooks"]);
        let run = keysift(&repo, &["hook", "install", "--type", "pre-commit"]).expect(0);
        assert!(run.err().contains("part of the work tree"), "{}", run.err());
        let text = String::from_utf8(repo.tree.read("work/.githooks/pre-commit")).expect("it is text");
        assert!(!text.contains(env!("CARGO_BIN_EXE_keysift")), "{text}");
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        is_refused(&git(&repo, &["commit", "-m", "clean"]), "cannot find keysift");
    }

    #[test]
    fn outside_of_a_repository() {
        let tree = common::Tree::new();
        let run = tree.run(&["hook", "install"]).expect(2);
        assert!(run.err().contains("--global"), "{}", run.err());
        tree.run(&["hook", "run", "pre-commit"]).expect(2);
    }
}

mod managers {
    use super::*;

    fn path_with_keysift() -> String {
        let folder = Path::new(env!("CARGO_BIN_EXE_keysift")).parent().expect("it lies in a folder");
        format!("{}:{}", folder.display(), env::var("PATH").expect("there is a PATH"))
    }

    /// What husky 9 writes: `core.hooksPath` names `.husky/_`, where each hook runs the script of its name in `.husky`.
    fn with_husky() -> TestRepo {
        let repo = TestRepo::new();
        repo.git(&["config", "core.hooksPath", ".husky/_"]);
        let runner =
            "#!/usr/bin/env sh\nn=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"\nexit $?\n";
        for name in ["pre-commit", "pre-merge-commit", "pre-push"] {
            script(&repo, &format!("work/.husky/_/{name}"), runner);
        }
        script(&repo, "work/.husky/_/h", runner);
        repo.write(".husky/_/.gitignore", "*");
        repo.write(".husky/pre-commit", "[ ! -e no ]\n");
        repo.write(".husky/pre-push", "cat > ../pushed\n");
        repo
    }

    #[test]
    fn husky_gets_a_block() {
        let repo = with_husky();
        let before = snapshot(&repo.path().join(".husky/_"));
        keysift(&repo, &["hook", "install"]).expect(0);
        keysift(&repo, &["hook", "install"]).expect(0);
        keysift(&repo, &["hook", "status"]).expect(0);
        assert_eq!(snapshot(&repo.path().join(".husky/_")), before, "what husky writes anew is left alone");
        let path = path_with_keysift();
        let git = |arguments: &[&str]| repo.try_git("work", arguments, &[("PATH", &path)], b"");
        repo.write("a", mistral_line(50));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&["commit", "-m", "key"]));
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        repo.write("no", "");
        is_refused(&git(&["commit", "-m", "clean"]), "");
        fs::remove_file(repo.path().join("no")).expect("it was written");
        is_refused(&repo.try_git("work", &["commit", "-m", "clean"], &[], b""), "keysift on PATH");
        passes(&git(&["commit", "-m", "clean"]));
        repo.tree.make_folder("remote.git");
        repo.git_in("remote.git", &["init", "-q", "--bare"]);
        passes(&git(&["push", "../remote.git", "main"]));
        let head = repo.git(&["rev-parse", "HEAD"]);
        let pushed = String::from_utf8(repo.tree.read("pushed")).expect("it is text");
        assert_eq!(pushed, format!("refs/heads/main {head} refs/heads/main {}\n", "0".repeat(40)), "the rest of the script gets the input");
        repo.write("b", mistral_line(51));
        repo.commit("key");
        is_blocked(&git(&["push", "../remote.git", "main"]));

        keysift(&repo, &["hook", "uninstall"]).expect(0);
        assert_eq!(repo.tree.read("work/.husky/pre-commit"), b"[ ! -e no ]\n");
        assert_eq!(repo.tree.read("work/.husky/pre-push"), b"cat > ../pushed\n");
        assert!(!repo.path().join(".husky/pre-merge-commit").exists());
    }

    #[test]
    fn lines_that_were_added_to_the_block_of_husky_are_kept() {
        let repo = with_husky();
        for (arguments, kept) in [(["hook", "install"], ".husky/pre-commit.changed"), (["hook", "uninstall"], ".husky/pre-commit.changed-2")] {
            keysift(&repo, &["hook", "install"]).expect(0);
            let ours = String::from_utf8(repo.tree.read("work/.husky/pre-commit")).expect("it is text");
            let added = ours.replace("# keysift-hook 1: end\n", "npm run lint\n# keysift-hook 1: end\n");
            assert_ne!(added, ours);
            repo.write(".husky/pre-commit", &added);
            assert!(status(&repo).contains("pre-commit: out of date"), "{}", status(&repo));
            let run = keysift(&repo, &arguments).expect(0);
            assert!(run.err().contains("lines that keysift did not write") && run.err().contains(kept), "{}", run.err());
            assert_eq!(run.err().matches("did not write").count(), 1, "{}", run.err());
            assert_eq!(repo.tree.read(format!("work/{kept}")), added.as_bytes());
        }
        assert_eq!(repo.tree.read("work/.husky/pre-commit"), b"[ ! -e no ]\n");
        // A script that was made for the block, and one that is as keysift wrote it.
        keysift(&repo, &["hook", "install"]).expect(0);
        let ours = String::from_utf8(repo.tree.read("work/.husky/pre-merge-commit")).expect("it is text");
        let added = ours.replace("# keysift-hook 1: end\n", "npm run lint\n# keysift-hook 1: end\n");
        repo.write(".husky/pre-merge-commit", &added);
        let run = keysift(&repo, &["hook", "uninstall"]).expect(0);
        assert_eq!(run.err().matches("did not write").count(), 1, "{}", run.err());
        assert_eq!(repo.tree.read("work/.husky/pre-merge-commit.changed"), added.as_bytes());
        assert!(!repo.path().join(".husky/pre-push.changed").exists());
    }

    /// The script of husky for `pre-commit`.
    fn script_of_husky(repo: &TestRepo) -> String {
        String::from_utf8(repo.tree.read("work/.husky/pre-commit")).expect("it is text")
    }

    #[test]
    fn a_block_of_husky_of_another_version_is_written_anew() {
        let repo = with_husky();
        for (arguments, kept) in [(["hook", "install"], ".husky/pre-commit.changed"), (["hook", "uninstall"], ".husky/pre-commit.changed-2")] {
            keysift(&repo, &["hook", "install"]).expect(0);
            let ours = script_of_husky(&repo);
            let old = ours.replace("keysift-hook 1:", "keysift-hook 0:").replace("hook run", "hook-run");
            repo.write(".husky/pre-commit", &old);
            assert!(status(&repo).contains("pre-commit: out of date"), "{}", status(&repo));
            // Nobody knows what that version wrote, and what somebody added.
            let run = keysift(&repo, &arguments).expect(0);
            assert!(run.err().contains("was of another version") && !run.err().contains("did not write"), "{}", run.err());
            assert_eq!(repo.tree.read(format!("work/{kept}")), old.as_bytes());
            let is_installed = arguments[1] == "install";
            assert_eq!(script_of_husky(&repo), if is_installed { ours } else { "[ ! -e no ]\n".to_owned() });
        }
    }

    #[test]
    fn several_blocks_of_husky_become_one_and_their_lines_are_kept() {
        let repo = with_husky();
        keysift(&repo, &["hook", "install"]).expect(0);
        let ours = script_of_husky(&repo);
        let block = ours.strip_suffix("[ ! -e no ]\n").expect("it stands behind");
        let added = block.replace("# keysift-hook 1: end\n", "npm run lint\n# keysift-hook 1: end\n");
        let cases = [([block, &added], true), ([&added, block], true), ([block, block], false)];
        for arguments in [["hook", "install"], ["hook", "uninstall"]] {
            for (blocks, is_kept) in cases {
                let text = format!("{}[ ! -e no ]\n", blocks.concat());
                repo.write(".husky/pre-commit", &text);
                assert!(status(&repo).contains("pre-commit: out of date"), "{}", status(&repo));
                let run = keysift(&repo, &arguments).expect(0);
                let kept = repo.path().join(".husky/pre-commit.changed");
                assert_eq!(run.err().contains("lines that keysift did not write"), is_kept, "{}", run.err());
                assert_eq!(fs::read_to_string(&kept).ok(), is_kept.then_some(text));
                let _ = fs::remove_file(kept);
                assert_eq!(script_of_husky(&repo), if arguments[1] == "install" { &ours } else { "[ ! -e no ]\n" });
            }
        }
    }

    #[test]
    fn a_block_of_husky_behind_other_lines_is_put_before_them() {
        let repo = with_husky();
        keysift(&repo, &["hook", "install"]).expect(0);
        let ours = script_of_husky(&repo);
        let block = ours.strip_suffix("[ ! -e no ]\n").expect("it stands behind");
        for lines in ["true\nexit 0\n", "exit $?\n", "exec true\n", "if [ -n \"$CI\" ]; then\nexit 0\nfi\n", "cat > ../pushed\n"] {
            repo.write(".husky/pre-commit", format!("# ours\n\n{lines}{block}"));
            let run = keysift(&repo, &["hook", "status"]).expect(1);
            assert!(run.out().contains("pre-commit: not sure to be reached"), "{}", run.out());
            let run = keysift(&repo, &["hook", "install"]).expect(0);
            assert_eq!(script_of_husky(&repo), format!("# ours\n\n{block}{lines}"));
            assert!(!run.err().contains("is kept as"), "{}", run.err());
            keysift(&repo, &["hook", "status"]).expect(0);
            keysift(&repo, &["hook", "uninstall"]).expect(0);
            assert_eq!(script_of_husky(&repo), format!("# ours\n\n{lines}"));
        }
        // A script of somebody's that is called so does not start husky.
        repo.write(".husky/pre-commit", "exec ./husky.sh\n");
        keysift(&repo, &["hook", "install"]).expect(0);
        assert_eq!(script_of_husky(&repo), format!("{block}exec ./husky.sh\n"));
    }

    #[test]
    fn husky_that_was_not_started_here_is_told() {
        let repo = with_husky();
        keysift(&repo, &["hook", "install"]).expect(0);
        keysift(&repo, &["hook", "status"]).expect(0);
        fs::remove_dir_all(repo.path().join(".husky/_")).expect("it is there");
        let run = keysift(&repo, &["hook", "status"]).expect(1);
        assert!(run.out().contains("pre-commit: not run") && run.out().contains("npx husky"), "{}", run.out());
        let run = keysift(&repo, &["hook", "install"]).expect(0);
        assert!(run.err().contains("husky was not started here"), "{}", run.err());
        // In older versions git runs the scripts themselves.
        repo.git(&["config", "core.hooksPath", ".husky"]);
        keysift(&repo, &["hook", "status"]).expect(0);
        let path = repo.path().join(".husky/pre-commit");
        let mode = std::os::unix::fs::PermissionsExt::from_mode;
        fs::set_permissions(&path, mode(0o644)).expect("it can be changed");
        let run = keysift(&repo, &["hook", "status"]).expect(1);
        assert!(run.out().contains("pre-commit: not executable"), "{}", run.out());
        keysift(&repo, &["hook", "install"]).expect(0);
        keysift(&repo, &["hook", "status"]).expect(0);
    }

    #[test]
    fn husky_in_a_folder_of_another_name_gets_a_block() {
        let repo = with_husky();
        fs::create_dir(repo.path().join(".config")).expect("it is not there");
        fs::rename(repo.path().join(".husky"), repo.path().join(".config/husky")).expect("it can be moved");
        repo.git(&["config", "core.hooksPath", ".config/husky/_"]);
        keysift(&repo, &["hook", "install"]).expect(0);
        let script = String::from_utf8(repo.tree.read("work/.config/husky/pre-commit")).expect("it is text");
        assert!(script.contains("keysift hook run pre-commit") && script.ends_with("[ ! -e no ]\n"), "{script}");
        keysift(&repo, &["hook", "status"]).expect(0);
    }

    #[test]
    fn husky_of_a_project_below_the_top_gets_a_block() {
        let repo = TestRepo::new();
        repo.git(&["config", "core.hooksPath", "frontend/.husky/_"]);
        script(&repo, "work/frontend/.husky/_/pre-commit", "#!/usr/bin/env sh\nsh -e \"$(dirname \"$(dirname \"$0\")\")/pre-commit\" \"$@\"\n");
        repo.write("frontend/.husky/pre-commit", "true\n");
        let before = snapshot(&repo.path().join("frontend/.husky/_"));
        keysift(&repo, &["hook", "install", "--type", "pre-commit"]).expect(0);
        assert_eq!(snapshot(&repo.path().join("frontend/.husky/_")), before);
        repo.write("a", mistral_line(55));
        repo.git(&["add", "a"]);
        is_blocked(&repo.try_git("work", &["commit", "-m", "key"], &[("PATH", &path_with_keysift())], b""));
    }

    #[test]
    fn a_script_of_husky_that_is_a_link_stays_one() {
        let repo = with_husky();
        let link = |name: &str, target: &str| {
            let place = repo.path().join(".husky").join(name);
            let _ = fs::remove_file(&place);
            std::os::unix::fs::symlink(target, place).expect("a link can be made");
        };
        repo.write("scripts/check", "npm test\n");
        link("pre-commit", "../scripts/check");
        keysift(&repo, &["hook", "install", "--type", "pre-commit"]).expect(0);
        assert_eq!(fs::read_link(repo.path().join(".husky/pre-commit")).expect("it is a link"), Path::new("../scripts/check"));
        keysift(&repo, &["hook", "status", "--type", "pre-commit"]).expect(0);
        keysift(&repo, &["hook", "uninstall", "--type", "pre-commit"]).expect(0);
        assert_eq!(repo.tree.read("work/scripts/check"), b"npm test\n");
        // What two hooks have in common, or what is not there, gets no block.
        link("pre-push", "../scripts/check");
        let run = keysift(&repo, &["hook", "install"]).expect(2);
        assert!(run.err().contains("is a link") && run.err().contains("nothing was changed"), "{}", run.err());
        link("pre-commit", "../scripts/gone");
        keysift(&repo, &["hook", "install"]).expect(2);
        // Nor does what has no end, which is not read.
        link("pre-commit", "/dev/zero");
        for command in ["install", "status", "uninstall"] {
            let run = keysift(&repo, &["hook", command]).expect(2);
            assert!(run.err().contains("is no file"), "{}", run.err());
        }
        assert_eq!(repo.tree.read("work/scripts/check"), b"npm test\n");
    }

    #[test]
    fn husky_that_sleeps_is_told_of() {
        let repo = TestRepo::new();
        repo.write(".husky/pre-commit", "npm test\n");
        let run = keysift(&repo, &["hook", "install"]).expect(2);
        assert!(run.err().contains("husky"), "{}", run.err());
        keysift(&repo, &["hook", "install", "--force"]).expect(0);
    }

    #[test]
    fn lefthook_and_pre_commit_are_told_what_to_add() {
        let repo = TestRepo::new();
        repo.write("lefthook.yml", "pre-commit:\n  commands: {}\n");
        let before = snapshot(&repo.path().join(".git/hooks"));
        let run = keysift(&repo, &["hook", "install"]).expect(2);
        assert!(run.err().contains("run: keysift hook run pre-push {1} {2}"), "{}", run.err());
        fs::remove_file(repo.path().join("lefthook.yml")).expect("it was written");
        let hook = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexit 0\n";
        script(&repo, "work/.git/hooks/pre-commit", hook);
        let run = keysift(&repo, &["hook", "install"]).expect(2);
        assert!(run.err().contains("entry: keysift hook run framework"), "{}", run.err());
        fs::remove_file(repo.path().join(".git/hooks/pre-commit")).expect("it was written");
        assert_eq!(snapshot(&repo.path().join(".git/hooks")), before);
        script(&repo, "work/.git/hooks/pre-commit", hook);
        keysift(&repo, &["hook", "install", "--force"]).expect(0);
        repo.write("a", mistral_line(52));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, &["commit", "-m", "key"]));
    }

    #[test]
    fn what_a_manager_runs_is_installed() {
        let repo = TestRepo::new();
        script(&repo, "work/.git/hooks/pre-commit", "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n");
        let status = || keysift(&repo, &["hook", "status", "--type", "pre-commit"]);
        status().expect(1);
        repo.write(".pre-commit-config.yaml", "repos:\n- repo: x\n  hooks:\n  # - id: keysift\n");
        status().expect(1);
        repo.write(".pre-commit-config.yaml", "repos:\n- repo: x\n  hooks:\n  - id: keysift\n");
        assert!(status().expect(0).out().contains("by the configuration of pre-commit"));
        let before = snapshot(&repo.path().join(".git/hooks"));
        let run = keysift(&repo, &["hook", "install", "--type", "pre-commit"]).expect(0);
        assert!(run.err().contains("pre-commit: is run by the configuration of pre-commit: nothing was changed"), "{}", run.err());
        assert_eq!(snapshot(&repo.path().join(".git/hooks")), before);
        // As pre-commit itself lays it out, and for another stage.
        repo.write(".pre-commit-config.yaml", "repos:\n-   repo: x\n    hooks:\n    -   id: keysift # note\n");
        status().expect(0);
        repo.write(".pre-commit-config.yaml", "repos:\n-   repo: x\n    hooks:\n    -   id: keysift\n        stages: [manual]\n");
        status().expect(1);
    }

    #[test]
    fn a_hook_that_only_speaks_of_a_manager_is_nobodys() {
        let repo = TestRepo::new();
        script(&repo, "work/.git/hooks/pre-commit", "#!/bin/sh\n# instead of LEFTHOOK\n[ ! -e no ]\n");
        let run = keysift(&repo, &["hook", "install", "--type", "pre-commit"]).expect(0);
        assert!(run.err().contains("runs after it"), "{}", run.err());
    }

    #[test]
    fn what_a_framework_asked_for_by_hand_stops_nothing() {
        let repo = TestRepo::new();
        repo.write("a", "clean\n");
        repo.commit("first");
        repo.write("b", mistral_line(56));
        repo.commit("second");
        let said = |variables: &[(&str, &str)]| {
            let run = keysift_in(&repo, "work", &["hook", "run", "framework"], variables).expect(1);
            run.err().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let range = said(&[("PRE_COMMIT_FROM_REF", "HEAD~1"), ("PRE_COMMIT_TO_REF", "HEAD")]);
        assert!(range.contains("out of each commit that is named") && !range.contains("stopped") && !range.contains("stage them again"), "{range}");
        let all = said(&[]);
        assert!(all.contains("keysift history") && !all.contains("stopped") && !all.contains("stage them again"), "{all}");
        repo.write("c", mistral_line(57));
        repo.git(&["add", "c"]);
        assert!(said(&[]).contains("stopped this commit"));
    }
}

mod everywhere {
    use super::*;

    /// Where the global configuration of a test lies.
    fn variables(repo: &TestRepo) -> [(String, String); 2] {
        let at = |name: &str| repo.tree.path().join(name).to_str().expect("temporary folders have plain names").to_owned();
        [("GIT_CONFIG_GLOBAL".to_owned(), at("global.config")), ("XDG_CONFIG_HOME".to_owned(), at("xdg"))]
    }

    fn keysift(repo: &TestRepo, arguments: &[&str]) -> Run {
        let variables = variables(repo);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        keysift_in(repo, "work", arguments, &variables)
    }

    fn git(repo: &TestRepo, folder: &str, arguments: &[&str]) -> Output {
        let variables = variables(repo);
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        repo.try_git(folder, arguments, &variables, b"")
    }

    #[test]
    fn all_repositories_and_their_own_hooks() {
        let repo = TestRepo::new();
        keysift(&repo, &["hook", "status", "--global"]).expect(1);
        keysift(&repo, &["hook", "install", "--global"]).expect(0);
        keysift(&repo, &["hook", "install", "--global"]).expect(0);
        keysift(&repo, &["hook", "status", "--global"]).expect(0);
        let run = keysift(&repo, &["hook", "status"]).expect(0);
        assert_eq!(run.out().matches(": installed").count(), 3, "{}", run.out());
        keysift(&repo, &["hook", "install"]).expect(2);

        for name in ["pre-commit", "commit-msg", "post-commit", "reference-transaction"] {
            script(&repo, &format!("work/.git/hooks/{name}"), &format!("#!/bin/sh\necho {name} >> ../seen\n[ ! -e ../no-{name} ]\n"));
        }
        repo.write("a", mistral_line(60));
        repo.git(&["add", "-A"]);
        is_blocked(&git(&repo, "work", &["commit", "-m", "key"]));
        repo.write("a", "clean\n");
        repo.git(&["add", "-A"]);
        for name in ["pre-commit", "commit-msg"] {
            repo.tree.write(format!("no-{name}"), "");
            is_refused(&git(&repo, "work", &["commit", "-m", "clean"]), "");
            fs::remove_file(repo.tree.path().join(format!("no-{name}"))).expect("it was written");
        }
        passes(&git(&repo, "work", &["commit", "-m", "clean"]));
        let seen = String::from_utf8(repo.tree.read("seen")).expect("it is text");
        for name in ["pre-commit", "commit-msg", "post-commit", "reference-transaction"] {
            assert!(seen.lines().any(|line| line == name), "{name} did not run: {seen}");
        }

        repo.git(&["worktree", "add", "-q", "../linked"]);
        fs::remove_file(repo.tree.path().join("seen")).expect("it was written");
        repo.tree.write("linked/a", "clean as well\n");
        passes(&git(&repo, "linked", &["commit", "-am", "clean"]));
        assert!(repo.tree.path().join("seen").exists(), "a linked work tree has the hooks of the repository");

        // Hooks of the receiving side go on as well.
        repo.tree.make_folder("remote.git");
        repo.git_in("remote.git", &["init", "-q", "--bare"]);
        script(&repo, "remote.git/hooks/pre-receive", "#!/bin/sh\ncat > ../received\n[ ! -e ../closed ]\n");
        repo.tree.write("closed", "");
        is_refused(&git(&repo, "work", &["push", "../remote.git", "main"]), "pre-receive");
        fs::remove_file(repo.tree.path().join("closed")).expect("it was written");
        passes(&git(&repo, "work", &["push", "../remote.git", "main"]));
        repo.write("a", mistral_line(61));
        repo.commit("key");
        is_blocked(&git(&repo, "work", &["push", "../remote.git", "main"]));

        keysift(&repo, &["hook", "uninstall", "--global"]).expect(0);
        assert!(!repo.tree.path().join("xdg/keysift/hooks").exists());
        assert!(!String::from_utf8(repo.tree.read("global.config")).expect("it is text").contains("hooksPath"));
        keysift(&repo, &["hook", "status", "--global"]).expect(1);
    }

    #[test]
    fn another_folder_for_all_is_not_replaced() {
        let repo = TestRepo::new();
        repo.tree.write("global.config", "[core]\n\thooksPath = ~/hooks\n");
        let run = keysift(&repo, &["hook", "install", "--global"]).expect(2);
        assert!(run.err().contains("core.hooksPath") && run.err().contains("help:"), "{}", run.err());
        assert!(!repo.tree.path().join("xdg").exists());
        assert_eq!(repo.tree.read("global.config"), b"[core]\n\thooksPath = ~/hooks\n");
        keysift(&repo, &["hook", "uninstall", "--global"]).expect(0);
        assert_eq!(repo.tree.read("global.config"), b"[core]\n\thooksPath = ~/hooks\n");
    }

    #[test]
    fn hooks_for_one_repository_in_a_folder_for_all_are_told_of() {
        let repo = TestRepo::new();
        let folder = repo.tree.path().join("hooks of mine");
        repo.tree.write("global.config", format!("[core]\n\thooksPath = \"{}\"\n", folder.display()));
        let run = keysift(&repo, &["hook", "install"]).expect(0);
        assert!(run.err().contains("in all your repositories"), "{}", run.err());
        assert!(folder.join("pre-commit").is_file());
    }
}
