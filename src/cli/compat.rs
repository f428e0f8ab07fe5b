//! `keysift git`, `dir` and `stdin`: the verbs and flags that users of gitleaks type, over the same scans.
//!
//! A face and nothing more: each verb becomes the job of one of our own commands, and what means something else there is said in the help.

use std::path::{Path, PathBuf};

use super::args::{BaselineArg, Color, Format, Level, ReportArgs, RunArgs, ScanArgs};
use super::git::{self, GitJob};
use super::{Failure, scan};
use crate::finding::Exit;
use crate::git::RangeSpec;
use crate::git::history::HistoryOptions;
use crate::scan::Scope;

/// What all three verbs take.
#[derive(Debug, clap::Args)]
pub struct CompatArgs {
    /// How to write the report [default: text]
    #[arg(short = 'f', long, value_enum, value_name = "FORMAT")]
    pub report_format: Option<ReportFormat>,

    /// Write the report to FILE; `-` is standard output [default: -]
    #[arg(short = 'r', long, value_name = "FILE")]
    pub report_path: Option<PathBuf>,

    /// Further reports, and how some of them are made.
    #[command(flatten)]
    pub reports: ReportArgs,

    /// Use this .keysift.toml [default: as for `keysift scan`]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Suppress what this baseline accepts: ours, or a JSON report of gitleaks [default: none]
    #[arg(short, long, value_name = "FILE")]
    pub baseline_path: Option<PathBuf>,

    /// Exit with this code when there are findings
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub exit_code: u8,

    /// Mask secrets, here always and wholly; 0 shows them [default: 100]
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100")]
    pub redact: Option<u8>,

    /// Show every finding; keysift always does [default: on]
    #[arg(short, long)]
    pub verbose: bool,

    /// Print no banner; there is none [default: on]
    #[arg(long)]
    pub no_banner: bool,

    /// Use no color [default: as `--color auto`]
    #[arg(long)]
    pub no_color: bool,

    /// Whether and how providers are asked.
    #[cfg(feature = "confirm")]
    #[command(flatten)]
    pub confirm: super::args::ConfirmArgs,
}

/// `keysift git`.
#[derive(Debug, clap::Args)]
pub struct GitArgs {
    /// The repository [default: .]
    #[arg(value_name = "REPO")]
    pub repo: Option<PathBuf>,

    /// Scan what is staged, as `keysift staged` does [default: the whole history]
    #[arg(long)]
    pub staged: bool,

    /// Scan what is staged: a pre-commit hook sees nothing else of a commit [default: the whole history]
    #[arg(long)]
    pub pre_commit: bool,

    /// Which commits: a range such as `A..B`, `--all`, `--branches`, names of branches, `--since=DATE`, `--until=DATE`, `-n N` [default: --all]
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub log_opts: Option<String>,

    /// What all three verbs take.
    #[command(flatten)]
    pub compat: CompatArgs,
}

/// `keysift dir`.
#[derive(Debug, clap::Args)]
pub struct DirArgs {
    /// Files and folders to scan [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What all three verbs take.
    #[command(flatten)]
    pub compat: CompatArgs,
}

/// Formats by the names that are known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// Our JSON, described by docs/report.schema.json
    Json,
    /// A table for spreadsheets
    Csv,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0
    Sarif,
}

/// Runs `keysift git`.
pub fn git(args: &GitArgs) -> Result<u8, Failure> {
    let place = args.repo.as_deref().unwrap_or(Path::new("."));
    let job = match args.log_opts.as_deref() {
        Some(_) if args.staged || args.pre_commit => {
            return Err(Failure::usage("--log-opts chooses commits, and what is staged is in none; leave one of them out"));
        }
        None if args.staged || args.pre_commit => GitJob::Staged(Scope::AddedLines),
        options => log_job(options.unwrap_or("--all"))?,
    };
    git::run(&job, place, &run_args(&args.compat)?)
}

/// Runs `keysift dir`. Ignore files do not count there, so they do not here.
pub fn dir(args: &DirArgs) -> Result<u8, Failure> {
    scan::run(&ScanArgs { paths: args.paths.clone(), run: run_args(&args.compat)?, no_ignore: true })
}

/// Runs `keysift stdin`.
pub fn stdin(args: &CompatArgs) -> Result<u8, Failure> {
    scan::run(&ScanArgs { paths: vec![PathBuf::from("-")], run: run_args(args)?, no_ignore: true })
}

/// The flags in our words.
fn run_args(args: &CompatArgs) -> Result<RunArgs, Failure> {
    if args.exit_code == Exit::Usage.code() || args.exit_code == Exit::Incomplete.code() {
        return Err(Failure::usage(format!("--exit-code {} would look like an error; take another one", args.exit_code)));
    }
    Ok(RunArgs {
        format: args.report_format.map(|format| match format {
            ReportFormat::Json => Format::Json,
            ReportFormat::Csv => Format::Csv,
            ReportFormat::Junit => Format::Junit,
            ReportFormat::Sarif => Format::Sarif,
        }),
        output: args.report_path.clone(),
        reports: args.reports.clone(),
        min_confidence: Level::Low,
        show_secrets: args.redact == Some(0),
        show_suppressed: false,
        show_skipped: false,
        color: if args.no_color { Color::Never } else { Color::Auto },
        quiet: false,
        exit_code: args.exit_code,
        config: args.config.clone(),
        no_config: false,
        threads: None,
        baseline: BaselineArg { file: args.baseline_path.clone() },
        #[cfg(feature = "confirm")]
        confirm: args.confirm.clone(),
    })
}

/// What `git log` with these options would show, as far as it is one of the common things.
fn log_job(options: &str) -> Result<GitJob, Failure> {
    let words = words(options)?;
    let mut words = words.iter().map(String::as_str);
    let mut history = HistoryOptions { n_threads: super::setup::n_threads(None), ..HistoryOptions::default() };
    let mut range: Option<RangeSpec> = None;
    let (mut is_all, mut is_limited) = (false, false);
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let mut value = || value.or_else(|| words.next()).ok_or_else(|| Failure::usage(format!("--log-opts: {name} needs a value")));
        match name {
            "--all" => is_all = true,
            // What they leave out of the list, or how they show it, does not matter here: everything is scanned.
            "--no-merges"
            | "--first-parent"
            | "-m"
            | "-c"
            | "--cc"
            | "--full-history"
            | "--reverse"
            | "-p"
            | "-u"
            | "--patch"
            | "--date-order"
            | "--author-date-order"
            | "--topo-order"
            | "--no-color"
            | "--text" => {}
            _ if ["-U", "--unified="].iter().any(|start| word.starts_with(start)) => {}
            "--branches" | "--tags" | "--remotes" if word == name => {
                let folder = if name == "--branches" { "heads" } else { &name[2..] };
                history.branches.push(format!("refs/{folder}/*"));
            }
            "--since" | "--after" => (history.since, is_limited) = (Some(moment(value()?, git::day_begins)?), true),
            "--until" | "--before" => (history.until, is_limited) = (Some(moment(value()?, git::day_ends)?), true),
            "-n" | "--max-count" => (history.max_commits, is_limited) = (Some(number(value()?)?), true),
            "--" => {
                return Err(refused("paths cannot be chosen here", "leave out what follows `--`; the allow list of .keysift.toml suppresses findings by path"));
            }
            _ if name.starts_with("-n") || name.len() > 1 && name[1..].bytes().all(|byte| byte.is_ascii_digit()) && name.starts_with('-') => {
                (history.max_commits, is_limited) = (Some(number(word[1..].trim_start_matches('n'))?), true);
            }
            _ if name.starts_with('-') => {
                return Err(refused(&format!("{name} is not understood"), "`keysift history --help` and `keysift range --help` list what can be chosen"));
            }
            _ if word.ends_with("^!") && range.is_none() => {
                let commit = word.trim_end_matches("^!");
                range = Some(RangeSpec { from: vec![format!("{commit}^@")], remotes: Vec::new(), to: commit.to_owned() });
            }
            _ if word.contains("..") && range.is_none() => range = Some(RangeSpec::parse(word).map_err(git::failure)?),
            _ => match (word.strip_prefix('^'), &mut range) {
                (Some(left_out), Some(range)) => range.from.push(left_out.to_owned()),
                (Some(left_out), range) => *range = Some(RangeSpec::since(left_out)),
                (None, _) => history.branches.push(word.to_owned()),
            },
        }
    }
    match range {
        Some(_) if is_all || is_limited || !history.branches.is_empty() => {
            Err(Failure::usage("--log-opts: a range cannot be combined with --all, branches, dates or a number of commits"))
        }
        Some(range) => Ok(GitJob::Range(range, Scope::AddedLines)),
        None => {
            if is_all {
                history.branches.clear();
            } else if history.branches.is_empty() {
                // As for `git log`, which begins there if nothing else is named.
                history.branches.push("HEAD".to_owned());
            }
            Ok(GitJob::History(history))
        }
    }
}

/// The words of the options: quotes hold together what blanks would part.
fn words(options: &str) -> Result<Vec<String>, Failure> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in options.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(refused("a quote is not closed", "put a second one where the value ends"));
    }
    words.extend(word);
    Ok(words)
}

/// The options cannot be followed.
fn refused(why: &str, help: &str) -> Failure {
    Failure::usage(format!("--log-opts: {why}")).with_help(Some(help.to_owned()))
}

fn number(text: &str) -> Result<usize, Failure> {
    text.parse().map_err(|_| refused(&format!("`{text}` is no number of commits"), "write -5, -n 5 or --max-count=5"))
}

/// The moment that git would take: of a day the end that `of_day` tells, so that all of the day counts; else whatever date git knows.
fn moment(text: &str, of_day: impl Fn(jiff::civil::Date) -> i64) -> Result<i64, Failure> {
    if let Some(day) = crate::filter::parse_date(text) {
        return Ok(of_day(day));
    }
    crate::git::moment(text).ok_or_else(|| refused(&format!("`{text}` is no date"), "write YYYY-MM-DD, or in quotes what git knows: '2 weeks ago'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(options: &str) -> GitJob {
        log_job(options).expect("they are understood")
    }

    #[test]
    fn common_log_options_are_understood() {
        assert!(matches!(job("main..HEAD"), GitJob::Range(range, _) if range.from == ["main"] && range.to == "HEAD"));
        assert!(matches!(job("--no-merges --first-parent a^..b"), GitJob::Range(range, _) if range.from == ["a^"] && range.to == "b"));
        assert!(matches!(job("^main"), GitJob::Range(range, _) if range.from == ["main"]));
        assert!(matches!(job("--all"), GitJob::History(options) if options.branches.is_empty()));
        assert!(matches!(job("main dev"), GitJob::History(options) if options.branches == ["main", "dev"]));
        assert!(matches!(job("--since=1970-01-02 -n 5"), GitJob::History(options) if options.since == Some(86_400) && options.max_commits == Some(5)));
    }

    #[test]
    fn numbers_dates_and_names_have_many_forms() {
        for options in ["-5", "-n5", "-n 5", "--max-count=5", "--max-count 5", "-p -U0 -5", "-1 -n 5"] {
            assert!(matches!(job(options), GitJob::History(options) if options.max_commits == Some(5) && options.branches == ["HEAD"]), "{options}");
        }
        assert!(matches!(job("-1 v1"), GitJob::History(options) if options.max_commits == Some(1) && options.branches == ["v1"]));
        assert!(matches!(job("--branches --tags"), GitJob::History(options) if options.branches == ["refs/heads/*", "refs/tags/*"]));
        assert!(matches!(job("abc^!"), GitJob::Range(range, _) if range.from == ["abc^@"] && range.to == "abc"));
        let since = |options: &str| match job(options) {
            GitJob::History(options) => options.since.expect("a date"),
            other => panic!("{other:?}"),
        };
        assert_eq!(since("--after=1970-01-03"), 2 * 86_400);
        assert_eq!(since("--since='1970-01-02 00:00:00 +0000'"), 86_400);
        assert!(since("--since '2 weeks ago'") < since("--since=\"1 day ago\""));
        assert!(matches!(job("--before=1970-01-02 --all"), GitJob::History(options) if options.until == Some(2 * 86_400 - 1) && options.branches.is_empty()));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for options in ["--grep=x", "--since=sometime", "-n many", "a..b --all", "-n", "-5x", "--all -- src", "-- src", "--branches=x", "'--all"] {
            assert!(log_job(options).is_err(), "{options}");
        }
    }
}
