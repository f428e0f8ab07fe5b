//! Where the end of a range still has what the range brought.
//!
//! A secret is looked for where it came in, then at the other paths of its blob, then in everything that the range changed: a file that was renamed and edited
//! is among it. Wherever it is *found* counts, and where it merely stands as it was written does, too: without its name it is a secret no less.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::Engine;
use super::git::{NAME_OF, findings_of};
use super::locator::Locator;
use crate::blob::Origin;
use crate::decode::{self, Buffers};
use crate::finding::{Finding, Presence, TipPlace};
use crate::git::{Change, Changes, ObjectId, Reader, Repo};
use crate::secret::Secret;
use crate::span::{Position, Region, Span};

/// Says of each finding of the range `listed` whether the range's end still has its secret, and at which paths the range has its blob.
pub(super) fn add(engine: &Engine, repo: &Repo, listed: &Changes, findings: &mut [Finding]) {
    let Some(target) = listed.target.filter(|_| !findings.is_empty()) else { return };
    // What a path alone tells has no secret that could stand elsewhere.
    let secrets: BTreeSet<Secret> = findings.iter().filter(|finding| !finding.rule.is_of_path()).map(|finding| finding.secret.clone()).collect();
    let mut tip = Tip::new(engine, repo, target, secrets.into_iter().collect());
    let index = Index::new(listed);
    let mut presences: Vec<Presence> = findings.iter().map(|finding| tip.near(finding, &index)).collect();
    let is_lost = |(finding, presence): &(&Finding, &mut Presence)| presence.at_tip.is_none() && !finding.origin.is_message && !finding.rule.is_of_path();
    let taken: Vec<TipPlace> = presences.iter().filter_map(|presence| presence.at_tip.clone()).collect();
    let lost: Vec<(&Finding, &mut Presence)> = findings.iter().zip(&mut presences).filter(is_lost).collect();
    if !lost.is_empty() {
        tip.anywhere(listed, &taken, lost);
    }
    for (finding, presence) in findings.iter_mut().zip(presences) {
        finding.presence = finding.origin.commit.is_some().then_some(presence);
    }
}

/// The place of a finding in a blob that is at the tip.
pub(super) fn place_of(finding: &Finding) -> TipPlace {
    TipPlace { path: Arc::clone(&finding.origin.path), region: finding.region, line_hash: finding.line_hash.clone() }
}

/// A path as reports write it, and as git stores it.
type Paths<'a> = BTreeMap<&'a Arc<str>, &'a [u8]>;

/// The changes of a range by their paths, and by their blobs.
struct Index<'a> {
    by_path: BTreeMap<&'a str, Vec<&'a Change>>,
    by_blob: BTreeMap<ObjectId, Paths<'a>>,
}

impl<'a> Index<'a> {
    fn new(listed: &'a Changes) -> Self {
        let mut index = Self { by_path: BTreeMap::new(), by_blob: BTreeMap::new() };
        for change in &listed.changes {
            index.by_path.entry(&change.origin.path).or_default().push(change);
            index.by_blob.entry(change.id).or_default().insert(&change.origin.path, &change.path);
        }
        index
    }

    /// The paths of the blobs that `origin` means.
    fn paths(&self, origin: &Origin) -> Paths<'a> {
        let changes = self.by_path.get(&*origin.path).into_iter().flatten();
        let blobs = changes.filter(|change| change.origin.commit == origin.commit).filter_map(|change| self.by_blob.get(&change.id));
        blobs.flatten().map(|(path, raw)| (*path, *raw)).collect()
    }
}

/// The tree at the end of a range, and what is known of its files.
struct Tip<'a> {
    engine: &'a Engine,
    reader: Reader,
    tree: ObjectId,
    secrets: Vec<Secret>,
    /// Finds `secrets` as they are written, by their number.
    verbatim: Option<AhoCorasick>,
    buffers: Buffers,
    /// The secrets at each path that was looked at.
    places: BTreeMap<Vec<u8>, Vec<(Secret, TipPlace)>>,
}

impl<'a> Tip<'a> {
    fn new(engine: &'a Engine, repo: &Repo, tree: ObjectId, secrets: Vec<Secret>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "looks for the secrets, shows nothing of them")]
        let verbatim = AhoCorasick::new(secrets.iter().map(Secret::expose)).ok();
        Self { engine, reader: repo.reader(), tree, secrets, verbatim, buffers: Buffers::default(), places: BTreeMap::new() }
    }

    /// Where the secret of `finding` is at the path where it came in, or else at another one of its blob.
    fn near(&mut self, finding: &Finding, index: &Index<'_>) -> Presence {
        if let Some(name) = finding.origin.path.strip_prefix(NAME_OF).filter(|_| finding.origin.is_message) {
            return self.of_name(name, index);
        }
        let paths = index.paths(&finding.origin);
        let own = paths.get_key_value(&finding.origin.path);
        let others = paths.iter().filter(|(path, _)| **path != &finding.origin.path && !finding.rule.is_of_path());
        let at_tip = own.into_iter().chain(others).find_map(|(path, raw)| nearest(self.places_at(path, raw), finding));
        Presence { at_tip, paths: paths.into_keys().cloned().collect() }
    }

    /// Looks for the secrets of `lost` in everything that the range changed. The places `taken` are those of other findings.
    fn anywhere(&mut self, listed: &Changes, taken: &[TipPlace], lost: Vec<(&Finding, &mut Presence)>) {
        let paths: Paths<'_> = listed.changes.iter().map(|change| (&change.origin.path, change.path.as_slice())).collect();
        for (path, raw) in paths {
            self.places_at(path, raw);
        }
        for (finding, presence) in lost {
            let mut its = self.places.values().flatten().filter(|(secret, _)| *secret == finding.secret).map(|(_, place)| place);
            presence.at_tip = its.find(|place| !taken.contains(place)).cloned();
        }
    }

    /// Where the file with a secret in its name is: as a whole, for none of its lines is meant.
    fn of_name(&mut self, name: &str, index: &Index<'_>) -> Presence {
        let raw = index.by_path.get(name).and_then(|changes| changes.first()).map(|change| change.path.as_slice());
        let is_there = raw.is_some_and(|raw| self.reader.entry(&self.tree, raw).is_ok_and(|id| id.is_some()));
        let first = Position { line: 1, column: 1 };
        let region = Region { start: first, end: first, offset: 0, utf16: (1, 1) };
        let path: Arc<str> = Arc::from(name);
        let at_tip = is_there.then(|| TipPlace { path: Arc::clone(&path), region, line_hash: None });
        Presence { at_tip, paths: vec![path] }
    }

    /// All places of the secrets in the file at a path, in order.
    fn places_at(&mut self, path: &Arc<str>, raw: &[u8]) -> &[(Secret, TipPlace)] {
        if !self.places.contains_key(raw) {
            let places = self.read_places(path, raw);
            self.places.insert(raw.to_vec(), places);
        }
        &self.places[raw]
    }

    fn read_places(&mut self, path: &Arc<str>, raw: &[u8]) -> Vec<(Secret, TipPlace)> {
        let mut bytes = Vec::new();
        let id = self.reader.entry(&self.tree, raw).ok().flatten();
        if id.is_none_or(|id| self.reader.blob(&id, &mut bytes).is_err()) {
            return Vec::new();
        }
        let found = findings_of(self.engine, &mut self.buffers, &Origin::new(path), &bytes);
        let mut places: Vec<_> = found.iter().map(|finding| (finding.secret.clone(), place_of(finding))).collect();
        let known: BTreeSet<Region> = places.iter().map(|(_, place)| place.region).collect();
        let Some(verbatim) = &self.verbatim else { return places };
        let read = decode::windows(&mut bytes.as_slice(), &mut self.buffers, &mut |window| {
            let mut locator = Locator::new(&window);
            for hit in verbatim.find_iter(&window.bytes[window.owned.start..]).take_while(|hit| window.owned.start + hit.start() < window.owned.end) {
                let region = locator.region(Span::new(window.owned.start + hit.start(), window.owned.start + hit.end()));
                if !known.contains(&region) {
                    places.push((self.secrets[hit.pattern()].clone(), TipPlace { path: Arc::clone(path), region, line_hash: None }));
                }
            }
        });
        read.expect("reading from memory cannot fail");
        places.sort_by_key(|(_, place)| place.region);
        places
    }
}

/// The place of the finding's secret that is nearest to the line where it came in; of two that are as near the first.
fn nearest(places: &[(Secret, TipPlace)], finding: &Finding) -> Option<TipPlace> {
    let its = places.iter().filter(|(secret, _)| *secret == finding.secret);
    let distance =
        |place: &TipPlace| (place.region.start.line.abs_diff(finding.region.start.line), place.region.start.column.abs_diff(finding.region.start.column));
    its.map(|(_, place)| place).min_by_key(|place| distance(place)).cloned()
}
