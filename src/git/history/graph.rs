//! Commits and their parents as git sees them: with replacements, grafts and the boundary of a shallow clone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gix::ObjectId;
use gix::hash::oid;
use gix::hashtable::HashMap;

use super::commits::Commits;
use super::tasks::Bits;
use super::tips::Tip;
use crate::git::walk::Links;

/// What a repository declares about its history besides the objects themselves.
#[derive(Default)]
pub(super) struct Overrides {
    /// What is read in place of objects: `refs/replace/`.
    pub(super) replaced: HashMap<ObjectId, ObjectId>,
    /// The boundary of a shallow clone, and grafts.
    pub(super) links: Links,
}

impl Overrides {
    /// Reads the replacements, and adds `links`.
    pub(super) fn load(repo: &gix::Repository, links: &Links) -> Self {
        Self { replaced: repo.objects.store_ref().replacements().collect(), links: links.clone() }
    }

    /// What is read in place of the object, or the object itself.
    pub(super) fn read_as(&self, id: &oid) -> ObjectId {
        let mut id = id.to_owned();
        // Git follows a few replacements of replacements, and rings nowhere.
        for _ in 0..5 {
            match self.replaced.get(&id) {
                Some(next) => id = *next,
                None => break,
            }
        }
        id
    }
}

impl Overrides {
    /// Objects that are read as something else, or with other parents, and whose own files or parents the history that was `reached` lacks; sorted.
    pub(super) fn hidden(&self, commits: &Commits, graph: &Graph, reached: &Bits, hash: gix::hash::Kind) -> Vec<ObjectId> {
        let is_reached = |id: &oid| graph.find(id).is_some_and(|place| reached.contains(place));
        let lacks_parents = |place: u32| !commits.get(place as usize, hash).parents().all(is_reached);
        let tree = |place: u32| commits.get(place as usize, hash).tree;
        let is_replaced = |id: &&ObjectId| match graph.find(id) {
            Some(place) => reached.contains(place) && (tree(place) != tree(graph.read_as[place as usize]) || lacks_parents(place)),
            None => true,
        };
        let is_grafted =
            |id: &&ObjectId| graph.find(id).is_some_and(|place| reached.contains(place) && !self.links.shallow.contains(*id) && lacks_parents(place));
        let mut hidden: Vec<ObjectId> = self.replaced.keys().filter(is_replaced).chain(self.links.grafts.keys().filter(is_grafted)).copied().collect();
        hidden.sort_unstable();
        hidden.dedup();
        hidden
    }
}

/// The commits with their parents. A commit is named by its place in the table of commits.
#[derive(Default)]
pub(super) struct Graph {
    /// Where each commit is.
    place: HashMap<ObjectId, u32>,
    /// Where each commit's parents begin in the list, and after the last one where the list ends.
    first: Vec<u32>,
    /// The parents.
    parents: Vec<u32>,
    /// The commit that is read in place of each one; mostly itself.
    pub(super) read_as: Vec<u32>,
    /// Parents that are missing, each with its child.
    missing: Vec<(u32, ObjectId)>,
    /// All commits, parents before children; of those that could come next the one with the oldest date does.
    pub(super) order: Vec<u32>,
}

impl Graph {
    /// Links the commits.
    pub(super) fn new(commits: &Commits, overrides: &Overrides, hash: gix::hash::Kind) -> Self {
        let n = commits.len();
        let place: HashMap<ObjectId, u32> = (0..n).map(|i| (commits.get(i, hash).id.to_owned(), i as u32)).collect();
        let mut graph = Self { place, first: vec![0], ..Self::default() };
        for i in 0..n {
            let id = commits.get(i, hash).id.to_owned();
            let read_as = graph.place.get(&overrides.read_as(&id)).copied().unwrap_or(i as u32);
            graph.read_as.push(read_as);
            let mut link = |parent: &oid| match graph.place.get(parent) {
                Some(&parent) => graph.parents.push(parent),
                None => graph.missing.push((i as u32, parent.to_owned())),
            };
            if let Some(parents) = overrides.links.grafts.get(&id) {
                parents.iter().for_each(|parent| link(parent));
            } else if !overrides.links.shallow.contains(&id) {
                commits.get(read_as as usize, hash).parents().for_each(link);
            }
            graph.first.push(graph.parents.len() as u32);
        }
        graph.order = graph.sorted(|commit| commits.get(graph.read_as[commit as usize] as usize, hash).seconds);
        graph
    }

    /// A commit's place.
    pub(super) fn find(&self, id: &oid) -> Option<u32> {
        self.place.get(id).copied()
    }

    /// A commit's parents.
    pub(super) fn parents(&self, commit: u32) -> &[u32] {
        &self.parents[self.first[commit as usize] as usize..self.first[commit as usize + 1] as usize]
    }

    /// The commits that the tips lead to, and the tips that lead to no commit, with what they name.
    pub(super) fn reach<'a>(&self, tips: &'a [Tip], tags: &HashMap<ObjectId, ObjectId>) -> (Bits, Vec<(&'a str, ObjectId)>) {
        let (mut reached, mut open, mut others) = (Bits::new(self.read_as.len()), Vec::new(), Vec::new());
        for tip in tips {
            let mut id = tip.id;
            // A tag may name a tag; more than this many in a row are made by nobody but a trickster.
            for _ in 0..64 {
                match tags.get(&id) {
                    Some(target) => {
                        others.push((tip.name.as_str(), id));
                        id = *target;
                    }
                    None => break,
                }
            }
            match self.find(&id) {
                Some(commit) => open.push(commit),
                None => others.push((tip.name.as_str(), id)),
            }
        }
        while let Some(commit) = open.pop() {
            if reached.insert(commit) {
                open.extend(self.parents(commit));
            }
        }
        (reached, others)
    }

    /// The parents that are missing of these commits, each with its child.
    pub(super) fn missing<'a>(&'a self, reached: &'a Bits) -> impl Iterator<Item = (u32, ObjectId)> + 'a {
        self.missing.iter().copied().filter(|(child, _)| reached.contains(*child))
    }

    /// All commits, parents first, the oldest of those that could come next.
    fn sorted(&self, seconds: impl Fn(u32) -> i64) -> Vec<u32> {
        let n = self.read_as.len();
        let mut n_children_after = vec![0_u32; n + 1];
        self.parents.iter().for_each(|&parent| n_children_after[parent as usize + 1] += 1);
        for i in 0..n {
            n_children_after[i + 1] += n_children_after[i];
        }
        let mut children = vec![0_u32; self.parents.len()];
        let mut next = n_children_after.clone();
        let mut n_open: Vec<u32> = (0..n as u32).map(|commit| self.parents(commit).len() as u32).collect();
        for commit in 0..n as u32 {
            for &parent in self.parents(commit) {
                children[next[parent as usize] as usize] = commit;
                next[parent as usize] += 1;
            }
        }
        let mut ready: BinaryHeap<Reverse<(i64, u32)>> =
            (0..n as u32).filter(|&commit| n_open[commit as usize] == 0).map(|commit| Reverse((seconds(commit), commit))).collect();
        let mut order = Vec::with_capacity(n);
        while let Some(Reverse((_, commit))) = ready.pop() {
            order.push(commit);
            for &child in &children[n_children_after[commit as usize] as usize..n_children_after[commit as usize + 1] as usize] {
                n_open[child as usize] -= 1;
                if n_open[child as usize] == 0 {
                    ready.push(Reverse((seconds(child), child)));
                }
            }
        }
        // Grafts and replacements can make rings, which have no first commit.
        let in_rings = (0..n as u32).filter(|&commit| n_open[commit as usize] > 0);
        order.extend(in_rings);
        order
    }
}
