//! What stands around a scan, whichever command asks for it: progress while it runs, then the report, the notes and the exit code.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Format, RunArgs, Target};
use super::{Failure, output};
use crate::blob::path_text;
use crate::config::Config;
use crate::finding::{Exit, ReachKind, Report, Repository};
use crate::git::Repo;
use crate::report::mask::Mask;
use crate::report::{self, Document, Options};
use crate::scan::{Engine, Progress};

/// Runs `scan` and reports what it gives as `args` say. `covers` tells whether a path, as the report writes it, was scanned.
pub fn run(
    args: &RunArgs,
    engine: &Engine,
    config: Config,
    progress: &Progress,
    covers: impl Fn(&str) -> bool,
    scan: impl FnOnce() -> Result<Report, Failure>,
) -> Result<u8, Failure> {
    run_and(args, engine, config, progress, covers, scan, |_, _| Ok(()))
}

/// [`run`], and gives the report and the exit code to `also` at the end.
pub fn run_and(
    args: &RunArgs,
    engine: &Engine,
    config: Config,
    progress: &Progress,
    covers: impl Fn(&str) -> bool,
    scan: impl FnOnce() -> Result<Report, Failure>,
    also: impl FnOnce(&Report, u8) -> Result<(), Failure>,
) -> Result<u8, Failure> {
    let targets = super::report::targets(args.format, args.output.as_deref(), &args.reports, Format::Text)?;
    let began = super::report::now();
    #[cfg(feature = "confirm")]
    let asker = super::confirm::Asker::new(args, &config)?;
    let shows_progress = !args.quiet && output::stderr_is_terminal();
    let mut report = with_progress(shows_progress, || scanned(progress), scan)?;
    #[cfg(feature = "confirm")]
    if let Some(asker) = asker {
        with_progress(shows_progress, || asker.progress(), || asker.ask(&mut report));
    }
    report.config = config.path.as_deref().map(path_text);
    report.disabled_rules = [config.disabled, config.not_enabled].concat();
    // What was not scanned may hold what an entry is for.
    report.baseline = engine.baseline_use(|path| report.incomplete.is_empty() && covers(path));
    if report.repository.is_none() && targets.iter().any(|target| !matches!(target.format, Format::Text | Format::Short)) {
        report.repository = repository_of(&report.root);
    }
    let code = code_of(args, &report);
    write(args, &report, &targets, began, code)?;
    if !args.quiet {
        // The configuration's path may hold a secret as any path may.
        let mask = Mask::new(&report, false);
        // An exception for something else than a change matches nothing in it, as it should.
        for unused in engine.unused_allows(report.reach.kind != ReachKind::Changes) {
            output::note(&mask.hide(&format!("note: {unused}")));
        }
        stale(&report);
    }
    also(&report, code)?;
    Ok(code)
}

/// The exit code. One that is chosen as 0 says that findings are no failure; it does not say that everything was scanned.
fn code_of(args: &RunArgs, report: &Report) -> u8 {
    match report.exit() {
        Exit::Findings if args.exit_code == 0 && report.is_incomplete() => Exit::Incomplete.code(),
        Exit::Findings => args.exit_code,
        other => other.code(),
    }
}

/// The repository whose top is `root`, if there is one.
fn repository_of(root: &str) -> Option<Repository> {
    let root = Path::new(root);
    let repo = Repo::discover(root).ok()?;
    let is_top = repo.work_tree()?.canonicalize().ok() == root.canonicalize().ok();
    is_top.then(|| repo.identity(None))
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
        let more = format!("note: {n_more} more entries of {} accept nothing; `keysift baseline prune` removes those that match nothing", used.path);
        output::note(&mask.hide(&more));
    }
}

fn write(args: &RunArgs, report: &Report, targets: &[Target], began: i64, code: u8) -> Result<(), Failure> {
    let repository_url = super::report::repository_url();
    let options = Options {
        show_secrets: args.show_secrets,
        show_suppressed: args.show_suppressed,
        show_skipped: args.show_skipped,
        color: false,
        width: output::width(),
        quiet: args.quiet,
        category: args.reports.sarif_category.as_deref(),
        sarif_scope: args.reports.sarif_scope.into(),
        repository_url: repository_url.as_deref(),
        ran: (began, super::report::now()),
    };
    // A document each for formats that may show secrets and for those that never do.
    let mut documents: [Option<Document>; 2] = [None, None];
    let written = super::report::write(targets, |target| {
        let format = target.format.into();
        let show_secrets = args.show_secrets && report::Format::can_show_secrets(format);
        let document = documents[usize::from(show_secrets)].get_or_insert_with(|| {
            let mut document = Document::new(report, show_secrets, args.show_suppressed);
            // That of the process, whatever was chosen for it.
            document.head.exit.code = code;
            document
        });
        let color = target.path.is_none() && output::wants_color(args.color);
        report::render_document(format, document, &Options { color, ..options })
    });
    // What is said on standard error never shows a secret in a report that shows none, and findings are counted in all documents alike.
    let document = documents.into_iter().flatten().next().unwrap_or_else(|| Document::new(report, false, false));
    output::note(&report::summary(&document, &options));
    super::report::tell_left_out(targets, &document, &options);
    if args.show_secrets && !args.quiet {
        tell_masked(targets);
    }
    written
}

/// Says which of the reports mask secrets although they were to be shown.
fn tell_masked(targets: &[Target]) {
    let formats: BTreeSet<&str> =
        targets.iter().map(|target| target.format.into()).filter(|format: &report::Format| !format.can_show_secrets()).map(report::Format::name).collect();
    if !formats.is_empty() {
        let names = formats.into_iter().collect::<Vec<_>>().join(" and ");
        output::note(&format!("note: {names} reports are made to be passed on and never show secrets; text, short, json, jsonl and gitleaks reports can"));
    }
}

/// How far a scan is.
fn scanned(progress: &Progress) -> String {
    let n_megabytes = progress.n_bytes.load(Ordering::Relaxed) / 1_000_000;
    format!("{} blobs, {n_megabytes} MB scanned", progress.n_blobs.load(Ordering::Relaxed))
}

/// Runs `work`, with a progress line of what `message` says once it takes longer than half a second.
fn with_progress<T>(is_shown: bool, message: impl Fn() -> String + Sync, work: impl FnOnce() -> T) -> T {
    if !is_shown {
        return work();
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let shower = scope.spawn(|| show(&message, &is_over));
        let result = work();
        is_over.store(true, Ordering::Release);
        shower.thread().unpark();
        result
    })
}

fn show(message: &impl Fn() -> String, is_over: &AtomicBool) {
    let patience = Duration::from_millis(500);
    std::thread::park_timeout(patience);
    if is_over.load(Ordering::Acquire) {
        return;
    }
    let style = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]").expect("the template is valid");
    let bar = ProgressBar::new_spinner().with_style(style);
    while !is_over.load(Ordering::Acquire) {
        bar.set_message(message());
        bar.tick();
        std::thread::park_timeout(Duration::from_millis(100));
    }
    bar.finish_and_clear();
}
