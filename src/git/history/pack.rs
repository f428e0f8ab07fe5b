//! One pack: its objects in the order of the file, and the trees that their deltas form.
//!
//! Only headers are read here. An object is named by its *number*, its place in the order of the file. What a delta derives from is its parent, so that
//! every object that is stored whole is the root of a tree, and everything in the tree is of its root's kind. Indexes and packs may be corrupt: a number
//! always means an object of the index, and whatever has no readable header, no base or a base that leads back to itself is *stray*.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::OnceLock;

use gix::ObjectId;
use gix::hash::oid;
use gix::odb::pack::{data, index};

/// No object.
pub(super) const NONE: u32 = u32::MAX;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Content of a file.
    Blob,
    /// A folder.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
    /// Unknown, for it is stray.
    Stray,
}

impl From<gix::objs::Kind> for Kind {
    fn from(kind: gix::objs::Kind) -> Self {
        match kind {
            gix::objs::Kind::Blob => Self::Blob,
            gix::objs::Kind::Tree => Self::Tree,
            gix::objs::Kind::Commit => Self::Commit,
            gix::objs::Kind::Tag => Self::Tag,
        }
    }
}

/// An open pack.
pub(super) struct Pack {
    /// The file with the objects.
    data: data::File,
    /// The file that names them.
    index: index::File,
    /// For the first bits of an id, as many as tell most objects apart, where in the index ids begin that begin so, and at last their number.
    beginnings: OnceLock<(u32, Vec<u32>)>,
    /// Where each object begins, and after the last one where the objects end.
    at: Vec<u64>,
    /// Each object's place in the index.
    place: Vec<u32>,
    /// What each object derives from; [`NONE`] if it is whole, stray, or derives from an object elsewhere.
    pub(super) parent: Vec<u32>,
    /// The first object that derives from each object.
    pub(super) first_child: Vec<u32>,
    /// The next object that derives from the same one.
    pub(super) next_sibling: Vec<u32>,
    /// What each object is.
    pub(super) kind: Vec<Kind>,
    /// The objects in an order in which parents come before children; stray ones are missing.
    pub(super) order: Vec<u32>,
    /// The size of the whole object at the root of each object's tree, in bytes; what exceeds the type is cut.
    pub(super) size: Vec<u32>,
    /// The objects whose bases are elsewhere, and those bases. They are stray until [`Pack::adopt`] is called.
    pub(super) thin: Vec<(u32, ObjectId)>,
}

/// An object as the pack stores it.
pub(super) struct Stored<'a> {
    /// The compressed bytes.
    pub(super) compressed: &'a [u8],
    /// Size of what they inflate to: the object, or its delta.
    pub(super) size: u64,
}

/// Ids of an index that begin alike, about.
const IN_GROUP: u32 = 16;
/// So many times as many are found one beside the other.
const SEVERAL: u32 = 4;

/// The first bits of an id.
fn beginning(id: &oid, n_bits: u32) -> usize {
    (first_bytes(id) >> (64 - n_bits)) as usize
}

/// The eight bits behind them.
fn second(id: &oid, n_bits: u32) -> u32 {
    (first_bytes(id) >> (56 - n_bits)) as u32 & 0xFF
}

fn first_bytes(id: &oid) -> u64 {
    id.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl Pack {
    /// Opens the pack whose index is at `path`. The error is what is wrong, in words.
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        let index = index::File::at(path, hash).map_err(|error| error.to_string())?;
        let data = data::File::at(path.with_extension("pack"), hash).map_err(|error| error.to_string())?;
        if index.num_objects() == NONE || data.num_objects() != index.num_objects() {
            return Err("its index is of another pack".to_owned());
        }
        let mut entries: Vec<(u64, u32)> = (0..index.num_objects()).map(|place| (index.pack_offset_at_index(place), place)).collect();
        entries.sort_unstable();
        let end = data.pack_end() as u64;
        let at = entries.iter().map(|(at, _)| *at).chain([end]).collect();
        let place: Vec<u32> = entries.iter().map(|(_, place)| *place).collect();
        let n = place.len();
        let mut pack = Self {
            data,
            index,
            beginnings: OnceLock::new(),
            at,
            place,
            parent: vec![NONE; n],
            first_child: vec![NONE; n],
            next_sibling: vec![NONE; n],
            kind: vec![Kind::Stray; n],
            order: Vec::with_capacity(n),
            size: vec![0; n],
            thin: Vec::new(),
        };
        drop(entries);
        pack.read_headers();
        pack.link();
        Ok(pack)
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> usize {
        self.place.len()
    }

    /// The file with the objects.
    pub(super) fn path(&self) -> &Path {
        self.data.path()
    }

    /// An object's id.
    pub(super) fn id(&self, number: u32) -> &oid {
        self.index.oid_at_index(self.place[number as usize])
    }

    /// The ids of its objects, sorted, and for each the place that [`Self::id_at_place`] takes.
    pub(super) fn id_at_place(&self, place: u32) -> &oid {
        self.index.oid_at_index(place)
    }

    /// The object at a place of the index.
    pub(super) fn number_at_place(&self, place: u32) -> Option<u32> {
        self.number_at(self.index.pack_offset_at_index(place))
    }

    /// The object of this id.
    pub(super) fn find(&self, id: &oid) -> Option<u32> {
        self.number_at_place(self.index.lookup(id)?)
    }

    /// Whether it has the object of this id. The first time this reads all ids; then it is several times faster than to halve the index again and again.
    pub(super) fn contains(&self, id: &oid) -> bool {
        let (n_bits, starts) = self.beginnings.get_or_init(|| self.read_beginnings());
        let group = beginning(id, *n_bits);
        let (mut first, mut end) = (starts[group], starts[group + 1]);
        // Ids are as good as random, so that the bits behind those of the group tell about where one is. Of ids that somebody made otherwise there may be
        // more in a group, and then only halving is sure to end soon.
        let is_small = end - first < SEVERAL * IN_GROUP;
        let mut at = if is_small { first + (((end - first) * second(id, *n_bits)) >> 8) } else { first + (end - first) / 2 };
        while first < end {
            match self.index.oid_at_index(at).cmp(id) {
                Ordering::Equal => return true,
                Ordering::Less => first = at + 1,
                Ordering::Greater => end = at,
            }
            at = match is_small {
                true if first > at => first,
                true => end.saturating_sub(1),
                false => first + (end.saturating_sub(first)) / 2,
            };
        }
        false
    }

    /// Reads where in the index ids with each beginning begin.
    fn read_beginnings(&self) -> (u32, Vec<u32>) {
        let n_bits = (self.place.len() / IN_GROUP as usize).max(2).ilog2();
        let mut starts = vec![0; (1 << n_bits) + 1];
        (0..self.place.len() as u32).for_each(|place| starts[beginning(self.index.oid_at_index(place), n_bits) + 1] += 1);
        for i in 0..1 << n_bits {
            starts[i + 1] += starts[i];
        }
        (n_bits, starts)
    }

    /// An object's bytes as they are stored.
    pub(super) fn stored(&self, number: u32) -> Option<Stored<'_>> {
        let (at, end) = (self.at[number as usize], self.at[number as usize + 1]);
        let entry = self.data.entry(at).ok()?;
        // A range that ends before it begins has no slice.
        Some(Stored { compressed: self.data.entry_slice(entry.data_offset..end)?, size: entry.decompressed_size })
    }

    /// The object that begins at this place of the file.
    fn number_at(&self, at: u64) -> Option<u32> {
        let number = self.at[..self.place.len()].binary_search(&at).ok()?;
        u32::try_from(number).ok()
    }

    /// Finds out what is whole, and what derives from what.
    fn read_headers(&mut self) {
        for i in 0..self.place.len() {
            // Numbers are places of an index, which has less than 2^32 of them.
            let number = i as u32;
            let Ok(entry) = self.data.entry(self.at[i]) else { continue };
            match entry.header {
                data::entry::Header::OfsDelta { base_distance } => {
                    let base = self.at[i].checked_sub(base_distance).and_then(|at| self.at[..i].binary_search(&at).ok());
                    self.parent[i] = base.map_or(NONE, |base| base as u32);
                }
                data::entry::Header::RefDelta { base_id } => match self.find(&base_id) {
                    Some(base) => self.parent[i] = base,
                    None => self.thin.push((number, base_id)),
                },
                whole => {
                    self.kind[i] = whole.as_kind().map_or(Kind::Stray, Kind::from);
                    self.size[i] = u32::try_from(entry.decompressed_size).unwrap_or(u32::MAX);
                }
            }
        }
    }

    /// Links parents to children and hands the kinds on.
    fn link(&mut self) {
        for i in (0..self.place.len()).rev() {
            let parent = self.parent[i] as usize;
            if self.parent[i] != NONE {
                self.next_sibling[i] = self.first_child[parent];
                self.first_child[parent] = i as u32;
            } else if self.kind[i] != Kind::Stray {
                self.order.push(i as u32);
            }
        }
        self.hand_on(0);
    }

    /// An object whose base is elsewhere is of this kind, as its base is.
    pub(super) fn adopt(&mut self, number: u32, kind: Kind) {
        self.kind[number as usize] = kind;
        let first = self.order.len();
        self.order.push(number);
        self.hand_on(first);
    }

    /// Hands kind and size on to everything that derives from the objects from `first` in the order, and puts it there.
    fn hand_on(&mut self, first: usize) {
        // Each object is pushed by its only parent, so that the loop ends even if others form a ring.
        let mut next = first;
        while let Some(&number) = self.order.get(next) {
            next += 1;
            let mut child = self.first_child[number as usize];
            while child != NONE {
                self.kind[child as usize] = self.kind[number as usize];
                self.size[child as usize] = self.size[number as usize];
                self.order.push(child);
                child = self.next_sibling[child as usize];
            }
        }
    }
}
