//! What a change brings: blobs with their paths, and what each is compared with to know which of its lines are new.

use std::sync::Arc;

use gix::ObjectId;

use super::object::{Mode, ModeKind};
use super::rename::{self, Renames};
use super::trees::{self, Delta, Item, New};
use super::{GitError, Reader};
use crate::blob::{Commit, Origin, Skip, path_bytes_text};

/// One blob that a change brings to one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where the blob was found; with the commit that brought it, if it is one of a range.
    pub origin: Origin,
    /// The path as git stores it.
    pub path: Vec<u8>,
    /// Whether nothing of what it is compared with has the path.
    pub is_new_path: bool,
    /// Whether it is a symbolic link, whose blob is the path that it points to.
    pub is_link: bool,
    /// The blob. The same blob may come in at several paths; it needs to be scanned once.
    pub id: ObjectId,
    /// What it is compared with.
    pub bases: Bases,
    /// What it is compared with where later commits of the range brought the same blob to the same path again.
    pub later: Vec<Bases>,
}

impl Change {
    /// Whether the blob is one of its own bases, as after a mere renaming: then it adds no line.
    pub fn adds_nothing(&self) -> bool {
        let adds_nothing = |bases: &Bases| matches!(bases, Bases::Of(ids) if ids.contains(&self.id));
        adds_nothing(&self.bases) && self.later.iter().all(adds_nothing)
    }
}

/// The blobs that a changed blob is compared with. A line is added if it is added relative to every one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bases {
    /// There is none: every line is added.
    New,
    /// For each parent that has the path, or has it under another name, its blob there; never empty.
    Of(Vec<ObjectId>),
}

/// What is to be scanned of a change, and what was left out.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The blobs, in the order of their paths; those of a range in the order of the commits, oldest first.
    pub changes: Vec<Change>,
    /// What should have been listed and could not be.
    pub skips: Vec<Skip>,
    /// The messages of the range's commits, oldest first.
    pub messages: Vec<Message>,
    /// The messages of annotated tags that are pushed.
    pub tag_messages: Vec<TagMessage>,
    /// The names of references that are pushed, as far as they may hold a key.
    pub names: Vec<String>,
    /// The tree that the range leads to: what it has at a path is still there.
    pub target: Option<ObjectId>,
    /// The commit with that tree.
    pub revision: Option<ObjectId>,
    /// Commits of the range.
    pub n_commits: u64,
    /// Changed paths, with deletions, changed modes and submodules. 0 for what is staged means that the index is that of HEAD.
    pub n_entries: u64,
    /// Submodules that were moved to another commit; their content is that of repositories of their own.
    pub n_submodules: u64,
    /// Paths that `git add --intent-to-add` only announced.
    pub n_intended: u64,
    /// Why this is not all that was asked for: sentences with the next step.
    pub incomplete: Vec<String>,
}

/// The message of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The commit.
    pub commit: Arc<Commit>,
    /// Its message as it is stored, in whatever encoding.
    pub text: Vec<u8>,
    /// The lines of its header that name author and committer.
    pub people: Vec<u8>,
}

/// The message of an annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMessage {
    /// The tag.
    pub id: ObjectId,
    /// Its message as it is stored, in whatever encoding.
    pub text: Vec<u8>,
    /// The lines of its header with its own name and who tagged.
    pub people: Vec<u8>,
}

/// The least length of a name that may hold a key, in bytes.
pub const SHORTEST_KEY: usize = 16;

impl Changes {
    /// Adds the name of a reference that is pushed, if it is long enough for a key.
    pub fn add_name(&mut self, name: &str) {
        let is_long = name.split('/').any(|part| part.len() >= SHORTEST_KEY);
        self.names.extend(is_long.then(|| name.to_owned()));
    }

    /// Adds what is to be scanned, too. The same blob may then be listed twice.
    pub fn join(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.messages.extend(other.messages);
        self.tag_messages.extend(other.tag_messages);
        self.names.extend(other.names);
        self.skips.extend(other.skips);
        self.incomplete.extend(other.incomplete);
        self.n_commits += other.n_commits;
        self.n_entries += other.n_entries;
        self.n_submodules += other.n_submodules;
        self.n_intended += other.n_intended;
        self.target = self.target.or(other.target);
    }

    /// Whether nothing is to be scanned, and nothing should have been: nothing listed, nothing unreadable.
    pub fn is_nothing(&self) -> bool {
        self.lists_nothing() && self.skips.is_empty() && self.incomplete.is_empty()
    }

    /// Whether there is no commit, no changed path, no tag and no name.
    pub fn lists_nothing(&self) -> bool {
        self.n_commits == 0 && self.n_entries == 0 && self.tag_messages.is_empty() && self.names.is_empty()
    }
}

/// The first line of the small text that git-lfs stores in place of a file.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Whether the blob is what git-lfs stores in place of a file's content, which then is not in the repository.
pub fn is_lfs_pointer(blob: &[u8]) -> bool {
    const LONGEST: usize = 1024;
    blob.len() < LONGEST && blob.starts_with(LFS_POINTER) && memchr::memmem::find(blob, b"\noid ").is_some()
}

/// Counts `deltas` and appends the blobs that they bring to `changes`, each with its bases. `olds` are the trees that `new` was compared with.
pub(super) fn add_changes(reader: &mut Reader, olds: &[Option<ObjectId>], new: New<'_>, deltas: Vec<Delta>, changes: &mut Changes) -> Result<(), GitError> {
    let renames = renames_of_each(reader, olds, new, &deltas)?;
    for delta in deltas {
        let is_submodule = |item: &Option<Item>| item.is_some_and(|item| item.mode.kind() == ModeKind::Submodule);
        changes.n_entries += 1;
        changes.n_submodules += u64::from(is_submodule(&delta.new) || delta.olds.iter().any(is_submodule));
        let Some(item) = delta.new.filter(|&new| is_content(new)) else { continue };
        let bases = bases_of(&delta, item, &renames);
        // A path whose mode alone changed.
        if delta.olds.iter().flatten().any(|old| old.id == item.id && old.mode.kind() == item.mode.kind()) {
            continue;
        }
        let (origin, is_new_path) = (Origin::new(&path_bytes_text(&delta.path)), delta.olds.iter().all(Option::is_none));
        let is_link = item.mode.kind() == ModeKind::Link;
        changes.changes.push(Change { origin, path: delta.path, is_new_path, is_link, id: item.id, bases, later: Vec::new() });
    }
    Ok(())
}

/// What the blob of `delta` is compared with: at its path, or at the path that it was renamed from.
fn bases_of(delta: &Delta, item: Item, renames: &[Renames]) -> Bases {
    let mut ids = Vec::new();
    for (old, renames) in delta.olds.iter().zip(renames) {
        let same = old.filter(|old| old.mode.kind() == item.mode.kind()).map(|old| old.id);
        let base = same.or_else(|| if old.is_none() { renames.get(&delta.path).copied() } else { None });
        ids.extend(base.filter(|id| !ids.contains(id)));
    }
    if ids.is_empty() { Bases::New } else { Bases::Of(ids) }
}

/// For each of `olds` the renames from it to `new`; none where every blob of `deltas` has its old content at its own path.
fn renames_of_each(reader: &mut Reader, olds: &[Option<ObjectId>], new: New<'_>, deltas: &[Delta]) -> Result<Vec<Renames>, GitError> {
    let mut of_each = Vec::with_capacity(olds.len());
    for (i, old) in olds.iter().enumerate() {
        let is_wanted = old.is_some() && deltas.iter().any(|delta| delta.olds[i].is_none() && delta.new.is_some_and(is_content));
        of_each.push(match olds {
            _ if !is_wanted => Renames::new(),
            [_] => rename::renames(reader, deltas),
            // What differs from all parents does not tell what was deleted from this one.
            _ => {
                let deltas = trees::diff(reader, &[*old], new)?.deltas;
                rename::renames(reader, &deltas)
            }
        });
    }
    Ok(of_each)
}

/// Whether the item is a blob: a file, or the target of a symbolic link.
fn is_content(item: Item) -> bool {
    matches!(item.mode.kind(), ModeKind::File | ModeKind::Link)
}

/// The mode of a path that is unmerged in the index.
pub(super) const UNMERGED: Mode = Mode(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_to_large_content_is_recognized() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert!(is_lfs_pointer(pointer));
        assert!(!is_lfs_pointer(b"version https://git-lfs.github.com/spec/v1 is the first line\n"));
        assert!(!is_lfs_pointer(&pointer.repeat(100)));
    }
}
