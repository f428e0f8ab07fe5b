//! Which wanted blobs a tree reaches, and at which paths.
//!
//! Upward from the trees that hold the blobs, the trees above them are found; downward again, what each of them reaches is put together. Most trees of a
//! history reach the same as others do, so that equal sets are stored once and compared by number.

use std::collections::HashMap;
use std::hash::Hash;

use gix::ObjectId;
use gix::hash::oid;

use super::graph::Overrides;
use super::trees::{Hit, Trees};

/// No name, or no path.
const NONE: u32 = u32::MAX;

/// Paths of one blob that are kept for one tree: the same content may be in a tree a great many times, for example as empty files.
const MOST_PATHS: usize = 256;

/// A wanted blob and one of its paths.
pub(super) type Place = (u32, u32);

/// The number of the set that reaches nothing.
pub(super) const NOTHING: u32 = 0;

/// Values that are named by numbers, equal ones by the same.
struct Interned<T> {
    /// Numbers of values.
    numbers: HashMap<T, u32>,
    /// Values by number.
    values: Vec<T>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// None yet.
    fn new() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }

    /// The number of a value.
    fn number(&mut self, value: T) -> u32 {
        let next = self.values.len() as u32;
        let number = *self.numbers.entry(value.clone()).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        number
    }
}

/// An entry that leads to a wanted blob.
#[derive(Clone, Copy)]
enum Way {
    /// It is one.
    Blob(u32),
    /// It is a tree above one.
    Tree(u32),
}

/// The trees above some wanted blobs, and what they reach.
pub(super) struct Reach<'a> {
    /// The names of entries.
    names: &'a [Box<[u8]>],
    /// The nodes of the trees, by id.
    nodes: gix::hashtable::HashMap<ObjectId, u32>,
    /// The entries of each that lead on.
    ways: HashMap<u32, Vec<(u32, Way)>>,
    /// The set that each reaches, as far as it is known.
    sets: HashMap<u32, u32>,
    /// The sets: places in order.
    places: Interned<Vec<Place>>,
    /// The paths: a name, and the path that follows it.
    paths: Interned<(u32, u32)>,
    /// Whether some blob had too many paths.
    pub(super) is_cut: bool,
}

impl<'a> Reach<'a> {
    /// Finds the trees above the blobs of these hits. `id_of` knows the ids of nodes.
    pub(super) fn new<'s>(hits: &[Hit], trees: &'a Trees, overrides: &Overrides, id_of: impl Fn(u32) -> Option<&'s oid>) -> Self {
        let mut reach = Self {
            names: &trees.names,
            nodes: Default::default(),
            ways: HashMap::new(),
            sets: HashMap::new(),
            places: Interned::new(),
            paths: Interned::new(),
            is_cut: false,
        };
        reach.places.number(Vec::new());
        // A tree that is replaced is not read; its id means the other one.
        let mut also: gix::hashtable::HashMap<ObjectId, Vec<ObjectId>> = Default::default();
        for id in overrides.replaced.keys() {
            also.entry(overrides.read_as(id)).or_default().push(*id);
        }
        let mut open = Vec::new();
        for hit in hits {
            let ways = reach.ways.entry(hit.node).or_insert_with(|| {
                open.push(hit.node);
                Vec::new()
            });
            ways.push((hit.name, Way::Blob(hit.wanted)));
        }
        while let Some(node) = open.pop() {
            let Some(id) = id_of(node) else { continue };
            let own = (!overrides.replaced.contains_key(id)).then(|| id.to_owned());
            for id in own.into_iter().chain(also.get(id).into_iter().flatten().copied()) {
                for edge in trees.named(&id) {
                    let ways = reach.ways.entry(edge.node).or_insert_with(|| {
                        open.push(edge.node);
                        Vec::new()
                    });
                    ways.push((edge.name, Way::Tree(node)));
                }
                reach.nodes.insert(id, node);
            }
        }
        reach
    }

    /// The set of what the tree of this id reaches.
    pub(super) fn set(&mut self, tree: &oid) -> u32 {
        let Some(&top) = self.nodes.get(tree) else { return NOTHING };
        let mut open = vec![top];
        while let Some(&node) = open.last() {
            if self.sets.get(&node).is_some_and(|&set| set != NONE) {
                open.pop();
                continue;
            }
            // A tree that is met again below itself is one that replacements made a ring of; it reaches nothing there.
            self.sets.insert(node, NONE);
            let ways = self.ways.get(&node).map_or(&[][..], Vec::as_slice);
            let unknown = ways.iter().filter_map(|(_, way)| match way {
                Way::Tree(below) if !self.sets.contains_key(below) => Some(*below),
                _ => None,
            });
            let n_open = open.len();
            open.extend(unknown);
            if open.len() == n_open {
                let set = self.put_together(node);
                self.sets.insert(node, set);
                open.pop();
            }
        }
        self.sets.get(&top).copied().unwrap_or(NOTHING)
    }

    /// The places of a set.
    pub(super) fn places(&self, set: u32) -> &[Place] {
        &self.places.values[set as usize]
    }

    /// A path in bytes.
    pub(super) fn path(&self, mut path: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(&(name, rest)) = self.paths.values.get(path as usize) {
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(&self.names[name as usize]);
            path = rest;
        }
        bytes
    }

    /// Puts a tree's set together from those of the trees below.
    fn put_together(&mut self, node: u32) -> u32 {
        let mut places: Vec<Place> = Vec::new();
        for (name, way) in self.ways.get(&node).map_or(&[][..], Vec::as_slice) {
            match way {
                Way::Blob(wanted) => places.push((*wanted, self.paths.number((*name, NONE)))),
                Way::Tree(below) => {
                    let set = self.sets.get(below).copied().filter(|&set| set != NONE).unwrap_or(NOTHING);
                    for &(wanted, rest) in &self.places.values[set as usize] {
                        places.push((wanted, self.paths.number((*name, rest))));
                    }
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        if places.chunk_by(|a, b| a.0 == b.0).any(|of_one| of_one.len() > MOST_PATHS) {
            self.is_cut = true;
            places = self.first_ones(&places);
        }
        self.places.number(places)
    }

    /// For each blob its first paths in the order of the alphabet, which does not depend on how numbers were given.
    fn first_ones(&self, places: &[Place]) -> Vec<Place> {
        let mut kept = Vec::new();
        for of_one in places.chunk_by(|a, b| a.0 == b.0) {
            let mut of_one = of_one.to_vec();
            of_one.sort_by_cached_key(|&(_, path)| self.path(path));
            of_one.truncate(MOST_PATHS);
            of_one.sort_unstable();
            kept.append(&mut of_one);
        }
        kept
    }
}
