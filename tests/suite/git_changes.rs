//! What is staged, and what a range brings: the blobs and the added lines that are listed are those that the `git` command tells of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::common::repo::{GitChange, TestRepo};
use keysift::git::{Bases, Change, Changes, RangeSpec, Reader, Remote, Repo};

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
    let paths = repo.raw(&["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames"]);
    // git shows a conflict as a path of its own, besides what is changed.
    let n_paths = paths.iter().filter(|change| change.status != 'U').count();
    assert_eq!(changes.n_entries, n_paths as u64, "{paths:#?}");
    check(repo, &changes, &repo.staged());
    changes
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

/// Holds the added lines of a change against git's, for each of its bases. Where both put them at different places, the text is the same.
fn check_lines(repo: &TestRepo, reader: &mut Reader, change: &Change, bases: &[String]) {
    let mut blob = Vec::new();
    reader.blob(&change.id, &mut blob).expect("it can be read");
    let all = blob.split_inclusive(|&byte| byte == b'\n').count() as u64;
    // The line after a last line feed is none for git.
    let ours = |reader: &mut Reader, change: &Change| -> BTreeSet<u64> { lines(reader, change).into_iter().filter(|&line| line <= all).collect() };
    let mut each = Vec::new();
    for base in bases {
        let id = gix_id(base);
        let alone = Change { bases: Bases::Of(vec![id]), later: Vec::new(), ..change.clone() };
        let found = ours(reader, &alone);
        let theirs = lines_by_git(repo, &change.id.to_string(), &blob, std::slice::from_ref(base));
        if found != theirs {
            assert_eq!(text_of(&blob, &found), text_of(&blob, &theirs), "{}: {found:?} {theirs:?}", change.origin.path);
        }
        each.push(found);
    }
    // Of several bases, what is new to every one counts. Of lines that are alike git may call another one new for each base.
    let of_all = each.into_iter().reduce(|a, b| &a & &b).unwrap_or_else(|| (1..=all).collect());
    let change = Change { later: Vec::new(), ..change.clone() };
    assert_eq!(ours(reader, &change), of_all, "{}", change.origin.path);
}

fn gix_id(hex: &str) -> keysift::git::ObjectId {
    keysift::git::ObjectId::from_hex(hex.as_bytes()).expect("git gives ids")
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

#[test]
fn renames_are_those_of_git() {
    let repo = TestRepo::new();
    for (path, word) in [("a/one.c", "one"), ("a/two.c", "two"), ("b/three.c", "three"), ("c/four.c", "four"), ("same1", "same"), ("same2", "same")] {
        repo.write(path, text(word, 40));
    }
    repo.commit("first");
    repo.git(&["mv", "a/one.c", "moved.c"]);
    repo.git(&["mv", "a/two.c", "b/two.c"]);
    repo.git(&["mv", "b/three.c", "x-three.c"]);
    repo.git(&["mv", "same1", "z"]);
    repo.git(&["mv", "same2", "same3"]);
    repo.write("b/two.c", text("two", 36) + "new\n");
    repo.write("x-three.c", text("three", 21) + &text("other", 19));
    repo.git(&["rm", "-q", "c/four.c"]);
    repo.write("c/five.c", text("four", 10) + &text("five", 30));
    repo.git(&["add", "-A"]);
    let changes = check_staged(&repo);
    let moved = changes.changes.iter().find(|change| &*change.origin.path == "moved.c").expect("it is listed");
    assert!(moved.adds_nothing());
    let five = changes.changes.iter().find(|change| &*change.origin.path == "c/five.c").expect("it is listed");
    assert_eq!(five.bases, Bases::New, "less than half of it is old");
}

#[test]
fn line_ends_binary_content_and_missing_last_line_feeds() {
    let repo = TestRepo::new();
    let old = [("crlf", "a\nb\nc\n"), ("binary", "a\0b\nc\n"), ("end", "a\nb"), ("utf16", "a\0b\0\n\0"), ("empty", ""), ("grown", "")];
    old.iter().for_each(|(path, text)| repo.write(path, text));
    repo.commit("first");
    let new = [("crlf", "a\r\nb\nc\r\n"), ("binary", "a\0b\nd\n"), ("end", "a\nb\nc"), ("utf16", "a\0b\0\n\0c\0"), ("empty2", ""), ("grown", "x\n")];
    new.iter().for_each(|(path, text)| repo.write(path, text));
    repo.git(&["-c", "core.autocrlf=false", "add", "-A"]);
    check_staged(&repo);
}

#[test]
fn an_announced_file_is_not_part_of_the_commit() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.write("b", "two\n");
    repo.write("c", "three\n");
    repo.git(&["add", "--intent-to-add", "b"]);
    repo.git(&["add", "c"]);
    let changes = check_staged(&repo);
    assert_eq!((changes.changes.len(), changes.n_intended, changes.n_entries), (1, 1, 1));
}

#[test]
fn submodules_are_counted_and_not_read() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    let first = repo.commit("first");
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{first},module")]);
    let changes = staged(&repo);
    assert_eq!((changes.changes.len(), changes.n_submodules, changes.n_entries), (0, 1, 1));
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    let outer = TestRepo::new();
    outer.write("b", "two\n");
    outer.commit("outer");
    let url = repo.path();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url.to_str().expect("UTF-8"), "module"]);
    outer.write("module/a", "one\nmore\n");
    outer.git_in("work/module", &["add", "a"]);
    let inner = open(&outer, "work/module");
    assert_eq!(inner.work_tree().and_then(|path| path.file_name()), Some("module".as_ref()));
    let changes = inner.staged().expect("it can be listed");
    assert_eq!(changes.changes.len(), 1);
    assert_eq!(lines(&mut inner.reader(), &changes.changes[0]), [2].into());
}

#[test]
fn a_linked_work_tree_has_its_own_index() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.git(&["worktree", "add", "-q", "../linked"]);
    repo.write("a", "one\nin main\n");
    repo.git(&["add", "a"]);
    repo.tree.write("linked/a", "one\nin linked\n");
    repo.git_in("linked", &["add", "a"]);
    let changes = open(&repo, "linked").staged().expect("it can be listed");
    let by_git = repo.git_in("linked", &["rev-parse", ":a"]);
    assert_eq!(listed(&changes), [("a".to_owned(), by_git)].into());
}

#[test]
fn index_formats() {
    for options in [&["index.version=2"][..], &["index.version=3"], &["index.version=4"], &["core.splitIndex=true"], &["index.skipHash=true"]] {
        let repo = TestRepo::new();
        for option in options {
            let (name, value) = option.split_once('=').expect("name=value");
            repo.git(&["config", name, value]);
        }
        (0..60).for_each(|i| repo.write(&format!("folder{}/file{i}", i % 7), text("old", 5)));
        repo.commit("first");
        repo.write("folder3/file3", text("old", 6));
        repo.write("folder9/new", "new\n");
        repo.git(&["rm", "-q", "folder4/file4"]);
        repo.git(&["add", "-A"]);
        let changes = check_staged(&repo);
        assert_eq!((changes.changes.len(), changes.n_entries), (2, 3), "{options:?}");
        assert_eq!(open(&repo, "work").tracked().expect("listed").changes.len(), 60, "{options:?}");
    }
}

#[test]
fn a_sparse_index_is_compared_by_its_trees() {
    let repo = TestRepo::new();
    for i in 0..40 {
        repo.write(&format!("folder{}/inner/file{i}", i % 4), text("old", 5));
    }
    repo.commit("first");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "folder1"]);
    assert!(repo.git(&["ls-files", "--sparse"]).contains("folder2/\n"), "the index is sparse");
    repo.write("folder1/inner/file1", text("old", 6));
    repo.git(&["add", "folder1"]);
    let changes = check_staged(&repo);
    assert_eq!(changes.changes.len(), 1);
    assert_eq!(open(&repo, "work").tracked().expect("listed").changes.len(), 40);
    repo.git(&["commit", "-qm", "second"]);
    // A folder outside of the checkout that differs from HEAD.
    repo.git(&["reset", "-q", "--soft", "HEAD^"]);
    check_staged(&repo);
}

#[test]
fn sha_256() {
    let repo = TestRepo::with_options(&["--object-format=sha256"]);
    repo.write("a", text("a", 9));
    let first = repo.commit("first");
    repo.write("a", text("a", 10));
    repo.write("b/c", "new\n");
    repo.git(&["add", "-A"]);
    check_staged(&repo);
    repo.commit("second");
    check_range(&repo, &format!("{first}..HEAD"));
}

#[test]
fn a_bare_repository_has_nothing_to_stage() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.git(&["clone", "-q", "--bare", ".", "../bare"]);
    let error = open(&repo, "bare").staged().expect_err("it is bare").to_string();
    assert!(error.contains("is a bare repository"), "{error}");
}

#[test]
fn conflicts_are_said_to_be_unscanned() {
    let repo = conflict();
    let changes = staged(&repo);
    assert_eq!(changes.incomplete, ["1 unmerged path was not scanned; resolve and stage first"]);
    assert!(changes.changes.is_empty());
    check_staged_merge(&repo, &["HEAD", "MERGE_HEAD"]);
}

/// A repository in the middle of a merge with a conflict in `both`.
fn conflict() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("both", text("both", 20));
    repo.write("ours", text("ours", 20));
    repo.write("theirs", text("theirs", 20));
    repo.commit("first");
    repo.git(&["checkout", "-qb", "side"]);
    repo.write("both", text("both", 20).replace("line 5\n", "side 5\n").replace("line 15\n", "side 15\n"));
    repo.write("theirs", text("theirs", 20).replace("line 3", "side 3"));
    repo.write("side-only", "side\n");
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("both", text("both", 20).replace("line 5\n", "main 5\n"));
    repo.write("ours", text("ours", 20).replace("line 3", "main 3"));
    repo.commit("main");
    let merge = repo.try_git("work", &["merge", "side"], &[], b"");
    assert!(!merge.status.success(), "it conflicts");
    repo
}

/// What differs from all of `parents`: by git, one comparison for each.
fn merged_by_git(repo: &TestRepo, parents: &[&str], compare: impl Fn(&str) -> Vec<GitChange>) -> BTreeMap<(Vec<u8>, String), Vec<String>> {
    let of_each: Vec<Vec<GitChange>> = parents.iter().map(|parent| compare(parent)).collect();
    let mut all: BTreeMap<(Vec<u8>, String), Vec<String>> = BTreeMap::new();
    for change in of_each[0].iter().filter(|change| !matches!(change.status, 'D' | 'U') && change.modes.1 != "160000") {
        let same: Vec<&GitChange> =
            of_each.iter().filter_map(|changes| changes.iter().find(|other| other.path == change.path && other.status != 'D')).collect();
        let is_mode = same.iter().any(|change| change.status == 'M' && change.ids.0 == change.ids.1);
        if same.len() == parents.len() && !is_mode {
            let bases = same.iter().filter_map(|change| change.base()).collect();
            all.insert((change.path.clone(), change.ids.1.clone()), bases);
        }
    }
    let _ = repo;
    all
}

/// Holds what is staged in a merge against git's comparisons with each parent.
fn check_staged_merge(repo: &TestRepo, parents: &[&str]) -> Changes {
    let changes = staged(repo);
    let compare = |parent: &str| repo.raw(&["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "-M", parent]);
    check_against(repo, &changes.changes, &merged_by_git(repo, parents, compare));
    changes
}

/// Holds listed blobs, their bases and their lines against what git gave.
fn check_against(repo: &TestRepo, changes: &[Change], expected: &BTreeMap<(Vec<u8>, String), Vec<String>>) {
    let found: BTreeSet<_> = changes.iter().map(|change| (change.path.clone(), change.id.to_string())).collect();
    assert_eq!(found, expected.keys().cloned().collect());
    assert_eq!(found.len(), changes.len(), "each is listed once");
    let mut reader = open(repo, "work").reader();
    for change in changes {
        let bases = &expected[&(change.path.clone(), change.id.to_string())];
        let ours: BTreeSet<String> = match &change.bases {
            Bases::New => BTreeSet::new(),
            Bases::Of(ids) => ids.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(ours, bases.iter().cloned().collect(), "bases of {}", change.origin.path);
        check_lines(repo, &mut reader, change, bases);
    }
}

#[test]
fn a_secret_that_the_resolution_brings_is_found_and_one_of_a_parent_is_not() {
    let repo = conflict();
    repo.write("both", text("both", 20).replace("line 5\n", "both 5\n").replace("line 15\n", "side 15\n").replace("line 10\n", "evil 10\n"));
    repo.write("new", "by the merge itself\n");
    repo.git(&["add", "-A"]);
    let changes = check_staged_merge(&repo, &["HEAD", "MERGE_HEAD"]);
    assert_eq!(changes.changes.iter().map(|change| &*change.origin.path).collect::<Vec<_>>(), ["both", "new"]);
    assert_eq!(lines(&mut open(&repo, "work").reader(), &changes.changes[0]), [5, 10].into());
    assert!(changes.n_entries >= 4, "what a side brings counts as staged: {}", changes.n_entries);
}

#[test]
fn a_merge_that_renames_on_one_side_adds_nothing() {
    let repo = TestRepo::new();
    repo.write("old-name", text("x", 30));
    repo.commit("first");
    repo.git(&["checkout", "-qb", "side"]);
    repo.git(&["mv", "old-name", "new-name"]);
    repo.commit("rename");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("old-name", text("x", 30).replace("line 7\n", "seven\n"));
    repo.commit("change");
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    let changes = check_staged_merge(&repo, &["HEAD", "MERGE_HEAD"]);
    assert_eq!(changes.changes.len(), 1);
    assert_eq!(lines(&mut open(&repo, "work").reader(), &changes.changes[0]), BTreeSet::new());
}

#[test]
fn a_damaged_index_is_an_error() {
    let repo = TestRepo::new();
    (0..30).for_each(|i| repo.write(&format!("folder{}/file{i}", i % 3), "x\n"));
    repo.commit("first");
    repo.write("new", "x\n");
    repo.git(&["add", "-A"]);
    let index = repo.path().join(".git/index");
    let good = std::fs::read(&index).expect("it is there");
    let list = |bytes: &[u8]| {
        std::fs::write(&index, bytes).expect("it can be written");
        open(&repo, "work").staged()
    };
    for n in [1, 4, 11, 12, 40, 300, good.len() / 2, good.len() - 21] {
        let error = list(&good[..n]).expect_err("it is cut off").to_string();
        assert!(error.contains("cannot read the index") && error.contains("git read-tree HEAD"), "{error}");
    }
    // Whatever stands in it, nothing panics.
    let mut seed = 1_u64;
    for _ in 0..400 {
        let mut bytes = good.clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8;
        }
        let _ = list(&bytes);
    }
    assert_eq!(list(&good).expect("it is good again").changes.len(), 1);
    // A lock is somebody else's writing, and no matter for reading.
    std::fs::write(repo.path().join(".git/index.lock"), "").expect("it can be written");
    assert_eq!(staged(&repo).changes.len(), 1);
}

#[test]
fn missing_and_damaged_objects_are_named() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.write("a", "two\n");
    repo.git(&["add", "a"]);
    let id = repo.git(&["rev-parse", ":a"]);
    let object = repo.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(&object).expect("it is loose");
    let changes = staged(&repo);
    let mut reader = open(&repo, "work").reader();
    let error = reader.added_lines(&changes.changes[0]).expect_err("it is gone").to_string();
    assert!(error.contains(&id) && error.contains("is not in the repository") && error.contains("git fsck"), "{error}");
    std::fs::write(&object, b"no zlib").expect("it can be written");
    let error = reader.added_lines(&changes.changes[0]).expect_err("it is damaged").to_string();
    assert!(error.contains(&id) && error.contains("cannot read blob"), "{error}");
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&tree[..2]).join(&tree[2..])).expect("it is loose");
    let error = open(&repo, "work").staged().expect_err("HEAD's tree is gone").to_string();
    assert!(error.contains(&tree), "{error}");
}

#[test]
fn nothing_that_the_repository_configures_is_run() {
    let repo = TestRepo::new();
    let witness = repo.tree.path().join("was-run");
    let command = format!("touch {}", witness.display());
    repo.write("a", "one\n");
    repo.write(".gitattributes", "* filter=evil diff=evil\n");
    repo.commit("first");
    repo.write("a", "one\ntwo\n");
    repo.git(&["add", "a"]);
    for key in
        ["core.fsmonitor", "core.pager", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command", "diff.external", "core.editor"]
    {
        repo.git(&["config", key, &command]);
    }
    repo.git(&["config", "alias.diff", &format!("!{command}")]);
    let changes = staged(&repo);
    let mut reader = open(&repo, "work").reader();
    assert_eq!(lines(&mut reader, &changes.changes[0]), [2].into());
    open(&repo, "work").range(&RangeSpec::since("HEAD")).expect("it can be listed");
    assert!(!witness.exists());
}

// Ranges.

fn range(repo: &TestRepo, text: &str) -> Changes {
    let range = RangeSpec::parse(text).expect("it is a range");
    open(repo, "work").range(&range).expect("it can be listed")
}

/// What git says that the commits bring: for each path and blob the commits, oldest first, with the bases of each.
type Brought = BTreeMap<(Vec<u8>, String), Vec<(String, Vec<String>)>>;

fn brought_by_git(repo: &TestRepo, commits: &[String]) -> Brought {
    let mut brought = Brought::new();
    for commit in commits {
        let parents = repo.git(&["rev-list", "--parents", "-n1", commit]);
        let parents: Vec<&str> = parents.split(' ').skip(1).collect();
        let of_commit = match parents[..] {
            [] => {
                let all = repo.raw(&["diff-tree", "-r", "--root", "--raw", "-z", "--no-abbrev", commit]);
                all.into_iter().filter(GitChange::brings_a_blob).map(|change| ((change.path, change.ids.1), Vec::new())).collect()
            }
            _ => merged_by_git(repo, &parents, |parent| repo.raw(&["diff-tree", "-r", "--raw", "-z", "--no-abbrev", "-M", parent, commit])),
        };
        for (key, bases) in of_commit {
            brought.entry(key).or_default().push((commit.clone(), bases));
        }
    }
    brought
}

/// Lists a range and holds it against `git rev-list` and `git diff-tree`.
fn check_range(repo: &TestRepo, text: &str) -> Changes {
    let changes = range(repo, text);
    let text = text.replace("...", "..");
    let commits = repo.git(&["rev-list", "--topo-order", "--reverse", &text]);
    let commits: Vec<String> = commits.lines().map(str::to_owned).collect();
    check_commits(repo, &changes, &commits);
    changes
}

fn check_commits(repo: &TestRepo, changes: &Changes, commits: &[String]) {
    assert_eq!(changes.n_commits, commits.len() as u64);
    let listed: Vec<&str> = changes.messages.iter().map(|message| message.commit.id.as_str()).collect();
    assert_eq!(listed.iter().collect::<BTreeSet<_>>(), commits.iter().map(String::as_str).collect::<Vec<_>>().iter().collect());
    let place = |id: &str| listed.iter().position(|other| *other == id).expect("it is listed");
    for id in &listed {
        let parents = repo.git(&["rev-list", "--parents", "-n1", id]);
        for parent in parents.split(' ').skip(1).filter(|parent| listed.contains(parent)) {
            assert!(place(parent) < place(id), "parents come first");
        }
    }
    let brought = brought_by_git(repo, commits);
    let found: BTreeSet<_> = changes.changes.iter().map(|change| (change.path.clone(), change.id.to_string())).collect();
    assert_eq!(found, brought.keys().cloned().collect());
    assert_eq!(found.len(), changes.changes.len(), "each is listed once");
    let mut reader = open(repo, "work").reader();
    for change in &changes.changes {
        let by_git = &brought[&(change.path.clone(), change.id.to_string())];
        let commit = &change.origin.commit.as_ref().expect("it has a commit").id;
        let first = by_git.iter().map(|(id, _)| id).min_by_key(|id| place(id)).expect("there is one");
        assert_eq!(commit, first, "{}", change.origin.path);
        check_lines_of_all(repo, &mut reader, change, by_git);
    }
}

/// Holds the lines that a change adds in any of its commits against git's.
fn check_lines_of_all(repo: &TestRepo, reader: &mut Reader, change: &Change, by_git: &[(String, Vec<String>)]) {
    let mut of_any = BTreeSet::new();
    for (_, bases) in by_git {
        let ids = bases.iter().map(|base| gix_id(base)).collect::<Vec<_>>();
        let arrival = Change { bases: if ids.is_empty() { Bases::New } else { Bases::Of(ids) }, later: Vec::new(), ..change.clone() };
        check_lines(repo, reader, &arrival, bases);
        of_any.extend(lines(reader, &arrival));
    }
    assert_eq!(lines(reader, change), of_any, "{}", change.origin.path);
}

#[test]
fn a_range_names_the_commit_of_each_blob() {
    let repo = TestRepo::new();
    repo.write("a", text("a", 10));
    let first = repo.commit("first");
    repo.write("a", text("a", 11));
    repo.write("b", "one\n");
    let second = repo.commit("second\n\nwith a body");
    repo.git(&["mv", "b", "c"]);
    repo.write("a", text("a", 10));
    repo.commit("third");
    let changes = check_range(&repo, &format!("{first}..HEAD"));
    let commit = changes.changes[0].origin.commit.as_ref().expect("it has one");
    assert_eq!((commit.id.as_str(), commit.author.as_str(), commit.email.as_str()), (second.as_str(), "Ada", "ada@example.org"));
    assert_eq!((commit.author_date.as_str(), commit.author_seconds, commit.summary.as_str()), ("2023-11-15T00:13:20+02:00", 1_700_000_000, "second"));
    assert_eq!(changes.messages[0].text, b"second\n\nwith a body\n");
    let target = changes.target.expect("it leads to a tree");
    let mut reader = open(&repo, "work").reader();
    let entry = |reader: &mut Reader, path: &str| reader.entry(&target, path.as_bytes()).expect("trees can be read").map(|id| id.to_string());
    assert_eq!(entry(&mut reader, "c"), Some(repo.git(&["rev-parse", "HEAD:c"])));
    assert_eq!([entry(&mut reader, "b"), entry(&mut reader, "c/d"), entry(&mut reader, "")], [const { None }; 3]);
}

#[test]
fn merges_are_looked_into() {
    let repo = conflict();
    let before = repo.git(&["merge-base", "HEAD", "MERGE_HEAD"]);
    repo.write("both", "resolved\n");
    repo.write("evil", "only in the merge\n");
    repo.commit("merge");
    let changes = check_range(&repo, &format!("{before}..HEAD"));
    let evil = changes.changes.iter().find(|change| &*change.origin.path == "evil").expect("it is found");
    assert_eq!(evil.origin.commit.as_ref().map(|commit| commit.summary.as_str()), Some("merge"));
    check_range(&repo, "HEAD^1..HEAD");
    check_range(&repo, "HEAD^2..HEAD");
    check_range(&repo, "HEAD^2...HEAD^1");
}

#[test]
fn an_octopus_has_many_parents() {
    let repo = TestRepo::new();
    repo.write("base", text("base", 30));
    let first = repo.commit("first");
    for i in 1..=3 {
        repo.git(&["checkout", "-qb", &format!("arm{i}"), &first]);
        repo.write("base", text("base", 30).replace(&format!("line {}\n", i * 8), &format!("arm {i}\n")));
        repo.write(&format!("arm{i}"), "arm\n");
        repo.commit(&format!("arm {i}"));
    }
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-edit", "arm1", "arm2", "arm3"]);
    check_range(&repo, &format!("{first}..HEAD"));
}

#[test]
fn a_line_that_comes_back_counts() {
    let repo = TestRepo::new();
    repo.write("a", "one\nold\n");
    let first = repo.commit("first");
    repo.write("a", "two\nold\n");
    repo.commit("second");
    repo.write("a", "two\n");
    repo.commit("third");
    repo.write("a", "two\nold\n");
    repo.commit("fourth");
    let changes = check_range(&repo, &format!("{first}..HEAD"));
    assert_eq!(changes.changes.len(), 2);
    assert_eq!(changes.changes[0].later.len(), 1);
}

#[test]
fn empty_ranges_and_unknown_revisions() {
    let repo = TestRepo::new();
    assert!(open(&repo, "work").range(&RangeSpec::since("HEAD")).expect_err("no commit").to_string().contains("there is no commit yet"));
    repo.write("a", "one\n");
    repo.commit("first");
    assert_eq!(range(&repo, "HEAD..HEAD").n_commits, 0);
    repo.git(&["tag", "-a", "v1", "-m", "tag"]);
    assert_eq!(range(&repo, "v1..main").n_commits, 0);
    let zeros = "0123456789".repeat(4);
    for name in ["no-such", "origin/feature", &zeros, "-x", "^main", "main^7", "@{u}", ":/nothing", "HEAD:a"] {
        let error = open(&repo, "work").range(&RangeSpec::since(name)).expect_err("it is unknown").to_string();
        // A fetch brings what may be a branch, a tag or a commit, and makes no sense of what only git's notation gives a meaning.
        let may_be_fetched = ["no-such", "origin/feature", zeros.as_str(), "-x"].contains(&name);
        let is_right = error.contains(&format!("`{name}` names no commit here")) && error.contains("git fetch origin ") == may_be_fetched;
        assert!(is_right || name == "HEAD:a", "{name}: {error}");
    }
}

#[test]
fn what_a_remote_has_is_left_out() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.git(&["remote", "add", "origin", "../remote.git"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.write("b", "two\n");
    let second = repo.commit("second");
    let range = |remotes: &[&str]| {
        let remotes = remotes.iter().map(|&name| Remote { name: name.to_owned(), address: None }).collect();
        open(&repo, "work").range(&RangeSpec { remotes, to: second.clone(), ..RangeSpec::default() }).expect("it can be listed")
    };
    assert_eq!(range(&["origin"]).n_commits, 1);
    assert_eq!(range(&["other"]).n_commits, 2);
    check_commits(&repo, &range(&[]), &repo.git(&["rev-list", "--reverse", "HEAD"]).lines().map(str::to_owned).collect::<Vec<_>>());
}

#[test]
fn a_shallow_clone_is_incomplete_where_the_range_needs_more() {
    let repo = TestRepo::new();
    for i in 0..6 {
        repo.write("a", text("a", i + 3));
        repo.commit(&format!("commit {i}"));
    }
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--depth=3", &url, "../shallow"]);
    let clone = open(&repo, "shallow");
    let inside = clone.range(&RangeSpec::since("HEAD~2")).expect("it can be listed");
    assert_eq!((inside.n_commits, inside.incomplete.len()), (2, 0));
    let all = clone.range(&RangeSpec { to: "HEAD".to_owned(), ..RangeSpec::default() }).expect("it can be listed");
    assert_eq!(all.n_commits, 3);
    assert!(all.incomplete[0].contains("git fetch --unshallow"), "{:?}", all.incomplete);
    let old = repo.git(&["rev-parse", "HEAD~4"]);
    let error = clone.range(&RangeSpec::since(&old)).expect_err("it was not fetched").to_string();
    assert!(error.contains(&old) && error.contains("git fetch"), "{error}");
}

#[test]
fn a_partial_clone_says_what_fetches_the_rest() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.write("a", "one\ntwo\n");
    repo.commit("second");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.path().display());
    repo.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "../partial"]);
    let clone = open(&repo, "partial");
    let changes = clone.range(&RangeSpec::since("HEAD^")).expect("it can be listed");
    let error = clone.reader().added_lines(&changes.changes[0]).expect_err("it was not fetched").to_string();
    assert!(error.contains("git fetch --refetch --no-filter"), "{error}");
    repo.git_in("partial", &["fetch", "-q", "--refetch", "--no-filter"]);
    assert_eq!(lines(&mut clone.reader(), &changes.changes[0]), [2].into());
}

#[test]
fn a_missing_parent_is_an_error() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    let first = repo.commit("first");
    repo.write("a", "two\n");
    repo.commit("second");
    std::fs::remove_file(repo.path().join(".git/objects").join(&first[..2]).join(&first[2..])).expect("it is loose");
    let all = RangeSpec { to: "HEAD".to_owned(), ..RangeSpec::default() };
    let error = open(&repo, "work").range(&all).expect_err("a parent is gone").to_string();
    assert!(error.contains(&first), "{error}");
}

#[test]
fn replaced_and_grafted_history_is_that_of_git() {
    let repo = TestRepo::new();
    for i in 0..5 {
        repo.write("a", text("a", i + 3));
        repo.write(&format!("file{i}"), "x\n");
        repo.commit(&format!("commit {i}"));
    }
    let (first, head) = (repo.git(&["rev-parse", "HEAD~4"]), repo.git(&["rev-parse", "HEAD"]));
    repo.git(&["replace", "--graft", "HEAD~1", &first]);
    check_range(&repo, &format!("{first}..{head}"));
    repo.git(&["replace", "-d", "HEAD~1"]);
    repo.tree.write("work/.git/info/grafts", format!("# comment\n{head} {first}\n"));
    let changes = check_range(&repo, &format!("{first}..{head}"));
    assert_eq!(changes.n_commits, 1);
}

// Hooks, which git runs with its own variables.

/// The variable that makes [`lists_for_a_hook`] write what is staged to the file that it names.
const LIST_TO: &str = "KEYSIFT_TEST_LIST_TO";

/// The variable with the range that it lists instead.
const LIST_RANGE: &str = "KEYSIFT_TEST_LIST_RANGE";

/// Run by the hooks that the tests below install; by itself it does nothing.
#[test]
fn lists_for_a_hook() {
    let Some(file) = std::env::var_os(LIST_TO) else { return };
    let repo = Repo::discover(Path::new(".")).expect("a hook runs in a repository");
    let changes = match std::env::var(LIST_RANGE) {
        Ok(to) => repo.range(&RangeSpec { to, ..RangeSpec::default() }).expect("it can be listed"),
        Err(_) => repo.staged().expect("it can be listed"),
    };
    let mut reader = repo.reader();
    let all = changes.changes.iter().map(|change| format!("{} {:?}\n", change.origin.path, lines(&mut reader, change)));
    std::fs::write(file, all.collect::<String>()).expect("the file can be written");
}

/// Installs a hook that lists what is staged, or with `range` the new commits that it names, and gives the file that it writes.
fn install(repo: &TestRepo, hooks: &str, name: &str, range: Option<&str>) -> PathBuf {
    let list = repo.tree.path().join(format!("listed-by-{name}"));
    let test = std::env::current_exe().expect("it runs");
    let range = range.map(|range| format!("{LIST_RANGE}={range} ")).unwrap_or_default();
    let script = format!("#!/bin/sh\n{range}{LIST_TO}='{}' exec '{}' -q --exact git_changes::lists_for_a_hook >&2\n", list.display(), test.display());
    let hook = Path::new(hooks).join(name);
    repo.tree.write(&hook, script);
    let hook = repo.tree.path().join(hook);
    std::fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it is ours");
    list
}

#[cfg(unix)]
#[test]
fn a_commit_hook_sees_what_is_committed() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.write("b", "one\n");
    repo.commit("first");
    let list = install(&repo, "work/.git/hooks", "pre-commit", None);
    let listed = |arguments: &[&str], folder: &str| {
        let _ = std::fs::remove_file(&list);
        repo.git_in(folder, arguments);
        std::fs::read_to_string(&list).expect("the hook has run")
    };
    repo.write("a", "one\ntwo\n");
    repo.write("b", "one\ntwo\n");
    repo.git(&["add", "a"]);
    assert_eq!(listed(&["commit", "-qm", "staged"], "work"), "a {2}\n");
    repo.write("a", "one\ntwo\nthree\n");
    repo.git(&["add", "a"]);
    assert_eq!(listed(&["commit", "-qm", "a path", "--", "b"], "work"), "b {2}\n");
    repo.write("b", "one\ntwo\nthree\n");
    assert_eq!(listed(&["commit", "-qam", "all"], "work"), "a {3}\nb {3}\n");
    repo.tree.make_folder("work/folder/inside");
    repo.write("folder/c", "new\n");
    repo.git(&["add", "-A"]);
    assert_eq!(listed(&["commit", "-qm", "from a folder"], "work/folder/inside"), "folder/c {1, 2}\n");
    repo.write("a", "four\n");
    assert_eq!(listed(&["commit", "-qam", "amended", "--amend"], "work"), "a {1}\n");
    repo.git(&["worktree", "add", "-q", "../linked"]);
    repo.tree.write("linked/a", "five\n");
    assert_eq!(listed(&["commit", "-qam", "linked"], "linked"), "a {1}\n");
    let elsewhere = ["--git-dir=work/.git", "--work-tree=work", "commit", "-qam", "elsewhere"];
    repo.write("a", "six\n");
    assert_eq!(listed(&elsewhere, ""), "a {1}\n");
}

#[cfg(unix)]
#[test]
fn a_merge_hook_sees_what_the_merge_brings_itself() {
    let repo = conflict();
    let list = install(&repo, "work/.git/hooks", "pre-commit", None);
    repo.write("both", text("both", 20).replace("line 5\n", "both 5\n").replace("line 15\n", "side 15\n"));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-qm", "resolved"]);
    assert_eq!(std::fs::read_to_string(&list).expect("the hook has run"), "both {5}\n");
    // A merge without conflict has a hook of its own, which runs before git writes MERGE_HEAD.
    let list = install(&repo, "work/.git/hooks", "pre-merge-commit", None);
    repo.git(&["checkout", "-q", "-b", "other", "HEAD^1"]);
    repo.write("others", "other\n");
    repo.write("ours", text("ours", 20).replace("line 19", "other 19"));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "other"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("ours", text("ours", 20).replace("line 3", "main 3").replace("line 10", "main 10"));
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "main again"]);
    repo.git(&["merge", "-q", "--no-edit", "other"]);
    assert_eq!(std::fs::read_to_string(&list).expect("the hook has run"), "ours {}\n");
}

#[cfg(unix)]
#[test]
fn a_receiving_hook_reads_objects_that_are_not_in_the_repository_yet() {
    let repo = TestRepo::new();
    repo.write("a", "one\n");
    repo.commit("first");
    repo.git(&["init", "-q", "--bare", "../bare"]);
    let list = install(&repo, "bare/hooks", "update", Some("$3"));
    let url = repo.tree.path().join("bare");
    repo.git(&["push", "-q", url.to_str().expect("UTF-8"), "main"]);
    assert_eq!(std::fs::read_to_string(&list).expect("the hook has run"), "a {1, 2}\n");
}

// Random histories.

/// Draws numbers from a seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// Changes a text a little: lines are inserted, deleted, replaced, and blocks moved.
    fn edit(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for _ in 0..=self.below(3) {
            let at = self.below(lines.len() + 1);
            match self.below(5) {
                0 | 1 => lines.insert(at, format!("line {}", self.below(40))),
                2 if at < lines.len() => drop(lines.remove(at)),
                3 if at < lines.len() => lines[at] = format!("    changed {}", self.below(40)),
                _ => {
                    let tail = lines.split_off(at);
                    lines.splice(0..0, tail);
                }
            }
        }
        let end = if self.below(4) == 0 { "" } else { "\n" };
        lines.join("\n") + end
    }

    /// Changes the work tree.
    fn change(&mut self, repo: &TestRepo) {
        let files = repo.git(&["ls-files"]);
        let files: Vec<&str> = files.lines().collect();
        for _ in 0..=self.below(3) {
            let new = format!("{}/{}.c", ["a", "b", "a/c"][self.below(3)], ["x", "y", "z", "w"][self.below(4)]);
            let old = if files.is_empty() { None } else { Some(files[self.below(files.len())]) };
            let read = |path: &str| std::fs::read_to_string(repo.path().join(path)).ok();
            match (self.below(6), old.and_then(|old| Some((old, read(old)?)))) {
                (0, Some((old, _))) => std::fs::remove_file(repo.path().join(old)).expect("it is there"),
                (1, Some((old, text))) => {
                    std::fs::remove_file(repo.path().join(old)).expect("it is there");
                    repo.write(&new, if self.below(2) == 0 { text } else { self.edit(&text) });
                }
                (2..=4, Some((old, text))) => repo.write(old, self.edit(&text)),
                _ => {
                    let n = 5 + self.below(20);
                    let lines: String = (0..n).map(|_| format!("line {}\n", self.below(60))).collect();
                    repo.write(&new, lines);
                }
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 10, max_shrink_iters: 0, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_histories_are_listed_as_git_lists_them(seed: u64) {
        history(seed);
    }
}

/// Makes a history of random changes, branches and merges, and checks what is staged before each commit, and then whole ranges.
fn history(seed: u64) {
    let repo = TestRepo::new();
    let mut draw = Draw(seed);
    draw.change(&repo);
    let first = repo.commit("first");
    for i in 0..8 {
        match draw.below(4) {
            0 => drop(repo.git(&["checkout", "-q", "-b", &format!("branch{i}"), &first])),
            1 => {
                // A conflict is resolved by whatever stands in the work tree then.
                repo.try_git("work", &["merge", "-q", "--no-commit", "main"], &[], b"");
            }
            _ => {}
        }
        draw.change(&repo);
        repo.git(&["add", "-A"]);
        match repo.path().join(".git/MERGE_HEAD").exists() {
            true => drop(check_staged_merge(&repo, &["HEAD", "MERGE_HEAD"])),
            false => drop(check_staged(&repo)),
        }
        repo.commit(&format!("commit {i}"));
        if draw.below(3) == 0 {
            repo.git(&["branch", "-f", "next", "HEAD"]);
            repo.git(&["checkout", "-q", "-B", "main", "HEAD"]);
        }
    }
    check_range(&repo, &format!("{first}..HEAD"));
    check_range(&repo, "main..HEAD");
    check_range(&repo, "HEAD..main");
}
