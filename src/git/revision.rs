//! What a name for a commit means; and where it means nothing, whether that is the name's fault or the repository's, which lacks something.
//!
//! Names are read by `gix`. What it cannot follow is followed once more from commit to commit, as far as `~` and `^` go: that finds commits in folders that
//! only git's environment names, and the place where a shallow clone ends or an object is missing.

use gix::ObjectId;
use gix::refs::PartialNameRef;

use super::walk::walk;
use super::{GitError, MENDS_HEAD, Reader, Repo, chain};

/// References of references that are followed, as git does.
const MOST_SYMBOLIC: usize = 5;

/// Whether nothing is meant: by an id of zeros, as what a branch was before it was pushed for the first time, or by that of the empty tree, with which
/// scripts compare where there is no commit yet.
pub(super) fn is_nothing(name: &str) -> bool {
    ObjectId::from_hex(name.as_bytes()).is_ok_and(|id| id.is_null() || id.is_empty_tree())
}

impl Repo {
    /// The commit that `name` means.
    ///
    /// # Errors
    /// It means none, or what it means is missing or damaged.
    pub(super) fn revision(&self, reader: &mut Reader, name: &str) -> Result<ObjectId, GitError> {
        let as_typed = |error| match error {
            GitError::NoCommit { what, .. } => GitError::NoCommit { name: name.to_owned(), what },
            other => other,
        };
        if is_nothing(name) {
            return Err(GitError::Revision { name: name.to_owned(), next: "it stands for no commit, and may only be where a range begins".to_owned() });
        }
        if name == "HEAD" {
            let unborn = || GitError::Revision { name: name.to_owned(), next: "there is no commit yet".to_owned() };
            return self.head(reader)?.ok_or_else(unborn);
        }
        // A whole id needs no look at references, and may be in a folder that only git's environment names.
        let found = match whole_id(reader, name) {
            Some(id) => reader.has(&id).then_some(id),
            // Hyphens and carets at the start would mean something else than a commit.
            None => match reader.repo.rev_parse_single(name) {
                Ok(id) => Some(id.detach()),
                Err(_) => self.follow(reader, name)?,
            },
        };
        match found {
            Some(id) => reader.peel(&id).map_err(as_typed),
            None => Err(self.unknown(reader, name)),
        }
    }

    /// The parents of the commit `id`, as history has them here.
    ///
    /// # Errors
    /// The commit is missing or damaged.
    pub(super) fn parents_of(&self, reader: &mut Reader, id: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let links = &self.links;
        let mut commit = reader.commit(id)?;
        links.apply(id, &mut commit);
        Ok(commit.parents)
    }

    /// The object that `BASE~2^1` means, for example; none if there never was such a commit.
    fn follow(&self, reader: &mut Reader, name: &str) -> Result<Option<ObjectId>, GitError> {
        let (base, mut steps) = name.split_at(name.find(['~', '^']).unwrap_or(name.len()));
        let Some(mut id) = self.base(reader, base)? else { return Ok(None) };
        let links = &self.links;
        while let Some(step) = steps.chars().next() {
            let rest = &steps[1..];
            let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
            steps = &rest[digits.len()..];
            let Ok(n) = (if digits.is_empty() { Ok(1_u32) } else { digits.parse() }) else { return Ok(None) };
            let (n_times, parent) = match step {
                '~' => (n, 1),
                '^' => (u32::from(n > 0), n),
                _ => return Ok(None),
            };
            id = reader.peel(&id)?;
            for _ in 0..n_times {
                let mut commit = reader.commit(&id)?;
                if links.apply(&id, &mut commit) {
                    return Err(cut_off(name));
                }
                let Some(next) = commit.parents.get(parent as usize - 1) else { return Ok(None) };
                id = *next;
            }
        }
        Ok(Some(id))
    }

    /// What a name without `~` and `^` names: a whole id, or a reference, which is read here without its object.
    fn base(&self, reader: &mut Reader, name: &str) -> Result<Option<ObjectId>, GitError> {
        if let Some(id) = whole_id(reader, name) {
            return Ok(reader.has(&id).then_some(id));
        }
        if matches!(name, "HEAD" | "@") {
            return self.head(reader);
        }
        if let Some(branch) = name.strip_suffix("@{u}").or_else(|| name.strip_suffix("@{upstream}")) {
            return self.upstream(reader, branch);
        }
        let failed = |why: String| GitError::File { place: format!("the reference `{name}`"), why };
        let Ok(partial) = <&PartialNameRef>::try_from(name) else { return Ok(None) };
        let mut reference = reader.repo.try_find_reference(partial).map_err(|error| failed(chain(&error)))?;
        for _ in 0..MOST_SYMBOLIC {
            let Some(found) = reference else { return Ok(None) };
            if let Some(id) = found.try_id() {
                return Ok(Some(id.detach()));
            }
            reference = found.follow().transpose().map_err(|error| failed(chain(&error)))?;
        }
        Ok(None)
    }

    /// Why a name means nothing: something is missing here, or else the name is wrong.
    fn unknown(&self, reader: &mut Reader, name: &str) -> GitError {
        if reader.repo.is_shallow().unwrap_or(false) {
            return cut_off(name);
        }
        if whole_id(reader, name).is_some()
            && let Some(missing) = self.missing(reader)
        {
            return missing;
        }
        let (base, steps) = name.split_at(name.find(['~', '^']).unwrap_or(name.len()));
        let is_known = matches!(self.base(reader, base), Ok(Some(_)));
        let branch = base.strip_prefix("origin/").unwrap_or(base).split(['@', ':']).next().unwrap_or_default();
        let next = if name.starts_with('^') {
            "write `FROM..TO` to leave out what FROM reaches".to_owned()
        } else if is_known && !steps.is_empty() {
            format!("the history of `{base}` has none there; `git log --graph --oneline {base}` shows it")
        } else if base.contains("@{") || branch.is_empty() {
            format!("what `git rev-parse '{name}'` prints can be named instead, if it prints something")
        } else {
            format!("if a remote has it, `git fetch origin {branch}` fetches it")
        };
        GitError::Revision { name: name.to_owned(), next }
    }

    /// What is named as the upstream of a branch, or of the one that is checked out: one of this repository. Those of remotes are known elsewhere.
    fn upstream(&self, reader: &mut Reader, branch: &str) -> Result<Option<ObjectId>, GitError> {
        let current = || Some(reader.repo.head_name().ok()??.shorten().to_string());
        let branch = if branch.is_empty() { current() } else { Some(branch.to_owned()) };
        let merged = branch.and_then(|branch| {
            let config = reader.repo.config_snapshot();
            let value = |key: &str| config.string(format!("branch.{branch}.{key}").as_str()).map(|value| value.to_string());
            value("merge").filter(|merge| value("remote").as_deref() == Some(".") && !merge.contains("@{"))
        });
        merged.map_or(Ok(None), |merged| self.base(reader, &merged))
    }

    /// References that only name each other, `HEAD` among them, and so lead nowhere: nobody knows what they led to. Each with the next step.
    pub fn endless_references(&self) -> Vec<String> {
        let repo = self.inner.to_thread_local();
        let symbolic = |reference: gix::Reference<'_>| reference.try_id().is_none().then(|| reference.name().to_owned());
        let listed =
            |references: gix::reference::iter::Platform<'_>| Some(references.all().ok()?.filter_map(Result::ok).filter_map(symbolic).collect::<Vec<_>>());
        let mut names = repo.references().ok().and_then(listed).unwrap_or_default();
        names.extend(gix::refs::FullName::try_from("HEAD"));
        let is_endless = |name: &gix::refs::FullName| {
            let mut at = name.clone();
            for _ in 0..=MOST_SYMBOLIC {
                let found = repo.try_find_reference(at.as_ref()).ok().flatten();
                let next = found.and_then(|found| found.target().try_name().map(ToOwned::to_owned));
                let Some(next) = next else { return false };
                at = next;
            }
            true
        };
        let mends = |name: &gix::refs::FullName| match name.as_bstr() == "HEAD" {
            true => format!("HEAD leads only to itself; {MENDS_HEAD}"),
            false => format!("{0} leads only to itself; `git symbolic-ref --delete {0}` removes it", crate::blob::path_bytes_text(name.as_bstr())),
        };
        names.iter().filter(|name| is_endless(name)).map(mends).collect()
    }

    /// What is missing of the history of HEAD.
    fn missing(&self, reader: &mut Reader) -> Option<GitError> {
        let head = self.head(reader).ok()??;
        walk(reader, &self.links, &[], &[head]).err()
    }
}

/// The id that `name` is, all digits of it.
fn whole_id(reader: &Reader, name: &str) -> Option<ObjectId> {
    ObjectId::from_hex(name.as_bytes()).ok().filter(|id| id.kind() == reader.repo.object_hash())
}

/// The error for a commit that may lie beyond the boundary of a shallow clone.
fn cut_off(name: &str) -> GitError {
    GitError::Shallow { name: name.to_owned() }
}
