//! `keysift confirm --dry-run`: scans, and prints what `--confirm` would send. Opens no socket.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::args::ConfirmCommandArgs;
use super::super::setup::{self, Chosen, n_threads};
use super::super::{Failure, git, output, scan};
use super::{EndpointNotes, check_providers, options};
use crate::blob::path_text;
use crate::confirm::{self, Plan, question::Question};
use crate::finding::{Confidence, Exit, Finding, Report};
use crate::number::n_of;
use crate::report::mask::{Mask, printable};
use crate::scan::{Job, Progress, Scope};
use crate::source::{self, TreeOptions};

/// Places of one key that are named.
const N_PLACES_SHOWN: usize = 3;

/// Runs the command and gives the exit code: 0 if everything was scanned.
pub fn run(args: &ConfirmCommandArgs) -> Result<u8, Failure> {
    let reads_stdin = args.stdin || scan::reads_stdin(&args.paths)?;
    let repo = args.staged.then(|| git::open(None)).transpose()?;
    let paths = match &repo {
        Some(repo) => vec![git::top(repo)],
        None if args.paths.is_empty() || reads_stdin => vec![PathBuf::from(".")],
        None => args.paths.clone(),
    };
    let root = source::root_of(&paths).map_err(|error| Failure::usage(format!("cannot find out where {} lies: {error}", paths[0].display())))?;
    let chosen = Chosen::new(args.config.as_ref(), args.no_config, &args.baseline, &[]);
    let (engine, config) = setup::engine(chosen, &paths, &root, Confidence::Low)?;
    let mut ask = args.ask.clone();
    check_providers(&args.provider, &config)?;
    ask.confirm_provider.extend(args.provider.iter().cloned());
    let options = options(&ask, &config)?;
    let progress = Progress::default();
    let n_threads = n_threads(None);
    let targets = paths.iter().map(|path| path_text(path)).collect();
    let job = Job { targets, root: root.clone(), n_threads, lists_skips: false, progress: &progress };
    let report = match repo {
        Some(repo) => git::changes(&engine, &job, &repo, repo.staged(), Scope::AddedLines)?,
        None if reads_stdin => scan::stream(&engine, &job)?,
        None => {
            let tree = TreeOptions { paths, root, honor_ignore_files: !args.no_ignore, follows_links: false, n_threads };
            crate::scan::tree(&engine, &job, &tree).map_err(Failure::usage)?
        }
    };
    let plan = confirm::plan(&report.findings, &options);
    output::to_stdout(&output::without_commands(text(&report, &plan, options.has_control).into_bytes()))?;
    EndpointNotes::new(&config).say(plan.questions.iter().map(|question| question.rule.provider.id));
    report.incomplete.iter().for_each(|why| output::note(&format!("incomplete: {why}")));
    Ok(if report.incomplete.is_empty() { Exit::Clean } else { Exit::Incomplete }.code())
}

fn text(report: &Report, plan: &Plan, has_control: bool) -> String {
    let mask = Mask::new(report, false);
    let mut text = String::new();
    for question in &plan.questions {
        asked(&mut text, question, &report.findings, &mask);
    }
    let of_plan = plan.unasked.iter().map(|unasked| (&report.findings[unasked.finding], unasked.reason.clone()));
    let unasked: Vec<(&Finding, String)> = of_plan.chain(report.suppressed.iter().map(|finding| (finding, suppressed(finding)))).collect();
    if !unasked.is_empty() {
        put(&mut text, "not asked:");
    }
    for (finding, reason) in &unasked {
        let row = format!("  {}: {} {}: {}", place(finding, &mask), finding.rule.id, finding.masked(), mask.text(reason));
        put(&mut text, &row);
    }
    let control = if has_control { "; a random key goes once to each endpoint that accepts one" } else { "" };
    put(&mut text, &format!("{} to ask about, {} not asked about{control}", n_of(plan.questions.len() as u64, "key"), n_of(unasked.len() as u64, "finding")));
    text
}

/// Why nobody is asked about a finding that is suppressed.
fn suppressed(finding: &Finding) -> String {
    let by = finding.suppression.as_ref().map_or(String::new(), |suppression| format!(" by {}", suppression.by));
    format!("it is suppressed{by}")
}

fn asked(text: &mut String, question: &Question, findings: &[Finding], mask: &Mask) {
    let places: Vec<String> = question.findings.iter().take(N_PLACES_SHOWN).map(|&at| place(&findings[at], mask)).collect();
    let n_more = question.findings.len().saturating_sub(N_PLACES_SHOWN);
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    let rule = question.rule;
    put(text, &format!("{}: {} {} in {}{more}", rule.provider.name, rule.id, question.masked, places.join(", ")));
    for (i, request) in question.requests.iter().enumerate() {
        let otherwise = if i == 0 { "" } else { "if that says `invalid`: " };
        put(text, &format!("  {otherwise}{}", mask.hide(&request.curl(&question.masked))));
    }
    put(text, "");
}

fn place(finding: &Finding, mask: &Mask) -> String {
    let start = finding.region.start;
    format!("{}:{}:{}", mask.text(&finding.origin.path), start.line, start.column)
}

/// A row, whatever its length: a command must stay one.
fn put(text: &mut String, row: &str) {
    writeln!(text, "{}", printable(row)).expect("writing to a String cannot fail");
}
