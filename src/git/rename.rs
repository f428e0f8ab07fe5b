//! Renames, found as `git diff -M` finds them with its defaults: each deleted path is the source of at most one new path. First come blobs that are
//! identical, then those at the same file name that are similar by 75 %, then the best of all pairs that are similar by 50 %. Beyond a thousand times a
//! thousand pairs only the first two steps are taken. Copies are not looked for: the lines of a copy are new where they are.
//!
//! The steps, their order and their ties are those of git's `diffcore-rename.c`, so that what counts as added here is what people see in `git diff`.

use std::cmp::Ordering;
use std::collections::HashMap;

use gix::ObjectId;

use super::Reader;
use super::object::ModeKind;
use super::similar::{IDENTICAL, Pieces};
use super::trees::{Delta, Item};

/// For a new path the blob at the path that it was renamed from.
pub(super) type Renames = HashMap<Vec<u8>, ObjectId>;

/// The least similarity of a rename.
const LEAST: u64 = IDENTICAL / 2;

/// The least similarity of a rename that keeps the file's name and changes its folder.
const LEAST_WITH_SAME_NAME: u64 = LEAST + LEAST / 2;

/// Pairs that are compared, as git's `diff.renameLimit` has them by default.
const MOST_PAIRS: usize = 1000 * 1000;

/// Candidates that are kept for each new path.
const N_CANDIDATES: usize = 4;

/// Identical sources that are looked at for one new path.
const MOST_IDENTICAL: usize = 101;

/// Bytes of blobs that are compared, which bounds the time and the memory for a change that replaces everything.
const MOST_BYTES: usize = 128 << 20;

/// One of the two ends of a rename.
struct End<'a> {
    path: &'a [u8],
    item: Item,
    is_taken: bool,
    /// The blob's pieces, once they were needed; inside, `None` if it cannot be read.
    pieces: Option<Option<Pieces>>,
}

/// A pair that may be a rename.
#[derive(Clone, Copy)]
struct Pair {
    score: u64,
    has_same_name: bool,
    old: usize,
    new: usize,
}

/// The renames among `deltas`, which come from a comparison with a single tree.
pub(super) fn renames(reader: &mut Reader, deltas: &[Delta]) -> Renames {
    let mut search = Search { reader, olds: Vec::new(), news: Vec::new(), found: Renames::new(), n_bytes: 0 };
    for delta in deltas {
        let old = delta.olds.first().copied().flatten();
        let ends = match (old, delta.new) {
            (Some(old), None) => Some((&mut search.olds, old)),
            (None, Some(new)) => Some((&mut search.news, new)),
            _ => None,
        };
        if let Some((ends, item)) = ends.filter(|(_, item)| matches!(item.mode.kind(), ModeKind::File | ModeKind::Link)) {
            ends.push(End { path: &delta.path, item, is_taken: false, pieces: None });
        }
    }
    if !search.olds.is_empty() && !search.news.is_empty() {
        search.identical();
        search.by_name();
        search.by_similarity();
    }
    search.found
}

/// The search for renames.
struct Search<'a> {
    reader: &'a mut Reader,
    olds: Vec<End<'a>>,
    news: Vec<End<'a>>,
    found: Renames,
    n_bytes: usize,
}

impl Search<'_> {
    /// Pairs new paths with sources of the same content, those with the same file name first.
    fn identical(&mut self) {
        let mut by_id: HashMap<ObjectId, Vec<usize>> = HashMap::new();
        for (i, old) in self.olds.iter().enumerate() {
            by_id.entry(old.item.id).or_default().push(i);
        }
        for new in 0..self.news.len() {
            let target = &self.news[new];
            let is_match = |&&old: &&usize| {
                let old = &self.olds[old];
                !old.is_taken && old.item.mode.kind() == target.item.mode.kind()
            };
            let sources = by_id.get(&target.item.id).map(Vec::as_slice).unwrap_or_default();
            let mut sources = sources.iter().filter(is_match).take(MOST_IDENTICAL).copied();
            let first = sources.next();
            let has_same_name = |old: &usize| file_name(self.olds[*old].path) == file_name(target.path);
            let best = first.filter(has_same_name).or_else(|| sources.find(has_same_name)).or(first);
            if let Some(old) = best {
                self.take(old, new);
            }
        }
    }

    /// Pairs paths whose file name only they have.
    fn by_name(&mut self) {
        let unique = |ends: &[End<'_>]| {
            let mut by_name: HashMap<Vec<u8>, Option<usize>> = HashMap::new();
            for (i, end) in ends.iter().enumerate().filter(|(_, end)| !end.is_taken) {
                by_name.entry(file_name(end.path).to_vec()).and_modify(|unique| *unique = None).or_insert(Some(i));
            }
            by_name
        };
        let news = unique(&self.news);
        let mut pairs: Vec<(usize, usize)> = unique(&self.olds).into_iter().filter_map(|(name, old)| Some((old?, (*news.get(&name)?)?))).collect();
        pairs.sort_unstable();
        for (old, new) in pairs {
            if self.similarity(old, new, LEAST_WITH_SAME_NAME) >= LEAST_WITH_SAME_NAME {
                self.take(old, new);
            }
        }
    }

    /// Pairs what is left by similarity, the most similar first.
    fn by_similarity(&mut self) {
        let left = |ends: &[End<'_>]| -> Vec<usize> { (0..ends.len()).filter(|&i| !ends[i].is_taken).collect() };
        let (olds, news) = (left(&self.olds), left(&self.news));
        if olds.len().saturating_mul(news.len()) > MOST_PAIRS {
            return;
        }
        let mut pairs = Vec::new();
        for &new in &news {
            let mut best: Vec<Pair> = Vec::with_capacity(N_CANDIDATES);
            for &old in &olds {
                let score = self.similarity(old, new, LEAST);
                if score >= LEAST {
                    let has_same_name = file_name(self.olds[old].path) == file_name(self.news[new].path);
                    keep_best(&mut best, Pair { score, has_same_name, old, new });
                }
            }
            pairs.extend(best);
        }
        pairs.sort_by(better);
        for pair in pairs {
            if !self.olds[pair.old].is_taken && !self.news[pair.new].is_taken {
                self.take(pair.old, pair.new);
            }
        }
    }

    fn take(&mut self, old: usize, new: usize) {
        self.olds[old].is_taken = true;
        self.news[new].is_taken = true;
        self.found.insert(self.news[new].path.to_vec(), self.olds[old].item.id);
    }

    /// How similar the two are; 0 for anything but files.
    fn similarity(&mut self, old: usize, new: usize, least: u64) -> u64 {
        let (old, new) = (&mut self.olds[old], &mut self.news[new]);
        for end in [&mut *old, &mut *new] {
            if end.pieces.is_none() {
                end.pieces = Some(pieces(self.reader, end.item, &mut self.n_bytes));
            }
        }
        match (&old.pieces, &new.pieces) {
            (Some(Some(old)), Some(Some(new))) => old.similarity(new, least),
            _ => 0,
        }
    }
}

/// The pieces of a file. There are none of what cannot be read, for then nothing is known to be renamed; whoever scans the blob says that it is missing.
fn pieces(reader: &mut Reader, item: Item, n_bytes: &mut usize) -> Option<Pieces> {
    if item.mode.kind() != ModeKind::File || *n_bytes > MOST_BYTES {
        return None;
    }
    let mut blob = Vec::new();
    reader.blob(&item.id, &mut blob).ok()?;
    *n_bytes += blob.len();
    Some(Pieces::of(&blob))
}

/// Puts the pair among the best ones for its new path; of equal ones the earlier stays.
fn keep_best(best: &mut Vec<Pair>, pair: Pair) {
    if best.len() < N_CANDIDATES {
        best.push(pair);
        return;
    }
    // The first of the worst, which is the one that git replaces.
    let worst = (1..best.len()).fold(0, |worst, i| if better(&best[i], &best[worst]) == Ordering::Greater { i } else { worst });
    if better(&best[worst], &pair) == Ordering::Greater {
        best[worst] = pair;
    }
}

/// The order of pairs, the best first.
fn better(a: &Pair, b: &Pair) -> Ordering {
    (b.score, b.has_same_name).cmp(&(a.score, a.has_same_name))
}

/// The last part of the path.
fn file_name(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..])
}
