//! What a commit has: single files, its whole tree, and what differs from another; and whether a clone has all of a range.

use gix::ObjectId;

use super::changes::{Changes, add_changes};
use super::spec::RangeSpec;
use super::trees::{self, New};
use super::walk::walk;
use super::{GitError, Repo};
use crate::blob::path_bytes_text;

/// How a path differs between two commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only the later one has it.
    Added,
    /// Both have it.
    Changed,
    /// Only the earlier one has it.
    Removed,
}

impl Repo {
    /// The commit that `name` means, in hexadecimal.
    ///
    /// # Errors
    /// It names none, or an object on the way is missing.
    pub fn commit_id(&self, name: &str) -> Result<String, GitError> {
        Ok(self.named(name)?.to_hex().to_string())
    }

    /// All blobs of the commit that `name` means, each as new.
    ///
    /// # Errors
    /// The commit or a tree of it is missing or damaged.
    pub fn tree_at(&self, name: &str) -> Result<Changes, GitError> {
        let mut reader = self.reader();
        let tree = reader.commit(&self.named(name)?)?.tree;
        let (olds, mut changes) = ([None], Changes::default());
        let deltas = trees::diff(&mut reader, &olds, New::Tree(tree))?.deltas;
        add_changes(&mut reader, &olds, New::Tree(tree), deltas, &mut changes)?;
        Ok(changes)
    }

    /// The bytes of the file at `path`, with `/` between parts, as the commit that `name` means has it; none if it has none.
    ///
    /// # Errors
    /// The commit, a tree on the way or the blob is missing or damaged.
    pub fn file_at(&self, name: &str, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let mut reader = self.reader();
        let tree = reader.commit(&self.named(name)?)?.tree;
        let Some(id) = reader.entry(&tree, path.as_bytes())? else { return Ok(None) };
        let mut bytes = Vec::new();
        reader.blob(&id, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// The paths that differ between where `from` and `to` parted and `to`, as text.
    ///
    /// # Errors
    /// A commit or a tree is missing or damaged.
    pub fn differences(&self, from: &str, to: &str) -> Result<Vec<(String, Difference)>, GitError> {
        let mut reader = self.reader();
        let (from, to) = (self.named(from)?, self.named(to)?);
        let parted = reader.repo.merge_base(from, to).ok().flatten().map_or(from, gix::Id::detach);
        let (old, new) = (reader.commit(&parted)?.tree, reader.commit(&to)?.tree);
        let deltas = trees::diff(&mut reader, &[Some(old)], New::Tree(new))?.deltas;
        let differences = deltas.into_iter().map(|delta| {
            let how = match (delta.olds.iter().any(Option::is_some), delta.new.is_some()) {
                (true, false) => Difference::Removed,
                (true, true) => Difference::Changed,
                _ => Difference::Added,
            };
            (path_bytes_text(&delta.path), how)
        });
        Ok(differences.collect())
    }

    /// Whether the clone has every commit that `to` reaches and `from` does not, back to where they parted.
    ///
    /// # Errors
    /// A commit is damaged, or missing in a clone that should have it.
    pub fn is_whole(&self, from: &str, to: &str) -> Result<bool, GitError> {
        let walk = self.between(from, to);
        match walk {
            Ok(walk) => Ok(walk.cut.is_empty()),
            Err(GitError::Missing { .. } | GitError::Revision { .. } | GitError::Shallow { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How many commits `to` reaches and `from` does not.
    ///
    /// # Errors
    /// As for [`Repo::range`].
    pub fn n_between(&self, from: &str, to: &str) -> Result<usize, GitError> {
        Ok(self.between(from, to)?.ids.len())
    }

    /// Whether the clone was made with a limited depth.
    pub fn is_shallow(&self) -> bool {
        self.reader().repo.is_shallow().unwrap_or(false)
    }

    fn between(&self, from: &str, to: &str) -> Result<super::walk::Walk, GitError> {
        let mut reader = self.reader();
        let range = RangeSpec { from: vec![from.to_owned()], to: to.to_owned(), ..RangeSpec::default() };
        let ends = self.resolve(&mut reader, &range)?;
        walk(&mut reader, &self.links, &ends.from, &[ends.to])
    }

    fn named(&self, name: &str) -> Result<ObjectId, GitError> {
        let range = RangeSpec { to: name.to_owned(), ..RangeSpec::default() };
        Ok(self.resolve(&mut self.reader(), &range)?.to)
    }
}
