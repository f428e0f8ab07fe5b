//! What one pass over all trees found, for all who ask for the ways to objects: the blobs that matter and the objects that are missing.

use gix::ObjectId;
use gix::hashtable::{HashMap, HashSet};

use super::trees::{Hit, Search, Trees};
use super::{FileCheck, MOST_FOLLOWED, NameCheck, Pass};

/// The trees, and for which objects they were searched.
#[derive(Default)]
pub(super) struct Known {
    /// Places in hits.
    places: HashMap<ObjectId, u32>,
    n_places: usize,
    pub(super) trees: Trees,
}

impl Known {
    /// Searches all trees for these objects, for missing ones, and for those whose names matter.
    pub(super) fn search(wanted: &[ObjectId], pass: &Pass, name_check: Option<&NameCheck<'_>>, file_check: Option<FileCheck>) -> Self {
        let mut search = Search::new(wanted, Some(&pass.store));
        (search.name_check, search.file_check) = (name_check, file_check);
        let trees = search.run(&pass.store, &pass.loose_trees, pass.n_threads);
        let mut places: HashMap<ObjectId, u32> = wanted.iter().copied().zip(0..).collect();
        // Of a tree that is there and cannot be read the names are not known; of too many that are missing neither.
        let damaged: HashSet<ObjectId> = trees.absent_trees.iter().filter(|id| pass.store.contains(id)).copied().collect();
        if trees.lacking.len() <= MOST_FOLLOWED {
            let lacking = trees.lacking.iter().copied().zip(wanted.len() as u32..);
            places.extend(lacking.filter(|(id, _)| !damaged.contains(id)));
        }
        Self { places, n_places: wanted.len() + trees.lacking.len(), trees }
    }

    /// The entries that name these objects, with places in this list, if all of them were searched for.
    pub(super) fn hits(&self, wanted: &[ObjectId]) -> Option<Vec<Hit>> {
        let mut here = vec![u32::MAX; self.n_places];
        for (id, place) in wanted.iter().zip(0..) {
            here[*self.places.get(id)? as usize] = place;
        }
        let moved = self.trees.hits.iter().map(|hit| Hit { wanted: here[hit.wanted as usize], ..*hit });
        Some(moved.filter(|hit| hit.wanted != u32::MAX).collect())
    }
}
