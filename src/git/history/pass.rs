//! The pass itself: threads take tasks, walk them, and show what they find; single objects that the walk could not make are looked for elsewhere.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::hash::oid;

use super::commits::Commits;
use super::graph::{Graph, Overrides};
use super::inflate::{Buffer, Inflater};
use super::known::Known;
use super::pack::{Kind, Pack};
use super::store::Store;
use super::tasks::Task;
use super::walk::{From, Visit, Walker};
use super::{Base, Blob, Message, Pass, Skipped, Visitor};
use crate::git::object::{Words, words};

/// Loose objects that are handed out at once.
const LOOSE_AT_ONCE: usize = 64;

/// Shows blobs, commits and tags to a visitor, and takes notes.
struct Guide<V> {
    /// Who is shown the objects.
    visitor: V,
    /// The commits and tags so far.
    commits: Commits,
    /// The loose trees so far.
    loose_trees: Vec<ObjectId>,
    /// Which pack is being walked.
    pack: usize,
    /// The objects of packs below which nothing could be made, and why.
    lost: Vec<(usize, u32, &'static str)>,
    /// Blobs shown, their bytes, messages shown, objects skipped.
    counts: [u64; 4],
}

impl<V: Visitor> Guide<V> {
    /// A guide for this visitor.
    fn new(visitor: V) -> Self {
        Self { visitor, commits: Commits::default(), loose_trees: Vec::new(), pack: 0, lost: Vec::new(), counts: [0; 4] }
    }

    /// Shows an object that is no tree.
    fn show(&mut self, kind: Kind, id: &oid, bytes: &[u8], base: Option<Base<'_, V::State>>) -> Option<V::State> {
        match kind {
            Kind::Blob => {
                self.counts[0] += 1;
                self.counts[1] += bytes.len() as u64;
                return Some(self.visitor.blob(Blob { id, bytes }, base));
            }
            Kind::Commit | Kind::Tag => {
                let is_tag = kind == Kind::Tag;
                self.counts[2] += 1;
                let Words { written, people } = words(bytes);
                self.visitor.message(Message { id, is_tag, text: &written, people });
                if is_tag {
                    self.commits.add_tag(id, bytes);
                } else if !self.commits.add_commit(id, bytes) {
                    self.skip(id, kind, "it has no tree");
                }
            }
            Kind::Tree | Kind::Stray => {}
        }
        None
    }

    /// Shows a blob that could not be held in memory, or tells that it is skipped.
    fn show_large(&mut self, store: &Store, id: &oid, kind: Kind, why: &'static str) {
        let Some(mut content) = store.large(id) else { return self.skip(id, kind, why) };
        match self.visitor.large(id, &mut content) {
            Ok(()) => {
                self.counts[0] += 1;
                self.counts[1] += content.size;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => self.skip(id, kind, why),
            Err(_) => self.skip(id, kind, "its content cannot be read to its end"),
        }
    }

    /// Tells that an object is skipped.
    fn skip(&mut self, id: &oid, kind: Kind, why: &'static str) {
        let what = match kind {
            Kind::Blob => "blob",
            Kind::Tree => "tree",
            Kind::Commit => "commit",
            Kind::Tag => "tag",
            Kind::Stray => "object",
        };
        self.counts[3] += 1;
        self.visitor.skip(Skipped { id, what, why });
    }
}

impl<V: Visitor> Visit for Guide<V> {
    // Commits and tags have no state, and nobody asks for it.
    type State = Option<V::State>;

    fn object(&mut self, pack: &Pack, number: u32, bytes: &[u8], from: Option<From<'_, Self::State>>) -> Self::State {
        let base = from.and_then(|from| {
            let state = from.state.as_ref()?;
            Some(Base { id: pack.id(from.number), bytes: from.bytes, state, segments: from.segments })
        });
        self.show(pack.kind[number as usize], pack.id(number), bytes, base)
    }

    fn unreadable(&mut self, _: &Pack, number: u32, why: &'static str) {
        self.lost.push((self.pack, number, why));
    }
}

/// Shows everything to visitors on so many threads.
pub(super) fn run<V: Visitor>(store: Store, n_threads: usize, make_visitor: impl Fn() -> V + Sync) -> (Pass, Vec<V>) {
    let tasks: Vec<Task> = store.shares.iter().enumerate().flat_map(|(i, share)| share.tasks(i)).collect();
    let (next_task, next_loose, large) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(()));
    let work = || {
        let mut guide = Guide::new(make_visitor());
        let mut walker = Walker::new(n_threads, &large);
        while let Some(task) = tasks.get(next_task.fetch_add(1, Ordering::Relaxed)) {
            walk(&store, task, &mut walker, &mut guide);
        }
        let (mut inflater, mut buffer) = (Inflater::new(), Buffer::default());
        while let Some(some) = store.loose.chunks(LOOSE_AT_ONCE).nth(next_loose.fetch_add(1, Ordering::Relaxed)) {
            for loose in some {
                match store.read_loose(*loose, &mut inflater, &mut buffer) {
                    Ok((Kind::Tree, _)) => guide.loose_trees.push(loose.id),
                    Ok((kind, at)) => drop(guide.show(kind, &loose.id, &buffer.bytes()[at..], None)),
                    Err(why) => guide.show_large(&store, &loose.id, Kind::Stray, why),
                }
            }
        }
        guide
    };
    let mut guides: Vec<Guide<V>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..n_threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(own).chain(others).collect()
    });
    let lost: Vec<_> = guides.iter_mut().flat_map(|guide| std::mem::take(&mut guide.lost)).collect();
    if let Some(guide) = guides.first_mut() {
        show_thin(&store, guide);
        show_lost(&store, lost, guide);
    }
    finish(store, guides)
}

/// Walks the tops of a task, but for trees.
fn walk<V: Visitor>(store: &Store, task: &Task, walker: &mut Walker<'_, Option<V::State>>, guide: &mut Guide<V>) {
    let (pack, share) = (&store.packs[task.pack], &store.shares[task.pack]);
    guide.pack = task.pack;
    for &top in &share.tops()[task.tops.clone()] {
        if pack.kind[top as usize] != Kind::Tree {
            walker.walk(pack, share, top, None, guide);
        }
    }
}

/// Walks what derives from objects that are in another pack or loose.
fn show_thin<V: Visitor>(store: &Store, guide: &mut Guide<V>) {
    let large = Mutex::new(());
    for (i, (pack, share)) in store.packs.iter().zip(&store.shares).enumerate() {
        guide.pack = i;
        let mut walker = Walker::new(1, &large);
        for (top, base) in pack.thin.iter().filter(|(top, _)| !matches!(pack.kind[*top as usize], Kind::Tree | Kind::Stray)) {
            match store.read(base) {
                Ok((_, base)) => walker.walk(pack, share, *top, Some(&base), guide),
                Err(why) => guide.unreadable(pack, *top, why),
            }
        }
    }
}

/// Shows what could not be made in its place but can be read elsewhere, and tells the rest.
fn show_lost<V: Visitor>(store: &Store, mut lost: Vec<(usize, u32, &'static str)>, guide: &mut Guide<V>) {
    lost.append(&mut guide.lost);
    let strays = store.packs.iter().zip(&store.shares).enumerate();
    lost.extend(strays.flat_map(|(i, (pack, share))| share.stray(pack).map(move |number| (i, number, "it has no readable header or no base"))));
    for (i, top, why) in lost {
        let (pack, share) = (&store.packs[i], &store.shares[i]);
        for number in share.shown_below(pack, top) {
            let id = pack.id(number);
            match store.read(id) {
                Ok((kind, bytes)) => drop(guide.show(kind, id, &bytes, None)),
                Err(_) => guide.show_large(store, id, pack.kind[number as usize], why),
            }
        }
    }
}

/// Puts together what the threads noted.
fn finish<V: Visitor>(store: Store, guides: Vec<Guide<V>>) -> (Pass, Vec<V>) {
    let incomplete = store.trouble.clone();
    let mut pass = Pass {
        n_blobs: 0,
        n_bytes: 0,
        n_messages: 0,
        n_skipped: 0,
        n_chosen: 0,
        n_left_out: 0,
        names: Vec::new(),
        incomplete,
        store,
        commits: Commits::default(),
        loose_trees: Vec::new(),
        n_threads: guides.len(),
        overrides: Overrides::default(),
        graph: Graph::default(),
        known: Known::default(),
    };
    let mut visitors = Vec::new();
    for guide in guides {
        let [n_blobs, n_bytes, n_messages, n_skipped] = guide.counts;
        pass.n_blobs += n_blobs;
        pass.n_bytes += n_bytes;
        pass.n_messages += n_messages;
        pass.n_skipped += n_skipped;
        pass.commits.append(guide.commits);
        pass.loose_trees.extend(guide.loose_trees);
        visitors.push(guide.visitor);
    }
    (pass, visitors)
}
