//! Which wanted blobs a tree reaches that some other trees do not, and at which paths.
//!
//! Upward from the trees that hold the blobs, the trees above them are found, with the entries that lead on; all others do not matter. A commit's tree is
//! then compared with those of its parents, downward and only where they differ, so that each version of each folder is looked at about once.

use std::ops::Range;

use gix::ObjectId;
use gix::hash::oid;

use super::graph::Overrides;
use super::trees::{Hit, Trees};

/// Paths of one blob that are told of one tree: the same content may be in a tree a great many times, for example as empty files.
const MOST_PATHS: u32 = 256;

/// Folders that are compared before it is noted which ones were: by then the same are compared again and again.
const MANY_FOLDERS: usize = 4096;

/// What an entry leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// A wanted blob.
    Blob(u32),
    /// A tree above one.
    Tree(u32),
}

/// Nothing.
const NONE: u32 = u32::MAX;

/// The trees above some wanted blobs. A tree is named by its place here.
pub(super) struct Reach<'a> {
    /// The names of entries.
    names: &'a [Box<[u8]>],
    /// Where each tree is.
    places: gix::hashtable::HashMap<ObjectId, u32>,
    /// Where the entries of each tree begin and end.
    ranges: Vec<Range<usize>>,
    /// The entries that lead on: their names and whereto, in order.
    ways: Vec<(u32, Way)>,
}

/// The trees in the order in which they were found: their nodes, and for each node its place.
#[derive(Default)]
struct Found {
    nodes: Vec<u32>,
    places: Vec<u32>,
}

impl Found {
    fn add(&mut self, nodes: &[u32]) {
        for &node in nodes {
            if self.places.len() <= node as usize {
                self.places.resize(node as usize + 1, NONE);
            }
            if self.places[node as usize] == NONE {
                self.places[node as usize] = self.nodes.len() as u32;
                self.nodes.push(node);
            }
        }
    }
}

impl<'a> Reach<'a> {
    /// Finds the trees above the blobs of these hits. `id_of` knows the ids of nodes.
    pub(super) fn new<'s>(hits: impl Iterator<Item = Hit>, trees: &'a Trees, overrides: &Overrides, id_of: impl Fn(u32) -> Option<&'s oid>) -> Self {
        // A tree that is replaced is not read; its id means the other one.
        let mut also: gix::hashtable::HashMap<ObjectId, Vec<ObjectId>> = Default::default();
        for id in overrides.replaced.keys() {
            also.entry(overrides.read_as(id)).or_default().push(*id);
        }
        // For each entry the blob and the tree that it leads to.
        let (mut blobs, mut folders) = (vec![NONE; trees.n_entries()], vec![NONE; trees.n_entries()]);
        let mut found = Found::default();
        for Hit { entry, wanted } in hits {
            blobs[entry as usize] = wanted;
            found.add(trees.holding(entry));
        }
        let mut places: gix::hashtable::HashMap<ObjectId, u32> = Default::default();
        let mut next = 0;
        while let Some(&node) = found.nodes.get(next) {
            let place = next as u32;
            next += 1;
            let Some(id) = id_of(node) else { continue };
            let own = (!overrides.replaced.contains_key(id)).then(|| id.to_owned());
            for id in own.into_iter().chain(also.get(id).into_iter().flatten().copied()) {
                for entry in trees.naming(&id) {
                    folders[entry as usize] = place;
                    found.add(trees.holding(entry));
                }
                places.insert(id, place);
            }
        }
        let mut reach = Self { names: &trees.names, places, ranges: vec![0..0; found.nodes.len()], ways: Vec::new() };
        for (node, entries) in trees.each() {
            let Some(&place) = found.places.get(node as usize).filter(|&&place| place != NONE) else { continue };
            let start = reach.ways.len();
            for entry in entries {
                let (name, blob, folder) = (trees.name_of(entry), blobs[entry as usize], folders[entry as usize]);
                reach.ways.extend((blob != NONE).then_some((name, Way::Blob(blob))));
                reach.ways.extend((folder != NONE).then_some((name, Way::Tree(folder))));
            }
            // Git orders folders a little differently, and others may do as they like.
            if !reach.ways[start..].is_sorted() {
                reach.ways[start..].sort_unstable();
            }
            reach.ranges[place as usize] = start..reach.ways.len();
        }
        reach
    }

    /// The place of the tree of this id, if it is above a wanted blob.
    pub(super) fn find(&self, tree: &oid) -> Option<u32> {
        self.places.get(tree).copied()
    }

    /// Calls `each` with the wanted blobs that `tree` reaches at paths where none of `others` reaches them, and those paths, in the order of the trees.
    /// Tells whether a blob has more paths than are told.
    pub(super) fn compare(&self, tree: u32, others: &[u32], mut each: impl FnMut(u32, &[u8])) -> bool {
        if others.contains(&tree) {
            return false;
        }
        let mut told = Told::default();
        let mut path = Vec::new();
        let mut open = vec![Folder::new(tree, others.to_vec(), 0)];
        while let Some(folder) = open.last_mut() {
            path.truncate(folder.n_path);
            let Some(&(name, way)) = self.of(folder.tree).get(folder.next) else {
                told.leave(folder.tree);
                open.pop();
                continue;
            };
            folder.next += 1;
            if folder.others.iter().zip(&mut folder.hints).any(|(&other, hint)| has(self.of(other), (name, way), hint)) {
                continue;
            }
            path.extend_from_slice(&self.names[name as usize]);
            match way {
                Way::Blob(wanted) => {
                    if told.is_one_more(wanted) {
                        each(wanted, &path);
                    }
                }
                Way::Tree(below) => {
                    let mut others: Vec<u32> = folder.others.iter().flat_map(|&other| self.trees_of(other, name)).collect();
                    // Parents have mostly the same; and of names that stand twice in a tree there could be more with every step.
                    others.sort_unstable();
                    others.dedup();
                    if told.enter(below, &others) {
                        path.push(b'/');
                        open.push(Folder::new(below, others, path.len()));
                    }
                }
            }
        }
        told.is_cut
    }

    /// The entries of a tree.
    fn of(&self, tree: u32) -> &[(u32, Way)] {
        &self.ways[self.ranges[tree as usize].clone()]
    }

    /// The trees that a tree has under a name: one, if it is well-formed.
    fn trees_of(&self, tree: u32, name: u32) -> impl Iterator<Item = u32> + '_ {
        let ways = self.of(tree);
        let first = ways.partition_point(|&(other, _)| other < name);
        let named = ways[first..].iter().take_while(move |&&(other, _)| other == name);
        named.filter_map(|&(_, way)| match way {
            Way::Tree(tree) => Some(tree),
            Way::Blob(_) => None,
        })
    }
}

/// Whether an entry is among others, in order. Mostly it is where `hint` says, behind the one that was found last.
fn has(ways: &[(u32, Way)], wanted: (u32, Way), hint: &mut usize) -> bool {
    if ways.get(*hint) == Some(&wanted) {
        *hint += 1;
        return true;
    }
    let found = ways.binary_search(&wanted);
    *hint = found.map_or_else(|at| at, |at| at + 1);
    found.is_ok()
}

/// A folder on the way to the one at hand.
struct Folder {
    /// Its tree.
    tree: u32,
    /// The trees that others have in its place.
    others: Vec<u32>,
    /// Where each of those may have what comes next.
    hints: Vec<usize>,
    /// Its next entry.
    next: usize,
    /// Length of its path.
    n_path: usize,
}

impl Folder {
    fn new(tree: u32, others: Vec<u32>, n_path: usize) -> Self {
        Self { tree, hints: vec![0; others.len()], others, next: 0, n_path }
    }
}

/// What a comparison has told, which bounds it whatever the trees.
#[derive(Default)]
struct Told {
    /// The trees on the way. One that is met again below itself is one that replacements made a ring of; it reaches nothing there.
    on_way: std::collections::HashSet<u32>,
    /// How many paths of each blob were told.
    n_paths: std::collections::HashMap<u32, u32>,
    /// Whether there were more.
    is_cut: bool,
    /// How many folders were compared, and of the later ones how often each. What is found below is the same each time, so that of all blobs there enough
    /// was told when it was told so often.
    n_folders: usize,
    n_times: std::collections::HashMap<(u32, Vec<u32>), u32>,
}

impl Told {
    /// Whether another path of the blob is to be told.
    fn is_one_more(&mut self, wanted: u32) -> bool {
        let n = self.n_paths.entry(wanted).or_default();
        *n += 1;
        self.is_cut |= *n > MOST_PATHS;
        *n <= MOST_PATHS
    }

    /// Whether this folder is to be compared with those.
    fn enter(&mut self, tree: u32, others: &[u32]) -> bool {
        self.n_folders += 1;
        if self.n_folders > MANY_FOLDERS {
            let n = self.n_times.entry((tree, others.to_vec())).or_default();
            *n += 1;
            if *n > MOST_PATHS {
                return false;
            }
        }
        self.on_way.insert(tree)
    }

    /// Notes that a folder was compared.
    fn leave(&mut self, tree: u32) {
        self.on_way.remove(&tree);
    }
}
