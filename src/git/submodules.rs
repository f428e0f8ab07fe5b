//! The submodules that a commit names, which are repositories of their own and no part of what is scanned.

use std::collections::{BTreeSet, HashSet};

use gix::ObjectId;

use super::object::ModeKind;
use super::{Reader, Repo};

impl Repo {
    /// At how many paths the commits of these names have submodules, `HEAD` if there are none. What cannot be read is told by who reads the history.
    pub fn n_submodules(&self, names: &[String]) -> u64 {
        let mut reader = self.reader();
        let commits: Vec<ObjectId> = match names {
            [] => self.head(&mut reader).ok().flatten().into_iter().collect(),
            names => names.iter().filter_map(|name| self.revision(&mut reader, name).ok()).collect(),
        };
        let (mut seen, mut paths) = (HashSet::new(), BTreeSet::new());
        for commit in commits {
            if let Ok(commit) = reader.commit(&commit) {
                add(&mut reader, commit.tree, &mut seen, &mut paths);
            }
        }
        paths.len() as u64
    }
}

/// Adds the paths of all submodules below a tree. A folder that is at several places is read once, so that no tree takes more time than it has folders.
fn add(reader: &mut Reader, top: ObjectId, seen: &mut HashSet<ObjectId>, paths: &mut BTreeSet<Vec<u8>>) {
    let mut trees = vec![(top, Vec::new())];
    while let Some((tree, path)) = trees.pop() {
        if !seen.insert(tree) {
            continue;
        }
        for entry in reader.tree(&tree).unwrap_or_default() {
            match entry.mode.kind() {
                ModeKind::Tree => trees.push((entry.id, [&path, entry.name.as_slice(), b"/"].concat())),
                ModeKind::Submodule => drop(paths.insert([&path, entry.name.as_slice()].concat())),
                ModeKind::File | ModeKind::Link => {}
            }
        }
    }
}
