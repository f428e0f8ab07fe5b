//! What a commit has: single files, its whole tree, and what differs from another; and whether a clone has all of a range.

use gix::ObjectId;

use super::changes::{Changes, add_changes};
use super::object::ModeKind;
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

/// A file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The paths of the links that led to it, and at last its own: whoever changes one of them changes what is read.
    pub way: Vec<String>,
}

/// Links that are followed on the way to a file, as many as Linux follows.
const MOST_LINKS: usize = 40;
/// Bytes of a link that is followed, as many as Linux allows.
const LONGEST_LINK: usize = 4096;

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

    /// The file at `path`, with `/` between parts, as the commit that `name` means has it; none if it has none. Links are followed inside of the commit.
    ///
    /// # Errors
    /// The commit, a tree on the way or the blob is missing or damaged, or a link on the way leads to no file of the commit.
    pub fn file_at(&self, name: &str, path: &str) -> Result<Option<FileAt>, GitError> {
        let mut reader = self.reader();
        let top = reader.commit(&self.named(name)?)?.tree;
        let (mut folders, mut links): (Vec<(Vec<u8>, ObjectId)>, Vec<String>) = (Vec::new(), Vec::new());
        let mut left = reversed_parts(path.as_bytes());
        while let Some(part) = left.pop() {
            if part == b".." {
                folders.pop().ok_or_else(|| broken_link(path, "leads out of the repository"))?;
                continue;
            }
            let folder = folders.last().map_or(top, |(_, id)| *id);
            let Some(entry) = reader.tree(&folder)?.into_iter().find(|entry| entry.name == part) else { break };
            match entry.mode.kind() {
                ModeKind::Tree => folders.push((part, entry.id)),
                ModeKind::File if left.is_empty() => {
                    let mut bytes = Vec::new();
                    reader.blob(&entry.id, &mut bytes)?;
                    links.push(path_in(&folders, &part));
                    return Ok(Some(FileAt { bytes, way: links }));
                }
                ModeKind::File | ModeKind::Submodule => break,
                ModeKind::Link => {
                    links.push(path_in(&folders, &part));
                    let mut target = Vec::new();
                    reader.blob(&entry.id, &mut target)?;
                    match target.as_slice() {
                        _ if links.len() > MOST_LINKS => return Err(broken_link(path, "is one of too many links in a row")),
                        [] | [b'/', ..] => return Err(broken_link(path, "leads out of the repository")),
                        target if target.len() > LONGEST_LINK => return Err(broken_link(path, "is too long")),
                        target => left.extend(reversed_parts(target)),
                    }
                }
            }
        }
        if links.is_empty() { Ok(None) } else { Err(broken_link(path, "leads to no file of the commit")) }
    }

    /// The parents of the commit that `name` means, in hexadecimal.
    ///
    /// # Errors
    /// It names none, or the commit is missing or damaged.
    pub fn parent_ids(&self, name: &str) -> Result<Vec<String>, GitError> {
        let commit = self.reader().commit(&self.named(name)?)?;
        Ok(commit.parents.iter().map(|id| id.to_hex().to_string()).collect())
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

/// The parts of a path, the last one first.
fn reversed_parts(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|&byte| byte == b'/').rev().filter(|part| !part.is_empty() && *part != b".").map(<[u8]>::to_vec).collect()
}

/// The path of `name` in the last of `folders`, each of which is in the one before.
fn path_in(folders: &[(Vec<u8>, ObjectId)], name: &[u8]) -> String {
    let parts: Vec<&[u8]> = folders.iter().map(|(folder, _)| folder.as_slice()).chain([name]).collect();
    path_bytes_text(&parts.join(&b'/'))
}

/// The error for a file that is named by links.
fn broken_link(path: &str, what: &str) -> GitError {
    GitError::File { place: path.to_owned(), why: format!("a link on the way to it {what}; put the file itself there") }
}
