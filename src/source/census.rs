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

use super::Ignored;
use crate::blob::SkipReason;

/// The name of keysift's own ignore files.
pub const OWN_IGNORE_FILE: &str = ".keysiftignore";

const IGNORE_FILES: [&str; 3] = [".gitignore", ".ignore", OWN_IGNORE_FILE];

/// Version-control stores, compressed history that is scanned by other means than a walk: the folder's name, and files of which it holds all of one
/// row. Anybody can make a folder or a file of such a name; only what holds these is left out.
const STORES: [(&str, &[&[&str]]); 5] = [
    (".git", &[&["HEAD", "objects"], &["HEAD", "commondir"]]),
    (".hg", &[&["requires"], &["store"], &["00changelog.i"]]),
    (".svn", &[&["entries", "wc.db"], &["entries", "text-base"]]),
    (".jj", &[&["repo"]]),
    (".bzr", &[&["branch-format"]]),
];

/// The size from which an ignore file is a trap. Its rules are compiled in memory; the longest ones in use have some 10 KiB.
const N_BYTES_OF_TRAP: u64 = 1 << 20;

pub(super) struct Census {
    root: PathBuf,
    nested: HashSet<PathBuf>,
    n_listed: AtomicU64,
    n_asked: AtomicU64,
    unsafe_folders: Mutex<Vec<PathBuf>>,
    stores: Mutex<Vec<PathBuf>>,
    /// What was listed and not asked about so far, if ignored paths are to be listed.
    unasked: Option<Mutex<HashSet<PathBuf>>>,
}

const LOCK: &str = "no thread panics while it holds the list";

impl Census {
    pub(super) fn new(root: &Path, nested: HashSet<PathBuf>, ignored: Ignored) -> Self {
        Self {
            root: root.to_owned(),
            nested,
            n_listed: AtomicU64::new(0),
            n_asked: AtomicU64::new(0),
            unsafe_folders: Mutex::default(),
            stores: Mutex::default(),
            unasked: (ignored == Ignored::Listed).then(Mutex::default),
        }
    }

    /// Whether the walker may enter a path that it listed and that no ignore file leaves out. Called once for each, on any thread.
    pub(super) fn admits(&self, entry: &DirEntry, honors_ignore_files: bool) -> bool {
        if self.is_nested(entry.path()) {
            return false;
        }
        let is_dir = entry.file_type().is_some_and(|file_type| file_type.is_dir());
        if is_dir && is_store(entry.path(), entry.file_name()) {
            if !honors_ignore_files {
                self.stores.lock().expect(LOCK).push(entry.path().to_owned());
            }
            return false;
        }
        if !honors_ignore_files {
            return true;
        }
        self.n_asked.fetch_add(1, Ordering::Relaxed);
        if let Some(unasked) = &self.unasked {
            unasked.lock().expect(LOCK).remove(entry.path());
        }
        if is_dir && !self.enter(entry.path()) {
            self.unsafe_folders.lock().expect(LOCK).push(entry.path().to_owned());
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
        let (mut n_listed, mut stores, mut listed) = (0, Vec::new(), Vec::new());
        for entry in listing.flatten() {
            let name = entry.file_name();
            let is_hidden = name.as_encoded_bytes().starts_with(b".");
            let is_read_by_walker = is_hidden && (name == ".git" || IGNORE_FILES.iter().any(|file| name == *file));
            if is_read_by_walker && !self.is_safe(&entry.path()) {
                return false;
            }
            // Most runs name one path, and then no path need be put together to be looked up.
            if !self.nested.is_empty() && self.is_nested(&entry.path()) {
                continue;
            }
            if is_hidden && entry.file_type().is_ok_and(|file_type| file_type.is_dir()) && is_store(&entry.path(), &name) {
                stores.push(entry.path());
                continue;
            }
            n_listed += 1;
            if self.unasked.is_some() {
                listed.push(entry.path());
            }
        }
        self.n_listed.fetch_add(n_listed, Ordering::Relaxed);
        if !stores.is_empty() {
            self.stores.lock().expect(LOCK).append(&mut stores);
        }
        if let Some(unasked) = &self.unasked {
            unasked.lock().expect(LOCK).extend(listed);
        }
        true
    }

    fn is_nested(&self, path: &Path) -> bool {
        self.nested.contains(path)
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
        std::mem::take(&mut *self.unsafe_folders.lock().expect(LOCK))
    }

    /// The paths that were left out and are to be named: stores, and what ignore files leave out if that is to be listed.
    pub(super) fn left_out(&self) -> Vec<(PathBuf, SkipReason)> {
        let stores = std::mem::take(&mut *self.stores.lock().expect(LOCK));
        let ignored = self.unasked.as_ref().map(|unasked| std::mem::take(&mut *unasked.lock().expect(LOCK))).unwrap_or_default();
        let stores = stores.into_iter().map(|path| (path, SkipReason::Store));
        stores.chain(ignored.into_iter().map(|path| (path, SkipReason::Ignored))).collect()
    }

    /// How many paths were listed and never asked about. A path that appeared between two listings is no negative count.
    pub(super) fn n_ignored(&self) -> u64 {
        self.n_listed.load(Ordering::Relaxed).saturating_sub(self.n_asked.load(Ordering::Relaxed))
    }
}

/// Whether the folder at `path`, of that name, is a version-control store.
fn is_store(path: &Path, name: &OsStr) -> bool {
    let Some((_, kinds)) = STORES.iter().find(|(store, _)| name == *store) else { return false };
    kinds.iter().any(|files| files.iter().all(|file| path.join(file).symlink_metadata().is_ok()))
}
