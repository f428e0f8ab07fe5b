//! The submodules that a commit names, which are repositories of their own and no part of what is scanned.

use std::collections::HashMap;

use gix::ObjectId;

use super::object::ModeKind;
use super::{Reader, Repo};

impl Repo {
    /// At how many places the commit has submodules that the name means, or `HEAD` without any; of several names it is the one with most. What cannot be
    /// read is told by who reads the history.
    pub fn n_submodules(&self, names: &[String]) -> u64 {
        let mut reader = self.reader();
        let commits: Vec<ObjectId> = match names {
            [] => self.head(&mut reader).ok().flatten().into_iter().collect(),
            names => names.iter().filter_map(|name| self.revision(&mut reader, name).ok()).collect(),
        };
        let mut known = HashMap::new();
        let trees = commits.iter().filter_map(|commit| Some(reader.commit(commit).ok()?.tree)).collect::<Vec<_>>();
        trees.into_iter().map(|tree| below(&mut reader, tree, &mut known)).max().unwrap_or_default()
    }
}

/// What is done next with a tree.
enum Step {
    Read(ObjectId),
    /// Its own submodules and its folders are known; those of the folders are counted by now.
    Add(ObjectId, u64, Vec<ObjectId>),
}

/// How many submodules there are below a tree. Each tree is read once, at however many places it stands.
fn below(reader: &mut Reader, top: ObjectId, known: &mut HashMap<ObjectId, u64>) -> u64 {
    let mut steps = vec![Step::Read(top)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Read(tree) if known.contains_key(&tree) => {}
            Step::Read(tree) => {
                known.insert(tree, 0);
                let (mut n_own, mut folders) = (0, Vec::new());
                for entry in reader.tree(&tree).unwrap_or_default() {
                    match entry.mode.kind() {
                        ModeKind::Tree => folders.push(entry.id),
                        ModeKind::Submodule => n_own += 1,
                        ModeKind::File | ModeKind::Link => {}
                    }
                }
                let below: Vec<Step> = folders.iter().copied().map(Step::Read).collect();
                steps.push(Step::Add(tree, n_own, folders));
                steps.extend(below);
            }
            Step::Add(tree, n_own, folders) => {
                let n = folders.iter().filter_map(|folder| known.get(folder)).fold(n_own, |sum, n| sum.saturating_add(*n));
                known.insert(tree, n);
            }
        }
    }
    known.get(&top).copied().unwrap_or_default()
}
