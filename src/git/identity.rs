//! What a repository is called elsewhere: the address that it is fetched from, the commit and the branch.
//!
//! The address goes into reports, which are uploaded: it holds no user, no password and no query, and an address that is a path of this machine is left
//! out.

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use super::Repo;
use crate::finding::Repository;

/// Longer addresses are no addresses.
const LONGEST_URI: usize = 2000;

impl Repo {
    /// The repository as others know it. The revision is `scanned`, if that is given, else HEAD, as far as that leads to a commit.
    pub fn identity(&self, scanned: Option<ObjectId>) -> Repository {
        let reader = self.reader();
        let head = reader.repo.head().ok();
        let head_id = head.as_ref().and_then(|head| head.id()).map(gix::Id::detach);
        let revision = scanned.or(head_id);
        // Of another commit than HEAD it is not known which branch leads to it.
        let is_head = revision == head_id;
        let name = head.as_ref().filter(|_| is_head).and_then(|head| head.referent_name());
        let branch = name.and_then(|name| name.as_bstr().strip_prefix(b"refs/heads/")).map(|name| name.to_str_lossy().into_owned());
        Repository { uri: self.remote_address().and_then(|address| public_uri(&address)), revision: revision.map(|id| id.to_string()), branch }
    }

    /// The address of the remote `origin`, else of the first one by name.
    fn remote_address(&self) -> Option<String> {
        let repo = self.inner.to_thread_local();
        let config = repo.config_snapshot();
        let names = repo.remote_names();
        let name = names.iter().find(|name| name.as_bstr() == "origin").or_else(|| names.iter().next())?;
        let address = config.string(format!("remote.{name}.url").as_str())?;
        address.to_str().ok().map(str::to_owned)
    }
}

/// An address as a URI that may be shown: `https`, `http`, `ssh` and `git` ones without user and query, `git@host:path` as `ssh://host/path`.
fn public_uri(address: &str) -> Option<String> {
    let is_path_char = |c: char| c.is_ascii_alphanumeric() || "-._~/%+@".contains(c);
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest.to_owned()),
        None => {
            let (host, path) = address.split_once(':')?;
            // `C:\repo` is a path, and so is what has a slash before its first colon.
            if host.len() < 2 || host.contains(['/', '\\']) {
                return None;
            }
            ("ssh".to_owned(), format!("{host}/{}", path.trim_start_matches('/')))
        }
    };
    if !matches!(scheme.as_str(), "https" | "http" | "ssh" | "git") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
    let uri = format!("{scheme}://{host}/{path}");
    (is_host && path.chars().all(is_path_char) && uri.len() <= LONGEST_URI).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_credentials() {
        for (address, uri) in [
            ("https://github.com/acme/app.git", Some("https://github.com/acme/app.git")),
            ("https://user:token@github.com/acme/app.git?x=1#y", Some("https://github.com/acme/app.git")),
            ("https://a@b@github.com/acme/app", Some("https://github.com/acme/app")),
            ("HTTPS://github.com:8443/a", Some("https://github.com:8443/a")),
            ("git@github.com:acme/app.git", Some("ssh://github.com/acme/app.git")),
            ("ssh://git@host:2222/~me/app", Some("ssh://host:2222/~me/app")),
            ("host:app", Some("ssh://host/app")),
            ("/srv/git/app.git", None),
            ("../app", None),
            ("./a:b", None),
            ("C:\\repos\\app", None),
            ("file:///srv/git/app.git", None),
            ("ext::sh -c evil", None),
            ("https://ho st/app", None),
            ("https://host/a b\u{1b}[2J", None),
            ("https://", None),
            ("", None),
        ] {
            assert_eq!(public_uri(address).as_deref(), uri, "{address}");
        }
    }
}
