//! Where a repository's objects are: its folder of objects and those it borrows from, with all their packs and loose objects.
//!
//! A multi-pack-index names objects of packs that have indexes of their own, so it is not needed here.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use gix::ObjectId;
use gix::hash::oid;

use super::inflate::{Buffer, Inflater};
use super::pack::{Kind, NONE, Pack};
use super::tasks::{Bits, Share};
use super::walk::{LARGEST, Walker};
use crate::blob::path_text;

/// Steps from thin pack to thin pack that are followed.
const MOST_THIN_STEPS: usize = 16;

/// All objects of a repository.
pub(super) struct Store {
    /// The kind of all ids.
    pub(super) hash: gix::hash::Kind,
    /// The packs, the largest first.
    pub(super) packs: Vec<Pack>,
    /// How each of them is walked.
    pub(super) shares: Vec<Share>,
    /// Objects in files of their own that are in no pack, sorted by id.
    pub(super) loose: Vec<Loose>,
    /// The folders of objects.
    folders: Vec<PathBuf>,
    /// What is there and cannot be read, in sentences.
    pub(super) trouble: Vec<String>,
    /// Whether a pack came from a remote that promises the objects that are missing.
    pub(super) has_promises: bool,
}

/// An object in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Loose {
    /// Its id.
    pub(super) id: ObjectId,
    /// Which folder it is in.
    folder: usize,
}

impl Store {
    /// Opens all packs and lists all loose objects, of the folder `objects` and `more`, which the environment names.
    pub(super) fn open(objects: &Path, more: &[PathBuf], hash: gix::hash::Kind, n_threads: usize) -> Self {
        let mut trouble = Vec::new();
        let folders = object_folders(objects, more, &mut trouble);
        let mut has_promises = false;
        let mut packs = Vec::new();
        let indexes: Vec<PathBuf> = folders.iter().flat_map(|folder| pack_indexes(&folder.join("pack"), &mut trouble)).collect();
        for path in indexes {
            has_promises |= path.with_extension("promisor").exists();
            match Pack::open(&path, hash) {
                Ok(pack) => packs.push(pack),
                Err(why) => trouble.push(format!(
                    "the pack {} cannot be read: {why}; `git fsck` tells more, and a fresh clone has all objects again",
                    path_text(&path.with_extension("pack"))
                )),
            }
        }
        // Most ids are then found in the first place that is asked.
        packs.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.path().cmp(b.path())));
        let loose = loose_objects(&folders, hash, &packs, &mut trouble);
        let mut store = Self { hash, packs, shares: Vec::new(), loose, folders, trouble, has_promises };
        store.adopt_thin();
        let duplicates = duplicates(&store.packs);
        store.shares = store.packs.iter().zip(duplicates).map(|(pack, duplicates)| Share::new(pack, duplicates, n_threads)).collect();
        store
    }

    /// Whether there is an object of this id.
    pub(super) fn contains(&self, id: &oid) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.find_loose(id).is_some()
    }

    /// The first pack that has the object and its number there; behind all packs, what is in none.
    pub(super) fn place_of(&self, id: &oid) -> (usize, u32) {
        let place = |(i, pack): (usize, &Pack)| Some((i, pack.find(id)?));
        self.packs.iter().enumerate().find_map(place).unwrap_or((self.packs.len(), 0))
    }

    /// Where in the list of loose objects the object is.
    pub(super) fn find_loose(&self, id: &oid) -> Option<usize> {
        self.loose.binary_search_by(|loose| loose.id.as_ref().cmp(id)).ok()
    }

    /// Reads one object, wherever it can be read. Slow; for single objects only.
    pub(super) fn read(&self, id: &oid) -> Result<(Kind, Vec<u8>), &'static str> {
        self.read_in_steps(id, MOST_THIN_STEPS)
    }

    /// Reads one object, going through so many thin packs.
    fn read_in_steps(&self, id: &oid, n_steps: usize) -> Result<(Kind, Vec<u8>), &'static str> {
        let mut why = "it is missing";
        for pack in &self.packs {
            let Some(number) = pack.find(id) else { continue };
            match self.read_packed(pack, number, n_steps) {
                Ok(found) => return Ok(found),
                Err(error) => why = error,
            }
        }
        let Some(place) = self.find_loose(id) else { return Err(why) };
        let (mut inflater, mut buffer) = (Inflater::new(), Buffer::default());
        let (kind, at) = self.read_loose(self.loose[place], &mut inflater, &mut buffer)?;
        Ok((kind, buffer.bytes()[at..].to_vec()))
    }

    /// Reads an object of a pack.
    fn read_packed(&self, pack: &Pack, number: u32, n_steps: usize) -> Result<(Kind, Vec<u8>), &'static str> {
        let kind = pack.kind[number as usize];
        if kind == Kind::Stray {
            return Err("it has no readable header or no base");
        }
        let root = pack.root(number);
        let base = match pack.thin.iter().find(|(thin, _)| *thin == root) {
            Some(_) if n_steps == 0 => return Err("its chain of deltas is too long"),
            Some((_, base)) => Some(self.read_in_steps(base, n_steps - 1)?.1),
            None => None,
        };
        let large = Mutex::new(());
        let bytes = Walker::<()>::new(1, &large).read(pack, number, base.as_deref())?;
        Ok((kind, bytes))
    }

    /// Reads a loose object; its content begins in the buffer where the number says.
    pub(super) fn read_loose(&self, loose: Loose, inflater: &mut Inflater, buffer: &mut Buffer) -> Result<(Kind, usize), &'static str> {
        let compressed = self.loose_file(loose)?;
        let (kind, size, at) = loose_header(&compressed, inflater)?;
        if size > LARGEST {
            return Err("it is too large to be held in memory");
        }
        let size = usize::try_from(size).map_err(|_| "it is too large to be held in memory")?;
        inflater.exactly(&compressed, at + size, buffer)?;
        Ok((kind, at))
    }

    /// The file of a loose object.
    pub(super) fn loose_path(&self, loose: Loose) -> PathBuf {
        let hex = loose.id.to_hex().to_string();
        self.folders[loose.folder].join(&hex[..2]).join(&hex[2..])
    }

    /// The compressed content of a loose object's file.
    fn loose_file(&self, loose: Loose) -> Result<Vec<u8>, &'static str> {
        let path = self.loose_path(loose);
        let is_bounded = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST + LARGEST / 8);
        if !is_bounded {
            return Err("its file is too large, or no file");
        }
        fs::read(path).map_err(|_| "its file cannot be read")
    }

    /// Finds out the kinds of objects whose bases are in another pack or loose.
    fn adopt_thin(&mut self) {
        for _ in 0..MOST_THIN_STEPS {
            let mut known = Vec::new();
            for (i, pack) in self.packs.iter().enumerate() {
                let open = pack.thin.iter().filter(|(number, _)| pack.kind[*number as usize] == Kind::Stray);
                known.extend(open.filter_map(|(number, base)| Some((i, *number, self.kind(base)?))));
            }
            if known.is_empty() {
                break;
            }
            for (pack, number, kind) in known {
                self.packs[pack].adopt(number, kind);
            }
        }
    }

    /// The kind of an object.
    pub(super) fn kind(&self, id: &oid) -> Option<Kind> {
        let packed = self.packs.iter().find_map(|pack| {
            let kind = pack.kind[pack.find(id)? as usize];
            (kind != Kind::Stray).then_some(kind)
        });
        packed.or_else(|| {
            let compressed = self.loose_file(self.loose[self.find_loose(id)?]).ok()?;
            loose_header(&compressed, &mut Inflater::new()).ok().map(|(kind, ..)| kind)
        })
    }
}

/// Kind, size, and where the content begins.
fn loose_header(compressed: &[u8], inflater: &mut Inflater) -> Result<(Kind, u64, usize), &'static str> {
    const CORRUPT: &str = "its header is corrupt";
    let mut start = [0; 64];
    let n_bytes = inflater.start(compressed, &mut start)?;
    let at = memchr::memchr(0, &start[..n_bytes]).ok_or(CORRUPT)?;
    let (kind, size) = parse_header(&start[..at]).ok_or(CORRUPT)?;
    Ok((kind, size, at + 1))
}

/// Kind and size of an object by the header of its file.
pub(super) fn parse_header(header: &[u8]) -> Option<(Kind, u64)> {
    let (kind, size) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let kind = match kind {
        "blob" => Kind::Blob,
        "tree" => Kind::Tree,
        "commit" => Kind::Commit,
        "tag" => Kind::Tag,
        _ => return None,
    };
    Some((kind, size.parse().ok()?))
}

/// The folder of objects, `more`, and those that they borrow from by `info/alternates`.
fn object_folders(objects: &Path, more: &[PathBuf], trouble: &mut Vec<String>) -> Vec<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::iter::once(objects.to_owned()).chain(more.iter().cloned()).collect();
    for folder in folders.clone() {
        match gix::odb::alternate::resolve(folder.clone(), &here) {
            Ok(more) => folders.extend(more),
            Err(error) => trouble.push(format!("the folders that {} borrows objects from cannot be found: {error}", path_text(&folder))),
        }
    }
    let mut seen = HashSet::new();
    folders.retain(|folder| seen.insert(fs::canonicalize(folder).unwrap_or_else(|_| folder.clone())));
    for folder in folders.iter().filter(|folder| !folder.is_dir()) {
        trouble.push(format!("the folder of objects {} is missing; bring it back, or make a clone that borrows nothing", path_text(folder)));
    }
    folders
}

/// The indexes of the packs in a folder, sorted by name.
fn pack_indexes(folder: &Path, trouble: &mut Vec<String>) -> Vec<PathBuf> {
    // A repository without packs may have no folder for them.
    let files: HashSet<PathBuf> = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    let of_kind = |extension: &'static str| {
        let mut found: Vec<PathBuf> = files.iter().filter(|path| path.extension() == Some(OsStr::new(extension))).cloned().collect();
        found.sort();
        found
    };
    for pack in of_kind("pack").iter().filter(|path| !files.contains(&path.with_extension("idx"))) {
        trouble.push(format!("the pack {} has no index; make it with `git index-pack`", path_text(pack)));
    }
    of_kind("idx").into_iter().collect()
}

/// The loose objects that are in no pack.
fn loose_objects(folders: &[PathBuf], hash: gix::hash::Kind, packs: &[Pack], trouble: &mut Vec<String>) -> Vec<Loose> {
    let mut loose = Vec::new();
    for (folder, path) in folders.iter().enumerate() {
        for fan in 0..=255_u8 {
            let start = format!("{fan:02x}");
            let entries = match fs::read_dir(path.join(&start)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => {
                    trouble.push(format!("the folder of objects {} cannot be read: {error}", path_text(&path.join(&start))));
                    continue;
                }
            };
            // Files with other names are not objects: git's own temporary ones, for example.
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let ids = names.filter_map(|name| ObjectId::from_hex(format!("{start}{name}").as_bytes()).ok()).filter(|id| id.kind() == hash);
            loose.extend(ids.map(|id| Loose { id, folder }));
        }
    }
    loose.sort_unstable();
    loose.dedup_by_key(|loose| loose.id);
    loose.retain(|loose| !packs.iter().any(|pack| pack.contains(&loose.id)));
    loose
}

/// For each pack the objects that a pack before it has too; nothing for a pack that shares none.
fn duplicates(packs: &[Pack]) -> Vec<Option<Bits>> {
    let mut duplicates: Vec<Option<Bits>> = packs.iter().map(|_| None).collect();
    let Some((first, rest)) = packs.split_first() else { return duplicates };
    // All indexes are sorted by id. They are read in step, one value of the first byte after the other, so that the list stays short.
    let mut places = vec![0_u32; rest.len()];
    let mut ids: Vec<(&oid, usize, u32)> = Vec::new();
    for byte in 0..=255_u8 {
        ids.clear();
        for (i, pack) in rest.iter().enumerate() {
            while (places[i] as usize) < pack.len() && pack.id_at_place(places[i]).first_byte() <= byte {
                ids.push((pack.id_at_place(places[i]), i + 1, places[i]));
                places[i] += 1;
            }
        }
        ids.sort_unstable();
        for (i, &(id, pack, place)) in ids.iter().enumerate() {
            let is_known = i > 0 && ids[i - 1].0 == id || first.contains(id);
            if is_known && let Some(number) = packs[pack].number_at_place(place) {
                duplicates[pack].get_or_insert_with(|| Bits::new(packs[pack].len())).insert(number);
            }
        }
    }
    duplicates
}

impl Pack {
    /// The object at the end of the way from base to base; for a stray object any one of the ring.
    pub(super) fn root(&self, number: u32) -> u32 {
        let mut root = number;
        for _ in 0..self.len() {
            match self.parent[root as usize] {
                NONE => break,
                parent => root = parent,
            }
        }
        root
    }
}
