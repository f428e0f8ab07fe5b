use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Mutex;

use tempfile::TempDir;

use super::*;
use crate::blob::SkipReason;

/// A folder with files, each holding its own path.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("the system has a folder for temporary files");
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("it lies in the temporary folder")).expect("the folder can be made");
        fs::write(path, content).expect("the file can be written");
    }
    folder
}

fn top(folder: &TempDir) -> PathBuf {
    canonical(folder.path()).expect("the temporary folder exists")
}

#[derive(Debug, Default, PartialEq)]
struct Seen {
    blobs: Vec<String>,
    skips: BTreeMap<String, SkipReason>,
    n_ignored: u64,
}

impl Seen {
    fn skips(&self) -> Vec<(&str, SkipReason)> {
        self.skips.iter().map(|(path, &reason)| (path.as_str(), reason)).collect()
    }
}

fn walked(options: &TreeOptions) -> Result<Seen, SourceError> {
    let seen = Mutex::new(Seen::default());
    let n_ignored = walk(options, Ignored::Counted, || {
        |entry| {
            let mut seen = seen.lock().expect("no visitor panics");
            match entry {
                Entry::Blob { origin, .. } => seen.blobs.push(origin.path.to_string()),
                Entry::Skip(skip) => assert!(seen.skips.insert(skip.origin.path.to_string(), skip.reason).is_none(), "skipped twice: {skip:?}"),
            }
        }
    })?;
    let mut seen = seen.into_inner().expect("no visitor panics");
    seen.blobs.sort();
    seen.n_ignored = n_ignored;
    Ok(seen)
}

/// What is seen of paths below a folder, whatever the number of threads.
fn seen_of(root: &Path, paths: &[&str], honor_ignore_files: bool) -> Seen {
    let options = |n_threads| TreeOptions {
        paths: paths.iter().map(|path| root.join(path)).collect(),
        root: root.to_owned(),
        honor_ignore_files,
        follows_links: false,
        n_threads,
    };
    let seen = walked(&options(4)).expect("the paths exist");
    assert_eq!(walked(&options(1)).expect("the paths exist"), seen);
    seen
}

fn seen(folder: &TempDir, paths: &[&str]) -> Seen {
    seen_of(&top(folder), paths, true)
}

#[test]
fn hidden_files_are_blobs_and_version_control_stores_are_not() {
    let folder = tree(&[
        (".env", ""),
        (".github/workflows/ci.yml", ""),
        (".mcp.json", ""),
        ("src/a.rs", ""),
        (".git/HEAD", ""),
        (".git/objects/pack/p", ""),
        (".git/config", ""),
        (".hg/requires", ""),
        (".hg/store/s", ""),
        (".svn/entries", ""),
        (".svn/wc.db", ""),
        (".jj/repo/r", ""),
        (".bzr/branch-format", ""),
        ("sub/.git/HEAD", ""),
        ("sub/.git/commondir", ""),
        (".gitlab-ci.yml", ""),
    ]);
    let blobs = [".env", ".github/workflows/ci.yml", ".gitlab-ci.yml", ".mcp.json", "src/a.rs"];
    let stores = [".bzr", ".git", ".hg", ".jj", ".svn", "sub/.git"].map(|path| (path, SkipReason::Store));
    for honor_ignore_files in [true, false] {
        let seen = seen_of(&top(&folder), &["."], honor_ignore_files);
        assert_eq!(seen.blobs, blobs);
        assert_eq!((seen.skips(), seen.n_ignored), (stores.to_vec(), 0));
    }
    let named = seen(&folder, &[".", ".git"]);
    assert_eq!((named.blobs.len(), named.skips.len()), (blobs.len() + 3, stores.len() - 1));
}

#[test]
fn what_only_has_the_name_of_a_store_is_scanned() {
    let files = [".git/config", ".hg/store.env", ".jj/a", ".svn/config.env", "a/.bzr", "a/.git", "a/.hg", "b/.git/HEAD", "b/.svn/entries"];
    let folder = tree(&files.map(|path| (path, "")));
    for honor_ignore_files in [true, false] {
        let seen = seen_of(&top(&folder), &["."], honor_ignore_files);
        assert_eq!((seen.blobs.as_slice(), seen.skips(), seen.n_ignored), (files.map(str::to_owned).as_slice(), vec![], 0));
    }
}

#[test]
fn what_ignore_files_leave_out_can_be_listed() {
    let folder = tree(&[(".gitignore", "*.log\nout\n"), ("a", ""), ("x.log", ""), ("out/b", ""), ("sub/y.log", ""), ("sub/c", "")]);
    let skips = Mutex::new(Vec::new());
    let options = TreeOptions { paths: vec![top(&folder)], root: top(&folder), honor_ignore_files: true, follows_links: false, n_threads: 3 };
    let make_visitor = || {
        |entry| {
            if let Entry::Skip(skip) = entry {
                skips.lock().expect("no visitor panics").push((skip.origin.path.to_string(), skip.reason));
            }
        }
    };
    assert_eq!(walk(&options, Ignored::Listed, make_visitor).expect("the folder exists"), 3);
    let mut skips = skips.into_inner().expect("no visitor panics");
    skips.sort();
    assert_eq!(skips, ["out", "sub/y.log", "x.log"].map(|path| (path.to_owned(), SkipReason::Ignored)));
}

#[test]
fn ignored_paths_are_left_out_and_counted_a_folder_as_one() {
    let files = [
        (".gitignore", "target/\n*.log\n!keep.log\n"),
        (".git/HEAD", ""),
        (".git/objects/o", ""),
        (".git/info/exclude", "local.txt\n"),
        (".ignore", "vendored\n"),
        ("app/.keysiftignore", "fixtures\n"),
        ("target/a/b", ""),
        ("target/c", ""),
        ("x.log", ""),
        ("keep.log", ""),
        ("local.txt", ""),
        ("vendored/v", ""),
        ("app/fixtures/f", ""),
        ("app/main", ""),
        ("app/deep/er/y.log", ""),
    ];
    let folder = tree(&files);
    let honored = seen(&folder, &["."]);
    assert_eq!(honored.blobs, [".gitignore", ".ignore", "app/.keysiftignore", "app/main", "keep.log"]);
    assert_eq!(honored.n_ignored, 6);
    let all = seen_of(&top(&folder), &["."], false);
    assert_eq!((all.blobs.len(), all.n_ignored), (files.len() - 3, 0));
}

#[test]
fn a_gitignore_counts_without_a_repository_and_from_above_the_scanned_folder() {
    let folder = tree(&[(".gitignore", "*.log\n"), ("a/b/x.log", ""), ("a/b/y", "")]);
    let from_above = seen(&folder, &["a/b"]);
    assert_eq!((from_above.blobs, from_above.n_ignored), (vec!["a/b/y".to_owned()], 1));
}

#[test]
fn a_gitignore_above_the_work_tree_does_not_hide_the_project() {
    let folder = tree(&[(".gitignore", "*\n"), ("project/.git/HEAD", ""), ("project/.git/objects/o", ""), ("project/a", ""), ("project/sub/b", "")]);
    assert_eq!(seen(&folder, &["project"]).blobs, ["project/a", "project/sub/b"]);
    assert_eq!(seen(&folder, &["project/sub"]).blobs, ["project/sub/b"]);
}

#[test]
fn named_paths_are_scanned_even_if_ignored_or_hidden() {
    let folder = tree(&[(".gitignore", "*.log\nout\n"), ("x.log", ""), ("out/a", ""), (".git/config", ""), ("b", "")]);
    assert_eq!(seen(&folder, &["x.log", "out", ".git/config"]).blobs, [".git/config", "out/a", "x.log"]);
}

#[test]
fn a_file_named_again_or_inside_of_a_named_folder_is_visited_once() {
    let folder = tree(&[(".gitignore", "*.log\nout\n"), ("a/x.log", ""), ("a/y.log", ""), ("a/z", ""), ("a/sub/s", ""), ("out/o", ""), ("a-b", "")]);
    let seen = seen(&folder, &["a/sub", "a", "a/z", "a/z", "a/x.log", "./a/../a/z", "out/o", "a-b", "."]);
    assert_eq!(seen.blobs, [".gitignore", "a-b", "a/sub/s", "a/x.log", "a/z", "out/o"]);
    // `a/y.log` and the folder `out`; what was named is not ignored.
    assert_eq!(seen.n_ignored, 2);
}

#[test]
fn a_missing_path_is_an_error_before_anything_is_scanned() {
    let folder = tree(&[("a", "")]);
    for missing in ["nope", "a/nope"] {
        let options = TreeOptions {
            paths: vec![folder.path().join("a"), folder.path().join(missing)],
            root: top(&folder),
            honor_ignore_files: true,
            follows_links: false,
            n_threads: 2,
        };
        let result = walk(&options, Ignored::Counted, || |_| panic!("something was scanned"));
        let message = result.expect_err("the path does not exist").to_string();
        assert!(message.starts_with("no such file or folder: \"") && message.contains(missing), "{message}");
    }
}

#[test]
fn one_visitor_per_thread_at_most() {
    let files: Vec<_> = (0..50).map(|i| format!("{i}/f")).collect();
    let folder = tree(&files.iter().map(|path| (path.as_str(), "")).collect::<Vec<_>>());
    let threads = Mutex::new(Vec::new());
    let options = TreeOptions { paths: vec![top(&folder)], root: top(&folder), honor_ignore_files: true, follows_links: false, n_threads: 3 };
    let make_visitor = || {
        threads.lock().expect("no visitor panics").push(std::thread::current().id());
        |_| ()
    };
    walk(&options, Ignored::Counted, make_visitor).expect("the folder exists");
    let threads = threads.into_inner().expect("no visitor panics");
    assert!((1..=3).contains(&threads.len()));
    assert_eq!(threads.iter().map(|id| format!("{id:?}")).collect::<BTreeSet<_>>().len(), threads.len());
}

#[test]
fn a_file_that_is_gone_when_it_is_opened_has_vanished() {
    let folder = tree(&[("a", ""), ("b", "")]);
    let skips = Mutex::new(Vec::new());
    let options = TreeOptions { paths: vec![top(&folder)], root: top(&folder), honor_ignore_files: true, follows_links: false, n_threads: 1 };
    let make_visitor = || {
        |entry| match entry {
            Entry::Blob { .. } => ["a", "b"].iter().for_each(|path| fs::remove_file(folder.path().join(path)).expect("both are there at first")),
            Entry::Skip(skip) => skips.lock().expect("no visitor panics").push((skip.reason, skip.detail)),
        }
    };
    walk(&options, Ignored::Counted, make_visitor).expect("the folder exists");
    assert_eq!(skips.into_inner().expect("no visitor panics"), [(SkipReason::Vanished, None)]);
}

#[test]
fn paths_outside_of_the_root_are_absolute() {
    let folder = tree(&[("in/a", ""), ("inside/b", "")]);
    let top = top(&folder);
    let options = TreeOptions { paths: vec![top.clone()], root: top.join("in"), honor_ignore_files: true, follows_links: false, n_threads: 2 };
    assert_eq!(walked(&options).expect("the folder exists").blobs, [path_text(&top.join("inside/b")), "a".to_owned()]);
}

#[test]
fn the_root_is_the_work_tree_else_the_folder_that_holds_all() {
    let folder = tree(&[("repo/.git", "gitdir: elsewhere\n"), ("repo/src/a", ""), ("plain/x/a", ""), ("plain/y/b", "")]);
    let top = top(&folder);
    let root = |paths: &[&str]| root_of(&paths.iter().map(|path| top.join(path)).collect::<Vec<_>>()).expect("there is a working folder");
    assert_eq!(root(&["repo/src"]), top.join("repo"));
    assert_eq!(root(&["repo/src/a"]), top.join("repo"));
    assert_eq!(root(&["plain/x"]), top.join("plain/x"));
    assert_eq!(root(&["plain/x/a"]), top.join("plain/x"));
    assert_eq!(root(&["plain/x/a", "plain/y"]), top.join("plain"));
    assert_eq!(root(&["plain/x", "repo/src", "missing"]), top);
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn link(folder: &TempDir, target: &str, path: &str) {
        symlink(target, folder.path().join(path)).expect("the link can be made");
    }

    fn fifo(path: &Path) {
        let status = std::process::Command::new("mkfifo").arg(path).status().expect("unix has mkfifo");
        assert!(status.success());
    }

    #[test]
    fn symbolic_links_are_skipped_unless_named() {
        let folder = tree(&[("real/a", ""), ("b", "")]);
        link(&folder, "real", "folder-link");
        link(&folder, "b", "link");
        link(&folder, "nowhere", "dangling");
        link(&folder, "loop", "loop");
        let links = [("dangling", SkipReason::Symlink), ("folder-link", SkipReason::Symlink), ("link", SkipReason::Symlink), ("loop", SkipReason::Symlink)];
        let from_folder = seen(&folder, &["."]);
        assert_eq!((from_folder.blobs, from_folder.skips.len()), (vec!["b".to_owned(), "real/a".to_owned()], links.len()));
        let named = seen(&folder, &["link", "folder-link", "b", "loop", "dangling"]);
        assert_eq!(named.blobs, ["b", "real/a"]);
        assert_eq!(named.skips(), [("dangling", SkipReason::Named), ("loop", SkipReason::Loop)]);
    }

    #[test]
    fn pipes_and_sockets_are_not_opened_or_nobody_waits_for_them() {
        let folder = tree(&[("a", "")]);
        fifo(&folder.path().join("pipe"));
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).expect("the socket can be made");
        let found = seen(&folder, &["."]);
        assert_eq!((found.blobs, found.skips.len()), (vec!["a".to_owned()], 2));
        assert_eq!(seen(&folder, &["pipe", "socket"]).skips(), [("pipe", SkipReason::Named), ("socket", SkipReason::Named)], "nobody writes to the pipe");
        let null = seen_of(&top(&folder), &["/dev/null"], true);
        assert_eq!(null.skips(), [("/dev/null", SkipReason::Named)]);
    }

    #[test]
    fn a_name_that_is_no_utf8_is_scanned() {
        let folder = tree(&[("a", "")]);
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xFF%.env")), "").expect("the file system takes any bytes");
        assert_eq!(seen(&folder, &["."]).blobs, ["%FF%25.env", "a"]);
    }

    #[test]
    fn what_cannot_be_read_is_reported() {
        let folder = tree(&[("closed/a", ""), ("file", ""), ("open", "")]);
        let forbid = |path: &str, mode| fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(mode)).expect("the owner may");
        forbid("closed", 0);
        forbid("file", 0);
        if File::open(folder.path().join("file")).is_ok() {
            return; // Nothing can be forbidden to root.
        }
        let found = seen(&folder, &["."]);
        let inside_closed = seen(&folder, &["closed/a"]);
        forbid("closed", 0o700);
        assert_eq!(found.skips(), [("closed", SkipReason::Unreadable), ("file", SkipReason::Unreadable)]);
        assert_eq!((found.blobs, found.n_ignored), (vec!["open".to_owned()], 0));
        assert_eq!(inside_closed.skips(), [("closed/a", SkipReason::Unreadable)]);
    }

    #[test]
    fn an_ignore_file_that_never_ends_hides_nothing_and_does_not_hang() {
        let folder = tree(&[
            ("a/x", ""),
            ("b/x", ""),
            ("c/.git/HEAD", ""),
            ("c/.git/objects/o", ""),
            ("c/x", ""),
            ("d/.gitignore", "x"),
            ("d/x", ""),
            ("d/y", ""),
            ("e/common", "x"),
            ("e/x", ""),
        ]);
        link(&folder, "/dev/zero", "a/.gitignore");
        fifo(&folder.path().join("b/.ignore"));
        fs::create_dir(folder.path().join("c/.git/info")).expect("the folder can be made");
        link(&folder, "/proc/self/pagemap", "c/.git/info/exclude");
        link(&folder, "common", "e/.keysiftignore");
        let found = seen(&folder, &["."]);
        assert_eq!(found.blobs, ["a/x", "b/x", "c/x", "d/.gitignore", "d/y", "e/common"]);
        assert_eq!(
            found.skips(),
            [
                ("a/.gitignore", SkipReason::Symlink),
                ("b/.ignore", SkipReason::Special),
                ("c/.git", SkipReason::Store),
                ("e/.keysiftignore", SkipReason::Symlink)
            ]
        );
        assert_eq!(found.n_ignored, 2);
        assert_eq!(seen(&folder, &["a"]).blobs, ["a/x"]);
    }

    #[test]
    fn a_huge_ignore_file_is_no_ignore_file() {
        let folder = tree(&[("a/.gitignore", &"x\n".repeat(1 << 20)), ("a/x", "")]);
        assert_eq!(seen(&folder, &["."]).blobs, ["a/.gitignore", "a/x"]);
    }
}
