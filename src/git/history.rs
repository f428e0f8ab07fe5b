//! All of a repository's history: every blob exactly once, in the order in which packs can be read fastest.
//!
//! A pack stores most objects as deltas of others. The pass makes each object once, right after the one that it derives from, so that no delta is
//! applied twice and the visitor can be told which bytes are new. Which commit brought a blob, and where, is found out afterwards and only for the few
//! blobs that matter: see [`Attribution`]. Trees are read once, after everything else.
//!
//! Blobs of more than 256 MiB are shown piece by piece ([`Visitor::large`]) if they are stored whole; a difference of that size is skipped with a reason.
//! Not done here: checking that ids are the digests of their objects (`git fsck` does).

mod attribute;
mod chosen;
mod commits;
mod delta;
mod entry;
mod graph;
mod groups;
mod inflate;
mod keys;
mod known;
mod large;
mod missing;
mod nodes;
mod pack;
mod pass;
mod reach;
mod store;
mod tasks;
mod tips;
mod trees;
mod walk;

use std::io;

use gix::ObjectId;
use gix::hash::oid;
use gix::hashtable::HashSet;

pub use attribute::{Attributed, Attribution, Introduction, Standing};
pub use delta::Segment;
pub use large::Content;

use super::{GitError, Repo};
use crate::rule::file::FileKind;
use commits::Commits;
use graph::{Graph, Overrides};
use known::Known;
use missing::Absent;
use store::Store;

/// How many missing objects are followed to whatever leads to them; of more, as in a partial clone, all count.
const MOST_FOLLOWED: usize = 1000;

/// Which part of the history counts.
#[derive(Clone, Debug, Default)]
pub struct HistoryOptions {
    /// How many threads work; 0 counts as 1.
    pub n_threads: usize,
    /// Branches, or other names of commits, whose history counts. None stands for everything that has a name: all references, notes, every entry of the
    /// stash, and `HEAD` and the own references of each work tree.
    pub branches: Vec<String>,
    /// Whether objects to which nothing leads are attributed to commits to which nothing leads.
    pub includes_unreachable: bool,
    /// Only commits that were committed then or later introduce anything; in seconds since 1970-01-01 UTC.
    pub since: Option<i64>,
    /// Only commits that were committed then or earlier introduce anything; in seconds since 1970-01-01 UTC.
    pub until: Option<i64>,
    /// Only so many commits, the newest ones, introduce anything.
    pub max_commits: Option<usize>,
}

impl HistoryOptions {
    /// Whether everything that has a name counts.
    pub fn is_all(&self) -> bool {
        self.branches.is_empty() && self.since.is_none() && self.until.is_none() && self.max_commits.is_none()
    }
}

/// Who is shown the blobs and messages of a repository. Each thread has its own.
pub trait Visitor: Send {
    /// What the visitor wants to remember of a blob until all blobs that derive from it were shown.
    type State;

    /// Shows a blob. `base` is the blob that it derives from, if this same visitor was shown that one before and remembers it.
    fn blob(&mut self, blob: Blob<'_>, base: Option<Base<'_, Self::State>>) -> Self::State;

    /// Shows a blob that is too large to be held in memory.
    ///
    /// # Errors
    /// It cannot be read to its end, or the visitor takes no such blobs.
    fn large(&mut self, id: &oid, content: &mut Content<'_>) -> io::Result<()> {
        let _ = (id, content);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Shows the message of a commit or a tag.
    fn message(&mut self, message: Message<'_>);

    /// Tells that an object cannot be read.
    fn skip(&mut self, skipped: Skipped<'_>);

    /// The objects for whose way into the history [`Repo::attribute`] will be asked, as far as that is known when all was shown: for these it costs little.
    fn wanted(&self) -> Vec<ObjectId> {
        Vec::new()
    }

    /// Tells of the name of a file or folder whether it matters, if the visitor wants to know: then [`Pass::named`] lists what has such a name.
    fn name_check(&self) -> Option<NameCheck<'_>> {
        None
    }

    /// The same for what is known by its file's name alone: then [`Pass::files`] lists it.
    fn file_check(&self) -> Option<FileCheck> {
        None
    }
}

/// Tells which format a file of this name has, if it matters for what it may hold.
pub type FileCheck = fn(&[u8]) -> Option<FileKind>;

/// Tells whether a name matters. All threads ask the same one.
pub type NameCheck<'a> = Box<dyn Fn(&[u8]) -> bool + Sync + 'a>;

/// A blob.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    /// Its id.
    pub id: &'a oid,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The blob that another one derives from, and how.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a, S> {
    /// Its id.
    pub id: &'a oid,
    /// Its content.
    pub bytes: &'a [u8],
    /// What the visitor returned for it.
    pub state: &'a S,
    /// The runs of the *derived* blob's bytes, in order and without gaps: which are copies of this blob's bytes, and which are new.
    pub segments: &'a [Segment],
}

/// The message of a commit or of an annotated tag.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Id of the commit or tag.
    pub id: &'a oid,
    /// Whether it is of a tag.
    pub is_tag: bool,
    /// The message, in whatever encoding.
    pub text: &'a [u8],
    /// The lines of the header that name people, and of a tag its own name.
    pub people: &'a [u8],
}

/// An object that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Skipped<'a> {
    /// Its id.
    pub id: &'a oid,
    /// What it is, in words: `blob`, `commit`, `tag`, or `object` if that cannot be told.
    pub what: &'static str,
    /// Why, in words that follow "it is skipped:".
    pub why: &'static str,
}

/// A pass over all objects of a repository, done; what it learned on its way serves the attribution.
pub struct Pass {
    /// How many blobs were shown.
    pub n_blobs: u64,
    /// How many bytes they have together.
    pub n_bytes: u64,
    /// How many messages were shown.
    pub n_messages: u64,
    /// How many objects could not be read.
    pub n_skipped: u64,
    /// How many commits the options choose.
    pub n_chosen: u64,
    /// How many they leave out; none if they limit nothing.
    pub n_left_out: u64,
    /// What is missing of the history, each in a sentence with the next step; empty if the pass saw all there is.
    pub incomplete: Vec<String>,
    /// The names of references and of what else leads into the history, sorted.
    pub names: Vec<String>,
    /// Where the objects are.
    store: Store,
    /// All commits and tags.
    commits: Commits,
    /// The trees among the loose objects.
    loose_trees: Vec<ObjectId>,
    /// How many threads there were.
    n_threads: usize,
    /// Replacements, grafts, the shallow boundary.
    overrides: Overrides,
    /// The commits with their parents.
    graph: Graph,
    /// What the trees have of what is wanted.
    known: Known,
}

impl Pass {
    /// How many commits there are.
    pub fn n_commits(&self) -> u64 {
        self.n_messages.saturating_sub(self.commits.tags.len() as u64)
    }

    /// The blobs and trees that some tree holds under a name that matters, see [`Visitor::name_check`]; sorted.
    pub fn named(&self) -> &[ObjectId] {
        &self.known.trees.named
    }

    /// The files that some tree holds under a name that matters, each with the format that it tells, see [`Visitor::file_check`]; sorted.
    pub fn files(&self) -> &[(ObjectId, FileKind)] {
        &self.known.trees.files
    }

    /// The content of a blob that is too large to be held in memory; none if it is not, or cannot be read piece by piece.
    pub fn large(&self, id: &ObjectId) -> Option<Content<'_>> {
        self.store.large(id)
    }

    /// Its place in the packs: what an object is stored as the difference to has mostly one before its own. Objects in files of their own come last.
    pub fn place_of(&self, id: &ObjectId) -> (usize, u32) {
        self.store.place_of(id)
    }

    /// Whether the content of such a blob is what its id says.
    pub fn is_true(&self, id: &ObjectId) -> bool {
        self.store.is_true(id)
    }

    /// What each annotated tag points to.
    fn tags(&self) -> gix::hashtable::HashMap<ObjectId, ObjectId> {
        self.commits.tags.iter().copied().collect()
    }
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { n_blobs, n_bytes, n_messages, n_skipped, n_chosen, incomplete, .. } = self;
        f.debug_struct("Pass")
            .field("n_blobs", n_blobs)
            .field("n_bytes", n_bytes)
            .field("n_messages", n_messages)
            .field("n_skipped", n_skipped)
            .field("n_chosen", n_chosen)
            .field("incomplete", incomplete)
            .finish_non_exhaustive()
    }
}

impl Repo {
    /// Shows every blob, and the message of every commit and annotated tag, exactly once, whether or not anything leads to it. There are `n_threads`
    /// threads, each with a visitor of its own; the visitors are given back. Which thread is shown what, and in which order, differs from run to run.
    ///
    /// # Errors
    /// None yet: what cannot be read is told to the visitor, or named in [`Pass::incomplete`].
    pub fn each_blob<V: Visitor>(&self, n_threads: usize, make_visitor: impl Fn() -> V + Sync) -> Result<(Pass, Vec<V>), GitError> {
        self.each_blob_of(&HistoryOptions { n_threads, ..HistoryOptions::default() }, make_visitor)
    }

    /// Shows everything as [`Repo::each_blob`] does and no more: what is missing is not asked. Gives how many blobs there were, and their bytes.
    pub fn inflate<V: Visitor>(&self, n_threads: usize, make_visitor: impl Fn() -> V + Sync) -> (u64, u64) {
        let repo = self.inner.to_thread_local();
        let store = Store::open(repo.objects.store_ref().path(), &self.object_folders, repo.object_hash(), n_threads);
        let (pass, _) = pass::run(store, n_threads, make_visitor);
        (pass.n_blobs, pass.n_bytes)
    }

    /// As [`Repo::each_blob`]; what counts as missing is what the part of the history lacks that `options` choose.
    ///
    /// # Errors
    /// A branch does not exist.
    pub fn each_blob_of<V: Visitor>(&self, options: &HistoryOptions, make_visitor: impl Fn() -> V + Sync) -> Result<(Pass, Vec<V>), GitError> {
        let repo = self.inner.to_thread_local();
        let mut trouble = Vec::new();
        let tips = tips::tips(self, &options.branches, &mut trouble)?;
        let store = Store::open(repo.objects.store_ref().path(), &self.object_folders, repo.object_hash(), options.n_threads);
        let (mut pass, visitors) = pass::run(store, options.n_threads, make_visitor);
        pass.incomplete.extend(trouble);
        pass.commits.sort(repo.object_hash());
        pass.overrides = Overrides::load(&repo, &self.links);
        pass.graph = Graph::new(&pass.commits, &pass.overrides, repo.object_hash());
        let wanted: Vec<ObjectId> = visitors.iter().flat_map(Visitor::wanted).collect();
        let checks = visitors.first().and_then(Visitor::name_check);
        let file_check = visitors.first().and_then(Visitor::file_check);
        pass.known = Known::search(&wanted, &pass, checks.as_ref(), file_check);
        drop(checks);
        pass.names = tips.iter().map(|tip| tip.name.clone()).collect();
        pass.names.sort_unstable();
        pass.names.dedup();
        let absent = missing::absent(&pass);
        let (reached, others) = pass.graph.reach(&tips, &pass.tags());
        let chosen = chosen::chosen(&pass, &reached, options);
        pass.n_chosen = chosen.count() + if options.includes_unreachable { pass.commits.len() as u64 - reached.count() } else { 0 };
        pass.n_left_out = if options.is_all() { 0 } else { (pass.commits.len() as u64).saturating_sub(pass.n_chosen) };
        let missing = missing::sentences(&pass, &reached, &others, &absent.trees, options);
        pass.incomplete.extend(missing);
        let needed = self.needed(absent, &pass, options)?.sentences(&pass);
        pass.incomplete.extend(needed);
        Ok((pass, visitors))
    }

    /// Those of the absent objects that the history needs. What only trees name to which nothing leads may have been tidied away in part.
    fn needed(&self, mut absent: Absent, pass: &Pass, options: &HistoryOptions) -> Result<Absent, GitError> {
        let all: Vec<ObjectId> = absent.blobs.iter().chain(&absent.trees).copied().collect();
        if all.is_empty() || all.len() > MOST_FOLLOWED {
            return Ok(absent);
        }
        let options = HistoryOptions { n_threads: pass.n_threads, branches: options.branches.clone(), ..HistoryOptions::default() };
        let attribution = self.attribute(&all, pass, &options)?;
        let is_unreachable = |object: &&Attributed| object.standing == Standing::Unreachable;
        let gone: HashSet<ObjectId> = attribution.objects.iter().filter(is_unreachable).map(|object| object.id).collect();
        absent.blobs.retain(|id| !gone.contains(id));
        absent.trees.retain(|id| !gone.contains(id));
        Ok(absent)
    }
}
