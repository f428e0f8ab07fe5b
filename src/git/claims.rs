//! Whether what packs say about the sizes of their objects can be true, asked before anybody makes room for them.
//!
//! The header of an entry says how many bytes it inflates to, and who reads it makes room for as many. A pack of a kilobyte may claim gigabytes for each of its
//! objects. But deflate makes at most [`BEST_RATIO`] bytes of one, and how many compressed bytes there are is told by where the next entry begins. Loose objects
//! are not asked about: for them memory is only taken as it is filled. The same question is asked in `history::inflate`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gix::ObjectId;
use gix::hash::oid;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{data, index};

/// The most that deflate makes of one byte.
pub(super) const BEST_RATIO: u64 = 1032;

/// A size up to this is believed: room for it costs little.
const BELIEVED: u64 = 1 << 20;

/// Bases of bases that are followed; git makes no more.
const MOST_STEPS: usize = 4096;

/// What is said of an object that is not read.
const LIE: &str = "its pack says that it is larger than its compressed bytes can be";

/// The packs of some folders of objects, open for asking what they claim.
pub(super) struct Claims {
    packs: Vec<Pack>,
}

/// A pack and its index.
struct Pack {
    index: index::File,
    /// Its data, opened when it is the first time found to have what is asked about: of some hundred packs most never are.
    data: OnceLock<Option<data::File>>,
    /// Where entries begin, in order; read when a claim is large.
    beginnings: OnceLock<Vec<u64>>,
}

impl Claims {
    /// Opens the packs of `folders` and of those that they borrow from. What cannot be opened here cannot be read by git's index, either.
    pub(super) fn open(folders: &[PathBuf], hash: gix::hash::Kind) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let borrowed = folders.iter().flat_map(|folder| gix::odb::alternate::resolve(folder.clone(), &here).unwrap_or_default());
        let all: HashSet<PathBuf> = folders.iter().cloned().chain(borrowed).map(|folder| folder.canonicalize().unwrap_or(folder)).collect();
        let entries = all.iter().filter_map(|folder| folder.join("pack").read_dir().ok()).flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let packs = paths.filter(|path| path.extension().is_some_and(|extension| extension == "idx")).filter_map(|path| Pack::open(&path, hash));
        Self { packs: packs.collect() }
    }

    /// Checks what is claimed of the object `id` and of what it derives from, in every pack that has it.
    ///
    /// # Errors
    /// A claim cannot be true, or bases are endless; the text says so.
    pub(super) fn check(&self, id: &oid) -> Result<(), &'static str> {
        let mut open: Vec<(usize, u64)> = self.places(id).collect();
        let (mut n_steps, mut seen) = (0, HashSet::new());
        while let Some((pack, at)) = open.pop() {
            n_steps += 1;
            if n_steps > MOST_STEPS * self.packs.len() {
                return Err("its chain of deltas is too long");
            }
            let pack_of_it = &self.packs[pack];
            // What has no readable header is refused by whoever reads it.
            let Some(data) = pack_of_it.data() else { continue };
            let Ok(entry) = data.entry(at) else { continue };
            if entry.decompressed_size > BELIEVED && entry.decompressed_size > pack_of_it.n_compressed(data, at, entry.data_offset).saturating_mul(BEST_RATIO) {
                return Err(LIE);
            }
            match entry.header {
                Header::OfsDelta { base_distance } => open.extend(at.checked_sub(base_distance).filter(|_| base_distance > 0).map(|base| (pack, base))),
                Header::RefDelta { base_id } => match pack_of_it.find(&base_id) {
                    Some(base) => open.push((pack, base)),
                    None => open.extend(self.places(&base_id).filter(|place| seen.insert(*place))),
                },
                Header::Commit | Header::Tree | Header::Blob | Header::Tag => {}
            }
        }
        Ok(())
    }

    /// The packs that have the object, and where.
    fn places(&self, id: &oid) -> impl Iterator<Item = (usize, u64)> {
        let id: ObjectId = id.to_owned();
        self.packs.iter().enumerate().filter_map(move |(i, pack)| Some((i, pack.find(&id)?)))
    }
}

impl Pack {
    fn open(index: &Path, hash: gix::hash::Kind) -> Option<Self> {
        Some(Self { index: index::File::at(index, hash).ok()?, data: OnceLock::new(), beginnings: OnceLock::new() })
    }

    /// The data, if it can be opened.
    fn data(&self) -> Option<&data::File> {
        self.data.get_or_init(|| data::File::at(self.index.path().with_extension("pack"), self.index.object_hash()).ok()).as_ref()
    }

    /// Where the object's entry begins.
    fn find(&self, id: &oid) -> Option<u64> {
        self.index.lookup(id).map(|place| self.index.pack_offset_at_index(place))
    }

    /// How many bytes at most belong to the entry of `data` that begins at `at`, from `data_at` on.
    fn n_compressed(&self, data: &data::File, at: u64, data_at: u64) -> u64 {
        let beginnings = self.beginnings.get_or_init(|| {
            let mut all: Vec<u64> = (0..self.index.num_objects()).map(|place| self.index.pack_offset_at_index(place)).collect();
            all.sort_unstable();
            all
        });
        let next = beginnings.get(beginnings.partition_point(|&beginning| beginning <= at)).copied();
        let end = data.pack_end() as u64;
        next.unwrap_or(end).min(end).saturating_sub(data_at)
    }
}
