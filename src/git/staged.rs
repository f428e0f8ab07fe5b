//! What is staged: the index against HEAD, and while a merge is going on against the commits that are being merged, too.

use std::path::PathBuf;

use gix::ObjectId;

use super::changes::{Changes, add_changes};
use super::environment::is_read_from_top;
use super::index::Index;
use super::trees::{self, New};
use super::{GitError, Reader, Repo};
use crate::blob::path_text;

/// What a file of ids that git writes may measure.
const LARGEST_LIST: u64 = 1 << 20;

impl Repo {
    /// What the next commit brings: the blobs that the index has and HEAD has not. While a merge is going on, those that neither HEAD nor any of the
    /// merged commits has at that path. Nothing is read from the work tree.
    ///
    /// # Errors
    /// The repository is bare, or its index, HEAD or a tree of it cannot be read.
    pub fn staged(&self) -> Result<Changes, GitError> {
        let mut reader = self.reader();
        let Some(index) = self.index(&reader)? else { return self.without_index(&mut reader) };
        let mut changes = Changes { n_intended: index.n_intended(), ..Changes::default() };
        let n_unmerged = index.n_unmerged();
        if n_unmerged > 0 {
            changes
                .incomplete
                .push(format!("{n_unmerged} unmerged path{} not scanned; resolve and stage first", if n_unmerged == 1 { " was" } else { "s were" }));
        }
        let olds = self.parents(&mut reader)?;
        let deltas = trees::diff(&mut reader, &olds, New::Index(&index))?.deltas;
        add_changes(&mut reader, &olds, New::Index(&index), deltas, &mut changes)?;
        if olds.len() > 1 {
            // What a merge takes from its sides as it is counts as staged, although it needs no scan.
            changes.n_entries = trees::diff(&mut reader, &olds[..1], New::Index(&index))?.deltas.len() as u64;
        }
        Ok(changes)
    }

    /// Every blob of the index, as if all of it were new.
    ///
    /// # Errors
    /// As for [`Repo::staged`].
    pub fn tracked(&self) -> Result<Changes, GitError> {
        let mut reader = self.reader();
        let Some(index) = self.index(&reader)? else { return self.without_index(&mut reader) };
        let mut changes = Changes { n_intended: index.n_intended(), ..Changes::default() };
        let deltas = trees::diff(&mut reader, &[None], New::Index(&index))?.deltas;
        add_changes(&mut reader, &[None], New::Index(&index), deltas, &mut changes)?;
        Ok(changes)
    }

    /// What git takes for staged where no index is: that everything is deleted. It is hardly ever meant, and nothing is scanned, so it is not clean.
    fn without_index(&self, reader: &mut Reader) -> Result<Changes, GitError> {
        let olds = self.parents(reader)?;
        let empty = ObjectId::empty_tree(reader.repo.object_hash());
        let n_deleted = trees::diff(reader, &olds[..1], New::Tree(empty))?.deltas.len();
        let place = path_text(&self.index_path(reader));
        let sentence = format!(
            "nothing was scanned: there is no index at {place}, so that git takes the {n_deleted} files of HEAD for deleted; `git read-tree HEAD` makes one, \
             and `git read-tree --empty` one in which everything is deleted"
        );
        let incomplete = if n_deleted > 0 { vec![sentence] } else { Vec::new() };
        Ok(Changes { n_entries: n_deleted as u64, incomplete, ..Changes::default() })
    }

    /// The index; `None` where nothing was ever staged.
    fn index(&self, reader: &Reader) -> Result<Option<Index>, GitError> {
        match Index::open(&self.index_path(reader), self.git_dir(), reader.repo.object_hash())? {
            None if reader.repo.is_bare() => Err(GitError::Bare { place: path_text(self.git_dir()) }),
            index => Ok(index),
        }
    }

    /// Where the index is. A relative name counts from the folder from which git reads.
    fn index_path(&self, reader: &Reader) -> PathBuf {
        match std::env::var_os("GIT_INDEX_FILE").map(PathBuf::from).filter(|_| self.found.is_of_environment) {
            Some(path) if path.is_relative() && is_read_from_top(&reader.repo) => self.work_tree().unwrap_or_else(|| self.git_dir()).join(path),
            Some(path) => path,
            None => reader.repo.index_path(),
        }
    }

    /// The trees of HEAD and of the commits that are being merged with it; an unborn HEAD has an empty one.
    fn parents(&self, reader: &mut Reader) -> Result<Vec<Option<ObjectId>>, GitError> {
        let head = self.head(reader)?;
        let mut trees = vec![match head {
            Some(id) => Some(reader.commit(&id)?.tree),
            None => None,
        }];
        for id in self.merged(reader, head)? {
            let tree = Some(reader.commit(&id)?.tree);
            if !trees.contains(&tree) {
                trees.push(tree);
            }
        }
        Ok(trees)
    }

    /// The commit of HEAD; `None` while it is unborn.
    pub(super) fn head(&self, reader: &mut Reader) -> Result<Option<ObjectId>, GitError> {
        let next = "`ref: refs/heads/BRANCH` as its only line, with the branch that you were on, mends it";
        let failed = |why: String| GitError::File { place: path_text(&self.git_dir().join("HEAD")), why: format!("{why}; {next}") };
        let head = reader.repo.head().map_err(|error| failed(super::chain(&error)))?;
        let is_unborn = head.is_unborn();
        match head.id().map(gix::Id::detach) {
            Some(id) => match reader.peel(&id) {
                Err(error @ GitError::NoCommit { .. }) => Err(failed(error.to_string())),
                commit => commit.map(Some),
            },
            None if is_unborn => Ok(None),
            None => Err(failed("it leads to no commit".to_owned())),
        }
    }

    /// The commits that are being merged with `head`. `git merge` names them in its environment before it writes them down, and runs the hook
    /// `pre-merge-commit` in between.
    fn merged(&self, reader: &Reader, head: Option<ObjectId>) -> Result<Vec<ObjectId>, GitError> {
        let place = self.git_dir().join("MERGE_HEAD");
        let failed = |why: String| GitError::File { place: path_text(&place), why };
        match place.metadata() {
            Ok(metadata) if metadata.len() > LARGEST_LIST => return Err(failed("it is too large".to_owned())),
            Ok(_) => {}
            Err(_) => return Ok(merged_by_environment(reader, head)),
        }
        let text = std::fs::read(&place).map_err(|error| failed(error.to_string()))?;
        let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
        lines.map(|line| ObjectId::from_hex(line).map_err(|_| failed("it does not consist of commit ids".to_owned()))).collect()
    }
}

/// The commits that a running `git merge` names in its environment.
fn merged_by_environment(reader: &Reader, head: Option<ObjectId>) -> Vec<ObjectId> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut ids: Vec<ObjectId> = names.filter_map(|name| ObjectId::from_hex(name.strip_prefix("GITHEAD_")?.as_bytes()).ok()).collect();
    ids.retain(|id| Some(*id) != head && reader.has(id));
    ids.sort_unstable();
    ids
}
