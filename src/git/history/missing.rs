//! What a history lacks: commits beyond a shallow boundary, objects that a partial clone left out, and what is simply gone or damaged.

use gix::ObjectId;
use gix::hashtable::HashSet;

use super::tasks::Bits;
use super::{HistoryOptions, Pass, chosen, commits};

/// Objects that trees name, or trees themselves, that the repository has not or cannot read.
#[derive(Default)]
pub(super) struct Absent {
    /// Blobs, sorted.
    pub(super) blobs: Vec<ObjectId>,
    /// Trees, sorted.
    pub(super) trees: Vec<ObjectId>,
}

/// Says what commits the history lacks that was reached, or what commits without files it has, each in a sentence with the next step. `others` are the
/// objects with names that are no commits, `damaged` the trees that cannot be read.
pub(super) fn sentences(pass: &Pass, reached: &Bits, others: &[(&str, ObjectId)], damaged: &[ObjectId], options: &HistoryOptions) -> Vec<String> {
    let mut sentences = Vec::new();
    let n_shallow = chosen::n_at_boundary(pass, reached, options);
    if n_shallow > 0 {
        sentences.push(format!("this is a shallow clone: what lies before {n_shallow} of its commits is missing; `git fetch --unshallow` brings it"));
    }
    let refetch = next_step(pass);
    let mut missing: Vec<String> = pass.graph.missing(reached).map(|(_, parent)| parent.to_string()).collect();
    missing.extend(others.iter().filter(|(_, id)| !pass.store.contains(id)).map(|(_, id)| id.to_string()));
    missing.sort();
    missing.dedup();
    if let Some(first) = missing.first() {
        sentences.push(format!("{} that the history names {} missing, for example {first}; {refetch}", counted(missing.len(), "commit"), are(missing.len())));
    }
    let damaged: HashSet<ObjectId> = damaged.iter().copied().collect();
    let empty = ObjectId::empty_tree(pass.store.hash);
    let missing_tree = |commit: &u32| {
        let row: commits::CommitRow<'_> = pass.commits.get(pass.graph.read_as[*commit as usize] as usize, pass.store.hash);
        let is_missing = reached.contains(*commit) && row.tree != empty && (!pass.store.contains(row.tree) || damaged.contains(row.tree));
        is_missing.then(|| row.tree.to_owned())
    };
    let trees: Vec<ObjectId> = pass.graph.order.iter().filter_map(missing_tree).collect();
    let hidden = pass.overrides.hidden(&pass.commits, &pass.graph, reached, pass.store.hash);
    if let Some(first) = hidden.first() {
        let (n, are) = (counted(hidden.len(), "object"), are(hidden.len()));
        sentences
            .push(format!("{n} of the history {are} replaced or grafted, and not looked at as such: {first}, for example; `git replace --delete` ends that"));
    }
    if let Some(first) = trees.first() {
        sentences.push(format!("the files of {} are missing: of tree {first}, for example; {refetch}", counted(trees.len(), "commit")));
    }
    sentences
}

/// What trees name and the repository has not, and the trees that it cannot read.
pub(super) fn absent(pass: &Pass) -> Absent {
    let sorted = |ids: &HashSet<ObjectId>| {
        let mut ids: Vec<ObjectId> = ids.iter().copied().collect();
        ids.sort_unstable();
        ids
    };
    Absent { blobs: sorted(&pass.known.trees.absent), trees: sorted(&pass.known.trees.absent_trees) }
}

impl Absent {
    /// Says what is missing, with the next step.
    pub(super) fn sentences(&self, pass: &Pass) -> Vec<String> {
        let mut sentences = Vec::new();
        if let Some(first) = self.trees.first() {
            let (n, are) = (counted(self.trees.len(), "folder"), are(self.trees.len()));
            let next = next_step(pass);
            sentences.push(format!("{n} of the history {are} missing or damaged, with all that is in them: tree {first}, for example; {next}"));
        }
        if let Some(first) = self.blobs.first() {
            let (n, are) = (counted(self.blobs.len(), "blob"), are(self.blobs.len()));
            sentences.push(match pass.store.has_promises {
                true => format!("this is a partial clone: {n} of its history {are} missing; {}", next_step(pass)),
                false => format!("{n} of the history {are} missing, for example {first}; {}", next_step(pass)),
            });
        }
        sentences
    }
}

/// What brings missing objects.
fn next_step(pass: &Pass) -> &'static str {
    match pass.store.has_promises {
        true => "`git fetch --refetch --no-filter` brings everything",
        false => "`git fsck` tells more, and `git fetch --refetch` brings what a remote has",
    }
}

/// The verb for so many.
const fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// A number with its noun.
fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
