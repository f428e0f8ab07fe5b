//! The walk itself, on the `ignore` crate's parallel walker.
//!
//! A blob costs one `open`: its type comes from the folder's listing. Symbolic links, pipes, sockets and devices are therefore never opened; links are where
//! the user asked for it, if they lead to a regular file.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use super::census::{Census, OWN_IGNORE_FILE};
use super::{Entry, Ignored, Place, TreeOptions, work_tree_of};
use crate::blob::{Skip, SkipReason};

/// Where the walk starts; see [`super::named::Named`].
pub(super) struct Roots {
    pub(super) folders: Vec<PathBuf>,
    pub(super) files: Vec<PathBuf>,
    pub(super) nested: HashSet<PathBuf>,
}

/// Which ignore files count in a pass of the walk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// As in a git work tree: `.gitignore` files above its top have no say, else a `*` in a home folder's would hide whole projects.
    WorkTree,
    /// `.gitignore` files count although there is no repository.
    Plain,
    /// None.
    Off,
}

/// Walks the roots and returns how many paths ignore files left out.
pub(super) fn walk<V, M>(roots: Roots, options: &TreeOptions, ignored: Ignored, place: &Place, make_visitor: &M) -> u64
where
    V: FnMut(Entry) + Send,
    M: Fn() -> V + Sync,
{
    let census = Arc::new(Census::new(&options.root, roots.nested, ignored));
    // A hook names a few files: more threads than files would only be started and stopped.
    let n_useful = if roots.folders.is_empty() { roots.files.len() } else { usize::MAX };
    let n_threads = options.n_threads.min(n_useful).max(1);
    let (mut work_trees, mut plain, mut off) = (roots.files, Vec::new(), Vec::new());
    for folder in roots.folders {
        if !options.honor_ignore_files || !census.enter_root(&folder) {
            off.push(folder);
        } else if work_tree_of(&folder).is_some() {
            work_trees.push(folder);
        } else {
            plain.push(folder);
        }
    }
    let pass = |rules, roots: &[PathBuf]| walk_pass(rules, roots, n_threads, &census, place, make_visitor);
    pass(Rules::WorkTree, &work_trees);
    pass(Rules::Plain, &plain);
    off.append(&mut census.take_unsafe_folders());
    pass(Rules::Off, &off);
    let left_out = census.left_out();
    if !left_out.is_empty() {
        let mut visit = make_visitor();
        left_out.into_iter().for_each(|(path, reason)| visit(place.skip(&path, reason, None)));
    }
    census.n_ignored()
}

fn walk_pass<V, M>(rules: Rules, roots: &[PathBuf], n_threads: usize, census: &Arc<Census>, place: &Place, make_visitor: &M)
where
    V: FnMut(Entry) + Send,
    M: Fn() -> V + Sync,
{
    if roots.is_empty() {
        return;
    }
    let mut walker = WalkBuilder::from_iter(roots);
    walker.threads(n_threads);
    walker.standard_filters(false);
    if rules != Rules::Off {
        // The user's global gitignore stays off: a report must not depend on whose home folder it was made in.
        walker.parents(true).ignore(true).git_ignore(true).git_exclude(true);
        walker.add_custom_ignore_filename(OWN_IGNORE_FILE);
    }
    walker.require_git(rules == Rules::WorkTree);
    let census = Arc::clone(census);
    walker.filter_entry(move |entry| census.admits(entry, rules != Rules::Off));
    walker.build_parallel().visit(&mut Builder { place, make_visitor });
}

struct Builder<'s, M> {
    place: &'s Place,
    make_visitor: &'s M,
}

impl<'s, V: FnMut(Entry) + Send + 's, M: Fn() -> V + Sync> ParallelVisitorBuilder<'s> for Builder<'s, M> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Worker { place: self.place, make_visitor: self.make_visitor, visit: None })
    }
}

/// A thread's visitor. The caller's part is made when the first entry arrives: the walker builds one visitor more than it has threads.
struct Worker<'s, V, M> {
    place: &'s Place,
    make_visitor: &'s M,
    visit: Option<V>,
}

impl<V: FnMut(Entry) + Send, M: Fn() -> V + Sync> ParallelVisitor for Worker<'_, V, M> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        let entry = match &entry {
            Ok(entry) => self.place.entry(entry),
            Err(err) => self.place.failure(err),
        };
        if let Some(entry) = entry {
            self.visit.get_or_insert_with(self.make_visitor)(entry);
        }
        WalkState::Continue
    }
}

impl Place {
    /// What the visitor is given for a listed path; nothing for a folder.
    fn entry(&self, entry: &DirEntry) -> Option<Entry> {
        let path = entry.path();
        let file_type = entry.file_type()?;
        if file_type.is_dir() {
            return None;
        }
        let is_named = entry.depth() == 0;
        Some(if is_named && !file_type.is_file() {
            self.skip(path, SkipReason::Named, Some("not a regular file".to_owned()))
        } else if file_type.is_symlink() && !(self.follows_links && leads_to_file(path)) {
            self.skip(path, SkipReason::Symlink, None)
        } else if !file_type.is_file() && !file_type.is_symlink() {
            self.skip(path, SkipReason::Special, None)
        } else {
            match File::open(path) {
                Ok(file) => Entry::Blob { origin: self.origin(path), file },
                Err(err) if is_named => self.skip(path, SkipReason::Unreadable, Some(err.to_string())),
                Err(err) => self.skip_failed(path, &err),
            }
        })
    }

    /// What the visitor is given for an error of the walk. Trouble with an ignore file, known by its lack of a depth, is none: it leaves nothing out.
    fn failure(&self, err: &ignore::Error) -> Option<Entry> {
        err.depth()?;
        Some(self.skip_failed(path_of(err)?, err.io_error()?))
    }

    fn skip_failed(&self, path: &Path, err: &io::Error) -> Entry {
        match err.kind() {
            io::ErrorKind::NotFound => self.skip(path, SkipReason::Vanished, None),
            _ => self.skip(path, SkipReason::Unreadable, Some(err.to_string())),
        }
    }

    fn skip(&self, path: &Path, reason: SkipReason, detail: Option<String>) -> Entry {
        Entry::Skip(Skip { origin: self.origin(path), reason, detail })
    }
}

/// Where systems show themselves as files: without an end, or with what no repository holds.
const OF_SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// Whether a symbolic link leads to a regular file that somebody stored.
fn leads_to_file(link: &Path) -> bool {
    link.canonicalize().is_ok_and(|file| file.is_file() && !OF_SYSTEM.iter().any(|folder| file.starts_with(folder)))
}

fn path_of(err: &ignore::Error) -> Option<&Path> {
    match err {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => path_of(err),
        _ => None,
    }
}
