//! The commits of a range: what some commits reach and others do not.
//!
//! Two colors spread from both ends along the parents, the youngest commit first. Dates may lie, so the walk goes on for a while after only left-out
//! commits remain; where a clock was wrong by more than a day, a commit may be listed that the other end reaches, too, but none is left out.
//! Parents are those of the commit, unless `info/grafts` gives others, or `shallow` says that they were not fetched.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::path::Path;

use gix::ObjectId;

use super::object::Commit;
use super::{GitError, Reader};
use crate::blob::path_text;

/// How much older the left-out commits must be than all listed ones before the walk ends, in seconds.
const CLOCK_ERROR: i64 = 24 * 60 * 60;

/// Left-out commits that are looked at beyond that.
const EXTRA_STEPS: usize = 16;

/// The commits of a range.
pub(super) struct Walk {
    /// Ids in an order in which parents come before their children, the oldest first.
    pub ids: Vec<ObjectId>,
    /// Those commits, and others that were met.
    pub commits: HashMap<ObjectId, Commit>,
    /// Commits of the range whose parents were not fetched.
    pub cut: Vec<ObjectId>,
}

/// Parents that are other than the commits themselves say.
#[derive(Clone, Default)]
pub(super) struct Links {
    /// Commits whose parents were not fetched: `shallow`.
    pub(super) shallow: HashSet<ObjectId>,
    /// Parents that commits have in place of their own: `info/grafts`.
    pub(super) grafts: HashMap<ObjectId, Vec<ObjectId>>,
}

impl Links {
    /// Reads `shallow` and `info/grafts` of the folder `common`; a file that is missing says nothing.
    pub(super) fn read(common: &Path) -> Result<Self, GitError> {
        let shallow = lines_of(&common.join("shallow"))?.iter().map(|line| line[0]).collect();
        let grafts = lines_of(&common.join("info").join("grafts"))?.iter().map(|line| (line[0], line[1..].to_vec())).collect();
        Ok(Self { shallow, grafts })
    }

    /// Replaces the parents of `commit` where something else holds; says whether they were not fetched.
    pub(super) fn apply(&self, id: &ObjectId, commit: &mut Commit) -> bool {
        if self.shallow.contains(id) {
            return !std::mem::take(&mut commit.parents).is_empty();
        }
        if let Some(parents) = self.grafts.get(id) {
            commit.parents.clone_from(parents);
        }
        false
    }
}

/// The ids of each line of a file; none if there is no such file. Lines that are comments or empty are left out.
fn lines_of(place: &Path) -> Result<Vec<Vec<ObjectId>>, GitError> {
    let failed = |why: &str| GitError::File { place: path_text(place), why: why.to_owned() };
    let text = match std::fs::read(place) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&error.to_string())),
    };
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    lines
        .map(|line| line.split(|&byte| byte == b' ').map(ObjectId::from_hex).collect::<Result<_, _>>().map_err(|_| failed("it does not consist of commit ids")))
        .collect()
}

/// A commit that the walk has met.
struct Met {
    commit: Commit,
    /// Reached by the end whose history is left out.
    is_left_out: bool,
    is_cut: bool,
}

/// The walk while it goes on.
struct Walker<'a> {
    reader: &'a mut Reader,
    links: &'a Links,
    met: HashMap<ObjectId, Met>,
    /// Commits whose parents are to be looked at: date and id, the youngest first.
    queue: BinaryHeap<(i64, ObjectId)>,
    /// Commits of the queue that are not left out.
    n_wanted: usize,
}

/// The commits that any of `to` reaches and none of `from` does.
pub(super) fn walk(reader: &mut Reader, links: &Links, from: &[ObjectId], to: &[ObjectId]) -> Result<Walk, GitError> {
    let mut walker = Walker { reader, links, met: HashMap::new(), queue: BinaryHeap::new(), n_wanted: 0 };
    for id in to {
        walker.reach(*id, false)?;
    }
    for id in from {
        walker.reach(*id, true)?;
    }
    let (mut oldest, mut n_extra) = (i64::MAX, 0);
    while let Some((seconds, id)) = walker.queue.pop() {
        let is_left_out = walker.met.get(&id).is_none_or(|met| met.is_left_out);
        if !is_left_out {
            walker.n_wanted -= 1;
            oldest = oldest.min(seconds);
        } else if walker.n_wanted == 0 && seconds < oldest.saturating_sub(CLOCK_ERROR) {
            n_extra += 1;
            if n_extra > EXTRA_STEPS {
                break;
            }
        }
        let parents = walker.met.get(&id).map(|met| met.commit.parents.clone()).unwrap_or_default();
        for parent in parents {
            walker.reach(parent, is_left_out)?;
        }
    }
    let (commits, is_cut): (HashMap<ObjectId, Commit>, HashSet<ObjectId>) = {
        let wanted = walker.met.into_iter().filter(|(_, met)| !met.is_left_out);
        let mut cut = HashSet::new();
        let commits = wanted.map(|(id, met)| {
            cut.extend(met.is_cut.then_some(id));
            (id, met.commit)
        });
        (commits.collect(), cut)
    };
    let ids = parents_first(&commits);
    let cut = ids.iter().filter(|id| is_cut.contains(*id)).copied().collect();
    Ok(Walk { ids, commits, cut })
}

impl Walker<'_> {
    /// Meets the commit `id` from a child of it, or as an end of the range.
    fn reach(&mut self, id: ObjectId, is_left_out: bool) -> Result<(), GitError> {
        if let Some(met) = self.met.get(&id) {
            if is_left_out && !met.is_left_out {
                self.leave_out(id);
            }
            return Ok(());
        }
        let mut commit = match self.reader.commit(&id) {
            Ok(commit) => commit,
            // What is left out anyway is not missed.
            Err(GitError::Missing { .. }) if is_left_out => return Ok(()),
            Err(error) => return Err(error),
        };
        let is_cut = self.links.apply(&id, &mut commit);
        self.queue.push((commit.seconds, id));
        self.n_wanted += usize::from(!is_left_out);
        self.met.insert(id, Met { commit, is_left_out, is_cut });
        Ok(())
    }

    /// Leaves out a commit that was taken for one of the range, and all that were met behind it.
    fn leave_out(&mut self, id: ObjectId) {
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            if let Some(met) = self.met.get_mut(&id).filter(|met| !met.is_left_out) {
                met.is_left_out = true;
                next.extend(&met.commit.parents);
            }
        }
        let is_wanted = |(_, id): &&(i64, ObjectId)| self.met.get(id).is_some_and(|met| !met.is_left_out);
        self.n_wanted = self.queue.iter().filter(is_wanted).count();
    }
}

/// The ids in an order in which parents come before their children; of those that could come next, the oldest.
fn parents_first(commits: &HashMap<ObjectId, Commit>) -> Vec<ObjectId> {
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    let mut n_parents: HashMap<ObjectId, usize> = HashMap::with_capacity(commits.len());
    for (id, commit) in commits {
        let parents = commit.parents.iter().filter(|parent| commits.contains_key(*parent));
        n_parents.insert(*id, parents.clone().count());
        parents.for_each(|parent| children.entry(*parent).or_default().push(*id));
    }
    let ready = |id: ObjectId| Reverse((commits.get(&id).map_or(0, |commit| commit.seconds), id));
    let mut queue: BinaryHeap<_> = n_parents.iter().filter(|(_, n)| **n == 0).map(|(id, _)| ready(*id)).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse((_, id))) = queue.pop() {
        order.push(id);
        for child in children.get(&id).into_iter().flatten() {
            if let Some(n) = n_parents.get_mut(child) {
                *n -= 1;
                queue.extend((*n == 0).then(|| ready(*child)));
            }
        }
    }
    // Grafts can make circles; what is in one has no order.
    if order.len() < commits.len() {
        let listed: HashSet<ObjectId> = order.iter().copied().collect();
        let mut rest: Vec<ObjectId> = commits.keys().filter(|id| !listed.contains(*id)).copied().collect();
        rest.sort_unstable();
        order.extend(rest);
    }
    order
}
