//! `keysift scan`.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Format, ScanArgs};
use super::{Failure, output};
use crate::blob::Origin;
use crate::config::{self, Config};
use crate::finding::{Confidence, Exit, Report};
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
    let (engine, config) = engine(args.config.as_deref(), args.no_config, &paths, &root, args.min_confidence.into())?;
    if let Some(path) = output_file(args) {
        output::check_writable(path)?;
    }
    let n_threads = args.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let progress = Progress::default();
    let job = Job {
        targets: if reads_stdin { vec!["-".to_owned()] } else { paths.iter().map(|path| crate::blob::path_text(path)).collect() },
        tree: TreeOptions { paths, root, honor_ignore_files: !args.no_ignore, n_threads },
        lists_skips: args.show_skipped,
        progress: &progress,
    };
    let shows_progress = !args.quiet && output::stderr_is_terminal();
    let mut report = with_progress(shows_progress, &progress, || {
        if reads_stdin {
            scan::stream(&engine, &job, &Origin::new("stdin"), &mut io::stdin().lock())
                .map_err(|error| Failure::incomplete(format!("cannot read standard input: {error}")))
        } else {
            scan::tree(&engine, &job).map_err(Failure::usage)
        }
    })?;
    report.config = config.path.as_deref().map(crate::blob::path_text);
    report.disabled_rules = config.disabled;
    write(args, &report)?;
    if !args.quiet {
        for unused in engine.unused_allows() {
            output::note(&format!("note: {unused}"));
        }
    }
    Ok(code_of(args, &report))
}

/// The exit code. One that is chosen as 0 says that findings are no failure; it does not say that everything was scanned.
fn code_of(args: &ScanArgs, report: &Report) -> u8 {
    match report.exit() {
        Exit::Findings if args.exit_code == 0 && !report.incomplete.is_empty() => Exit::Incomplete.code(),
        Exit::Findings => args.exit_code,
        other => other.code(),
    }
}

/// The file for the report; none for standard output.
fn output_file(args: &ScanArgs) -> Option<&Path> {
    args.output.as_deref().filter(|path| path.as_os_str() != "-")
}

/// The engine and the configuration for a scan of `paths`, whose report is relative to `root`; `named` and `is_off` are `--config` and `--no-config`.
pub fn engine(named: Option<&Path>, is_off: bool, paths: &[PathBuf], root: &Path, min_confidence: Confidence) -> Result<(Engine, Config), Failure> {
    let mut rules = RuleSet::built_in();
    let variable = std::env::var_os("KEYSIFT_CONFIG");
    let chosen = if is_off { None } else { config::choose(named, variable.as_deref(), &search_start(paths), root) };
    let config = match chosen {
        Some(path) => load_config(&path, &mut rules)?,
        None => Config::default(),
    };
    let Config { path, allow, disabled, rule_files, honor_peers } = config;
    let policy = Policy { allow, honor_peers, today: jiff::Zoned::now().date(), min_confidence };
    let rest = Config { path, allow: Default::default(), disabled, rule_files, honor_peers };
    Ok((Engine::new(rules, policy), rest))
}

/// Loads the configuration at `path` and changes `rules` as it says.
pub fn load_config(path: &Path, rules: &mut RuleSet) -> Result<Config, Failure> {
    config::load(path, rules).map_err(|error| Failure::usage(&error).with_help(error.help()))
}

/// Where the search for a configuration begins: the folder that holds all of `paths`, whatever their order, written as it was typed or relative to the
/// current folder where that can be.
fn search_start(paths: &[PathBuf]) -> PathBuf {
    let here = || PathBuf::from(".");
    let Ok(common) = source::common_folder(paths) else { return here() };
    let is_common = |folder: &PathBuf| source::common_folder(std::slice::from_ref(folder)).is_ok_and(|folder| folder == common);
    let folder_of = |path: &Path| if path.is_dir() { path.to_owned() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
    // A hook names many files of few folders.
    let typed: BTreeSet<PathBuf> = paths.iter().map(|path| folder_of(path)).map(|folder| if folder.as_os_str().is_empty() { here() } else { folder }).collect();
    let relative = || {
        let current = source::common_folder(&[here()]).ok()?;
        let inside = common.strip_prefix(current).ok()?.to_owned();
        Some(if inside.as_os_str().is_empty() { here() } else { inside })
    };
    typed.into_iter().find(is_common).or_else(relative).unwrap_or(common)
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
    match output_file(args) {
        Some(path) => output::to_file(path, &bytes)?,
        None => output::to_stdout(&bytes)?,
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
