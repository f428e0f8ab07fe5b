//! The walk over one tree of deltas: every object is made once, from its base while that is at hand.
//!
//! The walk is depth first and keeps its own stack. Among the children of an object the one with the most descendants comes last and takes the object's
//! place on the stack, so that never more than log2(n) bases are held, however long the chains are. A bound on their bytes holds all the same: the
//! oldest bases are dropped and made again when their turn comes. Objects beyond a size are handled by one thread at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::delta::{Delta, Segment, push_segment};
use super::inflate::{Buffer, Inflater};
use super::pack::{NONE, Pack};
use super::tasks::Share;

/// The largest object that is held in memory, in bytes.
pub(super) const LARGEST: u64 = 256 << 20;

/// The most bytes of base, delta and target together.
const LARGEST_STEP: u64 = 384 << 20;

/// An object of this size is handled by one thread at a time.
pub(super) const LARGE: usize = 8 << 20;

/// Bytes of bases that all threads together may hold for later, of objects that are not large.
const BASES: usize = 128 << 20;

/// Git itself makes no chains longer than 4095.
const DEEPEST: u32 = 4096;

/// Buffers kept for later; a walk seldom holds more.
const KEPT_BUFFERS: usize = 32;

/// An object that was made from one that the visitor has just seen.
pub(super) struct From<'a, S> {
    /// The number of that one.
    pub(super) number: u32,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// What the visitor said of it.
    pub(super) state: &'a S,
    /// How the object's bytes come from its bytes.
    pub(super) segments: &'a [Segment],
}

/// Who sees the objects.
pub(super) trait Visit {
    /// What is kept of an object until those made from it are seen.
    type State;

    /// Sees an object.
    fn object(&mut self, pack: &Pack, number: u32, bytes: &[u8], from: Option<From<'_, Self::State>>) -> Self::State;

    /// An object cannot be made, and neither can those made from it, which are not told one by one.
    fn unreadable(&mut self, pack: &Pack, number: u32, why: &'static str);
}

/// What a thread has to walk with.
pub(super) struct Walker<'a, S> {
    /// The decompressor.
    inflater: Inflater,
    /// The delta at hand.
    delta: Buffer,
    /// Its runs.
    segments: Vec<Segment>,
    /// Buffers that are free.
    free: Vec<Buffer>,
    /// The objects on the way to the one at hand that have children left.
    stack: Vec<Frame<S>>,
    /// Held by the thread that handles large objects.
    large: &'a Mutex<()>,
    /// Bytes of bases that this thread may hold.
    budget: usize,
}

/// An object whose children are being visited.
struct Frame<S> {
    /// Its number.
    number: u32,
    /// How many deltas it is away from a whole object.
    depth: u32,
    /// Its bytes, unless they were dropped.
    bytes: Option<Buffer>,
    /// What the visitor said of it; nothing if it was not shown.
    state: Option<S>,
    /// The child that comes next.
    next: u32,
    /// The child that comes last.
    last: u32,
}

impl<'a, S> Walker<'a, S> {
    /// What one of `n_threads` threads needs.
    pub(super) fn new(n_threads: usize, large: &'a Mutex<()>) -> Self {
        Self {
            inflater: Inflater::new(),
            delta: Buffer::default(),
            segments: Vec::new(),
            free: Vec::new(),
            stack: Vec::new(),
            large,
            budget: (BASES / n_threads.max(1)).max(2 * LARGE),
        }
    }

    /// Walks the tree below `top`, without the parts that are other tops. `base` holds what `top` derives from if that is in no pack of ours.
    pub(super) fn walk(&mut self, pack: &Pack, share: &Share, top: u32, base: Option<&[u8]>, visitor: &mut impl Visit<State = S>) {
        let mut guard = None;
        self.stack.clear();
        let (bytes, depth) = match self.make(pack, top, base, &mut guard) {
            Ok(made) => made,
            Err(why) => return visitor.unreadable(pack, top, why),
        };
        let state = share.is_wanted(top).then(|| visitor.object(pack, top, bytes.bytes(), None));
        self.push(pack, share, Frame { number: top, depth, bytes: Some(bytes), state, next: NONE, last: NONE });
        while let Some((child, is_last)) = self.next_child(pack, share) {
            if let Err(why) = self.child(pack, share, child, is_last, base, visitor, &mut guard) {
                visitor.unreadable(pack, child, why);
                if is_last && let Some(done) = self.stack.pop() {
                    self.give_back(done.bytes);
                }
            }
        }
    }

    /// Makes one object.
    pub(super) fn read(&mut self, pack: &Pack, number: u32, base: Option<&[u8]>) -> Result<Vec<u8>, &'static str> {
        let mut guard = None;
        self.make(pack, number, base, &mut guard).map(|(bytes, _)| bytes.bytes().to_vec())
    }

    /// Makes a child of the topmost object, shows it, and puts it on the stack; the last child takes its parent's place.
    #[expect(clippy::too_many_arguments, reason = "the state of one walk, which lives no longer than it")]
    fn child(
        &mut self,
        pack: &Pack,
        share: &Share,
        child: u32,
        is_last: bool,
        base: Option<&[u8]>,
        visitor: &mut impl Visit<State = S>,
        guard: &mut Option<MutexGuard<'a, ()>>,
    ) -> Result<(), &'static str> {
        let Some(mut parent) = self.stack.pop() else { return Ok(()) };
        let made = match parent.bytes.take() {
            Some(bytes) => Ok(bytes),
            None => self.make(pack, parent.number, base, guard).map(|(bytes, _)| bytes),
        };
        let made = made.and_then(|bytes| {
            let made = self.derive(pack, child, bytes.bytes(), parent.depth + 1, guard);
            parent.bytes = Some(bytes);
            made
        });
        let state = match (&made, &parent.bytes) {
            (Ok(made), Some(bytes)) if share.is_wanted(child) => {
                let from = parent.state.as_ref().map(|state| From { number: parent.number, bytes: bytes.bytes(), state, segments: &self.segments });
                Some(visitor.object(pack, child, made.bytes(), from))
            }
            _ => None,
        };
        let depth = parent.depth + 1;
        if is_last && made.is_ok() {
            self.give_back(parent.bytes.take());
        } else {
            self.stack.push(parent);
        }
        self.push(pack, share, Frame { number: child, depth, bytes: Some(made?), state, next: NONE, last: NONE });
        self.hold_budget();
        Ok(())
    }

    /// The topmost object's next child, and whether it is the last one. Objects without one leave the stack.
    fn next_child(&mut self, pack: &Pack, share: &Share) -> Option<(u32, bool)> {
        let frame = self.stack.last_mut()?;
        while frame.next != NONE {
            let child = frame.next;
            frame.next = pack.next_sibling[child as usize];
            if child != frame.last && share.is_walked(child) {
                return Some((child, false));
            }
        }
        // Frames have at least one child, and leave the stack with it.
        Some((frame.last, true))
    }

    /// Puts an object on the stack if anything derives from it.
    fn push(&mut self, pack: &Pack, share: &Share, mut frame: Frame<S>) {
        frame.next = pack.first_child[frame.number as usize];
        let (mut child, mut most) = (frame.next, 0);
        while child != NONE {
            if share.is_walked(child) && share.n_below(child) >= most {
                (frame.last, most) = (child, share.n_below(child));
            }
            child = pack.next_sibling[child as usize];
        }
        match frame.last {
            NONE => self.give_back(frame.bytes),
            _ => self.stack.push(frame),
        }
    }

    /// Makes an object without anything at hand; also tells its depth.
    fn make(&mut self, pack: &Pack, number: u32, base: Option<&[u8]>, guard: &mut Option<MutexGuard<'a, ()>>) -> Result<(Buffer, u32), &'static str> {
        let mut chain = vec![number];
        let mut top = number;
        while pack.parent[top as usize] != NONE {
            top = pack.parent[top as usize];
            if chain.len() as u32 > DEEPEST {
                return Err("its chain of deltas is too long");
            }
            chain.push(top);
        }
        let mut bytes = match base {
            Some(base) => self.derive(pack, top, base, 1, guard)?,
            None => self.whole(pack, top, guard)?,
        };
        chain.pop();
        let depth = chain.len() as u32;
        for link in chain.into_iter().rev() {
            let made = self.derive(pack, link, bytes.bytes(), 1, guard);
            self.give_back(Some(bytes));
            bytes = made?;
        }
        Ok((bytes, depth))
    }

    /// Inflates an object that is stored whole.
    fn whole(&mut self, pack: &Pack, number: u32, guard: &mut Option<MutexGuard<'a, ()>>) -> Result<Buffer, &'static str> {
        let stored = pack.stored(number).ok_or("its header is corrupt")?;
        let size = self.sized(stored.size, stored.size, guard)?;
        let mut bytes = self.free.pop().unwrap_or_default();
        match self.inflater.exactly(stored.compressed, size, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(why) => {
                self.give_back(Some(bytes));
                Err(why)
            }
        }
    }

    /// Makes an object from its base, and fills the list of runs.
    fn derive(&mut self, pack: &Pack, number: u32, base: &[u8], depth: u32, guard: &mut Option<MutexGuard<'a, ()>>) -> Result<Buffer, &'static str> {
        if depth > DEEPEST {
            return Err("its chain of deltas is too long");
        }
        let stored = pack.stored(number).ok_or("its header is corrupt")?;
        let size = self.sized(stored.size, stored.size, guard)?;
        self.inflater.exactly(stored.compressed, size, &mut self.delta)?;
        let delta = Delta::parse(self.delta.bytes()).ok_or("its delta is corrupt")?;
        if delta.base_size != base.len() as u64 {
            return Err("its delta is of another base");
        }
        let target_size = delta.target_size;
        let size = self.sized(target_size, target_size.saturating_add(stored.size).saturating_add(base.len() as u64), guard)?;
        let mut bytes = self.free.pop().unwrap_or_default();
        self.segments.clear();
        let segments = &mut self.segments;
        let done = Delta::parse(self.delta.bytes()).and_then(|delta| delta.apply(base, bytes.take(size), |segment| push_segment(segments, segment)));
        if !self.delta.is_worth_keeping() {
            self.delta = Buffer::default();
        }
        match done {
            Some(()) => Ok(bytes),
            None => {
                self.give_back(Some(bytes));
                Err("its delta is corrupt")
            }
        }
    }

    /// Checks a size against the bounds, and waits for the turn of this thread if it is large.
    fn sized(&mut self, size: u64, step: u64, guard: &mut Option<MutexGuard<'a, ()>>) -> Result<usize, &'static str> {
        if size > LARGEST || step > LARGEST_STEP {
            return Err("it is too large to be held in memory");
        }
        let size = usize::try_from(size).map_err(|_| "it is too large to be held in memory")?;
        if size >= LARGE && guard.is_none() {
            *guard = Some(self.large.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(size)
    }

    /// Drops the bytes of the oldest bases as long as there are too many of them.
    fn hold_budget(&mut self) {
        let mut held: usize = self.stack.iter().filter_map(|frame| frame.bytes.as_ref()).map(Buffer::n_allocated).sum();
        let n_frames = self.stack.len();
        for frame in self.stack.iter_mut().take(n_frames.saturating_sub(1)) {
            if held <= self.budget {
                break;
            }
            held -= frame.bytes.take().map_or(0, |bytes| bytes.n_allocated());
        }
    }

    /// Keeps a buffer for the next object.
    fn give_back(&mut self, buffer: Option<Buffer>) {
        if let Some(buffer) = buffer
            && buffer.is_worth_keeping()
            && self.free.len() < KEPT_BUFFERS
        {
            self.free.push(buffer);
        }
    }
}
