//! One pass over all tree objects, for a few wanted blobs: which trees hold them, and which trees hold which trees.
//!
//! Trees are made like blobs are, each once. Of a tree's entries only the *special* ones are kept: those that name a tree, or an object that is wanted or
//! missing. Most entries of a tree are copied from the tree that it derives from; such an entry is not even read, for what it is was found out there. That
//! goes by the places where entries begin in the other tree, so that nobody can have bytes read as an entry here that were none there.
//! A tree is named by its *node*, its number in its pack after the numbers of the packs before; loose trees come last.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::hash::oid;
use gix::hashtable::{HashMap, HashSet};

use super::delta::Segment;
use super::entry::{copied, next_entry};
use super::groups::Groups;
use super::keys::Keys;
use super::nodes::first_nodes;
use super::pack::{Kind, Pack};
use super::store::Store;
use super::tasks::Task;
use super::walk::{From, Visit, Walker};
use super::{FileCheck, MOST_FOLLOWED, NameCheck};
use crate::git::SHORTEST_KEY;
use crate::rule::file::FileKind;

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
    /// Which files are to be known by their names.
    pub(super) file_check: Option<FileCheck>,
}

/// A special entry that names a wanted object.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    /// The entry's number.
    pub(super) entry: u32,
    /// Place of the object in the list of the one who asks.
    pub(super) wanted: u32,
}

/// A special entry, in all trees that have it from one another.
#[derive(Clone, Copy)]
struct Entry {
    /// Key of the tree that it names.
    key: Option<u64>,
    /// Its name.
    name: u32,
    /// Place of what it names in the list of the one who asks; [`NONE`] if that is not wanted.
    wanted: u32,
    /// Number of what it names among the missing objects; [`NONE`] if that is there.
    lacking: u32,
}

/// What the pass over trees found.
#[derive(Default)]
pub(super) struct Trees {
    /// The entries that name wanted objects.
    pub(super) hits: Vec<Hit>,
    /// The special entries, and the nodes of the trees that have each of them; empty if there are no hits.
    entries: Vec<Entry>,
    nodes: Groups,
    /// The special entries of each tree.
    lists: Vec<Lists>,
    /// The special entries that name trees, by the first bits of their keys.
    by_key: Groups,
    /// Names of entries, in order.
    pub(super) names: Vec<Box<[u8]>>,
    /// Objects that trees name and that are not there, the first [`MOST_FOLLOWED`] or more: their places in hits follow those of the wanted ones.
    pub(super) lacking: Vec<ObjectId>,
    /// Blobs that trees name and that are not there.
    pub(super) absent: HashSet<ObjectId>,
    /// Trees that trees name and that are not there, and trees that cannot be read.
    pub(super) absent_trees: HashSet<ObjectId>,
    /// Objects that trees hold under names that matter, sorted.
    pub(super) named: Vec<ObjectId>,
    /// Files that are known by their names, each with its format, sorted.
    pub(super) files: Vec<(ObjectId, FileKind)>,
    /// Makes keys of ids.
    keys: Keys,
}

/// Nothing special.
const NONE: u32 = u32::MAX;

/// Bits of a key that tell its group.
const GROUP_BITS: u32 = 16;

impl<'a> Search<'a> {
    /// A search for these objects; also for missing ones, if told where the present ones are.
    pub(super) fn new(wanted: &[ObjectId], present: Option<&'a Store>) -> Self {
        let mut begins = vec![false; 1 << 16];
        wanted.iter().for_each(|id| begins[beginning(id.as_bytes())] = true);
        Self {
            wanted: wanted.iter().zip(0..).map(|(id, place)| (*id, place)).collect(),
            begins,
            present,
            keys: Keys::new(),
            name_check: None,
            file_check: None,
        }
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

/// The first two bytes of an id, as a number.
fn beginning(id: &[u8]) -> usize {
    usize::from(id[0]) << 8 | usize::from(id[1])
}

impl Trees {
    /// The special entries that name the tree of this id.
    pub(super) fn naming(&self, id: &oid) -> impl Iterator<Item = u32> + '_ {
        let key = self.keys.number(id.as_bytes());
        self.by_key.get(group(key)).iter().copied().filter(move |&entry| self.entries[entry as usize].key == Some(key))
    }

    /// The nodes of the trees that have a special entry.
    pub(super) fn holding(&self, entry: u32) -> &[u32] {
        self.nodes.get(entry as usize)
    }

    /// How many special entries there are.
    pub(super) fn n_entries(&self) -> usize {
        self.entries.len()
    }

    /// The name of a special entry.
    pub(super) fn name_of(&self, entry: u32) -> u32 {
        self.entries[entry as usize].name
    }

    /// The nodes of all trees that have special entries, and these in their order.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = u32> + '_)> + '_ {
        self.lists.iter().flat_map(Lists::each)
    }
}

/// The special entries of some trees.
#[derive(Default)]
struct Lists {
    /// What is to be added to the numbers in the list.
    first: u32,
    /// The numbers of the entries, all in one list.
    entries: Vec<u32>,
    /// Nodes, and how long the list was when each was read.
    trees: Vec<(u32, usize)>,
}

impl Lists {
    fn each(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = u32> + '_)> + '_ {
        let starts = std::iter::once(0).chain(self.trees.iter().map(|&(_, end)| end));
        starts.zip(&self.trees).map(|(start, &(node, end))| (node, self.entries[start..end].iter().map(|&entry| entry + self.first)))
    }
}

/// The group of a key.
fn group(key: u64) -> usize {
    (key >> (64 - GROUP_BITS)) as usize
}

/// What the name of an entry tells of what has it.
#[derive(Clone, Copy)]
struct Told {
    /// It matters, whatever has it.
    matters: bool,
    /// The format of a file of this name, if such a file is to be known.
    format: Option<FileKind>,
}

/// What a thread reads trees with.
struct Reader<'a> {
    /// What is looked for.
    search: &'a Search<'a>,
    /// Node of the first object of the pack at hand.
    first_node: u32,
    /// The special entries, one after the other as they came.
    entries: Vec<Entry>,
    /// For each tree its special entries.
    lists: Lists,
    /// Names, and their places in the order in which they came.
    names: std::collections::HashMap<Box<[u8]>, u32, Keys>,
    /// Objects that are missing, with their numbers.
    lacking: HashMap<ObjectId, u32>,
    /// Blobs that are missing.
    absent: HashSet<ObjectId>,
    /// Trees that are missing or cannot be read to their ends.
    absent_trees: HashSet<ObjectId>,
    /// For the number of a name what it tells, and what has such names.
    told_by: std::collections::HashMap<u64, Told, Keys>,
    named: Vec<ObjectId>,
    files: Vec<(ObjectId, FileKind)>,
    /// Nodes below which nothing could be made: the first node of their pack, and their number.
    lost: Vec<(u32, u32)>,
}

/// Where the entries of a tree begin, each with its number if it is special, and at last where the tree ends.
type Entries = Vec<(u32, u32)>;

/// What of a tree is copied from another, and that one's entries.
type Base<'a> = (&'a [Segment], &'a [(u32, u32)]);

impl Visit for Reader<'_> {
    /// The entries, if all of them were read.
    type State = Option<Entries>;

    fn object(&mut self, pack: &Pack, number: u32, bytes: &[u8], from: Option<From<'_, Self::State>>) -> Self::State {
        let base = from.and_then(|from| Some((from.segments, from.state.as_deref()?)));
        self.read(self.first_node + number, pack.id(number), bytes, base)
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
            entries: Vec::new(),
            lists: Lists::default(),
            names: std::collections::HashMap::with_hasher(search.keys),
            lacking: HashMap::default(),
            absent: HashSet::default(),
            absent_trees: HashSet::default(),
            told_by: std::collections::HashMap::with_hasher(search.keys),
            named: Vec::new(),
            files: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Reads the entries of the tree `own`. What follows a malformed one is not read. `base` is of a tree that was read before.
    fn read(&mut self, node: u32, own: &oid, bytes: &[u8], base: Option<Base<'_>>) -> Option<Entries> {
        let (mut segments, others) = base.unwrap_or_default();
        let mut entries = Vec::with_capacity(others.len() + 2);
        let n_listed = self.lists.entries.len();
        let mut at = 0;
        let mut is_whole = true;
        while at < bytes.len() {
            while let Some((_, after)) = segments.split_first().filter(|(first, _)| first.at + first.len <= at) {
                segments = after;
            }
            let copied = segments.first().and_then(|segment| copied(others, segment, at));
            if let Some((copied, end)) = copied {
                let first = copied.first().map_or(0, |&(there, _)| there);
                for &(there, special) in copied {
                    entries.push((there - first + at as u32, special));
                    if special != NONE {
                        self.lists.entries.push(special);
                    }
                }
                at += (end - first) as usize;
                continue;
            }
            let mut rest = &bytes[at..];
            let Some((mode, name, id)) = next_entry(&mut rest, own.as_bytes().len()) else {
                is_whole = false;
                break;
            };
            let Told { matters, format } = self.told_by(name);
            self.named.extend(matters.then(|| id.to_owned()));
            self.files.extend(format.filter(|_| mode.starts_with(b"100")).map(|format| (id.to_owned(), format)));
            let special = self.read_entry(mode, name, id);
            entries.push((at as u32, special.unwrap_or(NONE)));
            self.lists.entries.extend(special);
            at = bytes.len() - rest.len();
        }
        if self.lists.entries.len() > n_listed {
            self.lists.trees.push((node, self.lists.entries.len()));
        }
        if !is_whole {
            self.absent_trees.insert(own.to_owned());
            return None;
        }
        entries.push((at as u32, NONE));
        Some(entries)
    }

    /// What a name tells; each is asked about once.
    fn told_by(&mut self, name: &[u8]) -> Told {
        let search = self.search;
        if search.name_check.is_none() && search.file_check.is_none() {
            return Told { matters: false, format: None };
        }
        *self.told_by.entry(search.keys.number(name)).or_insert_with(|| Told {
            matters: name.len() >= SHORTEST_KEY && search.name_check.is_some_and(|check| check(name)),
            format: search.file_check.and_then(|check| check(name)),
        })
    }

    /// Reads an entry; its number if it is special.
    fn read_entry(&mut self, mode: &[u8], name: &[u8], id: &oid) -> Option<u32> {
        let is_tree = matches!(mode, b"40000" | b"040000");
        if mode == b"160000" {
            return None;
        }
        let wanted = match self.search.begins[beginning(id.as_bytes())] {
            true => self.search.wanted.get(id).copied().unwrap_or(NONE),
            false => NONE,
        };
        let lacking = self.number_if_lacking(id, is_tree).unwrap_or(NONE);
        if !is_tree && wanted == NONE && lacking == NONE {
            return None;
        }
        let name = self.name(name);
        self.entries.push(Entry { key: is_tree.then(|| self.search.keys.number(id.as_bytes())), name, wanted, lacking });
        Some(self.entries.len() as u32 - 1)
    }

    /// The number of an object among those that are missing, if it is. The empty tree need not be stored.
    fn number_if_lacking(&mut self, id: &oid, is_tree: bool) -> Option<u32> {
        let store = self.search.present?;
        if store.contains(id) || is_tree && ObjectId::empty_tree(store.hash) == id {
            return None;
        }
        let absent = if is_tree { &mut self.absent_trees } else { &mut self.absent };
        absent.insert(id.to_owned());
        let next = self.lacking.len() as u32;
        Some(*self.lacking.entry(id.to_owned()).or_insert(next))
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
                Ok((_, bytes)) => drop(self.read(node, id, &bytes, None)),
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
                    Ok((_, bytes)) => drop(self.read(first_node + number, id, &bytes, None)),
                    Err(_) => drop(self.absent_trees.insert(id.to_owned())),
                }
            }
        }
    }
}

/// Puts together what the threads found.
fn join(mut readers: Vec<Reader<'_>>, n_wanted: usize, keys: Keys) -> Trees {
    let mut trees = Trees { keys, ..Trees::default() };
    let numbers = trees.join_names(&mut readers);
    let mut places: HashMap<ObjectId, u32> = HashMap::default();
    for (reader, numbers) in readers.iter_mut().zip(&numbers) {
        let mut place_of = vec![0; reader.lacking.len()];
        for (id, number) in std::mem::take(&mut reader.lacking) {
            place_of[number as usize] = *places.entry(id).or_insert_with(|| {
                trees.lacking.push(id);
                trees.lacking.len() as u32 - 1
            });
        }
        trees.lists.push(Lists { first: trees.entries.len() as u32, ..std::mem::take(&mut reader.lists) });
        let placed = |number: u32| if number == NONE { NONE } else { place_of[number as usize] };
        let moved = |entry: &Entry| Entry { name: numbers[entry.name as usize], lacking: placed(entry.lacking), ..*entry };
        trees.entries.extend(reader.entries.iter().map(moved));
        trees.absent.extend(std::mem::take(&mut reader.absent));
        trees.absent_trees.extend(std::mem::take(&mut reader.absent_trees));
        trees.named.append(&mut reader.named);
        trees.files.append(&mut reader.files);
    }
    trees.named.sort_unstable();
    trees.named.dedup();
    trees.files.sort_unstable();
    trees.files.dedup();
    let follows_lacking = trees.lacking.len() <= MOST_FOLLOWED;
    let is_hit = |entry: &Entry| entry.wanted != NONE || follows_lacking && entry.lacking != NONE;
    if !trees.entries.iter().any(is_hit) {
        (trees.entries, trees.lists) = (Vec::new(), Vec::new());
        return trees;
    }
    trees.nodes = Groups::new(trees.entries.len(), || trees.each().flat_map(|(node, list)| list.map(move |entry| (entry as usize, node))));
    trees.by_key = Groups::new(1 << GROUP_BITS, || trees.entries.iter().zip(0..).filter_map(|(entry, number)| Some((group(entry.key?), number))));
    for (&Entry { wanted, lacking, .. }, entry) in trees.entries.iter().zip(0..).filter(|(entry, _)| is_hit(entry)) {
        let lacking = (follows_lacking && lacking != NONE).then(|| lacking + n_wanted as u32);
        trees.hits.extend((wanted != NONE).then_some(wanted).into_iter().chain(lacking).map(|wanted| Hit { entry, wanted }));
    }
    trees
}

impl Trees {
    /// Takes the names of all, and gives for each reader the new numbers of its names.
    fn join_names(&mut self, readers: &mut [Reader<'_>]) -> Vec<Vec<u32>> {
        let mut numbers: Vec<Vec<u32>> = readers.iter().map(|reader| vec![0; reader.names.len()]).collect();
        let take = |(i, reader): (usize, &mut Reader<'_>)| std::mem::take(&mut reader.names).into_iter().map(move |(name, number)| (name, i, number));
        let mut names: Vec<(Box<[u8]>, usize, u32)> = readers.iter_mut().enumerate().flat_map(take).collect();
        names.sort_unstable();
        for (name, reader, number) in names {
            if self.names.last() != Some(&name) {
                self.names.push(name);
            }
            numbers[reader][number as usize] = self.names.len() as u32 - 1;
        }
        numbers
    }
}
