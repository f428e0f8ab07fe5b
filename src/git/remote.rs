//! What a remote has, as far as this repository knows: the remote-tracking branches that are fetched from where the push goes.
//!
//! A branch counts only if nothing else can have put it there: it lies under `refs/remotes/`, a refspec of `remote.NAME.fetch` leads to it, none of another
//! remote does, and the address that is fetched from is the one that is pushed to. In doubt nothing counts, and more is scanned.
//!
//! `pushInsteadOf` of the user's own configuration, which is not read, need not be known: git tells its hook the address after it was replaced.

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::remote::Direction;
use gix::url::{Scheme, Url};

use super::{GitError, Reader, chain};

/// A remote that commits are pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name in the configuration.
    pub name: String,
    /// The address that git pushes to; where that is not known it is the one of the configuration.
    pub address: Option<String>,
}

/// The commits of the branches that were last seen on `remote`.
pub(super) fn tracked_branches(reader: &mut Reader, remote: &Remote) -> Result<Vec<ObjectId>, GitError> {
    let mut ids = {
        let Some(Ok(configured)) = reader.repo.try_find_remote(remote.name.as_str()) else { return Ok(Vec::new()) };
        if !is_fetched(&configured, remote.address.as_deref()) {
            return Ok(Vec::new());
        }
        let own = Destinations::of(&configured);
        let names = reader.repo.remote_names();
        let others: Vec<Destinations> = names.iter().filter(|name| ***name != remote.name.as_bytes()).map(|name| of_other(reader, name.as_bstr())).collect();
        own.branches(reader, &others)?
    };
    // A branch whose commits are gone leaves nothing out.
    ids.retain(|id| reader.has(id));
    ids.sort_unstable();
    ids.dedup();
    let commits = ids.into_iter().map(|id| reader.peel(&id));
    commits.filter(|commit| !matches!(commit, Err(GitError::NoCommit { .. }))).collect()
}

/// Whether what is fetched from the remote comes from where this push goes.
fn is_fetched(remote: &gix::Remote<'_>, address: Option<&str>) -> bool {
    let fetched: Vec<&Url> = remote.urls(Direction::Fetch).collect();
    let pushed: Vec<&Url> = remote.urls(Direction::Push).collect();
    let Some(from) = fetched.first() else { return false };
    let all_alike = pushed.iter().all(|url| is_same(url, from));
    let Some(address) = address else { return all_alike };
    let Ok(to) = gix::url::parse(BStr::new(address)) else { return false };
    // The user's own configuration, which is not read here, may put another beginning in place of that of the only address.
    is_same(&to, from) || all_alike && fetched.len() == 1 && pushed.len() == 1 && last_part(&to) == last_part(from)
}

/// Whether two addresses are of the same repository, on whatever way.
fn is_same(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| url.host().map(str::to_ascii_lowercase);
    let path = |url: &Url| -> Vec<u8> { without_end(url.path.as_bstr()).trim_start_with(|c| c == '/').to_vec() };
    let is_ssh = |url: &Url| url.scheme == Scheme::Ssh;
    match (host(a), host(b)) {
        // A path without a beginning belongs to a user.
        (Some(one), Some(other)) => one == other && path(a) == path(b) && (!is_ssh(a) || !is_ssh(b) || a.user() == b.user()),
        (None, None) => without_end(a.path.as_bstr()) == without_end(b.path.as_bstr()),
        _ => false,
    }
}

/// A path without what may be left out at its end.
fn without_end(path: &BStr) -> &[u8] {
    let path = path.trim_end_with(|c| c == '/');
    path.strip_suffix(b".git").unwrap_or(path)
}

/// The last part of an address: mostly the name of the repository.
fn last_part(url: &Url) -> &[u8] {
    without_end(url.path.as_bstr()).rsplit(|byte| matches!(byte, b'/' | b':')).next().unwrap_or_default()
}

/// References that a fetch writes: each a name, or what stands before and behind the part of it that varies.
struct Destinations(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Destinations {
    /// Those of a remote.
    fn of(remote: &gix::Remote<'_>) -> Self {
        let specs = remote.refspecs(Direction::Fetch).iter();
        Self(specs.filter_map(|spec| spec.to_ref().local().map(pattern)).collect())
    }

    fn holds(&self, name: &[u8]) -> bool {
        self.0.iter().any(|(start, end)| match end {
            Some(end) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
            None => name == start.as_slice(),
        })
    }

    /// The branches of remotes among these references, but for those that `others` may have written.
    fn branches(&self, reader: &Reader, others: &[Self]) -> Result<Vec<ObjectId>, GitError> {
        let failed = |why: String| GitError::File { place: "the remote-tracking branches".to_owned(), why };
        let platform = reader.repo.references().map_err(|error| failed(chain(&error)))?;
        let branches = platform.prefixed("refs/remotes/").map_err(|error| failed(chain(&error)))?;
        let is_its = |name: &[u8]| self.holds(name) && !others.iter().any(|other| other.holds(name));
        let ids = branches.filter_map(Result::ok).filter(|branch| is_its(branch.name().as_bstr())).filter_map(|branch| branch.try_id().map(gix::Id::detach));
        Ok(ids.collect())
    }
}

/// What fetching from another remote writes; of one whose configuration cannot be read what it mostly is.
fn of_other(reader: &Reader, name: &BStr) -> Destinations {
    match reader.repo.try_find_remote(name) {
        Some(Ok(remote)) => Destinations::of(&remote),
        _ => Destinations(vec![([b"refs/remotes/", name.as_bytes(), b"/"].concat(), Some(Vec::new()))]),
    }
}

/// A reference of a refspec, parted where it varies.
fn pattern(name: &BStr) -> (Vec<u8>, Option<Vec<u8>>) {
    match name.split_once_str("*") {
        Some((start, end)) => (start.to_vec(), Some(end.to_vec())),
        None => (name.to_vec(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        gix::url::parse(BStr::new(text)).expect("an address")
    }

    #[test]
    fn addresses_of_one_repository_are_alike() {
        for (a, b) in [
            ("https://example.org/a/b.git", "git@example.org:a/b"),
            ("https://user@Example.org/a/b", "ssh://git@example.org:22/a/b.git/"),
            ("../r.git", "../r"),
            ("/srv/r.git", "/srv/r.git/"),
        ] {
            assert!(is_same(&url(a), &url(b)), "{a} {b}");
        }
        for (a, b) in [
            ("https://example.org/a/b.git", "https://example.org/a/c.git"),
            ("https://example.org/a/b.git", "https://example.com/a/b.git"),
            ("one@example.org:b", "two@example.org:b"),
            ("/srv/r.git", "srv/r.git"),
            ("https://example.org/r", "/r"),
        ] {
            assert!(!is_same(&url(a), &url(b)), "{a} {b}");
        }
        assert_eq!([last_part(&url("git@example.org:b.git")), last_part(&url("https://example.org/a/b/"))], [b"b", b"b"]);
    }

    #[test]
    fn destinations_are_names_or_patterns() {
        let destinations = Destinations(vec![pattern(BStr::new("refs/remotes/a/*")), pattern(BStr::new("refs/remotes/one"))]);
        assert!(destinations.holds(b"refs/remotes/a/b/c") && destinations.holds(b"refs/remotes/one"));
        assert!(!destinations.holds(b"refs/remotes/ab") && !destinations.holds(b"refs/remotes/one/two"));
    }
}
