//! What the walker is let into, and how many paths ignore files left out.
//!
//! The `ignore` crate does not tell what it leaves out, so each folder is listed here before the walker lists it: what was listed and is never asked
//! about was ignored. The same listing finds ignore files that are a trap. The crate opens whatever lies under their names and reads it whole, and
//! the tree is an attacker's: `.gitignore` may be a symbolic link to `/dev/zero`, or a pipe. A folder with such a file is set aside and walked later
//! without ignore files: more is scanned then, never less.
//!
//! Not defended: a file `.git` that names a repository elsewhere whose `commondir` is a trap. Git cannot deliver such a file.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ignore::DirEntry;

/// The name of keysift's own ignore files.
pub(super) const OWN_IGNORE_FILE: &str = ".keysiftignore";

const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", OWN_IGNORE_FILE];

/// Version-control stores: compressed history, scanned by other means than a walk.
const STORES: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".bzr"];

/// The size from which an ignore file is a trap. Its rules are compiled in memory; the longest ones in use have some 10 KiB.
const N_BYTES_OF_TRAP: u64 = 1 << 20;

pub(super) struct Census {
    root: PathBuf,
    nested: HashSet<PathBuf>,
    n_listed: AtomicU64,
    n_asked: AtomicU64,
    unsafe_folders: Mutex<Vec<PathBuf>>,
}

impl Census {
    pub(super) fn new(root: &Path, nested: HashSet<PathBuf>) -> Self {
        Self { root: root.to_owned(), nested, n_listed: AtomicU64::new(0), n_asked: AtomicU64::new(0), unsafe_folders: Mutex::default() }
    }

    /// Whether the walker may enter a path that it listed and that no ignore file leaves out. Called once for each, on any thread.
    pub(super) fn admits(&self, entry: &DirEntry, honors_ignore_files: bool) -> bool {
        if !self.counts(entry.path(), entry.file_name()) {
            return false;
        }
        if !honors_ignore_files {
            return true;
        }
        self.n_asked.fetch_add(1, Ordering::Relaxed);
        let is_dir = entry.file_type().is_some_and(|file_type| file_type.is_dir());
        if is_dir && !self.enter(entry.path()) {
            self.unsafe_folders.lock().expect("no thread panics while it holds the list").push(entry.path().to_owned());
            return false;
        }
        true
    }

    /// Like [`Census::enter`], for a folder where the walk starts: the ignore files above it are read as well.
    pub(super) fn enter_root(&self, folder: &Path) -> bool {
        let is_safe_above = folder.ancestors().skip(1).all(|above| IGNORE_FILES.iter().chain(&[".git"]).all(|name| self.is_safe(&above.join(name))));
        is_safe_above && self.enter(folder)
    }

    /// Counts what a folder holds, unless one of its ignore files is a trap: then nothing is counted and the answer is no.
    fn enter(&self, folder: &Path) -> bool {
        // A folder that cannot be listed here cannot be listed by the walker either, which reports it.
        let Ok(listing) = fs::read_dir(folder) else { return true };
        let mut n_listed = 0;
        for entry in listing.flatten() {
            let name = entry.file_name();
            let is_read_by_walker = name.as_encoded_bytes().starts_with(b".") && (name == ".git" || IGNORE_FILES.iter().any(|file| name == *file));
            if is_read_by_walker && !self.is_safe(&entry.path()) {
                return false;
            }
            // Most runs name one path, and then no path need be put together to be looked up.
            let is_counted = if self.nested.is_empty() { !is_store(&name) } else { self.counts(&entry.path(), &name) };
            n_listed += u64::from(is_counted);
        }
        self.n_listed.fetch_add(n_listed, Ordering::Relaxed);
        true
    }

    fn counts(&self, path: &Path, name: &OsStr) -> bool {
        !is_store(name) && (self.nested.is_empty() || !self.nested.contains(path))
    }

    /// Whether the walker may read the ignore file or repository at `path`.
    fn is_safe(&self, path: &Path) -> bool {
        let Ok(metadata) = path.symlink_metadata() else { return true };
        if metadata.is_symlink() {
            // The files of /proc claim to be regular and empty.
            let leads_inside = || path.canonicalize().is_ok_and(|path| path.starts_with(&self.root));
            return match path.metadata() {
                Ok(target) if target.is_file() => target.len() < N_BYTES_OF_TRAP && (target.len() > 0 || leads_inside()),
                Ok(target) => target.is_dir() && self.is_safe(&path.join("info/exclude")),
                Err(_) => true,
            };
        }
        if metadata.is_dir() {
            return self.is_safe(&path.join("info/exclude"));
        }
        metadata.is_file() && metadata.len() < N_BYTES_OF_TRAP
    }

    /// The folders that were set aside.
    pub(super) fn take_unsafe_folders(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.unsafe_folders.lock().expect("no thread panics while it holds the list"))
    }

    /// How many paths were listed and never asked about. A path that appeared between two listings is no negative count.
    pub(super) fn n_ignored(&self) -> u64 {
        self.n_listed.load(Ordering::Relaxed).saturating_sub(self.n_asked.load(Ordering::Relaxed))
    }
}

fn is_store(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && STORES.iter().any(|store| name == *store)
}
