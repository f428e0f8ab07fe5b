//! What can be typed about baselines.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;

use crate::filter::parse_date;

/// The option of every command that reports findings.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct BaselineArg {
    /// Suppress the findings that this baseline accepts: a file of `keysift baseline create`, a gitleaks JSON report, a .gitleaksignore, or a
    /// .secrets.baseline [default: `baseline` in the configuration, else none]
    #[arg(short = 'b', long = "baseline", alias = "baseline-path", value_name = "FILE", help_heading = "Scanning")]
    pub file: Option<PathBuf>,
}

/// `keysift baseline`.
#[derive(Debug, clap::Args)]
pub struct BaselineArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// The commands about baselines.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Scan, and write a baseline that accepts what is found
    Create {
        /// Which baseline, and what to scan.
        #[command(flatten)]
        scan: BaselineScanArgs,
        /// What to say about the entries.
        #[command(flatten)]
        note: NoteArgs,
        /// Accept only what this other baseline accepts: turns that of another scanner into ours [default: accept everything found]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Replace a baseline that exists [default: refuse to]
        #[arg(long)]
        force: bool,
    },
    /// Scan, and add what is found and not accepted yet
    Update {
        /// Which baseline, and what to scan.
        #[command(flatten)]
        scan: BaselineScanArgs,
        /// What to say about the new entries.
        #[command(flatten)]
        note: NoteArgs,
    },
    /// Scan, and remove entries of what was scanned that accept nothing any more
    Prune {
        /// Which baseline, and what to scan.
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
    /// List the entries
    Show {
        /// Which baseline, and what to scan.
        #[command(flatten)]
        scan: BaselineScanArgs,
        /// Scan, and say which entries are used [default: list them without scanning]
        #[arg(long)]
        check: bool,
    },
}

/// Which baseline, and what to scan for it.
#[derive(Debug, clap::Args)]
pub struct BaselineScanArgs {
    /// Files and folders to scan; with --staged, --range or --history the repository [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// What is staged, as `keysift staged` scans it [default: the files of PATH]
    #[arg(long, conflicts_with_all = ["range", "history"])]
    pub staged: bool,

    /// What these commits bring, as `keysift range` scans it [default: the files of PATH]
    #[arg(long, value_name = "A..B", conflicts_with = "history")]
    pub range: Option<String>,

    /// The whole history, as `keysift history` scans it, with every version and every path [default: the files of PATH]
    #[arg(long)]
    pub history: bool,

    /// The baseline [default: `baseline` in the configuration, else .keysift-baseline at the top of the repository, else in the scanned folder]
    #[arg(short, long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Scan what .gitignore, .ignore and .keysiftignore leave out, too [default: left out]
    #[arg(long)]
    pub no_ignore: bool,

    /// Use this configuration file [default: as for a scan]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Add the rules of this file, or of all `.toml` files in this folder; repeatable [default: those that the configuration names]
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,

    /// Use this many threads [default: one for each processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// What is said about new entries.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct NoteArgs {
    /// Why the new entries are accepted [default: nothing]
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// Who accepts them [default: nobody]
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,

    /// The last day on which they are accepted, YYYY-MM-DD [default: for ever]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,
}

/// A day as typed.
pub(super) fn date(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| "write a day as YYYY-MM-DD".to_owned())
}
