//! The paths that the user named: what each of them is, once.
//!
//! Every path is resolved to its canonical form here, so that the walk meets no symbolic link that it would have to follow, knows each file by one
//! name, and never opens a pipe: those that were named are set apart.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Place, SourceError, canonical};
use crate::blob::{Skip, SkipReason, path_text};

/// Named paths, resolved and free of duplicates, in a fixed order.
pub(super) struct Named {
    pub(super) folders: Vec<PathBuf>,
    /// Everything else: files, and sockets and the like that are skipped later.
    pub(super) files: Vec<PathBuf>,
    /// Pipes, which are read as streams; as typed, for those of `/dev/fd` have no other path.
    pub(super) pipes: Vec<PathBuf>,
    /// Those of the above that lie inside another named folder. They are walked on their own, because they count even where an ignore file
    /// leaves them out, and so the walk of the outer folder has to pass them over.
    pub(super) nested: HashSet<PathBuf>,
    pub(super) skips: Vec<Skip>,
}

impl Named {
    pub(super) fn resolve(paths: &[PathBuf], place: &Place) -> Result<Self, SourceError> {
        let mut is_folder = BTreeMap::new();
        let (mut skips, mut pipes) = (Vec::new(), Vec::new());
        for path in paths {
            match canonical(path) {
                Ok(canonical) if is_stream(path) => pipes.push(canonical),
                // `/dev/stdin` and the `/dev/fd/63` of a shell's `<(…)` may lead to pipes and to deleted files, which have no path.
                Err(_) if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) => pipes.push(path.clone()),
                Ok(path) => {
                    let is_dir = path.is_dir();
                    is_folder.insert(path, is_dir);
                }
                Err(err) => {
                    let (reason, detail) = trouble(path, &err).ok_or_else(|| SourceError::Missing { path: path_text(path) })?;
                    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                    skips.push(Skip { origin: place.origin(&absolute), reason, detail });
                }
            }
        }
        skips.sort();
        skips.dedup();
        pipes.sort();
        pipes.dedup();
        let mut named = Self { folders: Vec::new(), files: Vec::new(), pipes, nested: HashSet::new(), skips };
        let mut outer: Option<PathBuf> = None;
        // Paths are ordered part by part, so that everything inside a folder directly follows it.
        for (path, is_folder) in is_folder {
            if outer.as_ref().is_some_and(|outer| path.starts_with(outer)) {
                named.nested.insert(path.clone());
            } else if is_folder {
                outer = Some(path.clone());
            }
            if is_folder { named.folders.push(path) } else { named.files.push(path) }
        }
        Ok(named)
    }
}

/// Why a path that has no canonical form is skipped; `None` if it does not exist.
fn trouble(path: &Path, err: &Error) -> Option<(SkipReason, Option<String>)> {
    let detail = Some(err.to_string());
    if err.raw_os_error() == Some(TOO_MANY_LINKS) {
        return Some((SkipReason::Loop, detail));
    }
    match err.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput => {
            let is_dangling = path.symlink_metadata().is_ok();
            is_dangling.then_some((SkipReason::Named, detail))
        }
        _ => Some((SkipReason::Unreadable, detail)),
    }
}

/// Whether there is a FIFO at `path`.
#[cfg(unix)]
fn is_stream(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// Elsewhere pipes are no paths.
#[cfg(not(unix))]
fn is_stream(_: &Path) -> bool {
    false
}

/// The operating system's number for a loop of symbolic links; std has a name for it only in nightly Rust.
const TOO_MANY_LINKS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    40
} else if cfg!(windows) {
    1921
} else {
    62
};
