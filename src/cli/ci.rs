//! `keysift ci`: finds out from the CI system what is to be scanned, gets it into the clone, and scans it under the policy that counts.
//!
//! `plan` turns environment and event into a value, `resolve` the value into commits that are there (`fetch` brings them), `policy` reads configuration,
//! ignore files and baseline from where they cannot be the change's own, `annotate` writes what GitHub shows. A run is never green without a scan: where
//! an event brings no commit, files are scanned.

mod annotate;
pub mod args;
mod fetch;
mod github;
mod ignores;
mod outputs;
mod plan;
mod policy;
mod resolve;
mod systems;

use std::path::Path;

use serde_json::Value;

use super::args::{self as typed, Format};
use super::setup::n_threads;
use super::{Failure, git, output, run as runner};
use crate::finding::{Exit, ReachKind, Report};
use crate::git::history::HistoryOptions;
use crate::git::{Changes, RangeSpec};
use crate::report::{self, Document};
use crate::scan::{self, Engine, Job, Progress, Scope, Thoroughness};
use annotate::Context;
use args::{CiArgs, ScanArg};
use ignores::Ignores;
use outputs::Outputs;
use plan::{Author, Environment, NoPlan, Plan, Point, Policy, What};
use resolve::{Resolved, Target};

/// Largest event file, in bytes; GitHub sends at most 25 MiB.
const LARGEST_EVENT: u64 = 32 << 20;

/// Runs the command and gives the exit code.
pub fn run(args: CiArgs) -> Result<u8, Failure> {
    let outputs = Outputs::of(&|name: &str| std::env::var_os(name));
    let result = scan_and_tell(args, &outputs);
    if let Err(failure) = &result {
        outputs.put_failure(failure.exit)?;
    }
    result
}

/// Tells a workflow that what was typed is no command line of `keysift ci`; that it is wrong is said elsewhere.
pub fn tell_wrong_usage() {
    // Nobody is left to hear of it if the outputs cannot be written either.
    let _ = Outputs::of(&|name: &str| std::env::var_os(name)).put_failure(Exit::Usage);
}

fn scan_and_tell(mut args: CiArgs, outputs: &Outputs) -> Result<u8, Failure> {
    for (format, file) in [(Format::Sarif, &args.sarif_file), (Format::Json, &args.report_file)] {
        args.run.reports.targets.extend(file.clone().map(|file| typed::Target::new(format, Some(file))));
    }
    let variable = |name: &str| std::env::var(name).ok();
    let environment = Environment(&variable);
    let plan = chosen(&args, &environment).map_err(|no| Failure::usage(no.what).with_help(Some(no.help)))?;
    let resolved = resolve::resolve(&plan, !args.no_fetch)?;
    let author = plan.author.clone().at(resolved.repo.commit_id("HEAD").ok().as_deref());
    let unconfirmed = without_confirmation(&mut args, &author);
    let args = &args;
    let policy::Policy { engine, config, whose, notes, in_force } = policy::load(&resolved.repo, resolved.policy.as_deref(), &args.run)?;
    let policy_changes = match (&resolved.policy, &resolved.target) {
        (Some(from), target) => policy::changes(&resolved.repo, from, target.tip(), &in_force),
        (None, _) => Vec::new(),
    };
    let mut notes: Vec<String> = resolved.notes.iter().chain(&notes).cloned().chain(unconfirmed).collect();
    let ignores = match &resolved.target {
        Target::Tree(commit) => Some(Ignores::load(&resolved.repo, resolved.policy.as_deref().unwrap_or(commit), &mut notes)?),
        _ => None,
    };
    let context = Context { plan: &plan, resolved: &resolved, whose_policy: &whose, policy_changes: &policy_changes, notes: &notes };
    if !args.run.quiet {
        tell(&context);
    }

    let top = git::top(&resolved.repo);
    let progress = Progress::default();
    let job = Job {
        targets: vec![resolved.target.text()],
        root: top,
        n_threads: n_threads(args.run.threads),
        lists_skips: args.run.show_skipped,
        progress: &progress,
    };
    let also = |report: &Report, code: u8| {
        if !args.run.quiet {
            annotate::notes(report, &context).iter().for_each(|note| output::note(note));
        }
        write(args, outputs, report, &context, code)
    };
    let kind = match resolved.target {
        Target::Tree(_) => ReachKind::Commit,
        Target::History => ReachKind::History,
        Target::Range(..) | Target::Branch(_) => ReachKind::Changes,
    };
    let scan = || Ok(Report { reach: git::reach(&resolved.repo, kind), ..scan_target(&resolved, &engine, &job, ignores.as_ref())? });
    // Of a repository never all paths are scanned, so that no entry of a baseline is known to be unused.
    runner::run_and(&args.run, &engine, config, &progress, |_| false, scan, also)
}

/// The plan: what was typed where that decides, else what the CI system says.
fn chosen(args: &CiArgs, environment: &Environment<'_>) -> Result<Plan, NoPlan> {
    let told = plan::plan(environment, || event(environment), args.allow_pull_request_target);
    // CI systems give an empty text for what there is not, such as the commit before the first one.
    let given = |name: &Option<String>| name.clone().filter(|name| !name.trim().is_empty());
    let (base, head) = (given(&args.base), given(&args.head));
    let is_typed = base.is_some() || matches!(args.scan, ScanArg::Full | ScanArg::Tree);
    let mut plan = match told {
        Ok(plan) => plan,
        // A refusal stays one, whatever is typed.
        Err(no) if !is_typed || environment.is_true("GITHUB_ACTIONS") => return Err(no),
        Err(_) => unknown(base.as_deref()),
    };
    let typed = |name: &str, option: &str| {
        let wrong = || NoPlan::new(format!("{option} {name} is no name of a commit"), "give a commit's id or a branch");
        Point::typed(name).ok_or_else(wrong)
    };
    let head = head.map(|name| typed(&name, "--head")).transpose()?;
    let tip = head.clone().unwrap_or_else(|| match &plan.what {
        What::Range { to, .. } | What::Push { to, .. } | What::Tree(to) => to.clone(),
        What::History => Point::head(),
    });
    match (args.scan, &base) {
        // The policy stays that of the plan: who chooses the range, often by what an event says, must not choose it along with that.
        (ScanArg::Auto | ScanArg::Diff, Some(base)) => {
            let from = typed(base, "--base")?;
            plan.why = format!("--base says to scan what came after {}, up to {}", from.short(), tip.short());
            plan.what = What::Range { from, to: tip };
        }
        (ScanArg::Full | ScanArg::Tree, Some(_)) => {
            return Err(NoPlan::new("--base is for a range, and --scan chooses something else", "leave one of them out"));
        }
        (ScanArg::Full, None) => (plan.what, plan.why) = (What::History, "--scan full says so".to_owned()),
        (ScanArg::Tree, None) => (plan.what, plan.why) = (What::Tree(tip), "--scan tree says so".to_owned()),
        (ScanArg::Diff, None) if matches!(plan.what, What::History | What::Tree(_)) => {
            let help = "give `--base COMMIT`, or `--scan auto` for what fits the event";
            return Err(NoPlan::new(format!("--scan diff: the event `{}` brings no commits", plan.event), help));
        }
        (ScanArg::Auto | ScanArg::Diff, None) => {
            if let (What::Range { to, .. } | What::Push { to, .. } | What::Tree(to), Some(head)) = (&mut plan.what, head) {
                *to = head;
            }
        }
    }
    Ok(plan)
}

/// What stands in for a plan where no CI system is known: nobody says whose the code is, and the policy is that of the commit that was named.
fn unknown(base: Option<&str>) -> Plan {
    let policy = base.and_then(Point::typed).map_or(Policy::CheckedOut, Policy::At);
    let (what, author) = (What::Tree(Point::head()), Author::Unsaid);
    Plan { ci: "no CI system", event: String::new(), what, tag: None, policy, author, may_upload: true, why: String::new() }
}

/// Takes `--confirm` back where a fork wrote what is scanned, or may have, and says so: whoever puts somebody's key into a pull request must not have it
/// tried out, nor learn from the answer whether it works. What depends on answers is taken back, too, so that any finding counts.
#[cfg(feature = "confirm")]
fn without_confirmation(args: &mut CiArgs, author: &Author) -> Option<String> {
    if !args.run.confirm.confirm || *author == Author::Member {
        return None;
    }
    args.run.confirm = Default::default();
    Some(match author {
        Author::Stranger => "what is scanned comes from a fork, so that no provider is asked about its keys".to_owned(),
        _ => {
            "nothing says whether what is scanned comes from a fork, so that no provider is asked about its keys; where you know it, `keysift range --confirm` \
              or `keysift history --confirm` asks"
                .to_owned()
        }
    })
}

#[cfg(not(feature = "confirm"))]
fn without_confirmation(_: &mut CiArgs, _: &Author) -> Option<String> {
    None
}

/// The event that GitHub wrote down for the workflow.
fn event(environment: &Environment<'_>) -> Result<Option<Value>, NoPlan> {
    let Some(path) = environment.get("GITHUB_EVENT_PATH") else { return Ok(None) };
    let wrong = |what: String| NoPlan::new(format!("the event file {path} {what}"), "give `--base COMMIT`, `--scan full` or `--scan tree`");
    let text = crate::config::read(Path::new(&path), LARGEST_EVENT).map_err(wrong)?;
    serde_json::from_str(&text).map(Some).map_err(|error| wrong(format!("is no JSON: {error}")))
}

fn scan_target(resolved: &Resolved, engine: &Engine, job: &Job<'_>, ignores: Option<&Ignores>) -> Result<Report, Failure> {
    let repo = &resolved.repo;
    let history = |branches| {
        let options = HistoryOptions { n_threads: job.n_threads, branches, ..HistoryOptions::default() };
        scan::history(engine, job, repo, &options, Thoroughness::Novel).map_err(git::failure)
    };
    match &resolved.target {
        Target::Range(from, to) => {
            let range = RangeSpec { from: vec![from.clone()], to: to.clone(), ..RangeSpec::default() };
            let mut listed = repo.range(&range).map_err(git::failure)?;
            repo.show_in_merge(&mut listed).map_err(git::failure)?;
            add_tag(resolved, &mut listed)?;
            Ok(scan::changes(engine, job, repo, listed, Scope::AddedLines))
        }
        Target::Branch(tip) => history([tip.clone()].into_iter().chain(resolved.tag.map(|tag| tag.to_string())).collect()),
        Target::History => history(Vec::new()),
        Target::Tree(commit) => {
            let mut listed = repo.tree_at(commit).map_err(git::failure)?;
            add_tag(resolved, &mut listed)?;
            let n_ignored = ignores.map_or(0, |ignores| ignores.leave_out(&mut listed));
            let mut report = scan::changes(engine, job, repo, listed, Scope::WholeBlobs);
            report.coverage.n_ignored += n_ignored;
            if report.coverage.n_blobs == 0 && report.incomplete.is_empty() {
                report.incomplete.push("nothing was scanned: the commit has no file, or ignore files leave all of them out".to_owned());
            }
            Ok(report)
        }
    }
}

/// Adds the message of the tag that is pushed.
fn add_tag(resolved: &Resolved, listed: &mut Changes) -> Result<(), Failure> {
    let Some(tag) = &resolved.tag else { return Ok(()) };
    resolved.repo.add_named("the tag that is pushed", tag, listed).map(drop).map_err(git::failure)
}

/// Says on standard error what is scanned and why, before the scan. What may hold a path has to wait until the secrets are known that are to be masked in it.
fn tell(context: &Context<'_>) {
    output::note(&format!("{}: scanning {}, because {}", context.plan.ci, context.resolved.target.text(), context.plan.why));
    output::note(&format!("policy: that of {}", context.whose_policy));
}

/// Writes what the CI system takes. Outputs are those of the scan even where the rest cannot be written.
fn write(args: &CiArgs, outputs: &Outputs, report: &Report, context: &Context<'_>, code: u8) -> Result<(), Failure> {
    let told = if args.no_summary || !outputs.is_github { Ok(()) } else { annotate(args, outputs, report, context, code) };
    let code = told.as_ref().map_or_else(|failure| failure.exit.code(), |()| code);
    outputs.put(&outputs::values(args, report, context.plan, code)?)?;
    told
}

/// Writes the job summary and the annotations.
fn annotate(args: &CiArgs, outputs: &Outputs, report: &Report, context: &Context<'_>, code: u8) -> Result<(), Failure> {
    let document = Document::new(report, false, false);
    let url = super::report::repository_url();
    let table = report::render_plain(report::Format::Markdown, &document, url.as_deref());
    let annotations = report::render_plain(report::Format::Github, &document, None);
    // A report for a program on standard output is not interrupted.
    let is_for_program = |format: Format, is_stdout: bool| is_stdout && !matches!(format, Format::Text | Format::Short);
    let (run, further) = (&args.run, &args.run.reports.targets);
    let is_taken = is_for_program(run.format.unwrap_or(Format::Text), run.output.is_none())
        || further.iter().any(|target| is_for_program(target.format, target.path.is_none()));
    if !is_taken {
        output::to_stdout(&annotations)?;
        output::to_stdout(annotate::annotation(report, context).as_bytes())?;
    }
    outputs.summarize(&table, &annotate::summary(report, context, code))
}
