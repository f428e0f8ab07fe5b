//! `keysift scan`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;

use super::args::{BaselineArg, Format, ScanArgs};
use super::{Failure, output};
use crate::blob::{Origin, path_text};
use crate::config::{self, Config};
use crate::filter::Baseline;
use crate::finding::{Confidence, Exit, Report};
use crate::report::mask::Mask;
use crate::report::{self, Options};
use crate::rule::RuleSet;
use crate::scan::{self, Engine, Job, Policy, Progress};
use crate::source::{self, TreeOptions};

/// Runs the command and gives the exit code.
pub fn run(args: &ScanArgs) -> Result<u8, Failure> {
    let reads_stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    if reads_stdin && args.paths.len() > 1 {
        return Err(Failure::usage("`-` stands for standard input and cannot be combined with other paths"));
    }
    let paths = if args.paths.is_empty() || reads_stdin { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let root = source::root_of(&paths).map_err(|error| Failure::usage(format!("cannot find out where {} lies: {error}", paths[0].display())))?;
    let (engine, config) = engine(args.config.as_deref(), &paths[0], args.min_confidence.into(), &args.baseline, &root)?;
    let scope = if reads_stdin { Scope::stream() } else { Scope::of(&root, &paths) };
    let progress = Progress::default();
    let job = Job {
        targets: if reads_stdin { vec!["-".to_owned()] } else { paths.iter().map(|path| path_text(path)).collect() },
        tree: TreeOptions { paths, root, honor_ignore_files: !args.no_ignore, n_threads: n_threads(args.threads) },
        lists_skips: args.show_skipped,
        progress: &progress,
    };
    let shows_progress = !args.quiet && output::stderr_is_terminal();
    let mut report = with_progress(shows_progress, &progress, || {
        if reads_stdin {
            scan::stream(&engine, &job, &Origin::new(STREAM), &mut io::stdin().lock())
                .map_err(|error| Failure::incomplete(format!("cannot read standard input: {error}")))
        } else {
            scan::tree(&engine, &job).map_err(Failure::usage)
        }
    })?;
    report.config = config.path.as_deref().map(path_text);
    report.disabled_rules = config.disabled;
    // What was not scanned may hold what an entry is for.
    report.baseline = engine.baseline_use(|path| report.incomplete.is_empty() && scope.covers(path));
    write(args, &report)?;
    if !args.quiet {
        for unused in engine.unused_allows() {
            output::note(&format!("note: {unused}"));
        }
        stale(&report);
    }
    Ok(if report.exit() == Exit::Findings { args.exit_code } else { report.exit().code() })
}

/// The engine and the configuration for a scan that begins at `start` and reports paths relative to `root`.
pub fn engine(config: Option<&Path>, start: &Path, min_confidence: Confidence, baseline: &BaselineArg, root: &Path) -> Result<(Engine, Config), Failure> {
    let (rules, config) = configuration(config, start)?;
    let file = baseline.file.as_ref().or(config.baseline.as_ref());
    let baseline = file.map(|file| load_baseline(file, root)).transpose()?;
    Ok(engine_of(rules, config, min_confidence, baseline))
}

/// The rules and the configuration for a scan that begins at `start`.
pub fn configuration(config: Option<&Path>, start: &Path) -> Result<(RuleSet, Config), Failure> {
    let mut rules = RuleSet::built_in();
    let start = if start.is_dir() { start } else { start.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")) };
    let variable = std::env::var_os("KEYSIFT_CONFIG");
    let config = match config::choose(config, variable.as_deref(), start) {
        Some(path) => config::load(&path, &mut rules).map_err(|error| Failure::usage(&error).with_help(error.help()))?,
        None => Config::default(),
    };
    Ok((rules, config))
}

/// The baseline at `file`, for reports relative to `root`.
pub fn load_baseline(file: &Path, root: &Path) -> Result<Baseline, Failure> {
    config::baseline::load(file, &path_text(root)).map_err(|error| Failure::usage(&error).with_help(error.help()))
}

/// The engine, and what of the configuration it does not need.
pub fn engine_of(rules: RuleSet, config: Config, min_confidence: Confidence, baseline: Option<Baseline>) -> (Engine, Config) {
    let Config { path, allow, disabled, rule_files, honor_peers, baseline: configured } = config;
    let policy = Policy { allow, baseline, honor_peers, today: today(), min_confidence };
    let rest = Config { path, allow: Default::default(), disabled, rule_files, honor_peers, baseline: configured };
    (Engine::new(rules, policy), rest)
}

/// The day on which entries and comments expire.
pub fn today() -> Date {
    jiff::Zoned::now().date()
}

/// How many threads scan, if `asked` does not say.
pub fn n_threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// The path under which standard input is reported.
const STREAM: &str = "stdin";

/// What was named to be scanned, by paths as the report writes them: what lies elsewhere was not looked at.
#[derive(Debug)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Standard input.
    fn stream() -> Self {
        Self(vec![STREAM.to_owned()])
    }

    /// The files and folders at `paths`. A path that does not exist is left out: the scan says so.
    pub fn of(root: &Path, paths: &[PathBuf]) -> Self {
        Self(paths.iter().filter_map(|path| source::origin_of(root, path).ok()).map(|origin| origin.path.to_string()).collect())
    }

    /// Whether `path` is or lies in what was named.
    pub fn covers(&self, path: &str) -> bool {
        self.0.iter().any(|named| named == "." || path.strip_prefix(named.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

/// Tells which entries of the baseline accept nothing; the JSON report has all of them.
fn stale(report: &Report) {
    const N_SHOWN: usize = 10;
    let Some(used) = &report.baseline else { return };
    let mask = Mask::new(report, false);
    for stale in used.stale.iter().take(N_SHOWN) {
        let rule = stale.rule.as_deref().unwrap_or("any rule");
        output::note(&mask.hide(&format!("note: {}: {rule} in {}: {}", stale.entry, stale.path, stale.why)));
    }
    let n_more = used.stale.len().saturating_sub(N_SHOWN);
    if n_more > 0 {
        output::note(&format!("note: {n_more} more entries of {} accept nothing; `keysift baseline prune` removes those that match nothing", used.path));
    }
}

fn write(args: &ScanArgs, report: &Report) -> Result<(), Failure> {
    let options = Options {
        show_secrets: args.show_secrets,
        show_suppressed: args.show_suppressed,
        show_skipped: args.show_skipped,
        color: args.output.is_none() && output::wants_color(args.color),
        width: output::width(),
        quiet: args.quiet,
    };
    let format = match args.format {
        Format::Text => report::Format::Text,
        Format::Json => report::Format::Json,
        Format::Jsonl => report::Format::Jsonl,
        Format::Sarif => report::Format::Sarif,
    };
    let bytes = report::render(format, report, &options);
    match &args.output {
        Some(path) if path.as_os_str() != "-" => output::to_file(path, &bytes)?,
        _ => output::to_stdout(&bytes)?,
    }
    output::note(&report::summary(report, &options));
    Ok(())
}

/// Runs `work`, with a progress line once it takes longer than half a second.
fn with_progress<T>(is_shown: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !is_shown {
        return work();
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let shower = scope.spawn(|| show(progress, &is_over));
        let result = work();
        is_over.store(true, Ordering::Release);
        shower.thread().unpark();
        result
    })
}

fn show(progress: &Progress, is_over: &AtomicBool) {
    let patience = Duration::from_millis(500);
    std::thread::park_timeout(patience);
    if is_over.load(Ordering::Acquire) {
        return;
    }
    let style = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]").expect("the template is valid");
    let bar = ProgressBar::new_spinner().with_style(style);
    while !is_over.load(Ordering::Acquire) {
        let n_megabytes = progress.n_bytes.load(Ordering::Relaxed) / 1_000_000;
        bar.set_message(format!("{} blobs, {n_megabytes} MB scanned", progress.n_blobs.load(Ordering::Relaxed)));
        bar.tick();
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
