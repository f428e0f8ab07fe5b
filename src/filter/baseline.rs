//! The baseline: findings that were accepted when it was written, so that only new ones are reported.
//!
//! An entry names a finding by rule, path, and a [`Mark`] of the secret, never by a line number: moved and re-indented lines keep their
//! entry, while the same secret in another file or another secret on the same line is a new finding. Baselines of other scanners are
//! matched by what they hold, see [`Format`]. Looking an entry up is a hash lookup by path, and only for paths that have entries one by
//! mark. Where entries come from is not known here.

mod mark;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::civil::Date;

pub use mark::{Mark, Salt};

use super::{one_line, readable_reason};
use crate::finding::{BaselineUse, Finding, StaleEntry, Suppression};

/// What stands in the midst of each key of OpenAI, and how many characters after it detect-secrets takes for the rest of the key.
const OPENAI_MIDDLE: &[u8] = b"T3BlbkFJ";
const N_OPENAI_END: usize = 20;

/// Lines of one secret at which a position is looked for; a key of more lines would be a file.
const MOST_LINES: u64 = 1000;

/// Who wrote a baseline, which decides how its entries name a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// keysift: path, rule, and a mark made with the file's salt.
    Keysift(Salt),
    /// The JSON report of gitleaks: path and the secret itself. Its rules are others and do not count.
    GitleaksReport,
    /// `.gitleaksignore`: path and line, and the commit if it names one. Its rules do not count.
    GitleaksIgnore,
    /// `.secrets.baseline` of detect-secrets: path and the secret's SHA-1.
    DetectSecrets,
}

impl Format {
    /// Whose file it is, in words.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Keysift(_) => "a keysift baseline",
            Self::GitleaksReport => "a gitleaks report",
            Self::GitleaksIgnore => "a .gitleaksignore",
            Self::DetectSecrets => "a detect-secrets baseline",
        }
    }

    /// The marks by which an entry of this format can name `finding`.
    fn marks(&self, finding: &Finding) -> Vec<Mark> {
        // A file that its path tells has no lines there.
        let lines = (finding.region.start.line, finding.region.end.line);
        let (first, last) = if finding.rule.is_of_path() { (0, 0) } else { lines };
        match self {
            Self::Keysift(salt) => Mark::all_of(finding, salt),
            Self::GitleaksReport => vec![Mark::Secret(finding.secret.clone())],
            Self::GitleaksIgnore => (first..=last.min(first + MOST_LINES)).map(Mark::LineNumber).collect(),
            Self::DetectSecrets => {
                // Of a key of OpenAI its rule takes no more than that, and newer keys are longer.
                let cut = finding.secret.sha1_up_to(OPENAI_MIDDLE, N_OPENAI_END);
                [finding.secret.sha1()].into_iter().chain(cut).map(Mark::Sha1).collect()
            }
        }
    }
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which entry of its file: the line, or in a JSON document the number, from 1.
    pub number: u64,
    /// The rule that found it; none if any rule may.
    pub rule: Option<String>,
    /// Where, relative to the report's root, with `/` between parts.
    pub path: String,
    /// Which secret.
    pub mark: Mark,
    /// Only in this commit, if one is named.
    pub commit: Option<String>,
    /// Why it is accepted.
    pub reason: Option<String>,
    /// Who accepted it.
    pub owner: Option<String>,
    /// The last day on which it is accepted.
    pub until: Option<Date>,
}

impl Entry {
    /// The entry that accepts `finding` in a baseline with `salt`.
    pub fn accepting(finding: &Finding, salt: &Salt) -> Self {
        Self {
            number: 0,
            rule: Some(finding.rule.id.to_owned()),
            path: finding.origin.path.to_string(),
            mark: Mark::of(finding, salt),
            commit: None,
            reason: None,
            owner: None,
            until: None,
        }
    }

    /// What the entry accepts. Entries that agree in it differ in what people say about it only.
    pub fn key(&self) -> (&str, Option<&str>, &Mark, Option<&str>) {
        (&self.path, self.rule.as_deref(), &self.mark, self.commit.as_deref())
    }

    /// Whether the entry no longer counts.
    pub fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

/// What became of an entry in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A finding matched it.
    Used,
    /// Its day has passed, whether or not a finding matched it.
    Expired,
    /// No finding matched it.
    Unused,
    /// No finding matched it, but another rule now finds its secret at its path.
    OtherRule,
}

/// An entry and what the running scan saw of it, on any thread.
#[derive(Debug)]
struct Slot {
    entry: Entry,
    is_matched: AtomicBool,
    is_found_by_other_rule: AtomicBool,
}

/// A baseline, ready for matching.
#[derive(Debug)]
pub struct Baseline {
    name: String,
    format: Format,
    slots: Vec<Slot>,
    by_path: HashMap<String, HashMap<Mark, Vec<usize>>>,
}

impl Baseline {
    /// The baseline of `entries`; `name` is its file in reports.
    pub fn new(name: &str, format: Format, entries: Vec<Entry>) -> Self {
        let mut by_path: HashMap<String, HashMap<Mark, Vec<usize>>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            by_path.entry(entry.path.clone()).or_default().entry(entry.mark.clone()).or_default().push(index);
        }
        let slot = |entry| Slot { entry, is_matched: AtomicBool::new(false), is_found_by_other_rule: AtomicBool::new(false) };
        Self { name: one_line(name), format, slots: entries.into_iter().map(slot).collect(), by_path }
    }

    /// Who wrote it.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// How a suppression by this baseline is named.
    pub fn by(&self) -> String {
        format!("baseline {}", self.name)
    }

    /// All entries in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().map(|slot| &slot.entry)
    }

    /// The entries with what became of each in the scan so far.
    pub fn states(&self, today: Date) -> impl Iterator<Item = (&Entry, State)> {
        self.slots.iter().map(move |slot| (&slot.entry, slot.state(today)))
    }

    /// Whether a finding matched the entry, which may have expired, or one that accepts the same.
    pub fn is_matched(&self, entry: &Entry) -> bool {
        let of_mark = self.by_path.get(&entry.path).and_then(|of_path| of_path.get(&entry.mark));
        let slots = of_mark.into_iter().flatten().map(|&index| &self.slots[index]);
        slots.filter(|slot| slot.entry.key() == entry.key()).any(|slot| slot.is_matched.load(Ordering::Relaxed))
    }

    /// Whether the baseline accepts `finding`. All entries that match count as used; the first that has not expired gives the reason.
    ///
    /// A finding that a comment suppresses already should be asked about too: else its entry is reported as unused.
    pub fn suppression(&self, finding: &Finding, today: Date) -> Option<Suppression> {
        let of_path = self.by_path.get(&*finding.origin.path)?;
        let mut suppression = None;
        for mark in self.format.marks(finding) {
            for &index in of_path.get(&mark).into_iter().flatten() {
                let slot = &self.slots[index];
                if slot.matches(finding) && !slot.entry.is_expired(today) {
                    let reason = slot.entry.reason.as_deref().and_then(readable_reason);
                    suppression.get_or_insert_with(|| Suppression { by: self.by(), reason });
                }
            }
        }
        suppression
    }

    /// What the baseline did: its entries that expired, and those that matched nothing at a path for which `is_scanned`.
    pub fn usage(&self, today: Date, is_scanned: impl Fn(&str) -> bool) -> BaselineUse {
        let stale = |slot: &Slot| {
            let entry = &slot.entry;
            let why = match slot.state(today) {
                State::Expired => format!("expired on {}", entry.until.map_or_else(String::new, |until| until.to_string())),
                // A scan of a tree sees no commits: it cannot say that the entry is of no use.
                _ if entry.commit.is_some() || !is_scanned(&entry.path) => return None,
                State::Unused => "matched no finding".to_owned(),
                State::OtherRule => "matched no finding, but another rule finds its secret there now".to_owned(),
                State::Used => return None,
            };
            let owner = entry.owner.as_deref().and_then(readable_reason).map_or(String::new(), |owner| format!(" (owner: {owner})"));
            Some(StaleEntry { entry: self.place(entry), rule: entry.rule.clone(), path: entry.path.clone(), why: why + &owner })
        };
        BaselineUse { path: self.name.clone(), n_entries: self.slots.len(), stale: self.slots.iter().filter_map(stale).collect() }
    }

    /// Where the entry stands, as shown to the user.
    fn place(&self, entry: &Entry) -> String {
        match self.format {
            Format::Keysift(_) | Format::GitleaksIgnore => format!("{}:{}", self.name, entry.number),
            Format::GitleaksReport | Format::DetectSecrets => format!("{}: entry {}", self.name, entry.number),
        }
    }
}

impl Slot {
    fn state(&self, today: Date) -> State {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        match () {
            () if self.entry.is_expired(today) => State::Expired,
            () if is(&self.is_matched) => State::Used,
            () if is(&self.is_found_by_other_rule) => State::OtherRule,
            () => State::Unused,
        }
    }

    /// Whether rule and commit of `finding`, whose path and mark are the entry's, are the entry's too; the answer is kept.
    fn matches(&self, finding: &Finding) -> bool {
        let commit = finding.origin.commit.as_deref().map(|commit| commit.id.as_str());
        let is_commit = self.entry.commit.as_deref().is_none_or(|id| commit.is_some_and(|commit| commit == id));
        let is_rule = self.entry.rule.as_deref().is_none_or(|id| id == finding.rule.id);
        if is_commit {
            if is_rule { &self.is_matched } else { &self.is_found_by_other_rule }.store(true, Ordering::Relaxed);
        }
        is_commit && is_rule
    }
}

#[cfg(test)]
mod tests;
