//! How the walk over a pack is shared by threads, and which of its objects are seen at all.
//!
//! Trees of deltas are the units. One that is too much work for a single thread is cut: the parts that are cut off become tops of their own, whose
//! bytes are made once more from the whole object that they derive from. The work of an object is taken to be the size of its tree's root.

use std::ops::Range;

use super::pack::{Kind, NONE, Pack};
use super::walk::LARGE;

/// Work below this many bytes is not worth cutting, or handing out on its own.
const SMALLEST_SHARE: u64 = 8 << 20;

/// Tops that are handed out at once, at most.
const MOST_TOPS: usize = 1024;

/// Work that an object makes besides its bytes.
const OVERHEAD: u64 = 512;

/// A set of an index's places or a pack's objects.
#[derive(Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `n`.
    pub(super) fn new(n: usize) -> Self {
        Self(vec![0; n.div_ceil(64)])
    }

    /// The set of these numbers, all of them below `n`.
    pub(super) fn of(n: usize, numbers: impl IntoIterator<Item = u32>) -> Self {
        let mut bits = Self::new(n);
        for number in numbers {
            bits.insert(number);
        }
        bits
    }

    /// Adds a number; tells whether it is new.
    pub(super) fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// How many numbers are in it.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether the number is in it.
    pub(super) fn contains(&self, number: u32) -> bool {
        self.0[number as usize / 64] & (1 << (number % 64)) != 0
    }
}

/// The plan for one pack.
pub(super) struct Share {
    /// How many objects derive from each object, by any number of steps.
    n_below: Vec<u32>,
    /// Where walks begin, in the order of the file.
    tops: Vec<u32>,
    /// Work of each top.
    work: Vec<u64>,
    /// Tops that derive from another object.
    cut: Bits,
    /// The objects that another pack has too and that are seen there.
    duplicates: Option<Bits>,
    /// The objects that are seen or that one that is seen derives from; all of them if there are no duplicates.
    needed: Option<Bits>,
}

/// A piece of work for one thread.
pub(super) struct Task {
    /// Which pack.
    pub(super) pack: usize,
    /// Which of its tops.
    pub(super) tops: Range<usize>,
}

impl Share {
    /// Plans the walk for so many threads.
    pub(super) fn new(pack: &Pack, duplicates: Option<Bits>, n_threads: usize) -> Self {
        let needed = duplicates.as_ref().map(|duplicates| needed(pack, duplicates));
        let is_needed = |number: u32| needed.as_ref().is_none_or(|needed| needed.contains(number));
        let work_of = |number: u32| u64::from(pack.size[number as usize]) + OVERHEAD;
        let total: u64 = pack.order.iter().map(|&number| work_of(number)).sum();
        let most = (total / (n_threads.max(1) as u64 * 8)).max(SMALLEST_SHARE);

        let mut share = Self { n_below: vec![0; pack.len()], tops: Vec::new(), work: Vec::new(), cut: Bits::new(pack.len()), duplicates, needed: None };
        // Children come after parents, so that from behind everything below an object is known when it is reached.
        let mut below = vec![0_u64; pack.len()];
        for &number in pack.order.iter().rev().filter(|&&number| is_needed(number)) {
            let work = below[number as usize].saturating_add(work_of(number));
            let parent = pack.parent[number as usize];
            // Not cut are trees whose root's base is elsewhere, which have no size, and those of large objects, which one thread handles at a time.
            let is_cut = n_threads > 1 && work >= most && (1..LARGE as u32).contains(&pack.size[number as usize]);
            if parent != NONE {
                share.n_below[parent as usize] += share.n_below[number as usize] + 1;
            }
            if parent == NONE || is_cut {
                share.tops.push(number);
            }
            if parent != NONE && is_cut {
                share.cut.insert(number);
            } else if parent != NONE {
                below[parent as usize] = below[parent as usize].saturating_add(work);
            }
            below[number as usize] = work;
        }
        share.tops.retain(|&top| pack.thin.iter().all(|&(thin, _)| thin != top));
        share.tops.sort_unstable();
        share.work = share.tops.iter().map(|&top| below[top as usize]).collect();
        share.needed = needed;
        share
    }

    /// Where walks begin.
    pub(super) fn tops(&self) -> &[u32] {
        &self.tops
    }

    /// The tasks of the tops of these kinds, in the order of the file; a task's tops may be of other kinds too.
    pub(super) fn tasks(&self, pack: usize) -> Vec<Task> {
        let mut tasks = Vec::new();
        let (mut first, mut work) = (0, 0_u64);
        for (i, more) in self.work.iter().enumerate() {
            work = work.saturating_add(*more);
            if work >= SMALLEST_SHARE / 4 || i + 1 - first >= MOST_TOPS || i + 1 == self.work.len() {
                tasks.push(Task { pack, tops: first..i + 1 });
                (first, work) = (i + 1, 0);
            }
        }
        tasks
    }

    /// Whether the object is seen here, and not in another pack.
    pub(super) fn is_wanted(&self, number: u32) -> bool {
        self.duplicates.as_ref().is_none_or(|duplicates| !duplicates.contains(number))
    }

    /// Whether the walk that makes the object's base goes on to the object.
    pub(super) fn is_walked(&self, number: u32) -> bool {
        !self.cut.contains(number) && self.needed.as_ref().is_none_or(|needed| needed.contains(number))
    }

    /// How many objects derive from this one.
    pub(super) fn n_below(&self, number: u32) -> u32 {
        self.n_below[number as usize]
    }

    /// The objects that a walk from `top` would show.
    pub(super) fn shown_below(&self, pack: &Pack, top: u32) -> Vec<u32> {
        let (mut shown, mut open) = (Vec::new(), vec![top]);
        while let Some(number) = open.pop() {
            if self.is_wanted(number) {
                shown.push(number);
            }
            let mut child = pack.first_child[number as usize];
            while child != NONE {
                if self.is_walked(child) {
                    open.push(child);
                }
                child = pack.next_sibling[child as usize];
            }
        }
        shown
    }

    /// The stray objects that are seen here.
    pub(super) fn stray<'a>(&'a self, pack: &'a Pack) -> impl Iterator<Item = u32> + 'a {
        (0..pack.len() as u32).filter(|&number| pack.kind[number as usize] == Kind::Stray && self.is_wanted(number))
    }
}

/// The objects that are no duplicates, and everything that they derive from.
fn needed(pack: &Pack, duplicates: &Bits) -> Bits {
    let mut needed = Bits::new(pack.len());
    for &number in pack.order.iter().filter(|&&number| !duplicates.contains(number)) {
        let mut next = number;
        while next != NONE && needed.insert(next) {
            next = pack.parent[next as usize];
        }
    }
    needed
}
