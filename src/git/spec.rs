//! Which commits are meant: `A..B`, `A...B`, and what hooks and options say in other words.

use gix::ObjectId;

use super::remote::{Remote, tracked_branches};
use super::revision::is_nothing;
use super::{GitError, Reader, Repo};

/// A range of commits: those that `to` reaches and none of `from` and `remotes` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeSpec {
    /// Revisions whose history is left out. `COMMIT^@` stands for all parents of a commit, and an id of zeros for nothing: then everything counts.
    pub from: Vec<String>,
    /// Remotes whose remote-tracking branches are left out, with their history: what a remote has is not pushed to it.
    pub remotes: Vec<Remote>,
    /// The revision whose history is meant.
    pub to: String,
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
                Ok(Self { from: vec![side(from)], remotes: Vec::new(), to: side(to) })
            }
            Some(_) => Err(GitError::Revision { name: text.to_owned(), next: "write a range as `FROM..TO`".to_owned() }),
            None => {
                let next = format!("a range has two ends; write `{text}..HEAD` for what came after it, `{text}^..{text}` for this commit alone");
                Err(GitError::Revision { name: text.to_owned(), next })
            }
        }
    }

    /// What HEAD reaches and `from` does not. That is what came after `from` (`--since-commit`), and just as well what came after both parted
    /// (`--merge-base`): the commits are the same.
    pub fn since(from: &str) -> Self {
        Self { from: vec![from.to_owned()], remotes: Vec::new(), to: "HEAD".to_owned() }
    }
}

/// A range whose names are resolved to commits.
pub(super) struct Resolved {
    pub from: Vec<ObjectId>,
    pub to: ObjectId,
}

impl Repo {
    /// The commits that `range` names.
    pub(super) fn resolve(&self, reader: &mut Reader, range: &RangeSpec) -> Result<Resolved, GitError> {
        let mut from = Vec::new();
        for name in range.from.iter().filter(|name| !is_nothing(name)) {
            match name.strip_suffix("^@") {
                Some(child) => {
                    let child = self.revision(reader, child)?;
                    from.extend(self.parents_of(reader, &child)?);
                }
                None => from.push(self.revision(reader, name)?),
            }
        }
        for remote in &range.remotes {
            from.extend(tracked_branches(reader, remote)?);
        }
        Ok(Resolved { from, to: self.revision(reader, &range.to)? })
    }
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
