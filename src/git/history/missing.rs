//! What a history lacks: commits beyond a shallow boundary, objects that a partial clone left out, and what is simply gone.

use gix::ObjectId;

use super::tips::Tip;
use super::trees::Search;
use super::{Pass, commits};

/// Says what the history that these tips lead to lacks, each in a sentence with the next step.
pub(super) fn sentences(pass: &Pass, tips: &[Tip]) -> Vec<String> {
    let mut sentences = Vec::new();
    let (reached, others) = pass.graph.reach(tips, &pass.tags());
    let n_shallow = pass.overrides.shallow.iter().filter(|id| pass.graph.find(id).is_some_and(|commit| reached.contains(commit))).count();
    if n_shallow > 0 {
        sentences.push(format!("this is a shallow clone: what lies before {n_shallow} of its commits is missing; `git fetch --unshallow` brings it"));
    }
    let refetch = match pass.store.has_promises {
        true => "`git fetch --refetch --no-filter` brings everything",
        false => "`git fsck` tells more, and a fresh clone has everything",
    };
    let mut missing: Vec<String> = pass.graph.missing(&reached).map(|(_, parent)| parent.to_string()).collect();
    missing.extend(others.iter().filter(|(_, id)| !pass.store.contains(id)).map(|(_, id)| id.to_string()));
    missing.sort();
    missing.dedup();
    if let Some(first) = missing.first() {
        sentences.push(format!("{} that the history names are missing, for example {first}; {refetch}", counted(missing.len(), "commit")));
    }
    let is_missing = |commit: &u32| {
        let row: commits::CommitRow<'_> = pass.commits.get(pass.graph.read_as[*commit as usize] as usize, pass.store.hash);
        let empty = ObjectId::empty_tree(pass.store.hash);
        reached.contains(*commit) && row.tree != empty && !pass.store.contains(row.tree)
    };
    let n_trees = pass.graph.order.iter().filter(|commit| is_missing(commit)).count();
    if n_trees > 0 {
        sentences.push(format!("the files of {} are missing; {refetch}", counted(n_trees, "commit")));
    }
    sentences
}

/// The blobs that some tree has and the repository has not.
pub(super) fn blobs(pass: &Pass) -> Vec<ObjectId> {
    let trees = Search::new(&[], Some(&pass.store)).run(&pass.store, &pass.loose_trees, pass.n_threads);
    let mut absent: Vec<ObjectId> = trees.absent.into_iter().collect();
    absent.sort_unstable();
    absent
}

/// Says that blobs are missing, with the next step.
pub(super) fn of_blobs(pass: &Pass, absent: &[ObjectId]) -> Option<String> {
    let first = absent.first()?;
    let n = counted(absent.len(), "blob");
    Some(match pass.store.has_promises {
        true => format!("this is a partial clone: {n} of its history are missing; `git fetch --refetch --no-filter` brings everything"),
        false => format!("{n} of the history are missing, for example {first}; `git fsck` tells more, and a fresh clone has everything"),
    })
}

/// A number with its noun.
fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
