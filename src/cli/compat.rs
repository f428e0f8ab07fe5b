//! `keysift git`, `dir` and `stdin`: the verbs and flags that users of gitleaks type, over the same scans.
//!
//! A face and nothing more: each verb becomes the job of one of our own commands, and what means something else there is said in the help.

mod flags;
mod log_options;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::{BaselineArg, Color, Format, Level, ReportArgs, RunArgs, ScanArgs};
use super::git::{self, GitJob};
use super::{Failure, output, scan};
use crate::config::baseline::IGNORE_FILE;
use crate::config::{self, gitleaks};
use crate::finding::Exit;
use crate::scan::Scope;
pub use flags::{FlagArgs, Platform};

/// What all three verbs take.
#[derive(Debug, clap::Args)]
pub struct CompatArgs {
    /// How to write the report [default: what the end of --report-path says: .json, .csv or .sarif; else text]
    #[arg(short = 'f', long, value_enum, value_name = "FORMAT")]
    pub report_format: Option<ReportFormat>,

    /// Write the report to FILE; `-` is standard output [default: -]
    #[arg(short = 'r', long, value_name = "FILE")]
    pub report_path: Option<PathBuf>,

    /// Further reports, and how some of them are made.
    #[command(flatten)]
    pub reports: ReportArgs,

    /// Use this .gitleaks.toml or .keysift.toml [default: that of GITLEAKS_CONFIG or GITLEAKS_CONFIG_TOML; else .gitleaks.toml in what is scanned, unless a
    /// .keysift.toml is beside it; else as for `keysift scan`]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Suppress what this baseline accepts: ours, or a JSON report of gitleaks [default: .gitleaksignore in what is scanned]
    #[arg(short, long, value_name = "FILE")]
    pub baseline_path: Option<PathBuf>,

    /// Exit with this code when there are findings
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub exit_code: u8,

    /// Mask secrets, here always and wholly; 0 shows them [default: 100]
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, require_equals = true, default_missing_value = "100")]
    pub redact: Option<u8>,

    /// Decode so many levels; keysift always decodes one, of base64 and of hexadecimal digits [default: 1]
    #[arg(long, value_name = "N")]
    pub max_decode_depth: Option<u32>,

    /// Show every finding; keysift always does [default: on]
    #[arg(short, long)]
    pub verbose: bool,

    /// Print no banner; there is none [default: on]
    #[arg(long)]
    pub no_banner: bool,

    /// Use no color [default: as `--color auto`]
    #[arg(long)]
    pub no_color: bool,

    /// Flags that say little here.
    #[command(flatten)]
    pub flags: FlagArgs,

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

    /// Which commits: `A..B`, `^A B`, `B --not A`, `--all`, `--branches`, names of branches, `--since=DATE`, `--until=DATE`, `-n N`; without
    /// a name it is HEAD then, as for git. Paths and filters such as `--author` are refused [default: --all]
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    pub log_opts: Option<String>,

    /// Where the repository is hosted; of no consequence, for reports have no links but those that the repository's own address gives [default: none]
    #[arg(long, value_enum, ignore_case = true, value_name = "NAME")]
    pub platform: Option<Platform>,

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

    /// Scan the files that symbolic links lead to, under the names of the links [default: links are skipped and counted]
    #[arg(long)]
    pub follow_symlinks: bool,

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
    /// gitleaks' own JSON
    Gitleaks,
    /// Refused.
    #[value(hide = true)]
    Template,
}

/// Runs `keysift git`.
pub fn git(args: &GitArgs) -> Result<u8, Failure> {
    let place = args.repo.as_deref().unwrap_or(Path::new("."));
    let job = match args.log_opts.as_deref() {
        Some(_) if args.staged || args.pre_commit => {
            return Err(Failure::usage("--log-opts chooses commits, and what is staged is in none; leave one of them out"));
        }
        None if args.staged || args.pre_commit => GitJob::Staged(Scope::AddedLines),
        options => log_options::job(options.unwrap_or("--all"))?,
    };
    git::run(&job, args.repo.as_deref(), &run_args(&args.compat, place)?)
}

/// Runs `keysift dir`. Ignore files do not count there, so they do not here.
pub fn dir(args: &DirArgs) -> Result<u8, Failure> {
    let target = args.paths.first().map_or(Path::new("."), PathBuf::as_path);
    scan::run(&ScanArgs { paths: args.paths.clone(), run: run_args(&args.compat, target)?, no_ignore: true, follows_links: args.follow_symlinks })
}

/// Runs `keysift stdin`.
pub fn stdin(args: &CompatArgs) -> Result<u8, Failure> {
    scan::run(&ScanArgs { paths: vec![PathBuf::from("-")], run: run_args(args, Path::new("."))?, no_ignore: true, follows_links: false })
}

/// The flags in our words.
fn run_args(args: &CompatArgs, target: &Path) -> Result<RunArgs, Failure> {
    if args.exit_code == Exit::Usage.code() || args.exit_code == Exit::Incomplete.code() {
        return Err(Failure::usage(format!("--exit-code {} would look like an error; take another one", args.exit_code)));
    }
    args.flags.check()?;
    let quiet = args.flags.is_quiet();
    if let Some(depth) = args.max_decode_depth.filter(|depth| *depth != 1 && !quiet) {
        output::note(&format!("note: --max-decode-depth {depth}: keysift decodes one level, of base64 and of hexadecimal digits"));
    }
    let (config, config_text) = config(args);
    let names_none = config.is_none() && config_text.is_none() && variable("KEYSIFT_CONFIG").is_none();
    Ok(RunArgs {
        format: args.report_format.or_else(|| of_path(args.report_path.as_deref()?)).map(ours).transpose()?,
        output: args.report_path.clone(),
        reports: args.reports.clone(),
        min_confidence: Level::Low,
        show_secrets: args.redact == Some(0),
        show_suppressed: false,
        show_skipped: false,
        color: if args.no_color { Color::Never } else { Color::Auto },
        quiet,
        exit_code: args.exit_code,
        config,
        config_text,
        config_found: if names_none { found_config(target) } else { None },
        no_config: false,
        rules: Vec::new(),
        threads: None,
        baseline: BaselineArg { file: args.flags.accepted(args.baseline_path.as_deref(), target)? },
        enabled_rules: args.flags.enable_rule.clone(),
        ignores_peers: args.flags.ignore_gitleaks_allow,
        #[cfg(feature = "confirm")]
        confirm: args.confirm.clone(),
    })
}

/// The format in our words.
fn ours(format: ReportFormat) -> Result<Format, Failure> {
    Ok(match format {
        ReportFormat::Json => Format::Json,
        ReportFormat::Csv => Format::Csv,
        ReportFormat::Junit => Format::Junit,
        ReportFormat::Sarif => Format::Sarif,
        ReportFormat::Gitleaks => Format::Gitleaks,
        ReportFormat::Template => return Err(flags::without_templates("--report-format template")),
    })
}

/// The variable that holds a whole configuration.
pub const CONFIG_TEXT: &str = "GITLEAKS_CONFIG_TOML";

/// The configuration file, or the configuration itself, in the order that is known there. Our own file and variable win where they are, too: whoever wrote
/// them knows both programs.
fn config(args: &CompatArgs) -> (Option<PathBuf>, Option<String>) {
    if args.config.is_some() || variable("KEYSIFT_CONFIG").is_some() {
        return (args.config.clone(), None);
    }
    if let Some(path) = variable("GITLEAKS_CONFIG") {
        return (Some(PathBuf::from(path)), None);
    }
    (None, variable(CONFIG_TEXT).map(|text| text.to_string_lossy().into_owned()))
}

/// The configuration of theirs that lies in what is scanned, unless ours does. Nobody named it, and it may belong to whoever wrote the rest.
fn found_config(target: &Path) -> Option<PathBuf> {
    beside(target, gitleaks::FILE_NAME).filter(|_| beside(target, config::FILE_NAME).is_none())
}

/// A variable that is not empty.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The file of this name in the folder `target`, if it is there.
fn beside(target: &Path, name: &str) -> Option<PathBuf> {
    Some(target.join(name)).filter(|path| path.is_file())
}

/// The format that the end of a report's name says, as gitleaks has it.
fn of_path(path: &Path) -> Option<ReportFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(ReportFormat::Json),
        "csv" => Some(ReportFormat::Csv),
        "sarif" => Some(ReportFormat::Sarif),
        _ => None,
    }
}
