//! What a scan looked at, and how the user calls it: by this a later report knows what it can call fixed, and text names files so that they can be opened.

use serde::{Deserialize, Serialize};

use super::{Found, Head};
use crate::finding::ReachKind;

/// What a scan looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct Reach {
    pub kind: ReachKind,
    pub paths: Vec<NamedPath>,
}

/// A file or folder that was to be scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of docs/report.schema.json, which describes each")]
pub struct NamedPath {
    pub path: String,
    pub typed: String,
}

impl NamedPath {
    /// What remains of `path` inside of this one; empty if it is this one.
    fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.path == "." {
            let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
            return (!is_absolute).then_some(if path == "." { "" } else { path });
        }
        let rest = path.strip_prefix(self.path.trim_end_matches('/'))?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
    }
}

impl Head {
    /// A path of the report as it can be opened from where the command was run: below what was typed there.
    pub fn shown(&self, path: &str) -> String {
        let named = self.reach.iter().flat_map(|reach| &reach.paths).filter_map(|named| Some((named, named.inside(path)?)));
        let Some((named, rest)) = named.min_by_key(|(_, rest)| rest.len()) else { return path.to_owned() };
        let folder = named.typed.trim_end_matches('/');
        match (folder, rest) {
            (_, "") => named.typed.clone(),
            (".", rest) => rest.to_owned(),
            (folder, rest) => format!("{folder}/{rest}"),
        }
    }

    /// Whether a scan that made this report would have met again what `before` found.
    pub fn looked_at(&self, finding: &Found, before: &Head) -> bool {
        let kind_before = before.reach.as_ref().map(|reach| reach.kind);
        // Reports of earlier versions say only what was typed.
        let Some(reach) = &self.reach else { return self.targets == before.targets };
        match reach.kind {
            ReachKind::Files => {
                finding.commit.is_none() && kind_before != Some(ReachKind::Stream) && reach.paths.iter().any(|named| named.inside(&finding.path).is_some())
            }
            ReachKind::History => finding.commit.is_some() || kind_before == Some(ReachKind::History),
            ReachKind::Index | ReachKind::Commit | ReachKind::Stream => kind_before == Some(reach.kind),
            ReachKind::Changes => false,
        }
    }
}

/// What two scans looked at together.
pub fn joined(one: Option<Reach>, other: Option<Reach>) -> Option<Reach> {
    let (mut one, other) = (one?, other?);
    if one.kind != other.kind {
        one.kind = ReachKind::Changes;
    }
    one.paths.extend(other.paths);
    one.paths.sort();
    one.paths.dedup_by(|later, first| later.path == first.path);
    Some(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::Document;
    use crate::report::fixture::report;

    fn shown(paths: &[(&str, &str)], path: &str) -> String {
        let mut document = Document::new(&report(Vec::new()), false, false);
        let paths = paths.iter().map(|&(path, typed)| NamedPath { path: path.to_owned(), typed: typed.to_owned() }).collect();
        document.head.reach = Some(Reach { kind: ReachKind::Files, paths });
        document.head.shown(path)
    }

    #[test]
    fn a_path_is_shown_below_what_was_typed() {
        for (paths, path, expected) in [
            (&[(".", ".")][..], "a/b", "a/b"),
            (&[(".", "../try")], ".env", "../try/.env"),
            (&[(".", "/tmp/try/")], "a/.env", "/tmp/try/a/.env"),
            (&[("src", ".")], "src/a.py", "a.py"),
            (&[("src", "./src"), ("src/a", "link")], "src/a/b.py", "link/b.py"),
            (&[("src", "./src"), ("src/a", "link")], "src/b.py", "./src/b.py"),
            (&[("a.env", "../a.env")], "a.env", "../a.env"),
            (&[("a", "../a")], "ab", "ab"),
            (&[("/", "/")], "/etc/x", "/etc/x"),
            (&[(".", "../x")], "/etc/x", "/etc/x"),
            (&[], "stdin", "stdin"),
        ] {
            assert_eq!(shown(paths, path), expected, "{paths:?}");
        }
    }
}
