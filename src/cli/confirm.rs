//! Asking providers about what a scan found: `--confirm` of the scanning commands, and `keysift confirm`, which shows what that would send.
//!
//! Nobody is asked unless the command line says so: the configuration says whom and how hard, never whether. A configuration that was found and not
//! named may belong to whoever wrote what is scanned; what it says about asking is refused.

mod dry_run;
mod endpoints;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::args::{AskArgs, ConfirmCommandArgs, RunArgs};
use super::{Failure, output};
use crate::blob::path_text;
use crate::config::{Config, did_you_mean};
use crate::confirm::{self, Options, Plan, Progress, Summary};
use crate::finding::{Finding, Report};
use crate::rule::{Rule, RuleSet};
use crate::verdict::{Answers, FailOn, Undecided, Verdict};

/// Hosts that are named before they are asked.
const N_HOSTS_SHOWN: usize = 12;
/// The reason of findings that an interruption left without an answer.
const INTERRUPTED: &str = "interrupted";

/// Runs `keysift confirm`.
pub fn run(args: &ConfirmCommandArgs) -> Result<u8, Failure> {
    match (args.list_endpoints, args.dry_run) {
        (true, _) => endpoints::run(args),
        (_, true) => dry_run::run(args),
        _ => {
            let help = "`keysift confirm --dry-run` shows what `keysift scan --confirm` would send, `keysift confirm --list-endpoints` to whom";
            Err(Failure::usage("`keysift confirm` asks nobody: it needs --dry-run or --list-endpoints").with_help(Some(help.to_owned())))
        }
    }
}

/// Asks providers after a scan.
#[derive(Debug)]
pub struct Asker {
    options: Options,
    only: Vec<Verdict>,
    fail_on: FailOn,
    notes: EndpointNotes,
    is_quiet: bool,
    /// Rules whose providers could have been asked, if a configuration that nobody named switched some of them off.
    silenced: Vec<String>,
}

impl Asker {
    /// What `args` and `config` ask for; none if nobody is to be asked.
    pub fn new(args: &RunArgs, config: &Config) -> Result<Option<Self>, Failure> {
        let asked = &args.confirm;
        if !asked.confirm {
            return if asked.ask == AskArgs::default() { Ok(None) } else { Err(without_confirm(&asked.ask)) };
        }
        let mut only: Vec<Verdict> = asked.only.iter().map(|&verdict| verdict.into()).collect();
        only.sort_unstable();
        only.dedup();
        let (options, notes, silenced) = (options(&asked.ask, config)?, EndpointNotes::new(config), silenced(config));
        Ok(Some(Self { options, only, fail_on: asked.fail_on.into(), notes, is_quiet: args.quiet, silenced }))
    }

    /// How far it is.
    pub fn progress(&self) -> String {
        let Progress { n_keys, n_done } = &*self.options.progress;
        format!("confirming {} of {} keys", n_done.load(Ordering::Relaxed), n_keys.load(Ordering::Relaxed))
    }

    /// Asks about the findings of `report`, and leaves out of it those that are not wanted.
    pub fn ask(&self, report: &mut Report) {
        let plan = confirm::plan(&report.findings, &self.options);
        // Even who wants to hear nothing has to hear where keys go.
        self.notes.say(plan.questions.iter().map(|question| question.rule.provider.id));
        if !self.is_quiet {
            output::note(&announcement(&plan));
        }
        let beyond: BTreeSet<usize> = plan.unasked.iter().filter(|unasked| unasked.is_beyond_max).map(|unasked| unasked.finding).collect();
        let summary = confirm::until_interrupted(|is_over| confirm::confirm(&mut report.findings, &self.options, is_over));
        let is_undecided: Vec<bool> = report.findings.iter().enumerate().map(|(at, finding)| self.is_undecided(finding, beyond.contains(&at))).collect();
        if !self.silenced.is_empty() && self.fail_on != FailOn::Any {
            let rules = self.silenced.join(", ");
            report.incomplete.push(format!("a configuration that was found and not named switches off rules by which keys are asked about: {rules}"));
        }
        report.answers = Some(self.answers(&report.findings, &is_undecided, summary));
        if !self.only.is_empty() {
            let all = std::mem::take(&mut report.findings);
            (report.findings, report.left_out) = all.into_iter().partition(|finding| self.is_reported(finding));
        }
    }

    /// Whether an answer about the finding was wanted and is missing. Of a service that is closed for good none is missing.
    fn is_undecided(&self, finding: &Finding, is_beyond_max: bool) -> bool {
        let confirmation = &finding.confirmation;
        match confirmation.verdict {
            Verdict::Unknown => confirmation.status.is_some() || !finding.rule.confirm().is_some_and(|confirm| confirm.closed),
            Verdict::Unchecked => is_beyond_max || confirmation.reason.as_deref() == Some(INTERRUPTED) || self.is_claimed(finding),
            _ => false,
        }
    }

    /// Whether a rule of a configuration that nobody named says that the key is, or may be, its provider's. It may be another's key that works.
    fn is_claimed(&self, finding: &Finding) -> bool {
        let mut providers = finding.providers.iter().map(|provider| provider.id).chain([finding.rule.provider.id]);
        finding.suppression.is_none() && providers.any(|id| self.options.untrusted_providers.iter().any(|untrusted| untrusted == id))
    }

    fn is_reported(&self, finding: &Finding) -> bool {
        self.only.is_empty() || self.only.contains(&finding.confirmation.verdict)
    }

    fn answers(&self, findings: &[Finding], is_undecided: &[bool], summary: Summary) -> Answers {
        let Summary { n_keys, n_requests, .. } = summary;
        let mut answers = Answers { only: self.only.clone(), fail_on: self.fail_on, n_keys, n_requests, ..Answers::default() };
        let mut undecided: BTreeMap<(Verdict, &str), (usize, usize)> = BTreeMap::new();
        for (finding, &is_undecided) in findings.iter().zip(is_undecided) {
            let verdict = finding.confirmation.verdict;
            let n_left_out = usize::from(!self.is_reported(finding));
            *answers.n_findings.entry(verdict).or_default() += 1;
            if n_left_out > 0 {
                *answers.n_left_out.entry(verdict).or_default() += 1;
            }
            if is_undecided {
                let reason = finding.confirmation.reason.as_deref().unwrap_or("no reason is known");
                let counts = undecided.entry((verdict, reason)).or_default();
                *counts = (counts.0 + 1, counts.1 + n_left_out);
            }
        }
        let row = |((verdict, reason), (n_findings, n_left_out)): ((Verdict, &str), (usize, usize))| Undecided {
            verdict,
            reason: reason.to_owned(),
            n_findings,
            n_left_out,
        };
        answers.undecided = undecided.into_iter().map(row).collect();
        answers
    }
}

/// The rules that a configuration which nobody named switches off, of those that say how to ask: a key of theirs may work, and nobody hears of it.
fn silenced(config: &Config) -> Vec<String> {
    let rules = RuleSet::built_in();
    let asks = |id: &str| rules.get(id).and_then(Rule::confirm).is_some_and(|confirm| confirm.because_not.is_none());
    if config.is_named { Vec::new() } else { config.disabled.iter().filter(|id| asks(id)).cloned().collect() }
}

fn without_confirm(ask: &AskArgs) -> Failure {
    let AskArgs { confirm_provider, confirm_max, confirm_timeout, confirm_rate, confirm_min_confidence, confirm_no_control } = ask;
    let typed = [
        (!confirm_provider.is_empty(), "--confirm-provider"),
        (confirm_max.is_some(), "--confirm-max"),
        (confirm_timeout.is_some(), "--confirm-timeout"),
        (confirm_rate.is_some(), "--confirm-rate"),
        (confirm_min_confidence.is_some(), "--confirm-min-confidence"),
        (*confirm_no_control, "--confirm-no-control"),
    ];
    let names: Vec<&str> = typed.into_iter().filter(|(is_typed, _)| *is_typed).map(|(_, name)| name).collect();
    let what = format!("{} says how providers are asked, and without --confirm nobody is asked", names.join(", "));
    Failure::usage(what).with_help(Some("add --confirm; `keysift confirm --dry-run` shows what would be sent".to_owned()))
}

/// Whom to ask, and how hard: what was typed, else what is configured, else the default.
pub fn options(ask: &AskArgs, config: &Config) -> Result<Options, Failure> {
    if !config.is_named {
        check_found(config)?;
    }
    let (configured, default) = (&config.confirm, Options::default());
    let providers = if ask.confirm_provider.is_empty() { configured.providers.clone() } else { ask.confirm_provider.clone() };
    check_providers(&ask.confirm_provider, config)?;
    Ok(Options {
        providers,
        n_max: ask.confirm_max.map(|n| n as usize).or(configured.max).unwrap_or(default.n_max),
        timeout: ask.confirm_timeout.or(configured.timeout).map_or(default.timeout, Duration::from_secs),
        rate: ask.confirm_rate.or(configured.rate).unwrap_or(default.rate),
        min_confidence: ask.confirm_min_confidence.map_or(default.min_confidence, Into::into),
        endpoints: configured.endpoints.clone(),
        has_control: !ask.confirm_no_control,
        untrusted_providers: if config.is_named { Vec::new() } else { config.own_providers.clone() },
        progress: Arc::default(),
    })
}

/// Refuses a configuration that nobody named if it says anything about asking: where keys go, but also whom not to ask, or how slowly, which would let a
/// run pass without an answer.
fn check_found(config: &Config) -> Result<(), Failure> {
    if !config.has_confirm {
        return Ok(());
    }
    let file = config.path.as_deref().map(path_text).unwrap_or_default();
    let what = match config.confirm.endpoints.first() {
        Some((provider, url)) => format!("{file} wants keys of {provider} to be sent to {url}"),
        None => format!("{file} has a table `[confirm]`, which says whom to ask about keys"),
    };
    let help = format!("if the file is yours, name it: `--config {file}`; else `--no-config` leaves it out");
    Err(Failure::usage(format!("{what}, but it was only found near what is scanned")).with_help(Some(help)))
}

/// Refuses ids that no provider has.
pub fn check_providers(ids: &[String], config: &Config) -> Result<(), Failure> {
    let known = || RuleSet::built_in().providers.into_iter().map(|provider| provider.id).chain(config.own_providers.iter().map(String::as_str));
    match ids.iter().find(|id| known().all(|known| known != id.as_str())) {
        None => Ok(()),
        Some(id) => {
            let what = format!("no provider is called `{id}`{}", did_you_mean(id, known()));
            Err(Failure::usage(what).with_help(Some("`keysift rules list` shows all rules and providers".to_owned())))
        }
    }
}

/// Where keys go because the user's own configuration says so: ids of providers, each with a note.
#[derive(Debug)]
pub struct EndpointNotes(Vec<(String, String)>);

impl EndpointNotes {
    /// What `config` says.
    pub fn new(config: &Config) -> Self {
        let file = config.path.as_deref().map(path_text).unwrap_or_default();
        let note = |(provider, url): &(String, String)| (provider.clone(), format!("note: keys of {provider} are sent to {url} ({file})"));
        Self(config.confirm.endpoints.iter().map(note).collect())
    }

    /// Says it of those of the `asked` providers that have an endpoint, once each.
    pub fn say<'p>(&self, asked: impl Iterator<Item = &'p str>) {
        let asked: BTreeSet<&str> = asked.collect();
        self.0.iter().filter(|(provider, _)| asked.contains(provider.as_str())).for_each(|(_, note)| output::note(note));
    }
}

/// What is about to happen, for who did not know.
fn announcement(plan: &Plan) -> String {
    let n = plan.questions.len();
    if n == 0 {
        return "confirm: there is no key to ask about".to_owned();
    }
    let hosts: BTreeSet<&str> = plan.questions.iter().flat_map(|question| &question.requests).map(|request| request.host.as_str()).collect();
    let shown: Vec<&str> = hosts.iter().copied().take(N_HOSTS_SHOWN).collect();
    let more = if hosts.len() > N_HOSTS_SHOWN { format!(" and {} more", hosts.len() - N_HOSTS_SHOWN) } else { String::new() };
    let keys = if n == 1 { "1 key is".to_owned() } else { format!("{n} keys are") };
    format!(
        "confirm: {keys} asked about at {}{more}. The providers' audit logs show it, and it may change when a key was \"last used\"; \
        `keysift confirm --dry-run` shows each request",
        shown.join(", ")
    )
}
