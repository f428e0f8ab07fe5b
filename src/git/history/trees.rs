//! One pass over all tree objects, for a few wanted blobs: which trees hold them, and which trees hold which trees.
//!
//! Trees are made like blobs are, each once. Of a tree's entries only those are kept that name a wanted object or another tree: 16 bytes each, with names
//! stored once. Whether an object is there at all is asked once for an entry that is copied from tree to tree. A tree is named by its *node*, its number in its pack after the numbers of the packs before; loose trees come last.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::hash::oid;
use gix::hashtable::{HashMap, HashSet};

use super::delta::Segment;
use super::keys::Keys;
use super::pack::{Kind, Pack};
use super::store::Store;
use super::tasks::Task;
use super::walk::{From, Visit, Walker};
use super::{MOST_FOLLOWED, NameCheck};
use crate::git::SHORTEST_KEY;

/// What the pass over trees is after.
pub(super) struct Search<'a> {
    /// The blobs and trees to be found, and their places in the list of the one who asks.
    wanted: HashMap<ObjectId, u32>,
    /// For the first two bytes of an id, whether a wanted one begins so.
    begins: Vec<bool>,
    /// Where objects are, if those that are missing are to be found too.
    present: Option<&'a Store>,
    /// Makes keys of ids; nobody outside can foresee them, so that nobody can make two ids with the same key.
    keys: Keys,
    /// Which names matter, if somebody wants to know what has them.
    pub(super) name_check: Option<&'a NameCheck<'a>>,
}

/// An entry of a tree that names a wanted object.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    /// The tree.
    pub(super) node: u32,
    /// The entry's name.
    pub(super) name: u32,
    /// Place of the object in the list of the one who asks.
    pub(super) wanted: u32,
}

/// An entry of a tree that names a tree.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    /// Key of the tree that is named.
    key: u64,
    /// The tree that names it.
    pub(super) node: u32,
    /// The entry's name.
    pub(super) name: u32,
}

/// What the pass over trees found.
#[derive(Default)]
pub(super) struct Trees {
    /// The entries that name wanted objects.
    pub(super) hits: Vec<Hit>,
    /// The entries that name trees, by the first bits of their keys.
    edges: Vec<Edge>,
    /// Where the edges of each group begin.
    groups: Vec<u32>,
    /// Names of entries.
    pub(super) names: Vec<Box<[u8]>>,
    /// Objects that trees name and that are not there, the first [`MOST_FOLLOWED`] or more: their places in hits follow those of the wanted ones.
    pub(super) lacking: Vec<ObjectId>,
    /// Blobs that trees name and that are not there.
    pub(super) absent: HashSet<ObjectId>,
    /// Trees that trees name and that are not there, and trees that cannot be read.
    pub(super) absent_trees: HashSet<ObjectId>,
    /// Objects that trees hold under names that matter, sorted.
    pub(super) named: Vec<ObjectId>,
    /// Makes keys of ids.
    keys: Keys,
}

/// Bits of a key that tell its group.
const GROUP_BITS: u32 = 16;

impl<'a> Search<'a> {
    /// A search for these objects; also for missing ones, if told where the present ones are.
    pub(super) fn new(wanted: &[ObjectId], present: Option<&'a Store>) -> Self {
        let mut begins = vec![false; 1 << 16];
        wanted.iter().for_each(|id| begins[beginning(id.as_bytes())] = true);
        Self { wanted: wanted.iter().zip(0..).map(|(id, place)| (*id, place)).collect(), begins, present, keys: Keys::new(), name_check: None }
    }

    /// Goes through all trees, on so many threads.
    pub(super) fn run(&self, store: &Store, loose_trees: &[ObjectId], n_threads: usize) -> Trees {
        let tasks: Vec<Task> = store.shares.iter().enumerate().flat_map(|(i, share)| share.tasks(i)).collect();
        let (next_task, large) = (AtomicUsize::new(0), Mutex::new(()));
        let first_nodes = first_nodes(store);
        let work = || {
            let mut reader = Reader::new(self);
            let mut walker = Walker::new(n_threads, &large);
            while let Some(task) = tasks.get(next_task.fetch_add(1, Ordering::Relaxed)) {
                let (pack, share) = (&store.packs[task.pack], &store.shares[task.pack]);
                reader.first_node = first_nodes[task.pack];
                for &top in share.tops()[task.tops.clone()].iter().filter(|&&top| pack.kind[top as usize] == Kind::Tree) {
                    walker.walk(pack, share, top, None, &mut reader);
                }
            }
            reader
        };
        let mut readers: Vec<Reader<'_>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..n_threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let others = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            std::iter::once(own).chain(others).collect()
        });
        if let Some(reader) = readers.first_mut() {
            reader.read_singly(store, loose_trees, &first_nodes);
        }
        let mut lost = readers.iter_mut().flat_map(|reader| std::mem::take(&mut reader.lost)).collect::<Vec<_>>();
        if let Some(reader) = readers.first_mut() {
            reader.read_lost(store, &mut lost, &first_nodes);
        }
        join(readers, self.wanted.len(), self.keys)
    }
}

/// The node of each pack's first object, and that of the first loose tree.
fn first_nodes(store: &Store) -> Vec<u32> {
    let mut first_nodes = vec![0];
    for pack in &store.packs {
        first_nodes.push(first_nodes.last().map_or(0, |first| first + pack.len() as u32));
    }
    first_nodes
}

/// The id of a node.
pub(super) fn id_of<'a>(store: &'a Store, loose_trees: &'a [ObjectId], node: u32) -> Option<&'a oid> {
    let mut number = node;
    for pack in &store.packs {
        if (number as usize) < pack.len() {
            return Some(pack.id(number));
        }
        number -= pack.len() as u32;
    }
    loose_trees.get(number as usize).map(|id| id.as_ref())
}

/// The first two bytes of an id, as a number.
fn beginning(id: &[u8]) -> usize {
    usize::from(id[0]) << 8 | usize::from(id[1])
}

impl Trees {
    /// The entries that name the tree of this id.
    pub(super) fn named(&self, id: &oid) -> impl Iterator<Item = Edge> + '_ {
        let key = self.keys.number(id.as_bytes());
        self.edges[self.group(key)].iter().copied().filter(move |edge| edge.key == key)
    }

    /// Where the edges with this key are, and others.
    fn group(&self, key: u64) -> Range<usize> {
        let group = (key >> (64 - GROUP_BITS)) as usize;
        self.groups[group] as usize..self.groups[group + 1] as usize
    }
}

/// What a thread reads trees with.
struct Reader<'a> {
    /// What is looked for.
    search: &'a Search<'a>,
    /// Node of the first object of the pack at hand.
    first_node: u32,
    /// What was found.
    hits: Vec<Hit>,
    /// The trees that trees name.
    edges: Vec<Edge>,
    /// Names, and their places in the order in which they came.
    names: std::collections::HashMap<Box<[u8]>, u32, Keys>,
    /// Objects that are missing, with their numbers, and the entries that name them.
    lacking: HashMap<ObjectId, u32>,
    lacking_hits: Vec<Hit>,
    /// For the first two bytes of an id, whether a missing one begins so.
    lacking_begins: Vec<bool>,
    /// Blobs that are missing.
    absent: HashSet<ObjectId>,
    /// Trees that are missing or cannot be read to their ends.
    absent_trees: HashSet<ObjectId>,
    /// For the number of a name whether it matters, and what has such names.
    checked: std::collections::HashMap<u64, bool, Keys>,
    named: Vec<ObjectId>,
    /// Nodes below which nothing could be made: the first node of their pack, and their number.
    lost: Vec<(u32, u32)>,
}

impl Visit for Reader<'_> {
    /// Whether all entries of the tree were read.
    type State = bool;

    fn object(&mut self, pack: &Pack, number: u32, bytes: &[u8], from: Option<From<'_, bool>>) -> bool {
        let segments = from.filter(|from| *from.state).map_or(&[][..], |from| from.segments);
        self.read(self.first_node + number, pack.id(number), bytes, segments)
    }

    fn unreadable(&mut self, _: &Pack, number: u32, _: &'static str) {
        self.lost.push((self.first_node, number));
    }
}

impl<'a> Reader<'a> {
    /// A reader that found nothing yet.
    fn new(search: &'a Search<'a>) -> Self {
        Self {
            search,
            first_node: 0,
            hits: Vec::new(),
            edges: Vec::new(),
            names: std::collections::HashMap::with_hasher(search.keys),
            lacking: HashMap::default(),
            lacking_hits: Vec::new(),
            lacking_begins: vec![false; 1 << 16],
            absent: HashSet::default(),
            absent_trees: HashSet::default(),
            checked: std::collections::HashMap::with_hasher(search.keys),
            named: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Reads the entries of the tree `own`: mode, space, name, zero, id. What follows a malformed one is not read. What `segments` copy is of a tree that
    /// was read before. Tells whether all was read.
    fn read(&mut self, node: u32, own: &oid, bytes: &[u8], mut segments: &[Segment]) -> bool {
        let mut rest = bytes;
        let mut at = 0;
        while let Some((mode, name, id)) = next_entry(&mut rest, own.as_bytes().len()) {
            let end = bytes.len() - rest.len();
            while let Some((_, others)) = segments.split_first().filter(|(first, _)| first.at + first.len < end) {
                segments = others;
            }
            let is_new = !segments.first().is_some_and(|segment| segment.from.is_some() && segment.at <= at);
            at = end;
            if is_new && name.len() >= SHORTEST_KEY && self.matters(name) {
                self.named.push(id.to_owned());
            }
            match mode {
                b"40000" | b"040000" => self.read_tree(node, name, id, is_new),
                b"160000" => self.read_entry(node, name, id),
                _ => {
                    self.read_entry(node, name, id);
                    if self.is_lacking(node, name, id, is_new) {
                        self.absent.insert(id.to_owned());
                    }
                }
            }
        }
        if !rest.is_empty() {
            self.absent_trees.insert(own.to_owned());
        }
        rest.is_empty()
    }

    /// Whether a name matters; each is asked about once.
    fn matters(&mut self, name: &[u8]) -> bool {
        let Some(check) = self.search.name_check else { return false };
        *self.checked.entry(self.search.keys.number(name)).or_insert_with(|| check(name))
    }

    /// Looks at an entry that names a tree. The empty one need not be stored.
    fn read_tree(&mut self, node: u32, name: &[u8], id: &oid, is_new: bool) {
        let edge = Edge { key: self.search.keys.number(id.as_bytes()), node, name: self.name(name) };
        self.edges.push(edge);
        self.read_entry(node, name, id);
        if self.is_lacking(node, name, id, is_new) {
            self.absent_trees.insert(id.to_owned());
        }
    }

    /// Whether the object that an entry names is found to be missing now; each entry that names such a one is noted.
    fn is_lacking(&mut self, node: u32, name: &[u8], id: &oid, is_new: bool) -> bool {
        let Some(store) = self.search.present else { return false };
        let is_known = self.lacking_begins[beginning(id.as_bytes())] && self.lacking.contains_key(id);
        if !is_known && (!is_new || store.contains(id) || ObjectId::empty_tree(store.hash) == id) {
            return false;
        }
        self.lacking_begins[beginning(id.as_bytes())] = true;
        let next = self.lacking.len() as u32;
        let wanted = *self.lacking.entry(id.to_owned()).or_insert(next);
        if self.lacking.len() <= MOST_FOLLOWED {
            let name = self.name(name);
            self.lacking_hits.push(Hit { node, name, wanted });
        }
        !is_known
    }

    /// Notes an entry that names a wanted object.
    fn read_entry(&mut self, node: u32, name: &[u8], id: &oid) {
        if self.search.begins[beginning(id.as_bytes())]
            && let Some(&wanted) = self.search.wanted.get(id)
        {
            let name = self.name(name);
            self.hits.push(Hit { node, name, wanted });
        }
    }

    /// The number of a name.
    fn name(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.names.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.names.insert(name.into(), number);
        number
    }

    /// Reads trees that are loose, and those whose bases are elsewhere.
    fn read_singly(&mut self, store: &Store, loose_trees: &[ObjectId], first_nodes: &[u32]) {
        let first_loose = first_nodes.last().copied().unwrap_or(0);
        for (id, node) in loose_trees.iter().zip(first_loose..) {
            match store.read(id) {
                Ok((_, bytes)) => drop(self.read(node, id, &bytes, &[])),
                Err(_) => drop(self.absent_trees.insert(*id)),
            }
        }
        for (i, pack) in store.packs.iter().enumerate() {
            let thin = pack.thin.iter().filter(|(number, _)| pack.kind[*number as usize] == Kind::Tree);
            self.lost.extend(thin.map(|(number, _)| (first_nodes[i], *number)));
        }
    }

    /// Reads the trees that could not be made in their places.
    fn read_lost(&mut self, store: &Store, lost: &mut Vec<(u32, u32)>, first_nodes: &[u32]) {
        for (first_node, top) in lost.drain(..) {
            let Some(i) = (0..store.packs.len()).rfind(|&i| first_nodes[i] == first_node) else { continue };
            for number in store.shares[i].shown_below(&store.packs[i], top) {
                let id = store.packs[i].id(number);
                match store.read(id) {
                    Ok((_, bytes)) => drop(self.read(first_node + number, id, &bytes, &[])),
                    Err(_) => drop(self.absent_trees.insert(id.to_owned())),
                }
            }
        }
    }
}

/// Takes the next entry of a tree from `rest`: its mode, its name and the id that it names.
fn next_entry<'a>(rest: &mut &'a [u8], id_len: usize) -> Option<(&'a [u8], &'a [u8], &'a oid)> {
    let (entry, after) = rest.split_at(memchr::memchr(0, rest)?);
    let (id, after) = after[1..].split_at_checked(id_len)?;
    let space = memchr::memchr(b' ', entry)?;
    *rest = after;
    Some((&entry[..space], &entry[space + 1..], oid::from_bytes_unchecked(id)))
}

/// Puts together what the threads found.
fn join(readers: Vec<Reader<'_>>, n_wanted: usize, keys: Keys) -> Trees {
    let mut names: std::collections::HashMap<Box<[u8]>, u32, Keys> = std::collections::HashMap::with_hasher(keys);
    let n_groups = 1_usize << GROUP_BITS;
    let n_edges = readers.iter().map(|reader| reader.edges.len()).sum();
    let mut trees = Trees {
        hits: Vec::new(),
        edges: vec![Edge { key: 0, node: 0, name: 0 }; n_edges],
        groups: vec![0; n_groups + 1],
        names: Vec::new(),
        lacking: Vec::new(),
        absent: HashSet::default(),
        absent_trees: HashSet::default(),
        named: Vec::new(),
        keys,
    };
    let group = |edge: &Edge| (edge.key >> (64 - GROUP_BITS)) as usize;
    readers.iter().flat_map(|reader| &reader.edges).for_each(|edge| trees.groups[group(edge) + 1] += 1);
    for i in 0..n_groups {
        trees.groups[i + 1] += trees.groups[i];
    }
    let mut next = trees.groups.clone();
    let mut places: HashMap<ObjectId, u32> = HashMap::default();
    for reader in readers {
        let mut numbers = vec![0; reader.names.len()];
        for (name, number) in reader.names {
            let n = names.len() as u32;
            numbers[number as usize] = *names.entry(name).or_insert(n);
        }
        trees.hits.extend(reader.hits.iter().map(|hit| Hit { name: numbers[hit.name as usize], ..*hit }));
        let mut place_of = vec![0; reader.lacking.len()];
        for (id, number) in reader.lacking {
            place_of[number as usize] = *places.entry(id).or_insert_with(|| {
                trees.lacking.push(id);
                (n_wanted + trees.lacking.len() - 1) as u32
            });
        }
        let placed = |hit: &Hit| Hit { name: numbers[hit.name as usize], wanted: place_of[hit.wanted as usize], ..*hit };
        trees.hits.extend(reader.lacking_hits.iter().map(placed));
        for edge in &reader.edges {
            let at = &mut next[group(edge)];
            trees.edges[*at as usize] = Edge { name: numbers[edge.name as usize], ..*edge };
            *at += 1;
        }
        trees.absent.extend(reader.absent);
        trees.absent_trees.extend(reader.absent_trees);
        trees.named.extend(reader.named);
    }
    trees.named.sort_unstable();
    trees.named.dedup();
    trees.names = vec![Box::default(); names.len()];
    for (name, number) in names {
        trees.names[number as usize] = name;
    }
    trees
}
