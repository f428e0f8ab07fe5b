//! What can be typed about reports: where they go, and what `keysift report` makes of them.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Format;
use crate::report;

/// Further reports of a run, and how some of them are made.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ReportArgs {
    /// Write a report of this format to PATH, too; `-` is standard output. Repeatable: several reports from one run [default: the one of --format]
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = target, help_heading = "Output")]
    pub targets: Vec<Target>,

    /// What tells this analysis apart from others of the same commit in code scanning: the automationDetails of SARIF [default: none]
    #[arg(long, value_name = "NAME", value_parser = category, help_heading = "Output")]
    pub sarif_category: Option<String>,

    /// Which findings of a history are results in SARIF [default: head]
    #[arg(long, value_enum, value_name = "WHICH", hide_default_value = true, default_value_t = SarifScope::Head, help_heading = "Output")]
    pub sarif_scope: SarifScope,
}

/// A report and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// How it is written.
    pub format: Format,
    /// Where it is written; nothing for standard output.
    pub path: Option<PathBuf>,
}

impl Target {
    /// The target of a format and a path, of which `-` is standard output.
    pub fn new(format: Format, path: Option<PathBuf>) -> Self {
        Self { format, path: path.filter(|path| path.as_os_str() != "-") }
    }
}

/// `--sarif-scope`, as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SarifScope {
    /// Those that are still there at the tip, at the place where they are now
    #[default]
    Head,
    /// All of them, at the place where they came in
    All,
}

impl From<SarifScope> for report::SarifScope {
    fn from(scope: SarifScope) -> Self {
        match scope {
            SarifScope::Head => Self::Head,
            SarifScope::All => Self::All,
        }
    }
}

fn target(text: &str) -> Result<Target, String> {
    let names = || Format::value_variants().iter().filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned())).collect::<Vec<_>>().join(", ");
    let (format, path) = text.split_once('=').ok_or_else(|| format!("write FORMAT=PATH, for example sarif=keysift.sarif; formats are {}", names()))?;
    let format = Format::from_str(format, false).map_err(|_| format!("there is no format `{format}`; formats are {}", names()))?;
    if path.is_empty() {
        return Err("there is no path behind the `=`; `-` is standard output".to_owned());
    }
    Ok(Target::new(format, Some(PathBuf::from(path))))
}

fn category(text: &str) -> Result<String, String> {
    let is_name = !text.trim_matches('/').is_empty() && text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if is_name { Ok(text.to_owned()) } else { Err("a category is a name of visible ASCII characters".to_owned()) }
}

/// `keysift report`.
#[derive(Debug, clap::Args)]
pub struct ReportCommandArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// The commands about reports that were written with `--format json`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Write a JSON report in another format
    Convert {
        /// A report that `--format json` wrote; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// How to write it
        #[command(flatten)]
        written: Written,
    },
    /// Join the JSON reports of the parts of a scan. The exit code is that of the whole: 1 with findings, 3 if a part is incomplete
    Merge {
        /// Reports that `--format json` wrote
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,

        /// The reports are of different folders that stand for the same one, such as checkouts on several machines [default: an error]
        #[arg(long)]
        any_root: bool,

        /// How to write it
        #[command(flatten)]
        written: Written,
    },
    /// Compare two JSON reports: what is new, what is gone. Exits with 1 if there is something new, with 3 if the later scan did not see what the earlier one found
    Diff {
        /// The earlier report
        #[arg(value_name = "OLD")]
        old: PathBuf,

        /// The later report
        #[arg(value_name = "NEW")]
        new: PathBuf,

        /// The reports are of different folders that stand for the same one, such as checkouts on several machines [default: an error]
        #[arg(long)]
        any_root: bool,

        /// Write one JSON document [default: a line for each finding that came or went]
        #[arg(long)]
        json: bool,
    },
}

/// How a report is written that was read.
#[derive(Clone, Debug, clap::Args)]
pub struct Written {
    /// How to write the report [default: text for convert, json for merge]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Write the report to PATH, whole or not at all [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,

    /// Further reports, and how some of them are made.
    #[command(flatten)]
    pub reports: ReportArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_formats_with_paths() {
        assert_eq!(target("sarif=a=b.sarif"), Ok(Target { format: Format::Sarif, path: Some("a=b.sarif".into()) }));
        assert_eq!(target("github=-"), Ok(Target { format: Format::Github, path: None }));
        for (wrong, why) in [("sarif", "write FORMAT=PATH"), ("yaml=x", "there is no format `yaml`"), ("json=", "no path behind")] {
            assert!(target(wrong).is_err_and(|error| error.contains(why)), "{wrong}");
        }
        assert!(category("a/b").is_ok() && category("//").is_err() && category("a\nb").is_err());
    }
}
