//! `keysift baseline`.
//!
//! Each command that writes scans first, and writes the whole file or nothing. What it scans is what `keysift scan` would scan, or one of the commands
//! for repositories; all confidences count, so that a baseline fits every scan. An incomplete scan never removes an entry.

mod source;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;

use super::args::{BaselineCommand, BaselineScanArgs, NoteArgs};
use super::scan::Scope;
use super::setup::{self, Chosen};
use super::{Failure, output};
use crate::blob::path_text;
use crate::config::{self, Config};
use crate::filter::{Baseline, Entry, Format, Mark, Salt, State, readable_reason};
use crate::finding::{Confidence, Exit, Finding, Report};
use crate::report::mask::{Mask, printable};
use crate::rule::RuleSet;
use crate::scan::{self, Engine, Job, Progress, ScanError};
use crate::secret::N_KEYED;
use crate::source::TreeOptions;
use source::OfGit;

/// Runs the command and gives the exit code.
pub fn run(command: &BaselineCommand) -> Result<u8, Failure> {
    match command {
        BaselineCommand::Create { scan, note, from, force } => create(scan, note, from.as_deref(), *force),
        BaselineCommand::Update { scan, note } => update(scan, note),
        BaselineCommand::Prune { scan } => prune(scan),
        BaselineCommand::Show { scan, check } => show(scan, *check),
    }
}

fn create(args: &BaselineScanArgs, note: &NoteArgs, from: Option<&Path>, force: bool) -> Result<u8, Failure> {
    let place = Place::new(args)?;
    let file = place.file.clone();
    if !force && file.symlink_metadata().is_ok() {
        let help = "`keysift baseline update` adds to it; --force replaces it, with its reasons and owners";
        return Err(Failure::usage(format!("{} exists", file.display())).with_help(Some(help.to_owned())));
    }
    let note = Note::new(note)?;
    let accepted_before = from.map(|from| place.load(from)).transpose()?;
    let by = accepted_before.as_ref().map(Baseline::by);
    let run = place.scan(accepted_before)?;
    let is_wanted = |finding: &&Finding| finding.suppression.as_ref().map(|suppression| &suppression.by) == by.as_ref();
    let findings = run.report.findings.iter().chain(&run.report.suppressed).filter(is_wanted);
    let salt = new_salt()?;
    let entries = note.entries(&run.report, findings, &salt);
    if entries.is_empty() && !run.report.incomplete.is_empty() {
        // A file that accepts nothing would look as if all was scanned, and stand in the way of the next one.
        return Err(Failure::incomplete(format!(
            "{} was not written: nothing was found, and not everything was scanned: {}",
            file.display(),
            run.report.incomplete.join("; ")
        )));
    }
    output::to_file(&file, config::baseline::render(&salt, &entries).as_bytes())?;
    output::note(&format!("{}: {}", file.display(), accepted(&entries)));
    if from.is_some() && !run.report.findings.is_empty() {
        output::note(&format!(
            "note: {} more, which the other baseline does not accept, stay reported",
            n_of(run.report.findings.len(), "finding", "findings")
        ));
    }
    if run.configured.as_ref() != Some(&file) {
        output::note(&format!("note: `keysift scan --baseline {}` uses it, and so does every scan with `baseline = \"…\"` in .keysift.toml", file.display()));
    }
    run.exit()
}

fn update(args: &BaselineScanArgs, note: &NoteArgs) -> Result<u8, Failure> {
    let place = Place::new(args)?;
    let file = place.file.clone();
    let (baseline, salt) = place.own()?;
    let note = Note::new(note)?;
    let run = place.scan(Some(baseline))?;
    let old: Vec<Entry> = run.baseline().entries().cloned().collect();
    let known: HashSet<_> = old.iter().map(Entry::key).collect();
    // What is reported although there is an entry for it has expired. To accept it once more is a decision about that entry.
    let (again, new): (Vec<Entry>, Vec<Entry>) =
        note.entries(&run.report, run.report.findings.iter(), &salt).into_iter().partition(|entry| known.contains(&entry.key()));
    let all: Vec<Entry> = old.iter().chain(&new).cloned().collect();
    output::to_file(&file, config::baseline::render(&salt, &all).as_bytes())?;
    output::note(&format!("{}: {} in addition to {}", file.display(), accepted(&new), n_of(old.len(), "entry", "entries")));
    if !again.is_empty() {
        output::note(&format!(
            "note: {} expired and stay so: change `until` in the file, or remove the lines and update again",
            n_of(again.len(), "entry", "entries")
        ));
    }
    run.exit()
}

fn prune(args: &BaselineScanArgs) -> Result<u8, Failure> {
    if args.staged || args.range.is_some() {
        let help = "`keysift baseline prune --history` looks at all versions of all files, without it at the files as they are";
        return Err(Failure::usage("changes do not tell which entries are of no use any more").with_help(Some(help.to_owned())));
    }
    let place = Place::new(args)?;
    let file = place.file.clone();
    let (baseline, salt) = place.own()?;
    let run = place.scan(Some(baseline))?;
    if !run.report.incomplete.is_empty() {
        return Err(Failure::incomplete(format!("nothing was removed, for not everything was scanned: {}", run.report.incomplete.join("; "))));
    }
    run.look_again()?;
    let (gone, kept): (Vec<Entry>, Vec<Entry>) = run.baseline().entries().cloned().partition(|entry| run.is_unmatched(entry));
    output::to_file(&file, config::baseline::render(&salt, &kept).as_bytes())?;
    output::note(&format!("{}: removed {}, kept {}", file.display(), n_of(gone.len(), "entry", "entries"), kept.len()));
    Ok(Exit::Clean.code())
}

fn show(args: &BaselineScanArgs, check: bool) -> Result<u8, Failure> {
    let place = Place::new(args)?;
    let baseline = place.load(&place.file)?;
    if !check {
        let today = setup::today();
        let state = |entry: &Entry| if entry.is_expired(today) { "expired" } else { "" };
        let text: String = baseline.entries().map(|entry| described(entry, state(entry))).collect();
        return output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code());
    }
    let run = place.scan(Some(baseline))?;
    let mask = Mask::new(&run.report, false);
    let text: String = run.baseline().states(run.engine.policy().today).map(|(entry, state)| described(entry, run.state_text(entry, state))).collect();
    output::to_stdout(mask.hide(&text).as_bytes())?;
    run.exit()
}

/// An entry on one line.
fn described(entry: &Entry, state: &str) -> String {
    let kind = match entry.mark {
        Mark::Content(_) | Mark::Secret(_) | Mark::Sha1(_) => "by its secret".to_owned(),
        Mark::Line(..) => "by its line".to_owned(),
        Mark::LineNumber(line) => format!("on line {line}"),
    };
    let mut text = format!("{}: {}, {kind}", printable(&entry.path), printable(entry.rule.as_deref().unwrap_or("any rule")));
    for (label, said) in [("owner", &entry.owner), ("commit", &entry.commit), ("reason", &entry.reason)] {
        if let Some(said) = said.as_deref().and_then(readable_reason) {
            write!(text, "; {label}: {}", printable(&said)).expect("writing to a String cannot fail");
        }
    }
    if let Some(until) = entry.until {
        write!(text, "; until {until}").expect("writing to a String cannot fail");
    }
    if state.is_empty() { text + "\n" } else { format!("{state}: {text}\n") }
}

fn accepted(entries: &[Entry]) -> String {
    let n_by_line = entries.iter().filter(|entry| matches!(entry.mark, Mark::Line(..))).count();
    let by_line = if n_by_line > 0 { format!(", {n_by_line} of them by their line, because the secret could be guessed") } else { String::new() };
    format!("accepts {}{by_line}", n_of(entries.len(), "finding", "findings"))
}

fn n_of(n: usize, one: &str, several: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { several })
}

fn new_salt() -> Result<Salt, Failure> {
    let mut bytes = [0; N_KEYED];
    getrandom::fill(&mut bytes).map_err(|error| Failure::usage(format!("the system gives no random bytes for the baseline's salt: {error}")))?;
    Ok(Salt::new(bytes))
}

/// What the user says about new entries, checked.
struct Note {
    reason: Option<String>,
    owner: Option<String>,
    until: Option<Date>,
}

impl Note {
    fn new(args: &NoteArgs) -> Result<Self, Failure> {
        if let Some(until) = args.until.filter(|until| *until < setup::today()) {
            return Err(Failure::usage(format!("--until {until} has passed")).with_help(Some("give today or a later day".to_owned())));
        }
        let said = |text: &Option<String>| text.as_deref().and_then(readable_reason);
        Ok(Self { reason: said(&args.reason), owner: said(&args.owner), until: args.until })
    }

    /// One entry for all findings with the same rule, path and secret. A finding whose path holds a secret stays reported: an entry would
    /// write that secret down.
    fn entries<'a>(&self, report: &Report, findings: impl Iterator<Item = &'a Finding>, salt: &Salt) -> Vec<Entry> {
        let mask = Mask::new(report, false);
        let (named, unnamed): (Vec<&Finding>, Vec<&Finding>) = findings.partition(|finding| mask.hide(&finding.origin.path) == *finding.origin.path);
        if !unnamed.is_empty() {
            output::note(&format!(
                "note: {} not accepted, for the path itself holds a secret: rename the file",
                n_of(unnamed.len(), "finding is", "findings are")
            ));
        }
        let annotated = |finding| Entry { reason: self.reason.clone(), owner: self.owner.clone(), until: self.until, ..Entry::accepting(finding, salt) };
        let mut entries: Vec<Entry> = named.into_iter().map(annotated).collect();
        entries.sort_by(|a, b| a.key().cmp(&b.key()));
        entries.dedup_by(|a, b| a.key() == b.key());
        entries
    }
}

/// What a command is about: the configuration, the baseline's file, and what to scan.
struct Place<'a> {
    args: &'a BaselineScanArgs,
    paths: Vec<PathBuf>,
    /// What git has is scanned, and not files.
    of_git: Option<OfGit>,
    root: PathBuf,
    rules: RuleSet,
    config: Config,
    file: PathBuf,
}

impl<'a> Place<'a> {
    fn new(args: &'a BaselineScanArgs) -> Result<Self, Failure> {
        let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
        if paths.iter().any(|path| path.as_os_str() == "-") {
            return Err(Failure::usage("a baseline is about files: standard input has none").with_help(Some("name files or folders".to_owned())));
        }
        let of_git = OfGit::chosen(args, &paths)?;
        let root = match &of_git {
            Some(of_git) => of_git.top(),
            None => crate::source::root_of(&paths).map_err(|error| Failure::usage(format!("cannot find out where {} lies: {error}", paths[0].display())))?,
        };
        let chosen = Chosen { config: args.config.as_deref(), rules: &args.rules, ..Chosen::default() };
        let (rules, config) = setup::configuration(chosen, &paths, &root)?;
        let named = args.baseline.clone().or_else(|| config.baseline.clone());
        let file = named.unwrap_or_else(|| in_short(&root.join(config::baseline::FILE_NAME)));
        Ok(Self { args, paths, of_git, root, rules, config, file })
    }

    fn load(&self, file: &Path) -> Result<Baseline, Failure> {
        setup::load_baseline(file, &self.root)
    }

    /// The baseline of this command, which must be one of ours, and its salt.
    fn own(&self) -> Result<(Baseline, Salt), Failure> {
        let baseline = self.load(&self.file)?;
        match baseline.format().clone() {
            Format::Keysift(salt) => Ok((baseline, salt)),
            other => {
                let help = format!("`keysift baseline create --from {} --baseline NEW` turns it into one of ours", self.file.display());
                Err(Failure::usage(format!("{} is {}: keysift reads it, and does not write it", self.file.display(), other.text())).with_help(Some(help)))
            }
        }
    }

    /// Scans with `baseline`.
    fn scan(self, baseline: Option<Baseline>) -> Result<Run, Failure> {
        let Self { args, paths, of_git, root, rules, config, .. } = self;
        let scope = of_git.as_ref().map_or_else(|| Scope::of(&root, &paths), OfGit::scope);
        let configured = config.baseline.clone();
        let (engine, _) = setup::engine_of(rules, config, Confidence::Low, baseline);
        let options = TreeOptions { paths, root, honor_ignore_files: !args.no_ignore, follows_links: false, n_threads: setup::n_threads(args.threads) };
        let report = match of_git {
            Some(of_git) => of_git.scan(&engine, options.n_threads)?,
            None => tree(&engine, &options).map_err(Failure::usage)?,
        };
        Ok(Run { engine, options, report, scope, configured })
    }
}

/// The path relative to the current folder where that is shorter.
fn in_short(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).filter(|short| !short.as_os_str().is_empty()).unwrap_or_else(|| path.to_owned())
}

fn tree(engine: &Engine, options: &TreeOptions) -> Result<Report, ScanError> {
    let targets = options.paths.iter().map(|path| path_text(path)).collect();
    let progress = Progress::default();
    let job = Job { targets, root: options.root.clone(), n_threads: options.n_threads, lists_skips: false, progress: &progress };
    scan::tree(engine, &job, options)
}

/// A scan that was made, with a baseline or without.
struct Run {
    engine: Engine,
    options: TreeOptions,
    report: Report,
    scope: Scope,
    configured: Option<PathBuf>,
}

impl Run {
    fn baseline(&self) -> &Baseline {
        self.engine.policy().baseline.as_ref().expect("the commands that ask scan with one")
    }

    /// Scans the files of unmatched entries by name. They may have been left out by ignore files, and another scan may name them.
    fn look_again(&self) -> Result<(), Failure> {
        let unmatched = self.baseline().entries().filter(|entry| self.is_unmatched(entry)).map(|entry| Path::new(&entry.path));
        // Anybody can write a path into a baseline: nothing outside of the root is opened for it.
        let inside = unmatched.filter(|path| path.components().all(|part| matches!(part, Component::Normal(_))));
        let mut paths: Vec<PathBuf> = inside.map(|path| self.options.root.join(path)).filter(|path| path.is_file()).collect();
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            return Ok(());
        }
        let again = TreeOptions { paths, ..self.options.clone() };
        let report = tree(&self.engine, &again).map_err(Failure::usage)?;
        let unread = report.coverage.n_skipped.keys().any(|reason| reason.is_incomplete());
        if unread { Err(Failure::incomplete(format!("nothing was removed, for not everything was scanned: {}", report.incomplete.join("; ")))) } else { Ok(()) }
    }

    /// Whether the entry is for something that was scanned, and matches nothing there.
    fn is_unmatched(&self, entry: &Entry) -> bool {
        self.scope.covers(&entry.path) && !self.baseline().is_matched(entry)
    }

    fn state_text(&self, entry: &Entry, state: State) -> &'static str {
        match state {
            State::Expired => "expired",
            State::Used => "used",
            _ if !self.scope.covers(&entry.path) => "not scanned",
            State::Unused => "unused",
            State::OtherRule => "unused, other rule",
        }
    }

    /// The exit code; an incomplete scan is told.
    fn exit(&self) -> Result<u8, Failure> {
        if self.report.incomplete.is_empty() {
            return Ok(Exit::Clean.code());
        }
        Err(Failure::incomplete(format!("not everything was scanned: {}", self.report.incomplete.join("; "))))
    }
}
