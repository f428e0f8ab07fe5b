//! Which wanted blobs a tree reaches that some other trees do not, and at which paths.
//!
//! Upward from the trees that hold the blobs, the trees above them are found, with the entries that lead on; all others do not matter. A commit's tree is
//! then compared with those of its parents, downward and only where they differ, so that each version of each folder is looked at about once.

use gix::ObjectId;
use gix::hash::oid;

use super::graph::Overrides;
use super::keys::Keys;
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

/// The trees above some wanted blobs. A tree is named by its place here.
pub(super) struct Reach<'a> {
    /// The names of entries.
    names: &'a [Box<[u8]>],
    /// Where each tree is.
    places: gix::hashtable::HashMap<ObjectId, u32>,
    /// Where the entries of each tree begin, and at last their number.
    first: Vec<usize>,
    /// The entries that lead on: their names and whereto, in order.
    ways: Vec<(u32, Way)>,
}

/// The trees in the order in which they were found, by node.
struct Found {
    places: std::collections::HashMap<u32, u32, Keys>,
    nodes: Vec<u32>,
}

impl Found {
    fn place(&mut self, node: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let place = *self.places.entry(node).or_insert(next);
        if place == next {
            self.nodes.push(node);
        }
        place
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
        let mut found = Found { places: std::collections::HashMap::with_hasher(Keys::new()), nodes: Vec::new() };
        let mut all: Vec<(u32, u32, Way)> = hits.map(|hit| (found.place(hit.node), hit.name, Way::Blob(hit.wanted))).collect();
        let mut places: gix::hashtable::HashMap<ObjectId, u32> = Default::default();
        let mut next = 0;
        while let Some(&node) = found.nodes.get(next) {
            let place = next as u32;
            next += 1;
            let Some(id) = id_of(node) else { continue };
            let own = (!overrides.replaced.contains_key(id)).then(|| id.to_owned());
            for id in own.into_iter().chain(also.get(id).into_iter().flatten().copied()) {
                all.extend(trees.named(&id).map(|edge| (found.place(edge.node), edge.name, Way::Tree(place))));
                places.insert(id, place);
            }
        }
        all.sort_unstable();
        all.dedup();
        let mut first = vec![0; found.nodes.len() + 1];
        all.iter().for_each(|&(place, ..)| first[place as usize + 1] += 1);
        for i in 0..found.nodes.len() {
            first[i + 1] += first[i];
        }
        Self { names: &trees.names, places, first, ways: all.into_iter().map(|(_, name, way)| (name, way)).collect() }
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
        let mut open = vec![Folder { tree, others: others.to_vec(), next: self.first[tree as usize], n_path: 0 }];
        while let Some(folder) = open.last_mut() {
            path.truncate(folder.n_path);
            if folder.next == self.first[folder.tree as usize + 1] {
                told.leave(folder.tree);
                open.pop();
                continue;
            }
            let (name, way) = self.ways[folder.next];
            folder.next += 1;
            if folder.others.iter().any(|&other| self.of(other).binary_search(&(name, way)).is_ok()) {
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
                    let others: Vec<u32> = folder.others.iter().flat_map(|&other| self.trees_of(other, name)).collect();
                    if told.enter(below, &others) {
                        path.push(b'/');
                        let n_path = path.len();
                        open.push(Folder { tree: below, others, next: self.first[below as usize], n_path });
                    }
                }
            }
        }
        told.is_cut
    }

    /// The entries of a tree.
    fn of(&self, tree: u32) -> &[(u32, Way)] {
        &self.ways[self.first[tree as usize]..self.first[tree as usize + 1]]
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

/// A folder on the way to the one at hand.
struct Folder {
    /// Its tree.
    tree: u32,
    /// The trees that others have in its place.
    others: Vec<u32>,
    /// Its next entry.
    next: usize,
    /// Length of its path.
    n_path: usize,
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
