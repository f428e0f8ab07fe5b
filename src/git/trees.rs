//! Which paths of a tree, or of the index, differ from those of other trees: from all of them at once, so that a folder which one of them has is not
//! looked into. That is what makes merges cheap.

use std::cmp::Ordering;

use gix::ObjectId;

use super::changes::UNMERGED;
use super::index::{Folder, HeldKind, Index};
use super::object::{Mode, ModeKind};
use super::{GitError, Reader};

/// Folders within folders that are followed; git stops at 2,048.
const DEEPEST: usize = 4096;

/// Paths that may differ. A tree can hold itself in a thousand places at each level; listing it would not end.
const MOST_DELTAS: usize = 10_000_000;

/// What is compared with trees.
#[derive(Clone, Copy)]
pub(super) enum New<'a> {
    Tree(ObjectId),
    Index(&'a Index),
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub mode: Mode,
    pub id: ObjectId,
}

/// A path that is different from what it is in every old tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delta {
    pub path: Vec<u8>,
    /// `None` if it is deleted.
    pub new: Option<Item>,
    /// One for each old tree; `None` if that one does not have it.
    pub olds: Vec<Option<Item>>,
}

/// What a comparison gave.
#[derive(Default)]
pub(super) struct Difference {
    /// In the order of the paths.
    pub deltas: Vec<Delta>,
}

/// A folder on the new side.
enum NewFolder<'a> {
    Absent,
    Tree(ObjectId),
    Index(Folder<'a>),
}

/// A pair of folders that is still to be compared.
struct Task<'a> {
    path: Vec<u8>,
    depth: usize,
    new: NewFolder<'a>,
    olds: Vec<Option<ObjectId>>,
}

/// One name of a folder.
struct Named<T> {
    /// The name; that of a folder ends with `/`, which gives the order in which git sorts.
    key: Vec<u8>,
    what: T,
}

/// What a name is on the new side.
enum NewItem<'a> {
    Blob(Item),
    /// A folder, with the id of its tree if that is known.
    Folder(NewFolder<'a>, Option<ObjectId>),
}

/// The paths of `new` that differ from each of `olds`; `None` there is an empty tree.
pub(super) fn diff(reader: &mut Reader, olds: &[Option<ObjectId>], new: New<'_>) -> Result<Difference, GitError> {
    let mut difference = Difference::default();
    let (top, id) = match new {
        New::Tree(id) => (NewFolder::Tree(id), Some(id)),
        New::Index(index) => (NewFolder::Index(index.top()), index.top().id()),
    };
    if id.is_some() && olds.contains(&id) {
        return Ok(difference);
    }
    let mut tasks = vec![Task { path: Vec::new(), depth: 0, new: top, olds: olds.to_vec() }];
    while let Some(task) = tasks.pop() {
        if task.depth > DEEPEST {
            return Err(GitError::TooMany { what: "folders within folders", limit: DEEPEST });
        }
        compare(reader, &task, &mut tasks, &mut difference.deltas)?;
        if difference.deltas.len() + tasks.len() > MOST_DELTAS {
            return Err(GitError::TooMany { what: "changed paths", limit: MOST_DELTAS });
        }
    }
    difference.deltas.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(difference)
}

/// Compares one folder: its blobs become deltas, its folders tasks.
fn compare<'a>(reader: &mut Reader, task: &Task<'a>, tasks: &mut Vec<Task<'a>>, deltas: &mut Vec<Delta>) -> Result<(), GitError> {
    let mut new = new_names(reader, &task.new)?.into_iter().peekable();
    let mut olds = Vec::with_capacity(task.olds.len());
    for old in &task.olds {
        let names = match old {
            Some(id) => tree_names(reader, id)?,
            None => Vec::new(),
        };
        olds.push(names.into_iter().peekable());
    }
    loop {
        let keys = new.peek().map(|named| &named.key).into_iter().chain(olds.iter_mut().filter_map(|old| old.peek().map(|named| &named.key)));
        let Some(key) = keys.min().cloned() else { return Ok(()) };
        let new = new.next_if(|named| named.key == key).map(|named| named.what);
        let olds: Vec<Option<Item>> = olds.iter_mut().map(|old| old.next_if(|named| named.key == key).map(|named| named.what)).collect();
        let path = [task.path.as_slice(), &key].concat();
        match new {
            // Some old tree does not have it either.
            None if olds.contains(&None) => {}
            None if key.ends_with(b"/") => {
                tasks.push(Task { path, depth: task.depth + 1, new: NewFolder::Absent, olds: ids(&olds) });
            }
            None => deltas.push(Delta { path, new: None, olds }),
            Some(NewItem::Folder(_, Some(id))) if olds.iter().flatten().any(|old| old.id == id) => {}
            Some(NewItem::Folder(new, _)) => tasks.push(Task { path, depth: task.depth + 1, new, olds: ids(&olds) }),
            Some(NewItem::Blob(item)) if item.mode == UNMERGED || olds.contains(&Some(item)) => {}
            Some(NewItem::Blob(item)) => deltas.push(Delta { path, new: Some(item), olds }),
        }
    }
}

/// The ids of the items.
fn ids(items: &[Option<Item>]) -> Vec<Option<ObjectId>> {
    items.iter().map(|item| item.map(|item| item.id)).collect()
}

/// What a folder of the new side holds.
fn new_names<'a>(reader: &mut Reader, folder: &NewFolder<'a>) -> Result<Vec<Named<NewItem<'a>>>, GitError> {
    match folder {
        NewFolder::Absent => Ok(Vec::new()),
        NewFolder::Tree(id) => {
            let of_tree = |item: Item| match item.mode.kind() {
                ModeKind::Tree => NewItem::Folder(NewFolder::Tree(item.id), Some(item.id)),
                _ => NewItem::Blob(item),
            };
            Ok(tree_names(reader, id)?.into_iter().map(|named| Named { key: named.key, what: of_tree(named.what) }).collect())
        }
        NewFolder::Index(folder) => {
            let of_index = |kind| match kind {
                HeldKind::Blob(mode, id) => NewItem::Blob(Item { mode, id }),
                HeldKind::Folder(folder, id) => NewItem::Folder(NewFolder::Index(folder), id),
                HeldKind::Tree(id) => NewItem::Folder(NewFolder::Tree(id), Some(id)),
            };
            Ok(folder.list()?.into_iter().map(|held| Named { key: held.key, what: of_index(held.kind) }).collect())
        }
    }
}

/// What the tree `id` holds, in the order of the keys.
fn tree_names(reader: &mut Reader, id: &ObjectId) -> Result<Vec<Named<Item>>, GitError> {
    let entries = reader.tree(id)?.into_iter().map(|entry| {
        let is_tree = entry.is_tree();
        let mut key = entry.name;
        key.extend(is_tree.then_some(b'/'));
        Named { key, what: Item { mode: entry.mode, id: entry.id } }
    });
    let mut names: Vec<Named<Item>> = entries.collect();
    // Only a damaged tree is out of order.
    if !names.is_sorted_by(|a, b| a.key.cmp(&b.key) == Ordering::Less) {
        names.sort_by(|a, b| a.key.cmp(&b.key));
    }
    Ok(names)
}
