//! Pushes of real git to remotes that have several addresses or names within names: what one of them has is not what another one has.

use std::process::Output;

use crate::common::repo::TestRepo;
use crate::common::{Keysift, mistral_line};

/// A repository with the hook `pre-push`, a commit with a key, and these empty remotes beside it.
fn with_remotes(folders: &[&str]) -> TestRepo {
    let repo = TestRepo::new();
    for folder in folders {
        repo.tree.make_folder(folder);
        repo.git_in(folder, &["init", "-q", "--bare"]);
    }
    repo.write("key.env", mistral_line(1));
    repo.commit("a key");
    Keysift::new(&repo.path()).args(&["hook", "install", "--type", "pre-push"]).run().expect(0);
    repo
}

fn push(repo: &TestRepo, arguments: &[&str]) -> Output {
    repo.try_git("work", &[&["push", "-q"], arguments].concat(), &[], b"")
}

fn passes(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_blocked(output: &Output) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && error.contains("1 finding"), "{error}");
}

#[test]
fn what_is_fetched_from_one_address_is_not_what_another_one_has() {
    let repo = with_remotes(&["internal.git", "public.git"]);
    repo.git(&["remote", "add", "origin", "../internal.git"]);
    passes(&push(&repo, &["--no-verify", "origin", "main"]));
    // The same remote under the same address has it all.
    passes(&push(&repo, &["origin", "main:same"]));
    repo.git(&["remote", "set-url", "--push", "origin", "../public.git"]);
    is_blocked(&push(&repo, &["origin", "main"]));
    // One address of two is where the branches come from.
    repo.git(&["config", "--unset", "remote.origin.pushurl"]);
    repo.git(&["remote", "set-url", "--add", "origin", "../public.git"]);
    is_blocked(&push(&repo, &["origin", "main:both"]));
    assert_eq!(repo.git_in("public.git", &["for-each-ref"]), "");
    // Rules for addresses that the repository has itself.
    repo.git(&["remote", "remove", "origin"]);
    repo.git(&["remote", "add", "origin", "../internal.git"]);
    repo.git(&["fetch", "-q", "origin"]);
    passes(&push(&repo, &["origin", "main:again"]));
    repo.git(&["config", "url.../public.pushInsteadOf", "../internal"]);
    is_blocked(&push(&repo, &["origin", "main"]));
}

#[test]
fn the_branches_of_a_remote_within_the_name_of_another_are_not_its() {
    let repo = with_remotes(&["a.git", "ab.git"]);
    for (name, folder) in [("a", "a.git"), ("a/b", "ab.git")] {
        // git of today refuses such names, and keeps those that are there.
        repo.git(&["config", &format!("remote.{name}.url"), &format!("../{folder}")]);
        repo.git(&["config", &format!("remote.{name}.fetch"), &format!("+refs/heads/*:refs/remotes/{name}/*")]);
    }
    passes(&push(&repo, &["--no-verify", "a/b", "main"]));
    repo.git(&["rev-parse", "refs/remotes/a/b/main"]);
    is_blocked(&push(&repo, &["a", "main"]));
}

#[test]
fn branches_are_where_the_configuration_puts_them() {
    let repo = with_remotes(&["one.git", "two.git"]);
    repo.git(&["remote", "add", "one", "../one.git"]);
    repo.git(&["config", "remote.one.fetch", "+refs/heads/*:refs/remotes/first/*"]);
    passes(&push(&repo, &["--no-verify", "one", "main"]));
    repo.git(&["fetch", "-q", "one"]);
    passes(&push(&repo, &["one", "main:same"]));
    // What is called as the remote would have it by default, another one has written.
    repo.git(&["remote", "add", "two", "../two.git"]);
    repo.git(&["config", "remote.two.fetch", "+refs/heads/*:refs/remotes/second/*"]);
    repo.git(&["update-ref", "refs/remotes/two/main", "main"]);
    is_blocked(&push(&repo, &["two", "main"]));
    // Branches of one's own are nobody's, even if a fetch writes them.
    repo.git(&["config", "remote.two.fetch", "+refs/heads/*:refs/heads/*"]);
    is_blocked(&push(&repo, &["two", "main"]));
}
