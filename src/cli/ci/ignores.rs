//! keysift's own ignore files as a commit has them: what they leave out where all files of a commit are scanned.
//!
//! git's own ignore files do not count there: what is committed was not ignored. Commits that come in are scanned whatever ignore files say.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::cli::{Failure, git};
use crate::git::{Changes, GitError, Repo};
use crate::source::OWN_IGNORE_FILE;

/// The ignore files of one commit.
#[derive(Debug)]
pub struct Ignores {
    top: PathBuf,
    /// With the folder of each, the longest first: the nearest one decides.
    files: Vec<(String, Gitignore)>,
}

impl Ignores {
    /// Those of `commit`. A link that leads to no file of the commit leaves nothing out, which `notes` then say.
    ///
    /// # Errors
    /// A pattern is wrong, or something cannot be read.
    pub fn load(repo: &Repo, commit: &str, notes: &mut Vec<String>) -> Result<Self, Failure> {
        let top = git::top(repo);
        let mut files: Vec<(String, Gitignore)> = Vec::new();
        for file in repo.tree_at(commit).map_err(git::failure)?.changes {
            let path = file.origin.path.to_string();
            let Some(folder) = path.strip_suffix(OWN_IGNORE_FILE).filter(|folder| folder.is_empty() || folder.ends_with('/')) else { continue };
            let bytes = match repo.file_at(commit, &path) {
                Ok(file) => file.map(|file| file.bytes).unwrap_or_default(),
                Err(error @ GitError::File { .. }) => {
                    notes.push(format!("{error}; it leaves nothing out"));
                    continue;
                }
                Err(error) => return Err(git::failure(error)),
            };
            files.push((folder.to_owned(), parse(&top.join(folder), &path, &bytes)?));
        }
        files.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Ok(Self { top, files })
    }

    /// Takes out of `listed` what they leave out, and gives how many these are.
    pub fn leave_out(&self, listed: &mut Changes) -> u64 {
        let n_before = listed.changes.len();
        listed.changes.retain(|change| !self.has(&change.origin.path));
        (n_before - listed.changes.len()) as u64
    }

    fn has(&self, path: &str) -> bool {
        let verdicts = self.files.iter().filter(|(folder, _)| path.starts_with(folder.as_str()));
        let verdict = verdicts.map(|(_, ignore)| ignore.matched_path_or_any_parents(self.top.join(path), false)).find(|verdict| !verdict.is_none());
        matches!(verdict, Some(Match::Ignore(_)))
    }
}

fn parse(folder: &Path, path: &str, bytes: &[u8]) -> Result<Gitignore, Failure> {
    let wrong = |error: ignore::Error| Failure::usage(format!("{path}: {error}"));
    let mut builder = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(bytes).lines() {
        builder.add_line(None, line).map_err(wrong)?;
    }
    builder.build().map_err(wrong)
}
