//! Which commit brought an object, and at which paths it is.
//!
//! A commit *introduces* a blob if its tree has the blob at a path where no parent's tree has that same blob: what `git log --full-history -m --raw`
//! lists relative to every parent. The first such commit is the one that comes first when parents stand before children and older commits before newer
//! ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gix::ObjectId;
use gix::hashtable::{HashMap, HashSet};

use super::commits::described;
use super::nodes::id_of;
use super::reach::Reach;
use super::tasks::Bits;
use super::trees::{Hit, Search, Trees};
use super::{HistoryOptions, Pass, chosen, tips};
use crate::blob::{Commit, path_bytes_text};
use crate::git::{GitError, Repo};

/// Where an object stands in the history that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A commit that was asked for introduced it.
    Introduced,
    /// Something leads to it, but all commits that introduced it are outside of the dates or the number that were asked for.
    Outside,
    /// Nothing that was asked for leads to it.
    Unreachable,
}

/// What is known of an object's way into the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributed {
    /// The object.
    pub id: ObjectId,
    /// Where it stands.
    pub standing: Standing,
    /// The place of that first commit among all: of two commits the one with the lower rank came first.
    pub rank: u32,
    /// The first commit that introduced it. Of an unreachable object one that is unreachable too, if such were asked for.
    pub commit: Option<Commit>,
    /// Where that commit has it: the first of its paths.
    pub path: Option<String>,
    /// All paths at which commits have it, sorted.
    pub paths: Vec<String>,
    /// The paths at which the commit of `HEAD` has it, sorted.
    pub at_head: Vec<String>,
    /// For each path at which a commit introduced it that commit; the first one first.
    pub introductions: Vec<Introduction>,
    /// References that name it without a commit, sorted: a tag of a blob, for example.
    pub names: Vec<String>,
}

/// A path of an object, and the commit that brought it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// The place of that commit among all.
    pub rank: u32,
    /// The path.
    pub path: String,
    /// The first commit that has it there.
    pub commit: Arc<Commit>,
}

/// The ways of some objects into the history.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    /// One for each object that was asked for, in the same order.
    pub objects: Vec<Attributed>,
    /// What could not be followed, each in a sentence with the next step.
    pub incomplete: Vec<String>,
}

/// What the attribution of one object needs while it grows.
#[derive(Default)]
struct Found {
    /// For each path at which a commit introduced it the first one.
    introduced: BTreeMap<Vec<u8>, u32>,
    /// Its paths.
    paths: BTreeSet<Vec<u8>>,
    /// Its paths at `HEAD`.
    at_head: BTreeSet<Vec<u8>>,
    /// References that name it.
    names: BTreeSet<String>,
    /// Whether anything leads to it.
    is_reachable: bool,
}

impl Repo {
    /// Finds out how the wanted objects, blobs or commits or tags that `pass` showed, came into the history. Trees may be wanted, too.
    ///
    /// # Errors
    /// A branch does not exist.
    pub fn attribute(&self, wanted: &[ObjectId], pass: &Pass, options: &HistoryOptions) -> Result<Attribution, GitError> {
        let repo = self.inner.to_thread_local();
        let mut incomplete = Vec::new();
        // The pass has told what names cannot be read.
        let tips = tips::tips(self, &options.branches, &mut Vec::new())?;
        let (reached, others) = pass.graph.reach(&tips, &pass.tags());
        let chosen = chosen::chosen(pass, &reached, options);
        let searched;
        let (trees, hits) = match pass.known.hits(wanted) {
            Some(hits) => (&pass.known.trees, hits),
            None => {
                searched = Search::new(wanted, None).run(&pass.store, &pass.loose_trees, options.n_threads);
                (&searched, searched.hits.clone())
            }
        };
        let mut found: Vec<Found> = wanted.iter().map(|_| Found::default()).collect();
        let ranks = ranks(pass);
        let walk = Walk { pass, trees, hits, ranks: &ranks, head: tips::head(&repo), others: &others };
        let is_cut = walk.all(&reached, &chosen, &mut found);
        let place_of: HashMap<ObjectId, usize> = wanted.iter().enumerate().map(|(i, id)| (*id, i)).collect();
        for (name, id) in &others {
            if let Some(&i) = place_of.get(id) {
                found[i].is_reachable = true;
                found[i].names.insert((*name).to_owned());
            }
        }
        if options.includes_unreachable {
            walk.unreachable(wanted, &mut found);
        }
        if is_cut {
            incomplete.push("some content is at so many paths that not all of them are listed".to_owned());
        }
        let mut commits = Described { pass, known: HashMap::default() };
        let objects = wanted.iter().zip(found).map(|(id, found)| attributed(&mut commits, &ranks, *id, found, &reached, &chosen)).collect();
        Ok(Attribution { objects, incomplete })
    }
}

/// For each commit its place in the order.
fn ranks(pass: &Pass) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; pass.commits.len()];
    for (commit, rank) in pass.graph.order.iter().zip(0..) {
        ranks[*commit as usize] = rank;
    }
    ranks
}

/// The walk over the commits.
struct Walk<'a> {
    /// The pass.
    pass: &'a Pass,
    /// The trees.
    trees: &'a Trees,
    /// The entries that name what is followed.
    hits: Vec<Hit>,
    /// For each commit its place in the order.
    ranks: &'a [u32],
    /// The commit of `HEAD`.
    head: Option<ObjectId>,
    /// Objects that are no commits and have names.
    others: &'a [(&'a str, ObjectId)],
}

impl Walk<'_> {
    /// Follows all blobs; tells whether some had too many paths.
    fn all(&self, reached: &Bits, chosen: &Bits, found: &mut [Found]) -> bool {
        let reach = self.reach(self.hits.iter().copied());
        let mut is_cut = self.commits(&reach, reached, chosen, found);
        for (name, id) in self.others {
            let Some(tree) = reach.find(&self.pass.overrides.read_as(id)) else { continue };
            is_cut |= reach.compare(tree, &[], |wanted, path| {
                let one = &mut found[wanted as usize];
                one.is_reachable = true;
                one.names.insert((*name).to_owned());
                one.paths.insert(path.to_vec());
            });
        }
        let head = self.head.and_then(|head| self.pass.graph.find(&head));
        if let Some(tree) = head.and_then(|head| self.tree(&reach, head)) {
            is_cut |= reach.compare(tree, &[], |wanted, path| {
                found[wanted as usize].at_head.insert(path.to_vec());
            });
        }
        is_cut
    }

    /// Goes through the commits. Whatever is in one of them was introduced by one of them: the first commits introduce all that they have.
    fn commits(&self, reach: &Reach<'_>, reached: &Bits, chosen: &Bits, found: &mut [Found]) -> bool {
        let graph = &self.pass.graph;
        let trees: Vec<Option<u32>> = (0..self.pass.commits.len() as u32).map(|commit| self.tree(reach, commit)).collect();
        let mut is_cut = false;
        let mut before: Vec<u32> = Vec::new();
        for &commit in graph.order.iter().filter(|&&commit| reached.contains(commit)) {
            let Some(tree) = trees[commit as usize] else { continue };
            before.clear();
            before.extend(graph.parents(commit).iter().filter_map(|&parent| trees[parent as usize]));
            is_cut |= reach.compare(tree, &before, |wanted, path| {
                let one = &mut found[wanted as usize];
                one.is_reachable = true;
                one.paths.insert(path.to_vec());
                if chosen.contains(commit) {
                    one.introduced.entry(path.to_vec()).or_insert(commit);
                }
            });
            // But rings, which grafts and replacements can make, have no first commit.
            if graph.parents(commit).iter().any(|&parent| self.ranks[parent as usize] >= self.ranks[commit as usize]) {
                is_cut |= reach.compare(tree, &[], |wanted, path| {
                    found[wanted as usize].is_reachable = true;
                    found[wanted as usize].paths.insert(path.to_vec());
                });
            }
        }
        is_cut
    }

    /// Follows the blobs to which nothing leads through the commits to which nothing leads.
    fn unreachable(&self, wanted: &[ObjectId], found: &mut [Found]) {
        let lost: HashSet<ObjectId> = wanted.iter().zip(&*found).filter(|(_, found)| !found.is_reachable).map(|(id, _)| *id).collect();
        if lost.is_empty() {
            return;
        }
        let all = Bits::of(self.pass.commits.len(), self.pass.graph.order.iter().copied());
        let reach = self.reach(self.hits.iter().copied().filter(|hit| lost.contains(&wanted[hit.wanted as usize])));
        let mut beyond: Vec<Found> = found.iter().map(|_| Found::default()).collect();
        self.commits(&reach, &all, &all, &mut beyond);
        for (one, beyond) in found.iter_mut().zip(beyond).filter(|(_, beyond)| beyond.is_reachable) {
            (one.introduced, one.paths) = (beyond.introduced, beyond.paths);
        }
    }

    /// The trees above these hits.
    fn reach(&self, hits: impl Iterator<Item = Hit>) -> Reach<'_> {
        Reach::new(hits, self.trees, &self.pass.overrides, |node| id_of(&self.pass.store, &self.pass.loose_trees, node))
    }

    /// A commit's tree, if it is above a blob that is followed.
    fn tree(&self, reach: &Reach<'_>, commit: u32) -> Option<u32> {
        let row = self.pass.commits.get(self.pass.graph.read_as[commit as usize] as usize, self.pass.store.hash);
        reach.find(row.tree)
    }
}

/// Commits as findings name them, each read once.
struct Described<'a> {
    /// The pass.
    pass: &'a Pass,
    /// Those that were asked for.
    known: HashMap<ObjectId, Arc<Commit>>,
}

impl Described<'_> {
    /// The commit at this place.
    fn get(&mut self, place: u32) -> Arc<Commit> {
        let pass = self.pass;
        let id = pass.commits.get(place as usize, pass.store.hash).id;
        let read = || {
            let text = pass.store.read(&pass.overrides.read_as(id)).map(|(_, text)| text).unwrap_or_default();
            Arc::new(described(id, &text))
        };
        Arc::clone(self.known.entry(id.to_owned()).or_insert_with(read))
    }
}

/// What was found, in words.
fn attributed(commits: &mut Described<'_>, ranks: &[u32], id: ObjectId, found: Found, reached: &Bits, chosen: &Bits) -> Attributed {
    let rank_of = |commit: u32| ranks.get(commit as usize).copied().unwrap_or(u32::MAX);
    // A commit whose message is wanted introduces that itself.
    let own = commits.pass.graph.find(&id);
    let mut introduced: Vec<(u32, Vec<u8>, u32)> = found.introduced.into_iter().map(|(path, commit)| (rank_of(commit), path, commit)).collect();
    introduced.sort_unstable();
    let first = introduced.first().map(|(_, _, commit)| *commit);
    let (first, is_reachable) = match own {
        Some(commit) => (Some(commit).filter(|&commit| chosen.contains(commit) || !reached.contains(commit)), reached.contains(commit)),
        None => (first, found.is_reachable),
    };
    let standing = match (first, is_reachable) {
        (_, false) => Standing::Unreachable,
        (Some(_), true) => Standing::Introduced,
        (None, true) if !found.names.is_empty() => Standing::Introduced,
        (None, true) => Standing::Outside,
    };
    let texts = |paths: BTreeSet<Vec<u8>>| paths.iter().map(|path| path_bytes_text(path)).collect();
    let introductions: Vec<Introduction> =
        introduced.into_iter().map(|(rank, path, commit)| Introduction { rank, path: path_bytes_text(&path), commit: commits.get(commit) }).collect();
    Attributed {
        id,
        standing,
        rank: first.map_or(u32::MAX, rank_of),
        commit: first.map(|commit| (*commits.get(commit)).clone()),
        path: introductions.first().map(|first| first.path.clone()),
        paths: texts(found.paths),
        at_head: texts(found.at_head),
        introductions,
        names: found.names.into_iter().collect(),
    }
}
