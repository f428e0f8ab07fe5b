//! Flags of gitleaks that say little here: each is taken where what is scanned stays what was asked for, and refused with a reason and the next step where it
//! would not. `docs/git.md` lists them all.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{IGNORE_FILE, beside};
use crate::cli::{Failure, output};

/// What all three verbs take besides.
#[derive(Debug, clap::Args)]
pub struct FlagArgs {
    /// How much is said: with warn, error and fatal no summary, no progress and no notes, as with --quiet of the other commands [default: info]
    #[arg(short, long, value_enum, ignore_case = true, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,

    /// Look for these rules only, and for those that they require: ids of keysift, of the configuration, or of gitleaks' own catalogue; repeatable
    /// [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub enable_rule: Vec<String>,

    /// Let no comment of another scanner suppress, `gitleaks:allow` among them; those of keysift still do [default: all of them do]
    #[arg(long)]
    pub ignore_gitleaks_allow: bool,

    /// Suppress what this .gitleaksignore accepts, or the one in this folder, if it has one [default: .gitleaksignore in what is scanned]
    #[arg(short = 'i', long, value_name = "PATH")]
    pub gitleaks_ignore_path: Option<PathBuf>,

    /// Leave out larger files; keysift scans files of any size [default: 0, no limit]
    #[arg(long, value_name = "N")]
    pub max_target_megabytes: Option<u64>,

    /// Open archives in archives so deep; only 0 is taken, for keysift opens none [default: 0]
    #[arg(long, value_name = "N")]
    pub max_archive_depth: Option<u64>,

    /// Stop after so many seconds; only 0 is taken, for keysift has no such limit [default: 0]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,

    /// Fill this template; refused, for keysift has none [default: none]
    #[arg(long, value_name = "FILE", hide = true)]
    report_template: Option<PathBuf>,

    /// Profile the program; refused [default: nothing]
    #[arg(long, value_name = "WHAT", hide = true)]
    diagnostics: Option<String>,

    /// Where profiles go; refused [default: none]
    #[arg(long, value_name = "FOLDER", hide = true)]
    diagnostics_dir: Option<PathBuf>,
}

/// Why a flag that asks for a template is refused.
pub fn without_templates(flag: &str) -> Failure {
    let help = "`-f json` has everything that a template could show: make of it what you need, with jq for example; `--report html=FILE` is a page to read";
    Failure::usage(format!("{flag}: keysift has no templates")).with_help(Some(help.to_owned()))
}

/// How much is said there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// As info
    Trace,
    /// As info
    Debug,
    /// Summary and notes
    Info,
    /// Errors, and why a scan is incomplete
    Warn,
    /// As warn
    #[value(alias = "err")]
    Error,
    /// As warn
    Fatal,
}

/// Where a repository is hosted, for links there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// Nowhere
    None,
    /// GitHub
    Github,
    /// GitLab
    Gitlab,
    /// Azure DevOps
    Azuredevops,
    /// Bitbucket
    Bitbucket,
    /// Gitea
    Gitea,
}

impl FlagArgs {
    /// Whether summary, progress and notes are left out.
    pub fn is_quiet(&self) -> bool {
        matches!(self.log_level, Some(LogLevel::Warn | LogLevel::Error | LogLevel::Fatal))
    }

    /// Refuses what cannot be done, and says what is done in another way.
    ///
    /// # Errors
    /// A flag asks for what keysift does not do.
    pub fn check(&self) -> Result<(), Failure> {
        let refused = |what: String, help: String| Err(Failure::usage(what).with_help(Some(help)));
        if let Some(seconds) = self.timeout.filter(|&seconds| seconds > 0) {
            let help = format!("`timeout {seconds} keysift …` ends it from outside, and not with exit code 0");
            return refused(format!("--timeout {seconds}: keysift has no time limit: a scan that stops in between is none"), help);
        }
        if let Some(depth) = self.max_archive_depth.filter(|&depth| depth > 0) {
            let help = "unpack archives and scan the folder; leave out the flag, and they are scanned as binary files, their beginning only";
            return refused(format!("--max-archive-depth {depth}: keysift opens no archives"), help.to_owned());
        }
        if self.report_template.is_some() {
            return Err(without_templates("--report-template"));
        }
        if self.diagnostics.is_some() || self.diagnostics_dir.is_some() {
            let help = "`time` and `perf record` measure a run from outside";
            return refused("--diagnostics: keysift writes no profiles of itself".to_owned(), help.to_owned());
        }
        if let Some(n) = self.max_target_megabytes.filter(|&n| n > 0 && !self.is_quiet()) {
            output::note(&format!("note: --max-target-megabytes {n}: keysift scans files of any size, in little memory"));
        }
        Ok(())
    }

    /// The file of accepted fingerprints for a scan of `target`, where `baseline` is what --baseline-path says.
    ///
    /// # Errors
    /// Both flags name a file.
    pub fn accepted(&self, baseline: Option<&Path>, target: &Path) -> Result<Option<PathBuf>, Failure> {
        let named = self.gitleaks_ignore_path.as_ref().and_then(|path| if path.is_dir() { beside(path, IGNORE_FILE) } else { Some(path.clone()) });
        match (baseline, named) {
            (Some(baseline), Some(named)) => {
                let what = format!("{} and {} are both to accept findings, and only one file can", baseline.display(), named.display());
                let help = "leave out --baseline-path or --gitleaks-ignore-path; a .gitleaksignore may have lines for all of them";
                Err(Failure::usage(what).with_help(Some(help.to_owned())))
            }
            (Some(baseline), None) => Ok(Some(baseline.to_owned())),
            (None, named) => Ok(named.or_else(|| beside(target, IGNORE_FILE))),
        }
    }
}
