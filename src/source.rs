//! Where blobs come from: files and folders that the user named.
//!
//! [`walk`] hands every blob, opened, and every skip to one visitor per thread. Each named path is visited even if an ignore file or a leading dot
//! would hide it; each file is visited once, however often it was named. Named paths are checked before anything is scanned.
//!
//! Nothing is read here but folders and ignore files, nothing is run, and version-control stores are left alone, each of them a skip. Hard links and bind
//! mounts are not recognized: what they show is scanned once per name.

mod census;
mod named;
mod pipe;
mod tree;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::blob::{Origin, Skip, path_text};
pub use census::OWN_IGNORE_FILE;
use named::Named;

/// What to walk, and how.
#[derive(Clone, Debug)]
pub struct TreeOptions {
    /// Files and folders as the user typed them.
    pub paths: Vec<PathBuf>,
    /// The folder to which origins are relative when they lie under it, absolute and canonical; see [`root_of`].
    pub root: PathBuf,
    /// Whether `.gitignore`, `.ignore`, `.keysiftignore` and `.git/info/exclude` leave paths out.
    pub honor_ignore_files: bool,
    /// Whether a symbolic link that leads to a regular file is read as that file, wherever it lies. Links to folders are never followed.
    pub follows_links: bool,
    /// How many threads to use, at most.
    pub n_threads: usize,
}

/// What becomes of the paths that ignore files leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// They are counted.
    Counted,
    /// They are counted, and each is handed over as a skip. That takes memory for every path.
    Listed,
}

/// What a visitor is given.
#[derive(Debug)]
pub enum Entry {
    /// A regular file, or a pipe that the user named; opened.
    Blob {
        /// Where it lies.
        origin: Origin,
        /// Its content, unread.
        file: File,
    },
    /// Something that cannot or must not be read.
    Skip(Skip),
}

/// Why nothing was walked.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path that the user named does not exist.
    #[error("no such file or folder: {path:?}; nothing was scanned")]
    Missing {
        /// The path as typed.
        path: String,
    },
}

/// Walks in parallel and returns how many paths ignore files left out, a left-out folder counting as one.
///
/// A thread makes itself a visitor when it first has something to hand over. There are at most `n_threads` visitors at a time, but more in a run
/// whose paths need more than one pass: those inside and outside of work trees, and folders whose ignore files are unsafe to read.
pub fn walk<V: FnMut(Entry) + Send>(options: &TreeOptions, ignored: Ignored, make_visitor: impl Fn() -> V + Sync) -> Result<u64, SourceError> {
    let place = Place { follows_links: options.follows_links, ..Place::new(&options.root) };
    let Named { folders, files, pipes, nested, skips } = Named::resolve(&options.paths, &place)?;
    if !skips.is_empty() || !pipes.is_empty() {
        let mut visit = make_visitor();
        skips.into_iter().for_each(|skip| visit(Entry::Skip(skip)));
        pipes.iter().for_each(|path| visit(pipe::entry(path, &place)));
    }
    Ok(tree::walk(tree::Roots { folders, files, nested }, options, ignored, &place, &make_visitor))
}

/// The folder to which a report's paths are relative, absolute and canonical: the top of the git work tree that holds all of `paths`, else the
/// current folder if it holds them all, so that reported paths are as typed, else their [`common_folder`].
pub fn root_of(paths: &[PathBuf]) -> io::Result<PathBuf> {
    let common = common_folder(paths)?;
    if let Some(top) = work_tree_of(&common) {
        return Ok(top.to_owned());
    }
    let current = canonical(Path::new(".")).ok().filter(|current| common.starts_with(current));
    Ok(current.unwrap_or(common))
}

/// Whether `root`, of [`root_of`], is a folder that more than a named path chose: the top of a work tree, or the current folder.
pub fn is_established(root: &Path) -> io::Result<bool> {
    Ok(work_tree_of(root).is_some() || root == canonical(Path::new("."))?)
}

/// The folder that holds all of `paths`, absolute and canonical; of a single folder it is that folder itself. The order of `paths` does not matter, and
/// those that cannot be resolved have no say; [`walk`] reports them.
pub fn common_folder(paths: &[PathBuf]) -> io::Result<PathBuf> {
    let folders =
        paths.iter().filter_map(|path| canonical(path).ok()).filter_map(|path| if path.is_dir() { Some(path) } else { path.parent().map(Path::to_owned) });
    let common = folders.map(Some).reduce(|a, b| common_ancestor(&a?, &b?)).flatten();
    common.map_or_else(|| canonical(Path::new(".")), Ok)
}

/// The origin that a scan below `root` gives to the blob at `path`.
pub fn origin_of(root: &Path, path: &Path) -> io::Result<Origin> {
    Ok(Place::new(root).origin(&canonical(path)?))
}

fn common_ancestor(a: &Path, b: &Path) -> Option<PathBuf> {
    a.ancestors().find(|ancestor| b.starts_with(ancestor)).map(Path::to_owned)
}

/// The top of the git work tree that holds `folder`; a worktree or submodule has a file `.git`.
fn work_tree_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok())
}

/// The path without symbolic links, and on Windows without the prefix `\\?\`, which no user has ever typed.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
        Some(plain) if cfg!(windows) && !plain.starts_with("UNC") => Ok(PathBuf::from(plain)),
        _ => Ok(path),
    }
}

/// Turns absolute paths into origins.
struct Place {
    root: PathBuf,
    /// The root as text that ends in `/`: cutting it off costs a comparison, where `Path::strip_prefix` takes both paths apart.
    prefix: Option<String>,
    follows_links: bool,
}

impl Place {
    fn new(root: &Path) -> Self {
        let prefix = root.to_str().filter(|_| cfg!(unix)).map(|text| format!("{}/", text.trim_end_matches('/')));
        Self { root: root.to_owned(), prefix, follows_links: false }
    }

    fn origin(&self, path: &Path) -> Origin {
        let quick = self.prefix.as_deref().zip(path.to_str()).and_then(|(prefix, text)| text.strip_prefix(prefix));
        if let Some(inside) = quick.filter(|inside| !inside.is_empty() && !inside.contains('%')) {
            return Origin::new(inside);
        }
        match path.strip_prefix(&self.root) {
            Ok(inside) if inside.as_os_str().is_empty() => Origin::new("."),
            Ok(inside) => Origin::new(&path_text(inside)),
            Err(_) => Origin::new(&path_text(path)),
        }
    }
}

#[cfg(test)]
mod tests;
