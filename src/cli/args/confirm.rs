//! What can be typed about asking providers.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::{BaselineArg, Level};
use crate::config::confirm::{HIGHEST_RATE, LONGEST_TIMEOUT, LOWEST_RATE, MOST_KEYS};
use crate::verdict::{FailOn, Verdict};

/// Whether providers are asked, and what follows from their answers.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConfirmArgs {
    /// Ask each finding's provider whether the key works: one read-only request for each key, to hosts that the rules name. It shows in the providers'
    /// audit logs [default: nobody is asked, no socket is opened]
    #[arg(long, help_heading = "Confirmation")]
    pub confirm: bool,

    /// Report only findings with these verdicts, separated by commas, and count the others [default: all]
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',', requires = "confirm", help_heading = "Confirmation")]
    pub only: Vec<VerdictArg>,

    /// Which findings make the exit code 1. If there are none of them but some key's verdict could not be found out, it is 3
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = FailOnArg::Any, requires = "confirm", help_heading = "Confirmation")]
    pub fail_on: FailOnArg,

    /// Whom to ask, and how hard.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Whom to ask, and how hard. `[confirm]` of the configuration has most of it, too; what is typed wins.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct AskArgs {
    /// Ask only these providers, by id, separated by commas [default: all]
    #[arg(long, value_name = "PROVIDER", value_delimiter = ',', help_heading = "Confirmation")]
    pub confirm_provider: Vec<String>,

    /// Ask about at most this many different keys [default: 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_KEYS), help_heading = "Confirmation")]
    pub confirm_max: Option<u64>,

    /// Give a request this many seconds, and a key three times as many with all that is tried again [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT), help_heading = "Confirmation")]
    pub confirm_timeout: Option<u64>,

    /// Send at most this many requests a second to one host [default: 1]
    #[arg(long, value_name = "N", value_parser = rate, help_heading = "Confirmation")]
    pub confirm_rate: Option<f64>,

    /// Ask only about findings of at least this confidence [default: medium]
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Confirmation")]
    pub confirm_min_confidence: Option<Level>,

    /// Believe `live` without sending a random key to the same endpoint once [default: a random key is sent first, and must get another answer]
    #[arg(long, help_heading = "Confirmation")]
    pub confirm_no_control: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (LOWEST_RATE..=HIGHEST_RATE).contains(rate));
    rate.ok_or_else(|| format!("a number from {LOWEST_RATE} to {HIGHEST_RATE} is wanted"))
}

/// `keysift confirm`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what"))]
pub struct ConfirmCommandArgs {
    /// Files and folders to scan, with --dry-run; `-` is standard input [default: .]
    #[arg(value_name = "PATH", conflicts_with = "list_endpoints")]
    pub paths: Vec<PathBuf>,

    /// Scan what the next commit brings and no paths, with --dry-run [default: paths]
    #[arg(long, conflicts_with_all = ["paths", "list_endpoints", "stdin"])]
    pub staged: bool,

    /// Scan standard input, as `-` does, with --dry-run [default: paths]
    #[arg(long, conflicts_with_all = ["paths", "list_endpoints"])]
    pub stdin: bool,

    /// List for each rule the requests that ask about its keys, or why nobody is asked [default: one of the two has to be chosen]
    #[arg(long, group = "what")]
    pub list_endpoints: bool,

    /// Scan, and print the requests that --confirm would send, as curl lines with the keys masked [default: one of the two has to be chosen]
    #[arg(long, group = "what")]
    pub dry_run: bool,

    /// Only these providers, by id, separated by commas [default: all]
    #[arg(long, value_name = "PROVIDER", value_delimiter = ',')]
    pub provider: Vec<String>,

    /// Write one JSON object a line, with --list-endpoints [default: text]
    #[arg(long, conflicts_with = "dry_run")]
    pub json: bool,

    /// Use this configuration file [default: as for a scan; --list-endpoints uses none]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Use no configuration file [default: see --config]
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,

    /// Scan what .gitignore, .ignore and .keysiftignore leave out, too [default: left out]
    #[arg(long, conflicts_with = "list_endpoints")]
    pub no_ignore: bool,

    /// Findings that were accepted earlier.
    #[command(flatten)]
    pub baseline: BaselineArg,

    /// Whom to ask, and how hard.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// `keysift check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Refused: a key does not belong into arguments.
    #[arg(value_name = "NOTHING", hide = true)]
    pub refused: Vec<std::ffi::OsString>,

    /// Read the key from this environment variable [default: standard input; on a terminal a prompt that does not show it]
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,

    /// Whose key it is, by the provider's id [default: what the key's form says]
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<String>,

    /// Write one JSON object, described by docs/check.schema.json [default: text]
    #[arg(long)]
    pub json: bool,

    /// Give a request this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT))]
    pub timeout: u64,

    /// Use this configuration file: its rules, and its `[confirm.endpoints]` [default: that of KEYSIFT_CONFIG, else none]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl CheckArgs {
    /// The time for one request.
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// A verdict, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerdictArg {
    /// The key works
    Live,
    /// The provider recognizes the key, but something stops the call
    Restricted,
    /// The provider disabled the key because it leaked
    Blocked,
    /// The key does not work
    Invalid,
    /// The answer says nothing
    Unknown,
    /// Nobody asked
    Unchecked,
}

impl From<VerdictArg> for Verdict {
    fn from(verdict: VerdictArg) -> Self {
        match verdict {
            VerdictArg::Live => Self::Live,
            VerdictArg::Restricted => Self::Restricted,
            VerdictArg::Blocked => Self::Blocked,
            VerdictArg::Invalid => Self::Invalid,
            VerdictArg::Unknown => Self::Unknown,
            VerdictArg::Unchecked => Self::Unchecked,
        }
    }
}

/// What makes a run fail, as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOnArg {
    /// Every finding that is reported
    #[default]
    Any,
    /// Those whose key works
    Live,
    /// Those whose key works or is recognized: live and restricted
    Confirmed,
}

impl From<FailOnArg> for FailOn {
    fn from(fail_on: FailOnArg) -> Self {
        match fail_on {
            FailOnArg::Any => Self::Any,
            FailOnArg::Live => Self::Live,
            FailOnArg::Confirmed => Self::Confirmed,
        }
    }
}
