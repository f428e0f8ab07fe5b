//! The index as a tree of folders: for each folder what it holds, and the id of its tree where the index knows it.
//!
//! An index that git has just written knows the ids of nearly all folders (its cache tree), and git commits those ids without looking again; so a folder
//! with the id that HEAD has needs no second look either. The checksum of the file is not verified: it costs more than the rest, and git itself skips
//! it when it reads.

mod depth;
mod split;

use std::ops::Range;
use std::path::Path;

use gix::ObjectId;
use gix::index::entry::Flags;
use gix::index::extension::Tree;

use super::changes::UNMERGED;
use super::object::Mode;
use super::{GitError, LARGEST_OBJECT, chain};

/// An index, parsed.
pub(super) struct Index {
    state: gix::index::File,
    place: String,
}

/// A folder of the index.
#[derive(Clone)]
pub(super) struct Folder<'a> {
    index: &'a Index,
    entries: Range<usize>,
    /// Bytes of the folder's path in each entry's path, with the last `/`.
    n_prefix: usize,
    cached: Option<&'a Tree>,
}

/// What a folder of the index holds under one name.
pub(super) struct Held<'a> {
    /// The name; that of a folder ends with `/`.
    pub key: Vec<u8>,
    pub kind: HeldKind<'a>,
}

/// What a name of the index stands for.
pub(super) enum HeldKind<'a> {
    Blob(Mode, ObjectId),
    /// A folder, with the id of its tree if that is known.
    Folder(Folder<'a>, Option<ObjectId>),
    /// A folder that a sparse index holds as its tree.
    Tree(ObjectId),
}

impl Index {
    /// Reads the index at `path` of the repository in the folder `git_dir`; `None` if there is none.
    pub(super) fn open(path: &Path, git_dir: &Path, hash: gix::hash::Kind) -> Result<Option<Self>, GitError> {
        let place = crate::blob::path_text(path);
        // One thread: starting others costs more than they save. The file's own threads are a matter of its writer.
        let options = gix::index::decode::Options { thread_limit: Some(1), alloc_limit_bytes: Some(LARGEST_OBJECT), ..Default::default() };
        match path.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Ok(metadata) if metadata.is_file() && metadata.len() == 0 => return Err(GitError::Index { place, why: "it is an empty file".to_owned() }),
            Ok(metadata) if !metadata.is_file() => return Err(GitError::Index { place, why: "it is no file".to_owned() }),
            _ => {}
        }
        if depth::is_too_deep(path, hash) {
            return Err(GitError::Index { place, why: "the folders of its cache tree lie in each other thousands deep".to_owned() });
        }
        let is_inside = path.parent().and_then(|folder| folder.canonicalize().ok()) == git_dir.canonicalize().ok();
        let read = match is_inside {
            true => gix::index::File::at(path, hash, true, options).map_err(|error| chain(&error)),
            false => split::read(path, git_dir, hash, options),
        };
        match read {
            Ok(state) => Ok(Some(Self { state, place })),
            Err(why) => Err(GitError::Index { place, why }),
        }
    }

    /// The top folder.
    pub(super) fn top(&self) -> Folder<'_> {
        Folder { index: self, entries: 0..self.state.entries().len(), n_prefix: 0, cached: self.state.tree() }
    }

    /// Paths that `git add --intent-to-add` announced.
    pub(super) fn n_intended(&self) -> u64 {
        self.state.entries().iter().filter(|entry| entry.flags.contains(Flags::INTENT_TO_ADD)).count() as u64
    }

    /// Paths that a merge left in conflict.
    pub(super) fn n_unmerged(&self) -> u64 {
        let unmerged = self.state.entries().iter().filter(|entry| entry.flags.stage_raw() != 0).map(|entry| entry.path(&self.state));
        let (mut n, mut last) = (0, None);
        for path in unmerged {
            n += u64::from(last != Some(path));
            last = Some(path);
        }
        n
    }

    fn path(&self, i: usize) -> &[u8] {
        self.state.entries()[i].path(&self.state)
    }
}

impl<'a> Folder<'a> {
    /// The id of the folder's tree, if the index knows it.
    pub(super) fn id(&self) -> Option<ObjectId> {
        self.cached.filter(|tree| tree.num_entries.is_some_and(|n| n as usize == self.entries.len())).map(|tree| tree.id)
    }

    /// What the folder holds, in the order of the keys.
    pub(super) fn list(&self) -> Result<Vec<Held<'a>>, GitError> {
        let mut held: Vec<Held<'a>> = Vec::new();
        let mut next = self.entries.start;
        while next < self.entries.end {
            let entry = &self.index.state.entries()[next];
            let name = self.index.path(next).get(self.n_prefix..).unwrap_or_default();
            let (key, kind, end) = match memchr::memchr(b'/', name) {
                Some(at) if at + 1 == name.len() => (name, HeldKind::Tree(entry.id), next + 1),
                Some(at) => {
                    let (folder, id) = self.folder(next, &name[..=at]);
                    let end = folder.entries.end;
                    (&name[..=at], HeldKind::Folder(folder, id), end)
                }
                None if entry.flags.stage_raw() != 0 => (name, HeldKind::Blob(UNMERGED, entry.id), next + 1),
                None => (name, HeldKind::Blob(Mode(entry.mode.bits()), entry.id), next + 1),
            };
            next = end;
            // Conflicts have up to three entries for a path.
            let is_again = held.last().is_some_and(|last| last.key == key && matches!(last.kind, HeldKind::Blob(UNMERGED, _)));
            if entry.flags.contains(Flags::INTENT_TO_ADD) && matches!(kind, HeldKind::Blob(..)) || is_again {
                continue;
            }
            if held.last().is_some_and(|last| last.key.as_slice() >= key) || key.is_empty() {
                return Err(GitError::Index { place: self.index.place.clone(), why: "its entries are out of order".to_owned() });
            }
            held.push(Held { key: key.to_vec(), kind });
        }
        Ok(held)
    }

    /// The folder `key` of this one, whose first entry is the one at `start`, and its tree.
    fn folder(&self, start: usize, key: &[u8]) -> (Folder<'a>, Option<ObjectId>) {
        let n_prefix = self.n_prefix + key.len();
        let prefix = &self.index.path(start)[..n_prefix];
        let is_inside = |i: usize| self.index.path(i).starts_with(prefix);
        let children = self.cached.map(|tree| tree.children.as_slice()).unwrap_or_default();
        let name = &key[..key.len() - 1];
        let cached = children.binary_search_by(|child| child.name.as_slice().cmp(name)).ok().map(|i| &children[i]);
        // The cache tree says how many entries there are; a damaged one may say anything.
        let claimed = cached.and_then(|tree| tree.num_entries).map(|n| start.saturating_add(n as usize));
        let is_right = |&end: &usize| end > start && end <= self.entries.end && is_inside(end - 1) && (end == self.entries.end || !is_inside(end));
        let end = claimed.filter(is_right).unwrap_or_else(|| (start..self.entries.end).find(|&i| !is_inside(i)).unwrap_or(self.entries.end));
        let folder = Folder { index: self.index, entries: start..end, n_prefix, cached };
        let id = folder.id();
        (folder, id)
    }
}
