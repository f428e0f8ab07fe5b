//! What can be typed.

mod baseline;
#[cfg(feature = "confirm")]
mod confirm;
mod report;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

#[cfg(feature = "confirm")]
pub use confirm::{AskArgs, CheckArgs, ConfirmArgs, ConfirmCommandArgs};

pub use baseline::{BaselineArg, BaselineArgs, BaselineCommand, BaselineScanArgs, NoteArgs};
pub use report::{ReportArgs, ReportCommand, ReportCommandArgs, Target, Written};

use crate::finding::Confidence;

/// Finds leaked keys, passwords and private keys, says whose they are and why it thinks so.
///
/// Without a command, `keysift` scans the current folder. Exit codes: 0 everything was scanned and nothing was found, 1 something was found,
/// 2 the command line or the configuration is wrong, 3 nothing was found, but not everything could be scanned or there was
/// nothing to scan, or the report could not be written.
///
/// What is skipped by design does not change the code: compressed and media content, and what ignore files leave out. Both are counted in every report.
#[derive(Debug, Parser)]
#[command(name = "keysift", version, args_conflicts_with_subcommands = true, max_term_width = 110, after_help = EXAMPLES)]
pub struct Args {
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of a scan without the word `scan`.
    #[command(flatten)]
    pub scan: ScanArgs,
}

/// What people do first.
const EXAMPLES: &str = "\
Examples:
  keysift                                  the current folder
  keysift src .env -f json -o report.json  a folder and a file, as JSON
  keysift staged                           what the next commit brings
  keysift range main..HEAD                 what a branch brings, commit by commit
  keysift history                          everything that was ever committed
  keysift hook install                     scan before each commit and push
  keysift baseline create                  accept what is there today
  keysift explain src/app.py:12            why a line was reported, or was not

`keysift scan --help` describes the options.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, folders or standard input
    Scan(ScanArgs),
    /// Scan what is staged for the next commit: the added and changed lines of the index, compared with HEAD
    Staged {
        /// Report findings on unchanged lines of changed files, too [default: only those that touch an added or changed line]
        #[arg(long, help_heading = "Scanning")]
        whole_files: bool,
        /// What every scan can be told.
        #[command(flatten)]
        run: RunArgs,
    },
    /// Scan what a range of commits brings: every commit of it, merges included, their messages, and the difference between its ends
    Range(RangeArgs),
    /// Scan the whole history of a repository: every blob once, messages of commits and tags, notes and stashes
    History(HistoryArgs),
    /// In a CI job: scan what the event brings, under the policy of the branch it is to go to
    Ci(super::ci::args::CiArgs),
    /// Install hooks of git, or run as one: scan before commits, merges and pushes
    Hook(super::hook::args::HookArgs),
    /// As in gitleaks: scan a repository's history, or with --staged what is staged
    Git(super::compat::GitArgs),
    /// As in gitleaks: scan files and folders, whatever ignore files say
    Dir(super::compat::DirArgs),
    /// As in gitleaks: scan standard input
    Stdin(super::compat::CompatArgs),
    /// Show the rules, or check rule files
    Rules(RulesArgs),
    /// Write a configuration of keysift that means what another scanner's configuration means
    Import(super::import::ImportArgs),
    /// Accept the findings of today, so that only new ones are reported
    Baseline(BaselineArgs),
    /// Say why something on a line was reported, or was not
    Explain(ExplainArgs),
    /// Convert, merge or compare JSON reports
    Report(ReportCommandArgs),
    /// Show who would be asked about keys, and what; nothing is sent
    #[cfg(feature = "confirm")]
    Confirm(ConfirmCommandArgs),
    /// Ask its provider whether one key works: it is read from standard input, a hidden prompt or a variable, and touches no disk
    #[cfg(feature = "confirm")]
    Check(CheckArgs),
    /// Print a completion script for a shell
    #[command(after_help = HOW_TO_INSTALL)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the man pages: one for keysift, and one for each command
    #[command(after_help = WHERE_MAN_PAGES_GO)]
    Man {
        /// A folder that is there; without one the page of keysift itself goes to standard output
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Where man pages are looked for.
const WHERE_MAN_PAGES_GO: &str = "\
To install:
  mkdir -p ~/.local/share/man/man1 && keysift man ~/.local/share/man/man1";

/// One line for each shell that [`Command::Completions`] knows.
const HOW_TO_INSTALL: &str = "\
To install:
Make the folder first where it is missing.
  bash        keysift completions bash > ~/.local/share/bash-completion/completions/keysift
  elvish      keysift completions elvish >> ~/.config/elvish/rc.elv
  fish        keysift completions fish > ~/.config/fish/completions/keysift.fish
  powershell  keysift completions powershell >> $PROFILE
  zsh         keysift completions zsh > DIR/_keysift, where DIR is a folder in $fpath";

/// `keysift scan`.
#[derive(Debug, clap::Args)]
pub struct ScanArgs {
    /// Files and folders to scan; `-` is standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What every scan can be told.
    #[command(flatten)]
    pub run: RunArgs,

    /// Scan what .gitignore, .ignore and .keysiftignore leave out, too [default: left out and counted]
    #[arg(long, help_heading = "Scanning")]
    pub no_ignore: bool,

    /// Whether the files that links lead to are scanned; see `compat`.
    #[arg(skip)]
    pub follows_links: bool,
}

/// What every command that scans can be told.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// How to write the report [default: text]
    #[arg(short, long, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<Format>,

    /// Write the report to FILE, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Further reports, and how some of them are made.
    #[command(flatten)]
    pub reports: ReportArgs,

    /// Report only findings of at least this confidence, and count the others. Confidence says how sure it is whose key it is; it is not severity, which
    /// says how bad a leak is
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = Level::Low, help_heading = "Output")]
    pub min_confidence: Level,

    /// Show secrets in full in text, short, json, jsonl and gitleaks reports [default: masked everywhere]
    #[arg(long, help_heading = "Output")]
    pub show_secrets: bool,

    /// List the findings that comments, the configuration or the baseline suppress [default: only count them]
    #[arg(long, help_heading = "Output")]
    pub show_suppressed: bool,

    /// List the blobs that were not scanned, with the reason [default: only count them]
    #[arg(long, help_heading = "Output")]
    pub show_skipped: bool,

    /// When to use color; `auto` follows the terminal, NO_COLOR and CLICOLOR_FORCE
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, help_heading = "Output")]
    pub color: Color,

    /// Write no summary and no progress to standard error [default: both, progress only on a terminal]
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,

    /// Exit with this code, from 0 to 255, when there are findings. With 0, an incomplete scan still exits with 3
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Output")]
    pub exit_code: u8,

    /// Use this configuration file [default: that of KEYSIFT_CONFIG, else the nearest .keysift.toml from the folder that holds all paths up to the
    /// report's root: the repository's top, outside of one the current folder]
    #[arg(short, long, value_name = "FILE", help_heading = "Scanning")]
    pub config: Option<PathBuf>,

    /// Use no configuration file [default: that of --config]
    #[arg(long, conflicts_with = "config", help_heading = "Scanning")]
    pub no_config: bool,

    /// Add the rules of this file, or of all `.toml` files in this folder; repeatable [default: those that the configuration names]
    #[arg(long, value_name = "PATH", help_heading = "Scanning")]
    pub rules: Vec<PathBuf>,

    /// Use this many threads, from 1 to 256 [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Scanning")]
    pub threads: Option<u16>,

    /// Findings that were accepted earlier.
    #[command(flatten)]
    pub baseline: BaselineArg,

    /// Whether and how providers are asked.
    #[cfg(feature = "confirm")]
    #[command(flatten)]
    pub confirm: ConfirmArgs,

    /// The configuration itself, where a variable holds it; see `compat`.
    #[arg(skip)]
    pub config_text: Option<String>,

    /// A configuration file that was found and not named.
    #[arg(skip)]
    pub config_found: Option<PathBuf>,

    /// The only rules to look for, if there are any; see `compat`.
    #[arg(skip)]
    pub enabled_rules: Vec<String>,

    /// Whether comments of other scanners do not count, whatever the configuration says; see `compat`.
    #[arg(skip)]
    pub ignores_peers: bool,
}

/// `keysift range`.
#[derive(Debug, clap::Args)]
pub struct RangeArgs {
    /// The range: `A..B` or `A...B`, the commits that B reaches and A does not; a side that is left out is HEAD
    #[arg(value_name = "RANGE", required_unless_present_any = ["since_commit", "merge_base"], conflicts_with_all = ["since_commit", "merge_base"])]
    pub range: Option<String>,

    /// What came after this commit, up to HEAD [default: see RANGE]
    #[arg(long, value_name = "COMMIT", conflicts_with = "merge_base", help_heading = "Scanning")]
    pub since_commit: Option<String>,

    /// What came after HEAD and this branch parted, up to HEAD [default: see RANGE]
    #[arg(long, value_name = "BRANCH", help_heading = "Scanning")]
    pub merge_base: Option<String>,

    /// Report findings on unchanged lines of changed files, too [default: only those that touch an added or changed line]
    #[arg(long, help_heading = "Scanning")]
    pub whole_files: bool,

    /// What every scan can be told.
    #[command(flatten)]
    pub run: RunArgs,
}

/// `keysift history`.
#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    /// The repository, or a folder in it [default: .]
    #[arg(value_name = "REPO")]
    pub repo: Option<PathBuf>,

    /// Only what this branch, tag or commit leads to; repeatable [default: everything that has a name: all references, stashes, notes]
    #[arg(long, value_name = "NAME", conflicts_with = "all", help_heading = "Scanning")]
    pub branch: Vec<String>,

    /// All references, stashes and notes [default: this, unless --branch is given]
    #[arg(long, help_heading = "Scanning")]
    pub all: bool,

    /// Report what nothing leads to any more, too: what a rebase or a deleted branch left behind [default: left out]
    #[arg(long, help_heading = "Scanning")]
    pub unreachable: bool,

    /// Only what was committed on this day or later, YYYY-MM-DD [default: since the beginning]
    #[arg(long, value_name = "DATE", value_parser = baseline::date, help_heading = "Scanning")]
    pub since: Option<Date>,

    /// Only what was committed on this day or earlier, YYYY-MM-DD [default: until today]
    #[arg(long, value_name = "DATE", value_parser = baseline::date, help_heading = "Scanning")]
    pub until: Option<Date>,

    /// Only what the newest N commits brought [default: all commits]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Scanning")]
    pub max_commits: Option<usize>,

    /// What every scan can be told.
    #[command(flatten)]
    pub run: RunArgs,
}

/// A count that chooses something.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it chooses nothing; the smallest number is 1".to_owned()),
        Ok(n) => Ok(n),
        Err(error) => Err(error.to_string()),
    }
}

/// `keysift rules`.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// The commands about rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules: id, provider, severity, name
    List {
        /// Only those with this in their id, name or provider, whatever the case [default: all]
        #[arg(value_name = "TEXT")]
        of: Option<String>,

        /// Write one JSON object a line [default: a table]
        #[arg(long)]
        json: bool,

        /// List the rules of a scan with this configuration file, those of its `rules.files` included [default: the built-in rules]
        #[arg(short, long, value_name = "FILE")]
        config: Option<PathBuf>,

        /// Add the rules of this file, or of all `.toml` files in this folder; repeatable [default: those that the configuration names]
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Show everything about a rule, or about all rules of a provider
    Show {
        /// A rule's or a provider's id, as `keysift rules list` prints it
        id: String,

        /// Know the rules of a scan with this configuration file, those of its `rules.files` included [default: the built-in rules]
        #[arg(short, long, value_name = "FILE")]
        config: Option<PathBuf>,

        /// Add the rules of this file, or of all `.toml` files in this folder; repeatable [default: those that the configuration names]
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Check rule files, or the rules of a configuration: their form, and their examples through the whole pipeline
    Check {
        /// Rule files in the format of docs/rules.md, or `.keysift.toml`
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// `keysift explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// Where: a file, a line, and optionally a column, both from 1. The path is relative to the current folder, or as a report names it; `-` is standard
    /// input
    #[arg(value_name = "FILE:LINE[:COL]", allow_hyphen_values = true)]
    pub place: String,

    /// Which file standard input is, for paths say something, too: of a finding in the history `git show COMMIT:PATH | keysift explain -:LINE --path PATH`
    /// [default: one without a name]
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,

    /// Use this configuration file [default: as for a scan of the file]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Use no configuration file [default: that of --config]
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,

    /// Add the rules of this file, or of all `.toml` files in this folder; repeatable [default: those that the configuration names]
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,

    /// Findings that were accepted earlier.
    #[command(flatten)]
    pub baseline: BaselineArg,
}

/// Report formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: one block for each finding
    Text,
    /// For grep and editors: one line for each finding
    Short,
    /// One JSON document, described by docs/report.schema.json
    Json,
    /// One JSON object a line
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitLab's secret detection report
    Gitlab,
    /// Annotations: commands that the GitHub Actions runner reads from standard output
    Github,
    /// A table for the summary of a CI job
    Markdown,
    /// JUnit XML: each finding is a failed test
    Junit,
    /// A table for spreadsheets
    Csv,
    /// One page for a browser
    Html,
    /// gitleaks' JSON report, for programs that read it
    Gitleaks,
}

/// Confidence, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Everything
    Low,
    /// More likely than not
    Medium,
    /// Practically certain
    High,
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Self {
        match level {
            Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
        }
    }
}

/// When to color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Args;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_option_says_what_it_does_and_its_default() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_id() != "help" && argument.get_id() != "version") {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty(), "{}: {}", command.get_name(), argument.get_id());
                let says_default =
                    help.contains("[default:") || !argument.get_default_values().is_empty() || argument.is_required_set() || argument.is_positional();
                assert!(says_default, "{}: {} says no default", command.get_name(), argument.get_id());
            }
            command.get_subcommands().filter(|command| command.get_name() != "help").for_each(check);
        }
        check(&Args::command());
    }
}
