//! What can be typed behind `keysift ci`.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::args::RunArgs;

/// `keysift ci`. An option that is given twice counts as it was given last: what an action's inputs say, its users can say otherwise.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct CiArgs {
    /// What to scan
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = ScanArg::Auto, help_heading = "Scanning")]
    pub scan: ScanArg,

    /// Scan what came after this commit or branch; whose policy counts is told by the CI system all the same, and only where none is known it is that of
    /// this commit [default: told by the CI system]
    #[arg(long, value_name = "COMMIT", help_heading = "Scanning")]
    pub base: Option<String>,

    /// Scan up to this commit [default: told by the CI system, else HEAD]
    #[arg(long, value_name = "COMMIT", help_heading = "Scanning")]
    pub head: Option<String>,

    /// Fetch nothing: a clone without the commits that are needed makes the scan incomplete [default: they are fetched from origin]
    #[arg(long, help_heading = "Scanning")]
    pub no_fetch: bool,

    /// Scan pull requests of forks in workflows of the event `pull_request_target`, too [default: refused, because such workflows hold write access]
    #[arg(long, help_heading = "Scanning")]
    pub allow_pull_request_target: bool,

    /// Write a SARIF report to FILE, too, whatever --format says [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub sarif_file: Option<PathBuf>,

    /// Write a JSON report to FILE, too, whatever --format says [default: none]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub report_file: Option<PathBuf>,

    /// Write no job summary and no annotations [default: both, on GitHub]
    #[arg(long, help_heading = "Output")]
    pub no_summary: bool,

    /// What every scan can be told.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What to scan, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScanArg {
    /// What the event brings: the commits of a pull request or push, the whole history on a schedule or by hand, else the files of the commit
    Auto,
    /// The commits that the event brings; an error if it brings none
    Diff,
    /// The whole history
    Full,
    /// All files of the commit
    Tree,
}
