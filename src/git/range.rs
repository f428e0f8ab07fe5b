//! What a range of commits brings: every commit of it against its parents, merges against all of theirs at once, and the last tree against the one
//! where the range begins.
//!
//! A merge brings what differs from every parent: what a parent already has came in by that parent's own history, which is in the range itself or was
//! left out on purpose. Replacements (`refs/replace`) and grafts change what the parents are, as they do for `git log`.

use std::collections::HashMap;
use std::sync::Arc;

use gix::ObjectId;

use super::changes::{Bases, Change, Changes, Message, add_changes};
use super::revision::is_nothing;
use super::spec::{RangeSpec, Resolved};
use super::trees::{self, New};
use super::walk::{Walk, walk};
use super::{GitError, Reader, Repo};
use crate::blob::Commit;

/// Blobs of a range by path and id, with their place among the changes.
type Seen = HashMap<(Vec<u8>, ObjectId), usize>;

impl Repo {
    /// What the commits of `range` bring. A blob that several of them bring to the same path is listed once, with the first of them.
    ///
    /// # Errors
    /// A revision is unknown, or a commit or tree of the range is missing or damaged.
    pub fn range(&self, range: &RangeSpec) -> Result<Changes, GitError> {
        let mut reader = self.reader();
        let ends = self.resolve(&mut reader, range)?;
        let mut seen = Seen::new();
        let mut changes = self.brought(&mut reader, range, &ends, &[&[ends.to], ends.also.as_slice()].concat(), &mut seen)?;
        self.add_difference(&mut reader, &ends, &mut changes, &mut seen)?;
        Ok(changes)
    }

    /// What the commits bring that any of `tips` reaches and `range` does not leave out, as a push of several references does. The end of `range` is one
    /// of them.
    ///
    /// # Errors
    /// As for [`Repo::range`]; a tip that leads to no commit is an error, too.
    pub fn range_to_all(&self, range: &RangeSpec, tips: &[ObjectId]) -> Result<Changes, GitError> {
        let mut reader = self.reader();
        let ends = self.resolve(&mut reader, range)?;
        let mut to = vec![ends.to];
        for id in tips {
            to.push(reader.peel(id)?);
        }
        self.brought(&mut reader, range, &ends, &to, &mut Seen::new())
    }

    /// Has what a range brought be looked for in the commit that is checked out, if that merges the range's end into something else: CI systems check out such
    /// a commit for a pull request, and lines may stand elsewhere in it.
    ///
    /// # Errors
    /// The commit that is checked out cannot be read.
    pub fn show_in_merge(&self, changes: &mut Changes) -> Result<(), GitError> {
        let mut reader = self.reader();
        let (Ok(head), Some(end)) = (reader.repo.head_id().map(gix::Id::detach), changes.revision) else { return Ok(()) };
        let commit = reader.commit(&head)?;
        if commit.parents.len() > 1 && commit.parents.contains(&end) {
            (changes.target, changes.revision) = (Some(commit.tree), Some(head));
        }
        Ok(())
    }

    /// What the commits bring that any of `to` reaches and `ends` do not leave out.
    fn brought(&self, reader: &mut Reader, range: &RangeSpec, ends: &Resolved, to: &[ObjectId], seen: &mut Seen) -> Result<Changes, GitError> {
        let walk = walk(reader, &self.links, &ends.from, to)?;
        let mut changes = Changes { n_commits: walk.ids.len() as u64, ..Changes::default() };
        for id in &walk.ids {
            let Some(commit) = walk.commits.get(id) else { continue };
            let olds = old_trees(reader, &walk, ends, id)?;
            let named = Arc::new(commit.named(id));
            let mut brought = Changes::default();
            let deltas = trees::diff(reader, &olds, New::Tree(commit.tree))?.deltas;
            add_changes(reader, &olds, New::Tree(commit.tree), deltas, &mut brought)?;
            changes.messages.push(Message { commit: Arc::clone(&named), text: commit.message.clone(), people: commit.people.clone() });
            merge(&mut changes, seen, brought, &named);
        }
        changes.incomplete.extend(cut_off(&walk, range));
        Ok(changes)
    }

    /// Adds what the last tree has and the tree where the range begins has not, and no commit brought; there is such a thing only if history is not what
    /// it should be. Where both ends went on since they parted, the range begins there.
    fn add_difference(&self, reader: &mut Reader, ends: &Resolved, changes: &mut Changes, seen: &mut Seen) -> Result<(), GitError> {
        let last = reader.commit(&ends.to)?;
        (changes.target, changes.revision) = (Some(last.tree), Some(ends.to));
        // Of several ends none is where the others lead.
        let ([from], []) = (&ends.from[..], &ends.also[..]) else { return Ok(()) };
        let from = *from;
        let parted: Vec<ObjectId> = match reader.repo.merge_bases_many(from, &[ends.to]) {
            Ok(bases) => bases.into_iter().map(gix::Id::detach).collect(),
            // Some of the commits are where only git's environment says.
            Err(_) => self.before(reader, from, ends.to)?,
        };
        let mut olds = Vec::new();
        for id in if parted.is_empty() { vec![from] } else { parted } {
            olds.push(Some(reader.commit(&id)?.tree));
        }
        let mut brought = Changes::default();
        let deltas = trees::diff(reader, &olds, New::Tree(last.tree))?.deltas;
        add_changes(reader, &olds, New::Tree(last.tree), deltas, &mut brought)?;
        brought.changes.retain(|change| !seen.contains_key(&(change.path.clone(), change.id)));
        // These paths were counted where they changed.
        brought.n_entries = brought.changes.len() as u64;
        brought.n_submodules = 0;
        merge(changes, seen, brought, &Arc::new(last.named(&ends.to)));
        Ok(())
    }
}

impl Repo {
    /// The commits that those of the range have for parents and that are not in it themselves.
    fn before(&self, reader: &mut Reader, from: ObjectId, to: ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let walk = walk(reader, &self.links, &[from], &[to])?;
        let mut before: Vec<ObjectId> = walk.ids.iter().filter_map(|id| walk.commits.get(id)).flat_map(|commit| commit.parents.clone()).collect();
        before.retain(|id| !walk.commits.contains_key(id));
        before.sort_unstable();
        before.dedup();
        Ok(before)
    }
}

/// The trees that the commit `id` is compared with: those of its parents, or an empty one. For a commit whose parents were not fetched, what is left out
/// of the range stands in for them.
fn old_trees(reader: &mut Reader, walk: &Walk, ends: &Resolved, id: &ObjectId) -> Result<Vec<Option<ObjectId>>, GitError> {
    let parents = match walk.commits.get(id) {
        Some(_) if walk.cut.contains(id) => &ends.from,
        Some(commit) => &commit.parents,
        None => return Ok(vec![None]),
    };
    let mut trees = Vec::with_capacity(parents.len());
    for parent in parents {
        let tree = match walk.commits.get(parent) {
            Some(commit) => commit.tree,
            None => reader.commit(parent)?.tree,
        };
        if !trees.contains(&Some(tree)) {
            trees.push(Some(tree));
        }
    }
    if trees.is_empty() {
        trees.push(None);
    }
    Ok(trees)
}

/// Adds what `commit` brought to the changes of the range.
fn merge(changes: &mut Changes, seen: &mut Seen, brought: Changes, commit: &Arc<Commit>) {
    changes.n_entries += brought.n_entries;
    changes.n_submodules += brought.n_submodules;
    for mut change in brought.changes {
        match seen.get(&(change.path.clone(), change.id)).and_then(|&at| changes.changes.get_mut(at)) {
            Some(first) => {
                first.is_new_path |= change.is_new_path;
                add_bases(first, change.bases);
            }
            None => {
                change.origin.commit = Some(Arc::clone(commit));
                seen.insert((change.path.clone(), change.id), changes.changes.len());
                changes.changes.push(change);
            }
        }
    }
}

/// Notes that a later commit brought the blob again, in place of `bases`.
fn add_bases(first: &mut Change, bases: Bases) {
    if first.bases != Bases::New && first.bases != bases && !first.later.contains(&bases) {
        first.later.push(bases);
    }
}

/// Says that history ends before the range does.
fn cut_off(walk: &Walk, range: &RangeSpec) -> Option<String> {
    let id = walk.cut.first()?.to_hex_with_len(12).to_string();
    let from: Vec<&str> = range.from.iter().map(String::as_str).filter(|name| !is_nothing(name)).collect();
    let from = if from.is_empty() { "its beginning".to_owned() } else { format!("`{}`", from.join("`, `")) };
    Some(format!("this clone is shallow: history is cut off at {id} before it meets {from}; `git fetch --unshallow` or `git fetch --deepen=N` fetches more"))
}
