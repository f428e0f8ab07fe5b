//! What is staged, and what a range brings: the blobs and the added lines that are listed are those that the `git` command tells of.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use common::repo::{GitChange, TestRepo};
use keysift::git::{Bases, Change, Changes, Reader, Repo};

/// Opens the repository at a folder beside the work tree.
fn open(repo: &TestRepo, folder: &str) -> Repo {
    Repo::discover(&repo.tree.path().join(folder)).expect("it is a repository")
}

fn staged(repo: &TestRepo) -> Changes {
    open(repo, "work").staged().expect("what is staged can be listed")
}

/// The paths and ids of the blobs that are listed.
fn listed(changes: &Changes) -> BTreeSet<(String, String)> {
    changes.changes.iter().map(|change| (String::from_utf8_lossy(&change.path).into_owned(), change.id.to_string())).collect()
}

/// The numbers of the lines that a change adds.
fn lines(reader: &mut Reader, change: &Change) -> BTreeSet<u64> {
    let lines = reader.added_lines(change).expect("its blobs can be read");
    lines.runs().iter().flat_map(|&(first, last)| first..=last).collect()
}

fn text_of(blob: &[u8], lines: &BTreeSet<u64>) -> Vec<Vec<u8>> {
    let all: Vec<&[u8]> = blob.split_inclusive(|&byte| byte == b'\n').collect();
    let mut texts: Vec<Vec<u8>> = lines.iter().filter_map(|&line| all.get(line as usize - 1)).map(|text| text.to_vec()).collect();
    texts.sort();
    texts
}

/// The lines of a blob that git shows as added relative to each of `bases`; all lines if there is none.
fn lines_by_git(repo: &TestRepo, id: &str, blob: &[u8], bases: &[String]) -> BTreeSet<u64> {
    let all: BTreeSet<u64> = (1..=blob.split_inclusive(|&byte| byte == b'\n').count() as u64).collect();
    bases.iter().fold(all.clone(), |lines, base| {
        let added = if base == id { BTreeSet::new() } else { repo.added_lines(base, id).unwrap_or_else(|| all.clone()) };
        lines.intersection(&added).copied().collect()
    })
}

/// Lists what is staged and holds paths, ids, bases and lines against git.
fn check_staged(repo: &TestRepo) -> Changes {
    let changes = staged(repo);
    let by_git = repo.staged();
    assert_eq!(changes.n_entries, by_git.len() as u64 - n_intended(&by_git), "{by_git:#?}");
    check(repo, &changes, &by_git);
    changes
}

/// git shows a conflict as a path of its own, besides what is changed.
fn n_intended(by_git: &[GitChange]) -> u64 {
    by_git.iter().filter(|change| change.status == 'U').count() as u64
}

fn check(repo: &TestRepo, changes: &Changes, by_git: &[GitChange]) {
    let by_git: Vec<&GitChange> = by_git.iter().filter(|change| change.brings_a_blob()).collect();
    let expected: BTreeMap<(Vec<u8>, String), Option<String>> =
        by_git.iter().map(|change| ((change.path.clone(), change.ids.1.clone()), change.base())).collect();
    let found: BTreeMap<(Vec<u8>, String), Option<String>> =
        changes.changes.iter().map(|change| ((change.path.clone(), change.id.to_string()), only_base(change))).collect();
    assert_eq!(found, expected);
    assert_eq!(changes.changes.len(), expected.len(), "each is listed once");
    let mut reader = open(repo, "work").reader();
    for change in &changes.changes {
        let bases: Vec<String> = only_base(change).into_iter().collect();
        check_lines(repo, &mut reader, change, &bases);
    }
}

/// Holds the added lines of a change against git's. Where both put them at different places, the text is the same.
fn check_lines(repo: &TestRepo, reader: &mut Reader, change: &Change, bases: &[String]) {
    let mut blob = Vec::new();
    reader.blob(&change.id, &mut blob).expect("it can be read");
    let all = blob.split_inclusive(|&byte| byte == b'\n').count() as u64;
    // The line after a last line feed is none for git.
    let ours: BTreeSet<u64> = lines(reader, change).into_iter().filter(|&line| line <= all).collect();
    let theirs = lines_by_git(repo, &change.id.to_string(), &blob, bases);
    if ours != theirs {
        assert_eq!(text_of(&blob, &ours), text_of(&blob, &theirs), "{}: {ours:?} {theirs:?}", change.origin.path);
    }
}

fn only_base(change: &Change) -> Option<String> {
    match &change.bases {
        Bases::New => None,
        Bases::Of(ids) => {
            assert_eq!(ids.len(), 1);
            Some(ids[0].to_string())
        }
    }
}

/// A text of `n` numbered lines that begin with `word`.
fn text(word: &str, n: usize) -> String {
    (1..=n).map(|i| format!("{word} line {i}\n")).collect()
}

#[test]
fn nothing_is_staged_in_an_empty_repository() {
    let repo = TestRepo::new();
    let changes = staged(&repo);
    assert_eq!((changes.n_entries, changes.changes.len()), (0, 0));
}

#[test]
fn with_an_unborn_head_the_whole_index_is_new() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\ntwo\n");
    repo.write("folder/b.txt", "three");
    repo.git(&["add", "-A"]);
    let changes = check_staged(&repo);
    assert_eq!(changes.changes.len(), 2);
    assert!(changes.changes.iter().all(|change| change.bases == Bases::New));
}

#[test]
fn blobs_come_from_the_index_and_not_from_the_work_tree() {
    let repo = TestRepo::new();
    repo.write("a.txt", "one\n");
    repo.commit("first");
    repo.write("a.txt", "one\nstaged\n");
    repo.git(&["add", "a.txt"]);
    repo.write("a.txt", "one\n");
    repo.write("untracked.txt", "no\n");
    let changes = check_staged(&repo);
    let mut blob = Vec::new();
    open(&repo, "work").reader().blob(&changes.changes[0].id, &mut blob).expect("it is there");
    assert_eq!(blob, b"one\nstaged\n");
}

#[test]
fn additions_deletions_modes_links_and_kinds() {
    let repo = TestRepo::new();
    for path in ["kept", "changed", "deleted", "mode", "becomes-link", "a/b/c", "a.b", "a0", "was-file"] {
        repo.write(path, text(path, 8));
    }
    repo.git(&["add", "-A"]);
    let target = repo.blob(b"kept");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{target},link")]);
    repo.git(&["commit", "-qm", "first"]);
    repo.write("changed", text("changed", 8).replace("line 3", "line three") + "more");
    repo.write("a/b/new", "new\n");
    std::fs::remove_file(repo.path().join("was-file")).ok();
    repo.git(&["rm", "-q", "--cached", "deleted", "was-file"]);
    repo.git(&["update-index", "--add", "changed", "a/b/new"]);
    repo.git(&["update-index", "--chmod=+x", "mode"]);
    let target = repo.blob(b"somewhere/else");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{target},link")]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{target},becomes-link")]);
    let inside = repo.blob(b"a folder now\n");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{inside},was-file/inside")]);
    let changes = check_staged(&repo);
    let paths: Vec<&str> = changes.changes.iter().map(|change| &*change.origin.path).collect();
    assert_eq!(paths, ["a/b/new", "becomes-link", "changed", "link", "was-file/inside"]);
    assert_eq!(changes.n_entries, 8, "with two deletions and a mode");
}
