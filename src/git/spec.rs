//! Which commits are meant: `A..B`, `A...B`, and what hooks and options say in other words.

use gix::ObjectId;

use super::remote::{Remote, tracked_branches};
use super::revision::is_nothing;
use super::{GitError, Reader, Repo, chain};

/// A range of commits: those that `to` reaches and none of `from` and `remotes` does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSpec {
    /// Revisions whose history is left out. `COMMIT^@` stands for all parents of a commit, an id of zeros or of the empty tree for nothing, and
    /// `refs/heads/*` for all references of a folder.
    pub from: Vec<String>,
    /// Remotes whose remote-tracking branches are left out, with their history: what a remote has is not pushed to it.
    pub remotes: Vec<Remote>,
    /// The revision whose history is meant.
    pub to: String,
    /// Further revisions whose history is meant, in the same notations.
    pub also: Vec<String>,
}

impl RangeSpec {
    /// Reads `A..B` and `A...B`; a side that is left out is HEAD.
    ///
    /// Both mean the commits that B reaches and A does not. `git log` shows for `A...B` those of A, too; but whoever checks `base...head` means what
    /// `git diff base...head` shows, the changes of `head` since it left `base`, and these are the same commits.
    ///
    /// # Errors
    /// It is a single revision, or more than two.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let side = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        match text.split_once("...").or_else(|| text.split_once("..")) {
            Some((from, to)) if !to.contains("..") && (!from.is_empty() || !to.is_empty()) => {
                Ok(Self { from: vec![side(from)], to: side(to), ..Self::default() })
            }
            Some(_) => Err(GitError::Range { text: text.to_owned(), next: "write it as `FROM..TO`".to_owned() }),
            None => {
                let after = if text == "HEAD" { String::new() } else { format!("`{text}..HEAD` for what came after it, ") };
                let next = format!("it has two ends; write {after}`{text}^..{text}` for this commit alone");
                Err(GitError::Range { text: text.to_owned(), next })
            }
        }
    }

    /// What HEAD reaches and `from` does not. That is what came after `from` (`--since-commit`), and just as well what came after both parted
    /// (`--merge-base`): the commits are the same.
    pub fn since(from: &str) -> Self {
        Self { from: vec![from.to_owned()], to: "HEAD".to_owned(), ..Self::default() }
    }
}

/// A range whose names are resolved to commits.
pub(super) struct Resolved {
    pub from: Vec<ObjectId>,
    pub to: ObjectId,
    /// Further commits whose history is meant.
    pub also: Vec<ObjectId>,
}

impl Repo {
    /// The commits that `range` names.
    pub(super) fn resolve(&self, reader: &mut Reader, range: &RangeSpec) -> Result<Resolved, GitError> {
        let mut from = Vec::new();
        for name in range.from.iter().filter(|name| !is_nothing(name)) {
            from.extend(self.revisions(reader, name)?);
        }
        for remote in &range.remotes {
            from.extend(tracked_branches(reader, remote)?);
        }
        let mut to = self.revisions(reader, &range.to)?;
        for name in &range.also {
            to.extend(self.revisions(reader, name)?);
        }
        if to.is_empty() {
            return Err(GitError::Revision { name: range.to.clone(), next: "there is no such reference; `git for-each-ref` lists all".to_owned() });
        }
        Ok(Resolved { from, to: to.remove(0), also: to })
    }

    /// The commits that a name or the notation for several of them means.
    fn revisions(&self, reader: &mut Reader, name: &str) -> Result<Vec<ObjectId>, GitError> {
        if let Some(child) = name.strip_suffix("^@") {
            let child = self.revision(reader, child)?;
            return self.parents_of(reader, &child);
        }
        match name.strip_suffix('*').filter(|folder| folder.ends_with('/')) {
            Some(folder) => all_in(reader, folder),
            None => Ok(vec![self.revision(reader, name)?]),
        }
    }
}

/// The commits of all references of a folder such as `refs/heads/`; what leads to no commit is left out.
fn all_in(reader: &mut Reader, folder: &str) -> Result<Vec<ObjectId>, GitError> {
    let failed = |why: String| GitError::File { place: format!("the references of `{folder}`"), why };
    let mut ids = Vec::new();
    {
        let platform = reader.repo.references().map_err(|error| failed(chain(&error)))?;
        for reference in platform.prefixed(folder).map_err(|error| failed(chain(&error)))? {
            let reference = reference.map_err(|error| failed(chain(&error)))?;
            ids.extend(reference.try_id().map(gix::Id::detach));
        }
    }
    let commits = ids.into_iter().map(|id| reader.peel(&id));
    commits.filter(|commit| !matches!(commit, Err(GitError::NoCommit { .. }))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_two_ends() {
        let parse = |text| RangeSpec::parse(text).map(|range| (range.from.join(" "), range.to)).ok();
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(parse("a..b"), pair("a", "b"));
        assert_eq!(parse("a...b"), pair("a", "b"));
        assert_eq!(parse("a.."), pair("a", "HEAD"));
        assert_eq!(parse("..b"), pair("HEAD", "b"));
        assert_eq!([parse(".."), parse("..."), parse("a"), parse("a..b..c"), parse("")], [const { None }; 5]);
        let error = RangeSpec::parse("v1").expect_err("one end").to_string();
        assert!(error.contains("`v1..HEAD`"), "{error}");
    }
}
